/**
 * Asks two nodes the same and compares the answers.
 *
 *     node dist/test/diff/graphql.js --reference URL --ours URL --chain chain.json.gz [--blocks N]
 *
 * The chain is one of the recorded ones: both nodes must stand at its genesis, make no blocks by
 * themselves (`--poa-instant false`), and have the same gas price. Its transactions are dry-run,
 * submitted and put into blocks on both; everything that can be read is compared afterwards, and
 * `assembleTx` is given the transactions without their inputs.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { unixSecondsToTai64 } from '../../primitives/tai64.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { decodeTx, encodeTx } from '../../tx/codec/transaction.ts';
import type { ScriptTx } from '../../tx/types.ts';
import * as text from './graphqlTexts.ts';

type Json = null | string | number | boolean | Json[] | { [key: string]: Json };
type Fields = { [key: string]: Json };
type Answer = { data: Fields | null; extensions?: Json; errors?: { message: string }[] };
type Recorded = { blocks: { transactions: { id: string; rawPayload: string }[] }[] };

/** Start of the first block; each further one is a little later. */
const START_SECONDS = 1_700_000_000;
const BLOCK_SECONDS = 7;
const PATHS_SHOWN = 5;
const ASSEMBLIES_PER_OWNER = 12;

function option(name: string, fallback?: string): string {
  const at = process.argv.indexOf(name);
  const value = at < 0 ? fallback : process.argv[at + 1];
  if (value === undefined) throw new Error(`${name} is missing; see the head of this file`);
  return value;
}

const urls = { reference: option('--reference'), ours: option('--ours') };
const tally = { same: 0, different: 0 };

async function ask(url: string, query: string, variables: Fields): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

/** What must be equal: data, extensions, and the texts of errors without source positions. */
function comparable({ data, extensions, errors }: Answer): Json {
  const texts = (errors ?? []).map(({ message }) => message.replace(/ at the: .*$/, ''));
  return { data, extensions: extensions ?? null, errors: texts };
}

function differences(a: Json, b: Json, path: string, found: string[]): string[] {
  if (Object.is(a, b) || found.length === PATHS_SHOWN) return found;
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null) {
    const [left, right] = [a as Fields, b as Fields];
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      differences(left[key] ?? null, right[key] ?? null, `${path}.${key}`, found);
    }
  } else {
    found.push(`${path}: ${JSON.stringify(a)} but ours ${JSON.stringify(b)}`);
  }
  return found;
}

/** @returns the reference's data */
async function compare(name: string, query: string, variables: Fields = {}): Promise<Fields> {
  const [theirs, ours] = await Promise.all([
    ask(urls.reference, query, variables),
    ask(urls.ours, query, variables),
  ]);
  const found = differences(comparable(theirs), comparable(ours), '', []);
  if (found.length === 0) tally.same += 1;
  else {
    tally.different += 1;
    const given = JSON.stringify(variables).slice(0, 160);
    console.log([`different: ${name} ${given}`, ...found].join('\n    '));
  }
  return theirs.data ?? {};
}

const seen = {
  owners: new Set<string>(),
  contracts: new Set<string>(),
  assets: new Set<string>(),
  messages: [] as { tx: string; nonce: string; height: string }[],
};

function note(set: Set<string>, value: Json | undefined): void {
  if (typeof value === 'string') set.add(value);
}

/** Remembers whom and what a transaction touches. */
function noteTransaction(tx: Fields, height: string): void {
  const parts = [...((tx['inputs'] as Fields[] | null) ?? []), ...(tx['outputs'] as Fields[])];
  for (const part of parts) {
    for (const key of ['owner', 'recipient', 'to']) note(seen.owners, part[key]);
    for (const key of ['contractId', 'contract']) note(seen.contracts, part[key]);
    note(seen.assets, part['assetId']);
  }
  const status = tx['status'] as Fields | null;
  for (const receipt of (status?.['receipts'] as Fields[] | undefined) ?? []) {
    if (receipt['receiptType'] !== 'MESSAGE_OUT') continue;
    seen.messages.push({ tx: String(tx['id']), nonce: String(receipt['nonce']), height });
  }
}

async function playBlock(raws: readonly string[], height: number): Promise<void> {
  for (const raw of raws) {
    await compare('dryRun', text.DRY_RUN, { txs: [raw] });
    await compare('dryRun unchecked', text.DRY_RUN, { txs: [raw], check: false, price: '0' });
    await compare('estimatePredicates', text.ESTIMATE, { tx: raw });
    await compare('submit', text.SUBMIT, { tx: raw });
  }
  const time = unixSecondsToTai64(START_SECONDS + height * BLOCK_SECONDS);
  await compare('produceBlocks', text.PRODUCE, { time: String(time) });
  const { block } = await compare('block', text.BLOCK, { height: String(height) });
  const transactions = ((block as Fields | null)?.['transactions'] as Fields[] | null) ?? [];
  for (const tx of transactions) noteTransaction(tx, String(height));
}

async function comparePages(name: string, query: string, id: string | null): Promise<void> {
  const own: Fields = id === null ? {} : { id };
  for (const [size, from] of [
    ['first', 'after'],
    ['last', 'before'],
  ] as const) {
    for (const count of [3, 60]) {
      const data = await compare(name, query, { ...own, [size]: count });
      const info = (data['page'] as Fields | null)?.['pageInfo'] as Fields | undefined;
      const end = info?.['endCursor'] ?? null;
      if (end !== null) await compare(name, query, { ...own, [size]: count, [from]: end });
    }
  }
}

