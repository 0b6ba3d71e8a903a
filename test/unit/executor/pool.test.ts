import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPoolRunner } from '../../../executor/pool.ts';
import { produceBlock } from '../../../executor/produce.ts';
import { createSerialRunner } from '../../../executor/serial.ts';
import { partitionByAccess } from '../../../txpool/partition.ts';
import * as make from '../../support/executorTx.ts';
import { memoryState } from '../../support/memoryState.ts';
import { listSource, testEnv } from '../../support/randomBlock.ts';

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
