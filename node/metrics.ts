/** What the node counts. `metricsText.ts` makes a page of it when somebody reads. */
import type { SealedBlock } from '../executor/ports.ts';
import type { NodeServices } from './services.ts';

const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export type Metrics = {
  readonly contentType: string;
  text(): Promise<string>;
  /** An answered GraphQL operation, named by its first field. */
  observeRequest(operation: string, seconds: number, failed: boolean): void;
  /** Stops listening to blocks. */
  close(): void;
};

/** Of one GraphQL operation. */
export type Tally = { count: number; failedCount: number; seconds: number };

/** Since the start. */
export type Totals = {
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

export function createMetrics(services: NodeServices): Metrics {
  const tallies = new Map<string, Tally>();
  const totals: Totals = {
    blocks: 0,
    transactions: 0,
    skipped: 0,
    workMs: 0,
    criticalPathMs: 0,
    wallMs: 0,
  };
  let page: Promise<() => Promise<string>> | null = null;
  const stop = services.blocks.onBlock((block) => addBlock(totals, block));
  return {
    contentType: METRICS_CONTENT_TYPE,
    async text() {
      // The library behind it is loaded by who looks at metrics only.
      page ??= import('./metricsText.ts').then(({ metricsPage }) =>
        metricsPage(services, tallies, totals),
      );
      return await (await page)();
    },
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
