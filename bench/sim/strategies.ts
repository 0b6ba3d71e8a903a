/**
 * Three ways to run a graph of conflicts on workers, in made-up time: ours, and two that others use.
 * Simulations: costs are given, nothing is executed.
 */
import type { Graph } from '../../node/explain/graph.ts';
import { type SimulatedOverhead, simulate } from '../../node/explain/simulate.ts';

/**
 * `list`: the real scheduler; a transaction starts when its predecessors are done.
 * `components`: a disjoint set is one piece of work for one worker, biggest first.
 * `waves`: rounds of transactions without conflicts; a round begins when the one before is over.
 */
export type Strategy = 'list' | 'components' | 'waves';

export const STRATEGIES: readonly Strategy[] = ['list', 'components', 'waves'];

export type StrategyInput = {
  readonly graph: Graph;
  /** ms */
  readonly costs: readonly number[];
  readonly workerCount: number;
  readonly batchTxCountMax: number;
  /** Counted for `list` only: the others get the better of it. */
  readonly overhead?: SimulatedOverhead;
};

/** @returns ms until everything is done */
export function wallMs(strategy: Strategy, input: StrategyInput): number {
  const { graph, costs, workerCount } = input;
  if (strategy === 'list') {
    return simulate({ ...input, predecessors: graph.predecessors }).wallMs;
  }
  if (strategy === 'components') {
    const sums = graph.sets.map((set) => set.reduce((sum, i) => sum + (costs[i] ?? 0), 0));
    return greedy(sums, workerCount);
  }
  return waves(graph).reduce(
    (sum, wave) =>
      sum +
      greedy(
        wave.map((i) => costs[i] ?? 0),
        workerCount,
      ),
    0,
  );
}

/** Longest first, each to the worker that is free first. */
function greedy(costs: readonly number[], workerCount: number): number {
  const free = new Float64Array(workerCount);
  for (const cost of [...costs].sort((a, b) => b - a)) {
    let first = 0;
    for (let worker = 1; worker < workerCount; worker += 1) {
      if ((free[worker] as number) < (free[first] as number)) first = worker;
    }
    free[first] = (free[first] as number) + cost;
  }
  return free.reduce((max, each) => Math.max(max, each), 0);
}

/** Who is so many steps from the start. */
function waves({ predecessors }: Graph): number[][] {
  const steps: number[] = [];
  const found: number[][] = [];
  predecessors.forEach((list, i) => {
    const step = list.reduce((max, before) => Math.max(max, (steps[before] ?? 0) + 1), 0);
    steps.push(step);
    const wave = found[step] ?? [];
    wave.push(i);
    found[step] = wave;
  });
  return found;
}
