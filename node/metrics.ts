/** Numbers for Prometheus. Units are in the names, last. */
import { Counter, Gauge, Registry } from 'prom-client';
import type { SealedBlock } from '../executor/ports.ts';
import type { NodeServices } from './services.ts';

export type Metrics = {
  readonly contentType: string;
  text(): Promise<string>;
  /** An answered GraphQL operation, named by its first field. */
  observeRequest(operation: string, seconds: number, failed: boolean): void;
  /** Stops listening to blocks. */
  close(): void;
};

type Tally = { count: number; failedCount: number; seconds: number };

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

type Totals = {
  blocks: number;
  transactions: number;
  skipped: number;
  workMs: number;
  criticalPathMs: number;
  wallMs: number;
};

function addBlock(totals: Totals, block: SealedBlock): void {
  totals.blocks += 1;
  totals.transactions += block.transactions.length;
  totals.skipped += block.skipped.length;
  totals.workMs += block.schedule.workMs;
  totals.criticalPathMs += block.schedule.criticalPathMs;
  totals.wallMs += block.schedule.wallMs;
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

export function createMetrics(services: NodeServices): Metrics {
  const registry = new Registry();
  const tallies = new Map<string, Tally>();
  const totals: Totals = {
    blocks: 0,
    transactions: 0,
    skipped: 0,
    workMs: 0,
    criticalPathMs: 0,
    wallMs: 0,
  };
  requestMetrics(registry, tallies);
  nodeMetrics(registry, services, totals);
  const stop = services.blocks.onBlock((block) => addBlock(totals, block));
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    observeRequest(operation, seconds, failed) {
      let tally = tallies.get(operation);
      if (!tally) tallies.set(operation, (tally = { count: 0, failedCount: 0, seconds: 0 }));
      tally.count += 1;
      tally.seconds += seconds;
      if (failed) tally.failedCount += 1;
    },
    close: stop,
  };
}
