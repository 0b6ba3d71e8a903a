/**
 * SIMULATION: measured run times of a block's transactions, replayed by the real scheduler on
 * 1 to 64 workers in made-up time, without and with the dispatch overhead that one real worker
 * showed; beside it what running whole components, or waves, would take.
 */
import { createPoolRunner, POOL_RUNNER_DEFAULTS } from '../../executor/pool.ts';
import { criticalPath } from '../../node/explain/graph.ts';
import { NO_OVERHEAD, type SimulatedOverhead } from '../../node/explain/simulate.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { type Report, rounded } from '../report.ts';
import { STRATEGIES, wallMs } from '../sim/strategies.ts';
import { LONG_WORK, type WorkloadName, type WorkloadOptions } from '../workloads/index.ts';
import type { Scale } from './scale.ts';
import { runRound, serialCosts, type World, worldOf } from './world.ts';

/** As in a node. */
const BATCH_TX_COUNT = POOL_RUNNER_DEFAULTS.batchTxCountMax;
/** Sizes of which the best is looked for, for each worker count. */
const BATCHES: readonly number[] = [1, 4, 16, BATCH_TX_COUNT];
const SMALL_BATCH_TX_COUNT = 8;
const OVERHEAD_ROUNDS = 12;
/** Low contention: far more contracts than transactions that run at a time. */
const MANY_CONTRACTS = 10_000;

type Case = { label: string; name: WorkloadName; over: Partial<WorkloadOptions> };

const CASES: readonly Case[] = [
  { label: 'transfers', name: 'transfers', over: {} },
  { label: 'transfers, 0.2 ms', name: 'transfers', over: { work: LONG_WORK } },
  { label: 'token, low contention', name: 'token', over: { contracts: MANY_CONTRACTS } },
  {
    label: 'token, low contention, 0.2 ms',
    name: 'token',
    over: { contracts: MANY_CONTRACTS, work: LONG_WORK },
  },
  { label: 'mixed, theta 0', name: 'mixed', over: { contracts: 1000, work: LONG_WORK } },
  {
    label: 'mixed, theta 0.99',
    name: 'mixed',
    over: { contracts: 1000, theta: 0.99, work: LONG_WORK },
  },
  { label: 'amm, 100 pools', name: 'amm', over: { contracts: 100 } },
  { label: 'chains of 8', name: 'chains', over: { depth: 8, work: LONG_WORK } },
  { label: 'one hot contract', name: 'hot-contract', over: {} },
];

/** Of the least disturbed rounds: time beyond the run times, and time of the main thread. */
type OneWorker = { readonly lanes: number; readonly wallMs: number; readonly mainMs: number };

async function onOneWorker(world: World, batch: number, rounds: number): Promise<OneWorker> {
  const workerUrl = new URL('../../node/worker.js', import.meta.url);
  const runner = createPoolRunner(
    { workerCount: 1, workerUrl, use: 'always', batchTxCountMax: batch },
    { partition: partitionByAccess },
  );
  try {
    await runRound(world, runner);
    let [wallMs, mainMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < rounds; round += 1) {
      const run = await runRound(world, runner);
      wallMs = Math.min(wallMs, Math.max(0, run.ms - run.schedule.workMs));
      mainMs = Math.min(mainMs, run.mainMs);
    }
    return { lanes: world.made.options.count / batch, wallMs, mainMs };
  } finally {
    await runner.close();
  }
}

/**
 * Dispatch overhead from two batch sizes on one real worker: what grows with the lanes and what
 * grows with the transactions, on the main thread and beside it.
 */
export async function measuredOverhead(world: World, rounds: number): Promise<SimulatedOverhead> {
  const { count } = world.made.options;
  const big = await onOneWorker(world, BATCH_TX_COUNT, rounds);
  const small = await onOneWorker(world, SMALL_BATCH_TX_COUNT, rounds);
  const per = (pick: (run: OneWorker) => number): { lane: number; tx: number } => {
    const lane = Math.max(0, (pick(small) - pick(big)) / (small.lanes - big.lanes));
    return { lane, tx: Math.max(0, (pick(big) - lane * big.lanes) / count) };
  };
  const main = per(({ mainMs }) => mainMs);
  const all = per((run) => run.wallMs);
  return {
    mainLaneMs: main.lane,
    mainTxMs: main.tx,
    laneMs: Math.max(0, all.lane - main.lane),
    carryMs: Math.max(0, all.tx - main.tx),
  };
}

async function simulateCase(
  report: Report,
  { label, name, over }: Case,
  overhead: SimulatedOverhead,
  scale: Scale,
): Promise<void> {
  const world = worldOf(name, { count: scale.simulatedCount, ...over });
  const costs = await serialCosts(world, 3);
  const work = costs.reduce((sum, cost) => sum + cost, 0);
  const path = criticalPath(world.graph, costs).cost;
  const onWorkers = { ...overhead, mainLaneMs: 0, mainTxMs: 0 };
  for (const workerCount of scale.simulated) {
    const add = (strategy: string, wall: number): void =>
      report.add(`simulation/${label}`, 'ms', [wall], {
        layer: 'simulation',
        simulation: 1,
        workload: label,
        strategy,
        workers: workerCount,
        count: scale.simulatedCount,
        workMs: rounded(work),
        criticalPathMs: rounded(path),
        bound: rounded(Math.min(workerCount, work / path)),
        speedUp: rounded(work / wall),
      });
    const free = { graph: world.graph, costs, workerCount, batchTxCountMax: 1 };
    for (const strategy of STRATEGIES) {
      add(strategy, wallMs(strategy, { ...free, overhead: NO_OVERHEAD }));
    }
    const list = (batchTxCountMax: number, by: SimulatedOverhead): number =>
      wallMs('list', { ...free, batchTxCountMax, overhead: by });
    add('list, dispatch', list(BATCH_TX_COUNT, onWorkers));
    add('list, dispatch, best batch', Math.min(...BATCHES.map((batch) => list(batch, onWorkers))));
    add('list, dispatch and main thread', list(BATCH_TX_COUNT, overhead));
  }
}

export async function simulationLayer(report: Report, scale: Scale): Promise<void> {
  // Short ones: a main thread that waits actively would count the work as its own.
  const probe = worldOf('transfers', { count: scale.simulatedCount });
  const overhead = await measuredOverhead(probe, OVERHEAD_ROUNDS);
  const { laneMs, carryMs, mainLaneMs, mainTxMs } = overhead;
  report.add('simulation/overhead', 'ms', [laneMs], {
    layer: 'overhead',
    laneMs: rounded(laneMs),
    carryMs: rounded(carryMs),
    mainLaneMs: rounded(mainLaneMs),
    mainTxMs: rounded(mainTxMs),
  });
  for (const each of CASES) await simulateCase(report, each, overhead, scale);
}
