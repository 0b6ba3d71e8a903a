/** Numbers for Prometheus. Units are in the names, last. */
import { performance } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';
import type { PosterStatus } from '../da/poster.ts';
import type { FollowStatus } from './daFollow.ts';
import type { Tally, Totals } from './metrics.ts';
import type { NodeServices } from './services.ts';
import { settlementMetrics } from './settlementMetrics.ts';
import { type QueueState, STAGES, type StageReport } from './stages.ts';

/** Requests are tallied in plain numbers; Prometheus objects are filled when somebody reads. */
function requestMetrics(registry: Registry, tallies: ReadonlyMap<string, Tally>): void {
  const counter = (name: string, help: string, pick: (tally: Tally) => number): void => {
    new Counter({
      name,
      help,
      labelNames: ['operation'],
      registers: [registry],
      collect() {
        this.reset();
        for (const [operation, tally] of tallies) this.inc({ operation }, pick(tally));
      },
    });
  };
  counter('graphql_request_total', 'GraphQL operations that were answered', (t) => t.count);
  counter('graphql_request_failed_total', 'Those with errors', (t) => t.failedCount);
  counter('graphql_request_seconds_total', 'Time spent on them', (t) => t.seconds);
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

function poolMetrics(registry: Registry, txs: NodeServices['txs']): void {
  const add = (name: string, help: string, read: () => number): void =>
    gauge(registry, name, help, read);
  add('txpool_verifying_count', 'Being verified', () => txs.gauges().verifying);
  add('txpool_pending_count', 'Waiting for an input', () => txs.gauges().pending);
  add('txpool_executable_count', 'Could be in a block now', () => txs.gauges().executable);
  add('txpool_in_flight_count', 'Being executed', () => txs.gauges().inFlight);
  add(
    'txpool_oldest_wait_seconds',
    'Waiting time of the oldest transaction in the pool',
    () => txs.fairness().oldestAgeMs / 1000,
  );
  add(
    'txpool_overdue_total',
    'Transactions that went first because they had waited too long',
    () => txs.fairness().overdueTakenCount,
  );
  add(
    'txpool_held_back_total',
    'Times that the gas share of a contract held a transaction back',
    () => txs.fairness().heldBackCount,
  );
  new Gauge({
    name: 'txpool_contract_waiting_count',
    help: 'Transactions that wait for a contract, the hottest contracts only',
    labelNames: ['contract'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { contractId, txCount } of txs.fairness().hotContracts) {
        this.set({ contract: contractId }, txCount);
      }
    },
  });
}

