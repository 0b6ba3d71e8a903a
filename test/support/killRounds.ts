/**
 * A node on disk that is killed without warning while wallets send to it, again and again. After
 * each restart: what was reported as final is in the chain, every block id follows from the header
 * and the transactions, and the blobs lead to the same chain.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { BinaryMerkle } from '../../primitives/merkle/binary.ts';
import type { BlockId, TxId } from '../../primitives/types.ts';
import { computeHeader, transactionsRoot } from '../../tx/header.ts';
import { randomOf } from './chainMaker.ts';
import {
  type Coin,
  coinOf,
  fundedChain,
  keyOf,
  roomyParams,
  transferOf,
  writeSnapshot,
} from './funded.ts';
import { graphql, type NodeProcess, ROOT, startNodeProcess } from './nodeProcess.ts';

const WALLET_COUNT = 5;
const START_AMOUNT = 1_000_000_000n;
/** Load before the kill. */
const LOAD_MS_MIN = 150;
const LOAD_MS_RANGE = 600;
const PAGE = 50;

const params = roomyParams();

/** One key that spends its own change, one transaction after the other. */
type Wallet = {
  coin: Coin;
  /** Sent, and nobody knows what became of it. */
  pending: { readonly id: TxId; readonly change: Coin } | null;
};

export type KillReport = {
  readonly acknowledged: number;
  readonly blocks: number;
  /** Transactions whose client was cut off and that turned out to be in the chain. */
  readonly foundLater: number;
};

type Run = {
  readonly dir: string;
  readonly wallets: readonly Wallet[];
  readonly acknowledged: TxId[];
  /** Over the ids of all blocks that were checked, in order. */
  readonly blocks: BinaryMerkle;
  readonly ids: BlockId[];
  foundLater: number;
};

function flagsOf(dir: string): string[] {
  const paths = ['--db-path', join(dir, 'db'), '--snapshot', join(dir, 'snapshot')];
  return ['--debug', '--utxo-validation', '--db-type', 'rocks-db', ...paths];
}

/** Submits and reads the stream to its end. @returns the last status's type; null: cut off */
async function submitAndAwait(url: string, raw: Uint8Array): Promise<string | null> {
  const query = `subscription($tx:HexString!){submitAndAwaitStatus(tx:$tx){__typename
    ... on SqueezedOutStatus{reason} ... on FailureStatus{reason}}}`;
  try {
    const answer = await fetch(`${url}-sub`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { tx: bytesToHex(raw) } }),
    });
    const events = (await answer.text()).split('\n\n').filter((event) => event.startsWith('data:'));
    const last = events.at(-1);
    if (last === undefined) return null;
    const { data, errors } = JSON.parse(last.slice('data:'.length));
    if (errors !== undefined) throw new Error(`refused: ${JSON.stringify(errors)}`);
    const type = data.submitAndAwaitStatus.__typename as string;
    if (type === 'SubmittedStatus') return null;
    assert.equal(type, 'SuccessStatus', last);
    return type;
  } catch (error) {
    // The connection broke, or a frame was cut in two.
    if (error instanceof TypeError || error instanceof SyntaxError) return null;
    throw error;
  }
}

async function sendUntilCutOff(run: Run, wallet: Wallet, url: string): Promise<void> {
  for (;;) {
    const { coin } = wallet;
    const { id, raw } = transferOf(coin, keyOf(99).address, 1n, params);
    const change: Coin = {
      key: coin.key,
      utxoId: { txId: id, outputIndex: 1 },
      amount: coin.amount - 1n,
    };
    wallet.pending = { id, change };
    if ((await submitAndAwait(url, raw)) === null) return;
    run.acknowledged.push(id);
    wallet.coin = change;
    wallet.pending = null;
  }
}

async function isInChain(url: string, id: TxId): Promise<boolean> {
  const query = 'query($id:TransactionId!){transaction(id:$id){status{__typename}}}';
  const { transaction } = await graphql(url, query, { id });
  return transaction?.status?.__typename === 'SuccessStatus';
}

async function checkAcknowledged(run: Run, url: string): Promise<void> {
  for (const id of run.acknowledged) {
    assert.ok(await isInChain(url, id), `${id} was reported as successful and is gone`);
  }
  for (const wallet of run.wallets) {
    if (wallet.pending === null) continue;
    if (await isInChain(url, wallet.pending.id)) {
      wallet.coin = wallet.pending.change;
      run.foundLater += 1;
    }
    wallet.pending = null;
  }
}

const HEADER = `id daHeight consensusParametersVersion stateTransitionBytecodeVersion
  transactionsCount messageReceiptCount transactionsRoot messageOutboxRoot eventInboxRoot height
  prevRoot time applicationHash`;

