import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PosterStatus } from '../../../da/poster.ts';
import { ranInThreads } from '../../../node/blockMaker.ts';
import { CHECKS_PER_THREAD_MAX } from '../../../node/checkThreads.ts';
import { createMetrics } from '../../../node/metrics.ts';
import { StageClock, stageReport } from '../../../node/stages.ts';
import { b256, fakeServices } from '../../support/fakeServices.ts';

const POSTING: PosterStatus = {
  layer: 'local',
  sealed: 7,
  posted: 5,
  included: 4,
  final: 2,
  backlogBlocks: 3,
  backlogBytes: 900,
  frames: 6,
  postedBytes: 5_000,
  submissions: 8,
  resubmissions: 2,
  pricePerMegabyte: 71n,
  lastError: 'down',
};

test('posting to a DA layer', async () => {
  const da = { status: () => POSTING, block: () => null };
  const metrics = createMetrics({ ...fakeServices().services, da });
  const lines = (await metrics.text()).split('\n');
  metrics.close();
  for (const line of [
    'da_posted_height_blocks 5',
    'da_included_height_blocks 4',
    'da_final_height_blocks 2',
    'da_backlog_blocks 3',
    'da_backlog_bytes 900',
    'da_frame_total 6',
    'da_posted_bytes_total 5000',
    'da_submission_total 8',
    'da_resubmission_total 2',
    'da_price_per_megabyte 71',
    'da_failing 1',
  ]) {
    assert.ok(lines.includes(line), line);
  }
});

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
  const ran = [1.5, 0.5].map((runMs) => ({ id: b256(1), runMs }));
  const lane = { startMs: 0, endMs: 9, txs: ran };
  clock.add('lanes', ranInThreads({ lanes: [-1, 0, 1].map((worker) => ({ worker, ...lane })) }));
  assert.equal(
    clock.time('seal', () => 7),
    7,
  );
  await assert.rejects(clock.timeAsync('commit', () => Promise.reject(new Error('disk'))));
  assert.ok(clock.busySeconds('commit') >= 0);
  const checks = {
    stats: () => ({ here: 1, inThreads: 2, batches: 1, waiting: 9, threads: 2, busyMs: 250 }),
  };
  const da = { status: () => POSTING };
  const stages = stageReport(services.config, {
    stages: clock,
    checks,
    da,
    maker: { behindLength: 1 },
    runner: { faults: { lanes: 2, startFailures: 1 } },
    pool: { gauges: services.txs.gauges, stats: services.txs.stats },
  });
  const metrics = createMetrics({ ...services, stages });
  const lines = (await metrics.text()).split('\n');
  metrics.close();
  const { verificationQueueMax, txCountMax } = services.config.pool;
  for (const line of [
    'stage_busy_seconds_total{stage="check"} 0.25',
    'stage_busy_seconds_total{stage="execute"} 1.5',
    'stage_busy_seconds_total{stage="lanes"} 0.004',
    'queue_length{queue="verification"} 1',
    `queue_length_max{queue="verification"} ${verificationQueueMax}`,
    'queue_length{queue="checks"} 9',
    `queue_length_max{queue="checks"} ${2 * CHECKS_PER_THREAD_MAX}`,
    'queue_length{queue="pool"} 3',
    `queue_length_max{queue="pool"} ${txCountMax}`,
    'execution_lane_fault_total 2',
    'execution_thread_start_failure_total 1',
    'queue_length{queue="commit"} 1',
    'queue_length_max{queue="commit"} 1',
    'queue_length{queue="da"} 3',
    `queue_length_max{queue="da"} ${services.config.da.policy.backlogBlocksMax}`,
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.match(lines.join('\n'), /^main_thread_busy_ratio [0-9.e-]+$/m);
});
