/** Which runner executes blocks: the calling thread alone, or a pool of threads when it pays. */
import { availableParallelism } from 'node:os';
import type { LaneRunner } from '../executor/block.ts';
import { createSerialRunner } from '../executor/serial.ts';
import { partitionByAccess } from '../txpool/partition.ts';
import { engineChoice } from '../vm/engine.ts';
import { CheckThreads } from './checkThreads.ts';
import type { NodeConfig } from './config.ts';
import { type Log, SILENT_LOG } from './log.ts';
import { statePath } from './paths.ts';

/** What one main thread can take in is recovered by this many. */
const CHECK_THREADS_MAX = 4;

/** Threads beside the main one that a machine gets unless told otherwise. */
const DEFAULT_WORKERS_MAX = 16;

/**
 * The main thread runs lanes, too, so it counts as one core. Blocks that are not worth threads run
 * on it alone, whatever this says (`executor/cost.ts`).
 */
export function defaultWorkerCount(cores: number): number {
  return Math.min(Math.max(cores - 1, 0), DEFAULT_WORKERS_MAX);
}

/** Threads start once several blocks in a row are worth them. */
export async function createRunner(
  config: NodeConfig,
  log: Pick<Log, 'warn'> = SILENT_LOG,
): Promise<LaneRunner> {
  const workerCount = config.workerCount ?? defaultWorkerCount(availableParallelism());
  if (workerCount === 0) return createSerialRunner();
  // With it comes the library of the thread pool.
  const { createPoolRunner } = await import('../executor/pool.ts');
  return createPoolRunner(
    {
      workerCount,
      workerUrl: new URL('./worker.js', import.meta.url),
      statePath: config.dbPath === null ? null : statePath(config.dbPath),
      onFault: (text) => log.warn(text),
      ...(config.speculation === undefined ? {} : { speculation: config.speculation }),
    },
    { partition: partitionByAccess },
  );
}

/**
 * Threads for checks unless the machine has one core only; they start when there is work. As many as
 * cores, though the main thread has one: when all clients wait for their signatures it has nothing to do.
 */
export function createCheckThreads(config: NodeConfig): CheckThreads {
  const cores = availableParallelism();
  return new CheckThreads({
    threadCount: cores === 1 ? 0 : Math.min(cores, CHECK_THREADS_MAX),
    workerUrl: new URL('./checkWorker.js', import.meta.url),
    engine: engineChoice(),
    vmRules: config.vmRules,
  });
}
