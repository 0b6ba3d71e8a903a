/** Which runner executes blocks: the calling thread alone, or a pool of threads when it pays. */
import { availableParallelism } from 'node:os';
import type { LaneRunner } from '../executor/block.ts';
import { createSerialRunner } from '../executor/serial.ts';
import { partitionByAccess } from '../txpool/partition.ts';
import { engineReport } from '../vm/engine.ts';
import { CheckThreads } from './checkThreads.ts';
import type { NodeConfig } from './config.ts';

/** What one main thread can take in is recovered by this many. */
const CHECK_THREADS_MAX = 4;

/**
 * One core is left to the main thread: network, pool, commit. A single worker beside it carries
 * more than it takes off (measured: `bench/executor`), so two cores run serially by default.
 */
export function defaultWorkerCount(cores: number): number {
  return cores <= 2 ? 0 : Math.min(cores - 1, 16);
}

/** Threads start with the first block that is worth them. */
export async function createRunner(config: NodeConfig): Promise<LaneRunner> {
  const workerCount = config.workerCount ?? defaultWorkerCount(availableParallelism());
  if (workerCount === 0) return createSerialRunner();
  // With it comes the library of the thread pool.
  const { createPoolRunner } = await import('../executor/pool.ts');
  return createPoolRunner(
    {
      workerCount,
      workerUrl: new URL('./worker.js', import.meta.url),
      ...(config.speculation === undefined ? {} : { speculation: config.speculation }),
    },
    { partition: partitionByAccess },
  );
}

/** Threads for checks unless the machine has one core only; they start when there is work. */
export function createCheckThreads(config: NodeConfig): CheckThreads {
  const cores = availableParallelism();
  return new CheckThreads({
    threadCount: Math.min(cores - 1, CHECK_THREADS_MAX),
    workerUrl: new URL('./checkWorker.js', import.meta.url),
    engine: engineReport(),
    vmRules: config.vmRules,
  });
}
