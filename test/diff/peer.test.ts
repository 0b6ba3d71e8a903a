/**
 * Our execution against the reference node: random transactions are sent to it, it makes blocks
 * with a coinbase recipient, and we replay them. PEER_NODE names its executable; without it the
 * test is skipped.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Changes } from '../../executor/ports.ts';
import { produceBlock } from '../../executor/produce.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { bytesToHex } from '../../primitives/bytes.ts';
import { stringifyLossless } from '../../tx/json.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import { consensusParametersToJson } from '../../tx/paramsJson.ts';
import { idOf } from '../support/chainMaker.ts';
import { memoryState } from '../support/memoryState.ts';
import { listSource, RandomChain, testEnv } from '../support/randomBlock.ts';
import { paramsOf } from '../vectors/host.ts';
import { replayText } from '../vectors/replay.ts';

const PEER = process.env['PEER_NODE'];
const SEED_FIRST = Number(process.env['SEED'] ?? 1);
const SEED_COUNT = Number(process.env['DIFF_BLOCKS'] ?? 3);
const KEY = idOf('peer consensus key');
const BLOCK_COUNT = 3;

const HEADER = `version id daHeight consensusParametersVersion stateTransitionBytecodeVersion
  transactionsCount messageReceiptCount transactionsRoot messageOutboxRoot eventInboxRoot height
  prevRoot time applicationHash`;
const RECEIPT = `receiptType id pc is to toAddress amount assetId gas param1 param2 val ptr digest
  reason ra rb rc rd len result gasUsed data sender recipient nonce contractId subId`;
const OUTCOME = `time totalGas totalFee programState { returnType data } receipts { ${RECEIPT} }`;
const BLOCK = `query($height: U32!) { block(height: $height) { id height header { ${HEADER} }
  consensus { __typename ... on PoAConsensus { signature }
    ... on Genesis { chainConfigHash coinsRoot contractsRoot messagesRoot transactionsRoot } }
  transactions { id rawPayload status { __typename ... on SuccessStatus { ${OUTCOME} }
    ... on FailureStatus { reason ${OUTCOME} } } } } }`;

type Answer = {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string }[];
};

async function ask(port: number, query: string, variables: object): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function chainConfigText(params: ConsensusParameters): string {
  return stringifyLossless({
    chain_name: 'peer',
    consensus_parameters: consensusParametersToJson(params),
    genesis_state_transition_version: 0,
    consensus: { PoA: { signing_key: idOf('no key').slice(2) } },
  });
}

function stateConfigText(changes: Changes): string {
  const at = { tx_pointer_block_height: 0, tx_pointer_tx_idx: 0 };
  const coins = [...changes.coins].map(([key, coin]) => ({
    tx_id: key.slice(2, 66),
    output_index: Number(`0x${key.slice(66)}`),
    ...at,
    owner: coin!.owner.slice(2),
    amount: Number(coin!.amount),
    asset_id: coin!.assetId.slice(2),
  }));
  const messages = [...changes.messagesAdded.values()].map((message) => ({
    sender: message.sender.slice(2),
    recipient: message.recipient.slice(2),
    nonce: message.nonce.slice(2),
    amount: Number(message.amount),
    data: bytesToHex(message.data).slice(2),
    da_height: 0,
  }));
  const contracts = [...changes.contractCode].map(([id, code]) => ({
    contract_id: id.slice(2),
    code: bytesToHex(code).slice(2),
    tx_id: changes.contractUtxos.get(id)!.utxoId.txId.slice(2),
    output_index: 0,
    ...at,
    states: [],
    balances: [],
  }));
  return JSON.stringify({ coins, messages, contracts, blobs: [] });
}

async function started(port: number, peer: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    assert.equal(peer.exitCode, null, 'the reference node ended');
    const answer = await ask(port, '{ chain { name } }', {}).catch(() => null);
    if (answer?.data != null) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('the reference node does not answer');
}

/** What the reference makes of the transactions that we would include, in our file format. */
async function record(seed: number): Promise<{ text: string; txCount: number; refused: string[] }> {
  const params = paramsOf({ params: 'local' });
  const chain = new RandomChain(seed, params, true);
  const chainText = chainConfigText(params);
  const stateText = stateConfigText(chain.genesis);
  const dir = mkdtempSync(join(tmpdir(), 'fuelrail-peer-'));
  writeFileSync(join(dir, 'chain_config.json'), chainText);
  writeFileSync(join(dir, 'state_config.json'), stateText);
  writeFileSync(join(dir, 'state_transition_bytecode.wasm'), '""');
  const encoding = { Json: { filepath: 'state_config.json' } };
  const metadata = { chain_config: 'chain_config.json', table_encoding: encoding };
  writeFileSync(join(dir, 'metadata.json'), JSON.stringify(metadata));
  const port = await freePort();
  const flags = `run --snapshot ${dir} --ip 127.0.0.1 --port ${port} --poa-instant false --debug
    --utxo-validation --consensus-key ${KEY} --coinbase-recipient ${chain.contracts[0]}
    --starting-gas-price 1 --min-gas-price 1 --native-executor-version 0`.split(/\s+/);
  const peer = spawn(PEER!, flags, { stdio: 'ignore' });
  try {
    await started(port, peer);
    const refused: string[] = [];
    const layers = [chain.genesis];
    const blocks: unknown[] = [];
    let txCount = 0;
    for (let height = 1; height <= BLOCK_COUNT; height += 1) {
      const env = testEnv(params, { height, coinbaseRecipient: chain.contracts[0]! });
      const txs = chain.txs(30);
      const ours = await produceBlock(
        env,
        listSource(txs, 100),
        memoryState(layers),
        createSerialRunner(),
      );
      layers.push(ours.changes);
      const included = new Set(ours.transactions.map(({ id }) => id));
      const sent = txs.filter(
        ({ id }, i) => included.has(id) && txs.findIndex((x) => x.id === id) === i,
      );
      for (const { raw } of sent) {
        const submit = 'mutation($tx: HexString!) { submit(tx: $tx) { id } }';
        const answer = await ask(port, submit, { tx: bytesToHex(raw) });
        if (answer.errors !== undefined) refused.push(answer.errors[0]!.message);
      }
      await ask(port, 'mutation { produceBlocks(blocksToProduce: "1") }', {});
    }
    for (let height = 0; height <= BLOCK_COUNT; height += 1) {
      const answer = await ask(port, BLOCK, { height: String(height) });
      assert.equal(answer.errors, undefined);
      const { block } = answer.data as { block: { transactions: unknown[] } };
      blocks.push(block);
      txCount += block.transactions.length;
    }
    const rest = JSON.stringify({ flags: ['--consensus-key', KEY], balances: [], blocks });
    const text = `{"chainConfig":${chainText},"stateConfig":${stateText},${rest.slice(1)}`;
    return { text, txCount, refused };
  } finally {
    peer.kill('SIGKILL');
    rmSync(dir, { recursive: true });
  }
}

test('blocks of the reference node replay to the same bytes', {
  skip: PEER === undefined && 'PEER_NODE is not set',
}, async (t) => {
  for (let seed = SEED_FIRST; seed < SEED_FIRST + SEED_COUNT; seed += 1) {
    const { text, txCount, refused } = await record(seed);
    // The judge is built without a relayer.
    const how = { runner: createSerialRunner(), rules: 'auto', isWithoutRelayer: true } as const;
    const { passed, failures } = await replayText(`seed ${seed}`, text, how);
    t.diagnostic(
      `seed ${seed}: ${txCount} transactions, ${passed} checks, refused ${refused.length}`,
    );
    for (const reason of new Set(refused)) t.diagnostic(`  ${reason}`);
    assert.deepEqual(failures.slice(0, 5), []);
    assert.ok(txCount > 10 * BLOCK_COUNT);
  }
});
