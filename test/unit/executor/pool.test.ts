import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workload } from '../../../bench/workloads/index.ts';
import type { LaneRunner } from '../../../executor/block.ts';
import { createPoolRunner, START_AFTER_ROUNDS } from '../../../executor/pool.ts';
import { produceBlock } from '../../../executor/produce.ts';
import { createSerialRunner, MAIN_THREAD } from '../../../executor/serial.ts';
import { partitionByAccess } from '../../../txpool/partition.ts';
import { rulesFor } from '../../../vm/rules.ts';
import * as make from '../../support/executorTx.ts';
import { NO_START } from '../../support/lateWorker.ts';
import { memoryState } from '../../support/memoryState.ts';
import { listSource, testEnv } from '../../support/randomBlock.ts';
import { LANES_EACH } from '../../support/spoilingWorker.ts';

const VIEW = memoryState([make.testWorld()]);
const TXS = [0, 1, 2, 3].map((n) =>
  make.scriptTx({ inputs: [make.coinOf(n)], outputs: [make.pay(1_000n), make.changeTo()] }),
);

test('a small block does not start threads', async () => {
  // There is no such file: starting a thread would fail.
  const workerUrl = new URL('./missing.js', import.meta.url);
  const runner = createPoolRunner({ workerCount: 2, workerUrl }, { partition: partitionByAccess });
  const block = await produceBlock(testEnv(make.PARAMS), listSource(TXS, 10), VIEW, runner);
  assert.equal(block.transactions.length, 5);
  const { mode, whySerial, lanes, workerCount } = block.schedule;
  assert.deepEqual([mode, workerCount, lanes.length], ['serial', 0, 1]);
  assert.match(whySerial ?? '', /cost more/);
  assert.deepEqual(
    lanes[0]?.txs.map(({ id }) => id),
    TXS.map(({ id }) => id),
  );
  await runner.close();
});

test('threads that cannot start: everything runs on the calling thread', async () => {
  const workerUrl = new URL('./missing.js', import.meta.url);
  const config = { workerCount: 2, workerUrl, use: 'always' } as const;
  const runner = createPoolRunner(config, { partition: partitionByAccess });
  const block = await produceBlock(testEnv(make.PARAMS), listSource(TXS, 10), VIEW, runner);
  const serial = createSerialRunner();
  const expected = await produceBlock(testEnv(make.PARAMS), listSource(TXS, 10), VIEW, serial);
  assert.equal(block.transactions.length, 5);
  assert.equal(block.header.id, expected.header.id);
  await runner.close();
});

test('rounds that turned out to be chains are not split again at once', async () => {
  let split = 0;
  const partition: typeof partitionByAccess = (accesses) => {
    split += 1;
    return partitionByAccess(accesses);
  };
  const options = { count: 60, contracts: 20, declared: 12, sign: false } as const;
  const made = workload('over-declared', options);
  const view = memoryState([made.genesis]);
  const workerUrl = new URL('./missing.js', import.meta.url);
  const runner = createPoolRunner({ workerCount: 3, workerUrl }, { partition });
  const env = testEnv(made.options.params, { rules: rulesFor(made.options.params, 'auto') });
  const blocks = 24;
  for (let i = 0; i < blocks; i += 1) {
    const block = await produceBlock(env, listSource(made.txs, 60), view, runner);
    assert.equal(block.schedule.mode, 'serial');
    assert.equal(block.transactions.length, 61);
  }
  assert.ok(split > 0 && split <= 5, `${split} of ${blocks}`);
  await runner.close();
});

test('the first threads start once several blocks in a row are worth them', async () => {
  const made = workload('transfers', { count: 60, work: 2_000, sign: false });
  const view = memoryState([made.genesis]);
  const env = testEnv(made.options.params, { rules: rulesFor(made.options.params, 'auto') });
  const workerUrl = new URL('./missing.js', import.meta.url);
  const runner = createPoolRunner({ workerCount: 1, workerUrl }, { partition: partitionByAccess });
  for (let round = 1; round <= START_AFTER_ROUNDS; round += 1) {
    const { schedule } = await produceBlock(env, listSource(made.txs, 60), view, runner);
    if (round < START_AFTER_ROUNDS) assert.match(schedule.whySerial ?? '', /several blocks/);
    else assert.equal(schedule.mode, 'threads');
  }
  await runner.close();
  assert.equal(runner.faults?.startFailures, 1);
});