function nodeMetrics(registry: Registry, services: NodeServices, totals: Totals): void {
  const add = (name: string, help: string, read: () => number): void =>
    gauge(registry, name, help, read);
  add('chain_height_blocks', 'Height of the newest readable block', () => services.visibleHeight());
  add('txpool_transaction_count', 'Transactions in the pool', () => services.txs.stats().txCount);
  add('txpool_gas', 'Sum of their maximum gas', () => Number(services.txs.stats().totalGas));
  add('txpool_bytes', 'Sum of their sizes', () => services.txs.stats().totalSizeBytes);
  poolMetrics(registry, services.txs);
  add('gas_price_next', 'Price of the next block', () => Number(services.gasPrice.next()));
  add('executor_block_total', 'Blocks since the start', () => totals.blocks);
  add('executor_transaction_total', 'Transactions in them', () => totals.transactions);
  add('executor_skipped_total', 'Transactions that were skipped', () => totals.skipped);
  add('executor_work_seconds_total', 'Time of all executions', () => totals.workMs / 1000);
  add(
    'executor_critical_path_seconds_total',
    'Time of the longest chains of dependent transactions',
    () => totals.criticalPathMs / 1000,
  );
  add('executor_wall_seconds_total', 'Time that blocks took', () => totals.wallMs / 1000);
  add('process_resident_memory_bytes', 'Resident memory', () => process.memoryUsage.rss());
  add('process_cpu_seconds_total', 'User and system time', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
}

/** Posting to, and following, a DA layer; absent where neither is done. */
function daMetrics(registry: Registry, { da, follower }: NodeServices): void {
  const posting = (name: string, help: string, pick: (status: PosterStatus) => number): void =>
    gauge(registry, name, help, () => {
      const status = da?.status() ?? null;
      return status === null ? 0 : pick(status);
    });
  posting('da_sealed_height_blocks', 'Height of the newest block to post', (s) => s.sealed);
  posting('da_posted_height_blocks', 'Height of the newest block sent', (s) => s.posted);
  posting(
    'da_included_height_blocks',
    'Height of the newest block on the layer',
    (s) => s.included,
  );
  posting('da_final_height_blocks', 'Height of the newest block there for good', (s) => s.final);
  posting('da_backlog_blocks', 'Blocks that are not on the layer yet', (s) => s.backlogBlocks);
  posting('da_backlog_bytes', 'Their size as they are posted', (s) => s.backlogBytes);
  posting('da_frame_total', 'Frames since the start', (s) => s.frames);
  posting('da_posted_bytes_total', 'Bytes of frames since the start', (s) => s.postedBytes);
  posting('da_submission_total', 'Submissions since the start', (s) => s.submissions);
  posting('da_resubmission_total', 'Those that were repeated', (s) => s.resubmissions);
  posting('da_price_per_megabyte', "In the layer's smallest unit", (s) =>
    Number(s.pricePerMegabyte ?? 0n),
  );
  posting('da_failing', '1 while the layer fails', (s) => (s.lastError === null ? 0 : 1));
  if (follower === undefined) return;
  const following = (name: string, help: string, pick: (status: FollowStatus) => number): void =>
    gauge(registry, name, help, () => pick(follower.status()));
  following('da_follow_height_blocks', 'Height derived from the layer', (s) => s.height);
  following('da_follow_at_tip', '1 when the layer is read to its end', (s) => (s.isAtTip ? 1 : 0));
  following('da_follow_failed', '1 when it does not go on', (s) => (s.failure === null ? 0 : 1));
  following('da_follow_foreign_blob_total', 'Blobs that are not ours', (s) => s.foreignBlobs);
}

/** Busy time of the stages, and the queues between them; see `stages.ts`. */
function stageMetrics(registry: Registry, stages: StageReport): void {
  new Gauge({
    name: 'stage_busy_seconds_total',
    help: 'Time that each stage was at work; its rate is the utilisation',
    labelNames: ['stage'],
    registers: [registry],
    collect() {
      for (const stage of STAGES) this.set({ stage }, stages.busySeconds(stage));
    },
  });
  const queueGauge = (name: string, help: string, pick: (queue: QueueState) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['queue'],
      registers: [registry],
      collect() {
        for (const queue of stages.queues()) this.set({ queue: queue.name }, pick(queue));
      },
    });
  };
  queueGauge('queue_length', 'What waits between two stages', ({ length }) => length);
  queueGauge('queue_length_max', 'Its bound; 0: nothing waits here', ({ max }) => max);
  gauge(registry, 'execution_lane_fault_total', 'Lanes that had to run again', () => {
    return stages.threadFaults().lanes;
  });
  gauge(registry, 'execution_thread_start_failure_total', 'Threads that did not start', () => {
    return stages.threadFaults().startFailures;
  });
  let before = performance.eventLoopUtilization();
  gauge(registry, 'main_thread_busy_ratio', 'Of the time since it was asked for last', () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    return utilization;
  });
}

/** Reads everything and formats it. */
export function metricsPage(
  services: NodeServices,
  tallies: ReadonlyMap<string, Tally>,
  totals: Totals,
): () => Promise<string> {
  const registry = new Registry();
  requestMetrics(registry, tallies);
  nodeMetrics(registry, services, totals);
  settlementMetrics((name, help, read) => gauge(registry, name, help, read), services);
  daMetrics(registry, services);
  if (services.stages !== undefined) stageMetrics(registry, services.stages);
  return () => registry.metrics();
}