async function compareOwners(): Promise<void> {
  for (const owner of seen.owners) {
    for (const [name, query] of Object.entries(text.PAGES)) await comparePages(name, query, owner);
    for (const asset of seen.assets) {
      await compare('balance', text.BALANCE, { owner, asset });
      await compare('coinsToSpend', text.SPEND_TOO_MUCH, { owner, asset, max: null });
      await compare('coinsToSpend', text.SPEND_TOO_MUCH, { owner, asset, max: '1' });
    }
  }
}

async function compareRest(height: number): Promise<void> {
  for (const [name, query] of Object.entries(text.CHAIN_PAGES)) {
    await comparePages(name, query, null);
  }
  for (const id of seen.assets) await compare('assetDetails', text.ASSET, { id });
  for (const id of seen.contracts) {
    await compare('contract', text.CONTRACT, { id });
    await comparePages('contractBalances', text.CONTRACT_PAGE, id);
  }
  for (const { tx, nonce, height: sentAt } of seen.messages) {
    await compare('message', text.MESSAGE, { nonce });
    for (const commit of [sentAt, String(height)]) {
      await compare('messageProof', text.MESSAGE_PROOF, { tx, nonce, height: commit });
    }
  }
  await compare('params', text.PARAMS);
}

async function edgesOf(
  name: string,
  variables: Fields,
): Promise<{ cursor: string; node: Fields }[]> {
  const { data } = await ask(urls.reference, text.PAGES[name] ?? '', variables);
  return (data!['page'] as Fields)['edges'] as { cursor: string; node: Fields }[];
}

/** Leaves one coin an asset to choose from: the choice among several is random there. */
async function exclusions(id: string): Promise<Fields> {
  const page = { id, first: 300 };
  const edges = await edgesOf('coins', page);
  const biggest = new Map<Json, Fields>();
  for (const { node } of edges) {
    const best = biggest.get(node['assetId'] ?? null);
    const isBigger = !best || BigInt(String(node['amount'])) > BigInt(String(best['amount']));
    if (isBigger) biggest.set(node['assetId'] ?? null, node);
  }
  const rest = edges.filter(({ node }) => biggest.get(node['assetId'] ?? null) !== node);
  const nonces = (await edgesOf('messages', page)).map(({ cursor }) => cursor);
  return { utxos: rest.map(({ node }) => node['utxoId'] ?? null), messages: nonces };
}

async function compareAssembly(tx: ScriptTx, owner: string, exclude: Fields): Promise<void> {
  const { data } = await ask(urls.reference, text.PARAMS, {});
  const params = (data!['chain'] as Fields)['consensusParameters'] as Fields;
  const outputs = tx.outputs.filter((output) => output.type === 'coin');
  const needs = new Map<string, bigint>([[String(params['baseAssetId']), 0n]]);
  for (const { assetId, amount } of outputs) {
    needs.set(assetId, (needs.get(assetId) ?? 0n) + amount);
  }
  const bare = { ...tx, inputs: [], outputs, witnesses: [], policies: {}, receiptsRoot: ZERO_B256 };
  const predicate = { predicateAddress: owner, predicate: '0x24040000', predicateData: '0x0102' };
  const accounts: Fields[] = [{ address: owner }, { predicate }];
  for (const account of accounts) {
    for (const changePolicy of [{ change: owner }, { destroy: 'DESTROY' }] as Fields[]) {
      const required = [...needs].map(([assetId, amount]) => ({
        assetId,
        amount: String(amount),
        account,
        changePolicy,
      }));
      const variables = { required, exclude, reserve: '1000', fee: '0' };
      const raw = bytesToHex(encodeTx(bare));
      await compare('assembleTx', text.ASSEMBLE, { ...variables, tx: raw });
      const withPolicies = {
        ...bare,
        policies: { tip: 5n, maxFee: 10n ** 6n, witnessLimit: 999n },
      };
      const other = bytesToHex(encodeTx(withPolicies));
      await compare('assembleTx', text.ASSEMBLE, { ...variables, tx: other });
    }
  }
}

async function compareAssemblies(raws: readonly string[]): Promise<void> {
  const scripts = raws
    .map((raw) => decodeTx(hexToBytes(raw)).tx)
    .filter((tx): tx is ScriptTx => tx.type === 'script');
  for (const owner of seen.owners) {
    const exclude = await exclusions(owner);
    for (const tx of scripts.slice(0, ASSEMBLIES_PER_OWNER)) {
      await compareAssembly(tx, owner, exclude);
    }
  }
}

async function main(): Promise<number> {
  const file = gunzipSync(readFileSync(option('--chain'))).toString();
  const recorded = JSON.parse(file) as Recorded;
  const count = Math.min(Number(option('--blocks', '100')), recorded.blocks.length - 1);
  const blocks = recorded.blocks
    .slice(1, count + 1)
    .map(({ transactions }) => transactions.map(({ rawPayload }) => rawPayload))
    .map((raws) => raws.filter((raw) => decodeTx(hexToBytes(raw)).tx.type !== 'mint'));
  for (const [index, raws] of blocks.entries()) await playBlock(raws, index + 1);
  await compareOwners();
  await compareRest(blocks.length);
  await compareAssemblies(blocks.flat());
  console.log(`${tally.same} answers are the same, ${tally.different} differ`);
  return tally.different === 0 ? 0 : 1;
}

process.exitCode = await main();