test('a thread that does not start is told of, and tried again after a pause', async () => {
  const workerUrl = new URL('../../support/lateWorker.js', import.meta.url);
  const told: string[] = [];
  const onFault = (text: string): void => void told.push(text);
  const config = { workerCount: 1, workerUrl, use: 'always', mainRuns: false, onFault } as const;
  const runnerWith = (startRetryMs: number): LaneRunner =>
    createPoolRunner({ ...config, startRetryMs }, { partition: partitionByAccess });
  const patient = runnerWith(60_000);
  const eager = runnerWith(1);
  const workers = async (runner: LaneRunner): Promise<number[]> => {
    const block = await produceBlock(testEnv(make.PARAMS), listSource(TXS, 10), VIEW, runner);
    assert.equal(block.transactions.length, 5);
    return [...new Set(block.schedule.lanes.map(({ worker }) => worker))];
  };
  process.env[NO_START] = '1';
  try {
    assert.deepEqual(await workers(patient), [MAIN_THREAD]);
    assert.deepEqual(await workers(patient), [MAIN_THREAD]);
    assert.deepEqual(patient.faults, { lanes: 0, startFailures: 1 }, 'not again at once');
    assert.match(told[0] ?? '', /did not start \(again in 60\.0 s\): .*told not to start/);
    assert.deepEqual(await workers(eager), [MAIN_THREAD]);
  } finally {
    delete process.env[NO_START];
  }
  while ((await workers(eager))[0] !== 0) assert.ok((eager.faults?.startFailures ?? 0) < 20);
  await patient.close();
  await eager.close();
});

test('a result that cannot be is a fault of its lane: it runs on the main thread', async () => {
  const workerUrl = new URL('../../support/spoilingWorker.js', import.meta.url);
  const told: string[] = [];
  const onFault = (text: string): void => void told.push(text);
  const config = { workerCount: 1, workerUrl, use: 'always', mainRuns: false, onFault } as const;
  const small = { ...config, batchTxCountMax: 1 };
  const runner = createPoolRunner(small, { partition: partitionByAccess });
  const serial = createSerialRunner();
  const expected = await produceBlock(testEnv(make.PARAMS), listSource(TXS, 10), VIEW, serial);
  const workers: number[] = [];
  for (let lanes = 0; lanes < 2 * LANES_EACH; lanes += TXS.length) {
    const block = await produceBlock(testEnv(make.PARAMS), listSource(TXS, 10), VIEW, runner);
    assert.equal(block.header.id, expected.header.id);
    workers.push(...block.schedule.lanes.map(({ worker }) => worker));
  }
  assert.deepEqual(runner.faults, { lanes: 2, startFailures: 0 });
  assert.match(told[0] ?? '', /^A lane came to nothing and runs again: ./);
  const spoilt = workers.flatMap((worker, lane) => (worker === MAIN_THREAD ? [lane] : []));
  assert.deepEqual(spoilt, [LANES_EACH - 1, 2 * LANES_EACH - 1]);
  await runner.close();
});

test('the report of a parallel block', async () => {
  const workerUrl = new URL('../../../node/worker.js', import.meta.url);
  const config = { workerCount: 2, workerUrl, use: 'always' } as const;
  const runner = createPoolRunner(config, { partition: partitionByAccess });
  const { schedule } = await produceBlock(testEnv(make.PARAMS), listSource(TXS, 10), VIEW, runner);
  // The calling thread is the third.
  assert.equal(schedule.workerCount, 3);
  assert.equal(schedule.mode, 'threads');
  assert.equal(schedule.lanes.flatMap(({ txs }) => txs).length, TXS.length);
  assert.equal(schedule.setCount, 4);
  assert.ok(schedule.workMs > 0 && schedule.wallMs > 0);
  await runner.close();
});
