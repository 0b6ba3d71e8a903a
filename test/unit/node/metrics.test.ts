import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKS_PER_THREAD_MAX } from '../../../node/checkThreads.ts';
import { DA_BACKLOG_BLOCKS_MAX, DaPoster } from '../../../node/daPoster.ts';
import { SILENT_LOG } from '../../../node/log.ts';
import { createMetrics } from '../../../node/metrics.ts';
import { StageClock, stageReport } from '../../../node/stages.ts';
import { b256, fakeServices } from '../../support/fakeServices.ts';

test('the pool: parts, waiting times, hot contracts', async () => {
  const metrics = createMetrics(fakeServices().services);
  const lines = (await metrics.text()).split('\n');
  metrics.close();
  for (const line of [
    'txpool_transaction_count 3',
    'txpool_verifying_count 1',
    'txpool_pending_count 2',
    'txpool_executable_count 3',
    'txpool_in_flight_count 4',
    'txpool_oldest_wait_seconds 1.5',
    'txpool_overdue_total 6',
    'txpool_held_back_total 7',
    `txpool_contract_waiting_count{contract="${b256(0xc0)}"} 2`,
  ]) {
    assert.ok(lines.includes(line), line);
  }
});

test('stages and queues: busy times, lengths and bounds', async () => {
  const { services } = fakeServices();
  const clock = new StageClock();
  clock.add('execute', 1_500);
  assert.equal(
    clock.time('seal', () => 7),
    7,
  );
  await assert.rejects(clock.timeAsync('commit', () => Promise.reject(new Error('disk'))));
  assert.ok(clock.busySeconds('commit') >= 0);
  const checks = {
    stats: () => ({ here: 1, inThreads: 2, batches: 1, waiting: 9, threads: 2, busyMs: 250 }),
  };
  const da = { progress: () => ({ posted: 4, tip: 7 }) };
  const stages = stageReport(services.config, {
    stages: clock,
    checks,
    da,
    pool: { gauges: services.txs.gauges, stats: services.txs.stats },
  });
  const metrics = createMetrics({ ...services, stages });
  const lines = (await metrics.text()).split('\n');
  metrics.close();
  const { verificationQueueMax, txCountMax } = services.config.pool;
  for (const line of [
    'stage_busy_seconds_total{stage="check"} 0.25',
    'stage_busy_seconds_total{stage="execute"} 1.5',
    'queue_length{queue="verification"} 1',
    `queue_length_max{queue="verification"} ${verificationQueueMax}`,
    'queue_length{queue="checks"} 9',
    `queue_length_max{queue="checks"} ${2 * CHECKS_PER_THREAD_MAX}`,
    'queue_length{queue="pool"} 3',
    `queue_length_max{queue="pool"} ${txCountMax}`,
    'queue_length{queue="da"} 3',
    `queue_length_max{queue="da"} ${DA_BACKLOG_BLOCKS_MAX}`,
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.match(lines.join('\n'), /^main_thread_busy_ratio [0-9.e-]+$/m);
});

test('a full backlog of the DA layer holds the producer until there is room', async () => {
  let open = (): void => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const poster = new DaPoster({
    firstHeight: 0,
    payloadOf: (height) => height,
    append: () => gate,
    log: SILENT_LOG,
  });
  await poster.reached(DA_BACKLOG_BLOCKS_MAX - 1);
  let held = true;
  const over = poster.reached(DA_BACKLOG_BLOCKS_MAX).then(() => {
    held = false;
  });
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(held, true);
  open();
  await over;
  assert.equal(held, false);
  await poster.drained();
  assert.equal(poster.progress().posted, DA_BACKLOG_BLOCKS_MAX);
});
