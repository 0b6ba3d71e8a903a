/** Blocks become durable behind the one in execution: order, bound, faults, same bytes. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type WorkloadName, workload } from '../../../bench/workloads/index.ts';
import type { SealedBlock } from '../../../executor/ports.ts';
import { isBarrier } from '../../../node/blockMaker.ts';
import { composeNode, type Node } from '../../../node/compose.ts';
import type { NodeConfig } from '../../../node/config.ts';
import { embeddedConfig } from '../../../node/defaults.ts';
import { SILENT_LOG } from '../../../node/log.ts';
import type { TxId } from '../../../primitives/types.ts';
import { coinOf, fundedChain, keyOf, roomyParams, transferOf } from '../../support/funded.ts';
import { Gate, gatedStore } from '../../support/gatedStore.ts';
import { mulberry } from '../../support/random.ts';
import { until } from '../../support/until.ts';

const PARAMS = roomyParams();
const COIN = 1_000_000n;

/** Each spends the first output of the one before. */
function chainOfTransfers(count: number): { id: TxId; raw: Uint8Array }[] {
  let coin = coinOf(0, COIN);
  let { amount } = coin;
  return Array.from({ length: count }, () => {
    amount -= 1_000n;
    const { id, raw } = transferOf(coin, keyOf(0).address, amount, PARAMS);
    coin = { key: keyOf(0), utxoId: { txId: id, outputIndex: 0 }, amount };
    return { id, raw };
  });
}

type Gated = { readonly node: Node; readonly gate: Gate; readonly errors: string[] };

async function gatedNode(t: TestContext, over: Partial<NodeConfig> = {}): Promise<Gated> {
  const gate = new Gate();
  const errors: string[] = [];
  const log = { ...SILENT_LOG, error: (text: string) => void errors.push(text) };
  const config = embeddedConfig({ workerCount: 0, utxoValidation: false, ...over });
  const snapshot = fundedChain([coinOf(0, COIN), coinOf(1, COIN)], [], PARAMS);
  const openStore = gatedStore(gate);
  const node = await composeNode(config, { log, snapshot, openStore, nowMs: () => 5_000_000 });
  t.after(() => node.close());
  await node.start();
  gate.isOpen = false;
  return { node, gate, errors };
}

const statusOf = ({ node }: Gated, id: TxId): string =>
  node.services.status.current(id)?.type ?? 'none';

test('the next block runs meanwhile; nobody hears of a block before it is durable', async (t) => {
  const gated = await gatedNode(t);
  const { gate, node } = gated;
  const { blocks, store, txs } = node.services;
  const heard: number[] = [];
  blocks.onBlock(({ header }) => heard.push(header.height));
  const [a, b, c] = chainOfTransfers(3);

  await txs.submit(a!.raw);
  await until('the first block is written', () => gate.length === 1);
  await txs.submit(b!.raw);
  await until('the second runs', () => statusOf(gated, b!.id) === 'preconfirmationSuccess');
  await txs.submit(c!.raw);
  await new Promise((resolve) => setTimeout(resolve, 20));

  assert.equal(gate.length, 1, 'one block behind, no more');
  assert.equal(statusOf(gated, a!.id), 'preconfirmationSuccess');
  assert.equal(statusOf(gated, c!.id), 'submitted');
  assert.equal(store.latest.height, 0);
  assert.equal(node.services.visibleHeight(), 0);
  assert.equal(store.transaction(a!.id), null);
  assert.deepEqual(heard, []);
  const queue = node.services.stages?.queues().find(({ name }) => name === 'commit');
  assert.deepEqual(queue, { name: 'commit', length: 1, max: 1 });

  gate.letOne();
  await until('the first is readable', () => store.latest.height === 1);
  assert.equal(statusOf(gated, a!.id), 'success');
  assert.equal(statusOf(gated, b!.id), 'preconfirmationSuccess');
  assert.deepEqual(heard, [1]);
  gate.isOpen = true;
  gate.letOne();
  await until('all are readable', () => statusOf(gated, c!.id) === 'success');
  assert.deepEqual(heard, [1, 2, 3]);
  assert.equal(store.block(2)?.header.prevRoot, store.blocksRoot(1));
});