async function checkBlock(run: Run, block: Record<string, any>): Promise<void> {
  const { header } = block;
  const computed = computeHeader({
    daHeight: BigInt(header.daHeight),
    consensusParametersVersion: Number(header.consensusParametersVersion),
    stateTransitionBytecodeVersion: Number(header.stateTransitionBytecodeVersion),
    transactionsCount: Number(header.transactionsCount),
    messageReceiptCount: Number(header.messageReceiptCount),
    transactionsRoot: header.transactionsRoot,
    messageOutboxRoot: header.messageOutboxRoot,
    eventInboxRoot: header.eventInboxRoot,
    height: Number(header.height),
    prevRoot: header.prevRoot,
    time: BigInt(header.time),
  });
  assert.equal(computed.height, run.ids.length, 'heights follow each other');
  assert.equal(header.id, computed.id, `id of block ${computed.height}`);
  assert.equal(header.applicationHash, computed.applicationHash);
  if (run.ids.length > 0) assert.equal(header.prevRoot, bytesToHex(run.blocks.root()));
  run.blocks.append(hexToBytes(computed.id));
  run.ids.push(computed.id);
}

async function checkTransactions(url: string, height: number): Promise<void> {
  const query = `query($height:U32!){block(height:$height){header{transactionsRoot}
    transactions{rawPayload}}}`;
  const { block } = await graphql(url, query, { height: String(height) });
  const raws = block.transactions.map((tx: { rawPayload: string }) => hexToBytes(tx.rawPayload));
  assert.equal(transactionsRoot(raws), block.header.transactionsRoot);
}

/** The blocks since the last check; those checked before must still be there. */
async function checkBlocks(run: Run, url: string): Promise<void> {
  const first = run.ids.length;
  const known = run.ids.at(-1);
  if (known !== undefined) {
    const { block } = await graphql(url, 'query($id:BlockId!){block(id:$id){height}}', {
      id: known,
    });
    assert.equal(Number(block?.height), first - 1, 'a block that was served is gone');
  }
  for (;;) {
    const query = `query($after:String){blocks(first:${PAGE},after:$after){nodes{header{${HEADER}}}}}`;
    const after = run.ids.length === 0 ? null : String(run.ids.length - 1);
    const { blocks } = await graphql(url, query, { after });
    for (const block of blocks.nodes) await checkBlock(run, block);
    if (blocks.nodes.length < PAGE) break;
  }
  for (let height = Math.max(1, first); height < run.ids.length; height++) {
    await checkTransactions(url, height);
  }
}

/** The command that operators use. @returns what it derived from the blobs */
function daVerify(dir: string): { tipHeight: number; tipId: BlockId } {
  const flags = ['--db-path', join(dir, 'db'), '--snapshot', join(dir, 'snapshot'), '--json'];
  const args = [join(ROOT, 'bin', 'fuelrail.js'), 'da', 'verify', ...flags];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

function checkDa(run: Run): void {
  const { tipHeight, tipId } = daVerify(run.dir);
  // The last blocks may not have been posted yet; or be posted and not have been asked for.
  if (tipHeight < run.ids.length) assert.equal(tipId, run.ids[tipHeight]);
}

async function oneRound(run: Run, random: (below: number) => number): Promise<void> {
  const node: NodeProcess = await startNodeProcess(flagsOf(run.dir));
  try {
    await checkAcknowledged(run, node.url);
    await checkBlocks(run, node.url);
    const sending = run.wallets.map((wallet) => sendUntilCutOff(run, wallet, node.url));
    const all = Promise.all(sending);
    await Promise.race([
      all,
      new Promise((resolve) => setTimeout(resolve, LOAD_MS_MIN + random(LOAD_MS_RANGE))),
    ]);
    await node.stop('SIGKILL');
    await all;
  } finally {
    await node.stop('SIGKILL');
  }
}

async function lastRound(run: Run): Promise<void> {
  const node = await startNodeProcess(flagsOf(run.dir));
  try {
    await checkAcknowledged(run, node.url);
    await checkBlocks(run, node.url);
    assert.equal(await node.stop('SIGTERM'), 0);
  } finally {
    await node.stop('SIGKILL');
  }
  const { tipHeight, tipId } = daVerify(run.dir);
  assert.deepEqual({ tipHeight, tipId }, { tipHeight: run.ids.length - 1, tipId: run.ids.at(-1) });
}

/** @throws AssertionError on the first loss or difference */
export async function killRounds(rounds: number, seed: number): Promise<KillReport> {
  const random = randomOf(seed);
  const dir = mkdtempSync(join(tmpdir(), 'fuelrail-kill-'));
  const coins = Array.from({ length: WALLET_COUNT }, (_, n) => coinOf(n, START_AMOUNT, 1));
  const run: Run = {
    dir,
    wallets: coins.map((coin) => ({ coin, pending: null })),
    acknowledged: [],
    blocks: new BinaryMerkle(),
    ids: [],
    foundLater: 0,
  };
  try {
    mkdirSync(join(dir, 'snapshot'));
    writeSnapshot(join(dir, 'snapshot'), fundedChain(coins, [], params));
    for (let round = 0; round < rounds; round++) {
      await oneRound(run, random);
      checkDa(run);
    }
    await lastRound(run);
    const { foundLater } = run;
    return { acknowledged: run.acknowledged.length, blocks: run.ids.length, foundLater };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
