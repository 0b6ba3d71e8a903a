/**
 * How busy each stage of the way of a transaction is, and how long the queues between them are.
 *
 * | queue          | bound                                  | when it is full                        |
 * |----------------|----------------------------------------|----------------------------------------|
 * | `verification` | --tx-size-of-verification-queue        | `submit` is refused with a clear text  |
 * | `checks`       | 1,024 a thread                         | the main thread checks, intake slows   |
 * | `pool`         | --tx-max-number (and gas, and bytes)   | the worst payers go, or the newcomer   |
 * | `commit`       | one block                              | the next block is not sealed meanwhile |
 * | `da`           | `--da-backlog`                         | no block is made until the layer moves |
 */

import type { LaneRunner, RunnerFaults } from '../executor/block.ts';
import type { TxPoolService } from '../txpool/service.ts';
import type { BlockMaker } from './blockMaker.ts';
import { CHECKS_PER_THREAD_MAX, type CheckThreads } from './checkThreads.ts';
import { BLOCKS_BEHIND_MAX } from './commitBehind.ts';
import type { NodeConfig } from './config.ts';
import type { DaService } from './daBlocks.ts';

/**
 * In flow order. `check`: sum over the threads. `lanes`: what execution threads ran, a part of
 * `execute` on cores of their own. `commit`: rows are put together. `write`: the disk has
 * them, while the next block is executed.
 */
export const STAGES: readonly StageName[] = [
  'check',
  'execute',
  'lanes',
  'seal',
  'commit',
  'write',
  'announce',
];
export type StageName = 'check' | 'execute' | 'lanes' | 'seal' | 'commit' | 'write' | 'announce';

/** A bounded queue between two stages. `max` 0: there is none here. */
export type QueueState = { readonly name: string; readonly length: number; readonly max: number };

export type StageReport = {
  /** Unit: seconds since the start. */
  busySeconds(stage: StageName): number;
  queues(): readonly QueueState[];
  /** What went wrong with execution threads since the start. */
  threadFaults(): RunnerFaults;
};

/** Sums of what each stage took. */
export class StageClock {
  readonly #ms: Map<StageName, number> = new Map();

  add(stage: StageName, ms: number): void {
    this.#ms.set(stage, (this.#ms.get(stage) ?? 0) + ms);
  }

  /** Runs `work` and counts it, whatever becomes of it. */
  time<T>(stage: StageName, work: () => T): T {
    const startedMs = performance.now();
    try {
      return work();
    } finally {
      this.add(stage, performance.now() - startedMs);
    }
  }

  /** As {@link time}, until the promise settles. */
  async timeAsync<T>(stage: StageName, work: () => Promise<T>): Promise<T> {
    const startedMs = performance.now();
    try {
      return await work();
    } finally {
      this.add(stage, performance.now() - startedMs);
    }
  }

  busySeconds(stage: StageName): number {
    return (this.#ms.get(stage) ?? 0) / 1000;
  }
}

/** What a report is made of. */
export type StageSources = {
  readonly stages: StageClock;
  readonly checks: Pick<CheckThreads, 'stats'>;
  readonly pool: Pick<TxPoolService, 'gauges' | 'stats'>;
  readonly runner: Pick<LaneRunner, 'faults'>;
  readonly maker: Pick<BlockMaker, 'behindLength'>;
  readonly da: Pick<DaService, 'status'>;
};

export function stageReport(config: NodeConfig, sources: StageSources): StageReport {
  const { stages, checks, pool, runner, maker, da } = sources;
  return {
    busySeconds: (stage) =>
      stage === 'check' ? checks.stats().busyMs / 1000 : stages.busySeconds(stage),
    threadFaults: () => runner.faults ?? { lanes: 0, startFailures: 0 },
    queues() {
      const { waiting, threads } = checks.stats();
      return [
        {
          name: 'verification',
          length: pool.gauges().verifying,
          max: config.pool.verificationQueueMax,
        },
        { name: 'checks', length: waiting, max: threads * CHECKS_PER_THREAD_MAX },
        { name: 'pool', length: pool.stats().txCount, max: config.pool.txCountMax },
        { name: 'commit', length: maker.behindLength, max: BLOCKS_BEHIND_MAX },
        {
          name: 'da',
          length: da.status()?.backlogBlocks ?? 0,
          max: config.da.policy.backlogBlocksMax,
        },
      ];
    },
  };
}
