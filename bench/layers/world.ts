/** A workload with everything that running it as one block needs. */
import { readFileSync } from 'node:fs';
import { BlockInProgress, type LaneRunner } from '../../executor/block.ts';
import type { BlockEnv, ScheduleReport, StateView } from '../../executor/ports.ts';
import { runRoundSerially } from '../../executor/serial.ts';
import { executionAccess, type Graph, graphOf } from '../../node/explain/graph.ts';
import type { TxId } from '../../primitives/types.ts';
import { memoryState } from '../../test/support/memoryState.ts';
import { testEnv } from '../../test/support/randomBlock.ts';
import { rulesFor } from '../../vm/rules.ts';
import {
  type Workload,
  type WorkloadName,
  type WorkloadOptions,
  workload,
} from '../workloads/index.ts';

export type World = {
  readonly made: Workload;
  readonly env: BlockEnv;
  readonly view: StateView;
  readonly graph: Graph;
};

export function worldOf(
  name: WorkloadName,
  options: Pick<WorkloadOptions, 'count'> & Partial<WorkloadOptions>,
): World {
  const made = workload(name, { sign: false, ...options });
  const { params } = made.options;
  return {
    made,
    env: testEnv(params, { rules: rulesFor(params, 'auto'), gasPrice: 0n }),
    view: memoryState([made.genesis]),
    graph: graphOf(made.txs.map(({ tx, id }) => executionAccess(tx, id))),
  };
}

/**
 * Time that the main thread really ran since this was called, where the system tells; elsewhere
 * the time that it was not idle, which counts it in when others had the core. Unit: ms.
 */
function mainThreadClock(): () => number {
  const path = `/proc/self/task/${process.pid}/schedstat`;
  const read = (): number => Number(readFileSync(path, 'utf8').split(' ')[0]) / 1e6;
  try {
    const before = read();
    return () => read() - before;
  } catch {
    const before = performance.eventLoopUtilization();
    return () => performance.eventLoopUtilization(before).active;
  }
}

/** One round of a block, without its end (mint, roots), which is the same whoever executes. */
export async function runRound(
  { made, env, view }: World,
  runner: LaneRunner,
): Promise<{ ms: number; schedule: ScheduleReport; mainMs: number }> {
  const block = new BlockInProgress(env, view);
  const mainMs = mainThreadClock();
  const startedMs = performance.now();
  await runner.runRound(block, made.txs);
  const ms = performance.now() - startedMs;
  runner.endBlock(block);
  return { ms, schedule: block.schedule, mainMs: mainMs() };
}

/** Run time of each transaction on this thread alone: the least of `rounds`, in ms. */
export async function serialCosts({ made, env, view }: World, rounds: number): Promise<number[]> {
  const least = new Map<TxId, number>();
  for (let round = 0; round < rounds; round += 1) {
    await runRoundSerially(new BlockInProgress(env, view), made.txs, ({ id }, ms) => {
      least.set(id, Math.min(ms, least.get(id) ?? ms));
    });
  }
  return made.txs.map(({ id }) => least.get(id) ?? 0);
}