test('a block that cannot be written takes with it what runs on it; no more are made', async (t) => {
  const gated = await gatedNode(t);
  const { errors, gate, node } = gated;
  const { blocks, store, txs } = node.services;
  const [a, b, c] = chainOfTransfers(3);
  await txs.submit(a!.raw);
  await until('the first block is written', () => gate.length === 1);
  await txs.submit(b!.raw);
  await until('the second runs', () => statusOf(gated, b!.id) === 'preconfirmationSuccess');

  gate.fail(new Error('no space left on device'));
  await until('it is told', () => errors.length > 0);
  assert.match(errors[0]!, /^block 1 could not be written.*no space left.*goes on from block 0/);
  await until('the second is dropped', () => txs.pooled(b!.id) !== null && txs.stats().txCount > 1);
  assert.notEqual(txs.pooled(a!.id), null);
  assert.equal(store.latest.height, 0);
  assert.equal(store.transaction(b!.id), null);

  gate.isOpen = true;
  await txs.submit(c!.raw);
  await assert.rejects(blocks.produceBlocks(1, null), { code: 'BLOCK_WRITE_FAILED' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(store.latest.height, 0);
  assert.equal(txs.stats().txCount, 3);
});

test('a block fails while nothing runs on it: its transactions are in the pool again', async (t) => {
  const gated = await gatedNode(t, { trigger: { type: 'never' } });
  const { gate, node } = gated;
  const { blocks, txs } = node.services;
  const [a] = chainOfTransfers(1);
  await txs.submit(a!.raw);
  const made = blocks.produceBlocks(1, null);
  await until('the block is written', () => gate.length === 1);
  gate.fail(new Error('broken'));
  await assert.rejects(made, { code: 'BLOCK_WRITE_FAILED' });
  assert.equal(txs.stats().txCount, 1);
  assert.equal(gated.errors.length, 2, gated.errors.join('\n'));
});

test('a manual block is readable when the call returns; closing waits for the disk', async (t) => {
  const { gate, node } = await gatedNode(t, { trigger: { type: 'never' } });
  let returned = false;
  const made = node.services.blocks.produceBlocks(2, null).then((height) => {
    returned = true;
    return height;
  });
  await until('the first block is written', () => gate.length === 1);
  gate.letOne();
  await until('the second block is written', () => gate.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(returned, false);
  let closed = false;
  const closing = node.close().then(() => {
    closed = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(closed, false);
  gate.letOne();
  assert.equal(await made, 2);
  await closing;
});

test('an upgrade, or a skipped transaction, is waited for', () => {
  const changes = { consensusParameters: new Map(), stateTransitionBytecodes: new Map() };
  const block = (over: object): SealedBlock => ({ changes, skipped: [], ...over }) as never;
  assert.equal(isBarrier(block({})), false);
  assert.equal(isBarrier(block({ skipped: [{}] })), true);
  const upgraded = { ...changes, consensusParameters: new Map([[1, {}]]) };
  assert.equal(isBarrier(block({ changes: upgraded })), true);
  const bytecode = { ...changes, stateTransitionBytecodes: new Map([[1, '0x']]) };
  assert.equal(isBarrier(block({ changes: bytecode })), true);
});

/** Ids of all blocks, and the digest of the database. */
async function chainOf(
  name: WorkloadName,
  over: Partial<NodeConfig>,
  delay: () => Promise<void>,
): Promise<string[]> {
  // About eight transactions fit into a block.
  const params = { ...roomyParams(), blockTransactionSizeLimit: 5_000n };
  const made = workload(name, { count: 48, seed: 7, contracts: 5, params });
  const gate = new Gate();
  gate.delay = delay;
  const config = embeddedConfig({ trigger: { type: 'never' }, workerCount: 0, ...over });
  const deps = { log: SILENT_LOG, nowMs: () => 5_000_000, openStore: gatedStore(gate) };
  const node = await composeNode(config, { ...deps, snapshot: made.chain() });
  try {
    await node.start();
    const { blocks, store, txs } = node.services;
    for (const { raw } of made.txs) await txs.submit(raw);
    assert.equal(txs.stats().txCount, 48);
    const last = await blocks.produceBlocks(12, null);
    assert.equal(txs.stats().txCount, 0);
    return [...store.blockIds(0, last), await store.digest()];
  } finally {
    await node.close();
  }
}

for (const name of ['token', 'chains', 'amm'] as const) {
  test(`${name}: the same blocks and the same database as one after the other`, async () => {
    const next = mulberry(11);
    const someMs = (): Promise<void> =>
      new Promise((resolve) => setTimeout(resolve, Math.floor(next() * 4)));
    const plain = await chainOf(name, { commitBehind: false }, async () => {});
    assert.deepEqual(await chainOf(name, {}, someMs), plain);
    assert.deepEqual(await chainOf(name, {}, async () => {}), plain);
  });
}
