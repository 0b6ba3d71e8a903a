/**
 * Execution threads read slots and balances in the database, while the block before may or may not
 * be in it: block ids and changes are those of serial execution on a state in memory.
 *
 * DIFF_SEEDS: seeds of random chains (default 6); SEED: the first seed.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { workload } from '../../bench/workloads/index.ts';
import type { LaneRunner } from '../../executor/block.ts';
import { mergeChanges } from '../../executor/merge.ts';
import { createPoolRunner, type PoolRunnerConfig } from '../../executor/pool.ts';
import type { Changes, StateView, TxToExecute } from '../../executor/ports.ts';
import { produceBlock } from '../../executor/produce.ts';
import { sealBlock } from '../../executor/seal.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import type { AssetId, ContractId, SlotKey } from '../../primitives/types.ts';
import { openDiskEngine } from '../../state/engine/disk.ts';
import type { Engine } from '../../state/engine/port.ts';
import { createStore } from '../../state/store.ts';
import { StateReader } from '../../state/view.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { plainText } from '../support/blockDigest.ts';
import { randomOf, testGenesis } from '../support/chainMaker.ts';
import { Gate, gatedEngine } from '../support/gatedStore.ts';
import { memoryState } from '../support/memoryState.ts';
import { listSource, RandomChain, testEnv } from '../support/randomBlock.ts';
import { paramsOf } from '../vectors/host.ts';

const SEED_COUNT = Number(process.env['DIFF_SEEDS'] ?? 6);
const SEED_FIRST = Number(process.env['SEED'] ?? 1);
const BLOCKS = 5;
const PARAMS = paramsOf({ params: 'local' });
const SECRET = new Uint8Array(32).fill(1);
const root = mkdtempSync(join(tmpdir(), 'fuelrail-database-'));
after(() => rmSync(root, { recursive: true, force: true }));

const file = (name: string): URL => new URL(`../support/${name}`, import.meta.url);
const AHEAD = { readers: true, slots: true };
const KINDS: readonly Partial<PoolRunnerConfig>[] = [
  { mainRuns: false },
  { workerCount: 2, workerUrl: file('dawdlingWorker.js') },
  { workerUrl: file('dyingWorker.js') },
  { workerCount: 2, mainRuns: false, speculation: AHEAD },
  { workerUrl: file('dawdlingWorker.js'), mainRuns: false, batchTxCountMax: 1 },
];

function runnerOn(statePath: string, over: Partial<PoolRunnerConfig> = {}): LaneRunner {
  const workerUrl = new URL('../../node/worker.js', import.meta.url);
  const base = { workerCount: 1, workerUrl, use: 'always', batchTxCountMax: 6 } as const;
  return createPoolRunner({ ...base, statePath, ...over }, { partition: partitionByAccess });
}

/** Opens `gate` before, during or after what is done on top of the block that waits there. */
function opening(gate: Gate, random: (below: number) => number): { after(): void } {
  const when = random(3);
  if (when === 0) gate.letOne();
  if (when === 1) setTimeout(() => gate.letOne(), random(6));
  return { after: () => when === 2 && gate.letOne() };
}

async function openGated(name: string, genesis: Changes, gate: Gate) {
  const path = join(root, name);
  const engine = gatedEngine(gate, await openDiskEngine(path));
  const store = await createStore(engine, { ...testGenesis(), changes: genesis });
  gate.isOpen = false;
  return { path, store };
}

async function runChain(seed: number): Promise<void> {
  const random = randomOf(seed);
  const chain = new RandomChain(seed, PARAMS);
  const genesis = testGenesis().changes;
  mergeChanges(genesis, chain.genesis);
  const gate = new Gate();
  const { path, store } = await openGated(String(seed), genesis, gate);
  const runner = runnerOn(path, KINDS[seed % KINDS.length]);
  const serial = createSerialRunner();
  const layers = [genesis];
  const known = new Map([[0, { id: store.latest.id, time: store.latest.time }]]);
  const committed: `0x${string}`[] = [];
  let before = {
    view: store as StateView,
    prevRoot: store.blocksRoot(0),
    durable: Promise.resolve(),
  };
  for (let height = 1; height <= BLOCKS; height += 1) {
    const at = `seed ${seed}, block ${height}`;
    const txs: TxToExecute[] = chain.txs(40);
    const { prevRoot, view } = before;
    const time = store.latest.time + BigInt(height);
    const env = testEnv(PARAMS, { height, prevRoot, time });
    const memory = memoryState(layers, committed, known);
    const expected = await produceBlock(env, listSource(txs, 20), memory, serial);
    const { after: open } = opening(gate, random);
    const block = await produceBlock(env, listSource(txs, 20), view, runner);
    open();
    assert.equal(block.header.id, expected.header.id, at);
    assert.equal(plainText(block.changes), plainText(expected.changes), at);
    layers.push(expected.changes);
    committed.push(...expected.transactions.map(({ id }) => id));
    known.set(height, { id: block.header.id, time });
    await before.durable;
    const staged = store.stageBlock(sealBlock(block, SECRET));
    before = { view: staged.view, prevRoot: staged.blocksRoot, durable: staged.durable };
  }
  gate.letOne();
  await before.durable;
  await runner.close();
  await store.close();
}

test(`${BLOCKS} blocks one behind the other on ${SEED_COUNT} seeds from ${SEED_FIRST}`, async () => {
  for (let seed = SEED_FIRST; seed < SEED_FIRST + SEED_COUNT; seed += 1) await runChain(seed);
});

/** Counts what the main thread reads. */
class CountingReader extends StateReader {
  count: number = 0;
  override slot(id: ContractId, key: SlotKey): Uint8Array | null {
    this.count += 1;
    return super.slot(id, key);
  }
  override balance(id: ContractId, key: AssetId): bigint | null {
    this.count += 1;
    return super.balance(id, key);
  }
}

test('the main thread is asked only when the database is not that of the threads', async () => {
  const made = workload('token', { count: 40, sign: false });
  const env = testEnv(made.options.params);
  const source = (): ReturnType<typeof listSource> => listSource(made.txs, 40);
  const memory = memoryState([made.genesis]);
  const expected = await produceBlock(env, source(), memory, createSerialRunner());
  const path = join(root, 'counted');
  const engine: Engine = await openDiskEngine(path);
  const store = await createStore(engine, { ...testGenesis(), changes: made.genesis });
  const readsOf = async (statePath: string): Promise<number> => {
    const runner = runnerOn(statePath, { mainRuns: false });
    const view = new CountingReader(engine);
    const block = await produceBlock(env, source(), view, runner);
    await runner.close();
    assert.equal(block.header.id, expected.header.id);
    return view.count;
  };
  assert.equal(await readsOf(path), 0);
  assert.ok((await readsOf(join(root, 'elsewhere'))) >= 2 * 40);
  await store.close();
  // Nobody else has it open now.
  await (await openDiskEngine(path)).close();
});
