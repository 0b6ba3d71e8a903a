/**
 * Execution alone, on checked transactions: our best serial runner against 1, 2 and 4 workers, by
 * turns. `efficiency` = speed-up / min(P, W / CP), with W and CP from run times on one thread.
 */
import type { LaneRunner } from '../../executor/block.ts';
import { createPoolRunner } from '../../executor/pool.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { criticalPath } from '../../node/explain/graph.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { interleaved, type Report, rounded } from '../report.ts';
import {
  ADVERSARIAL,
  LONG_WORK,
  WORKLOAD_NAMES,
  type WorkloadName,
  type WorkloadOptions,
} from '../workloads/index.ts';
import type { Scale } from './scale.ts';
import { runRound, serialCosts, type World, worldOf } from './world.ts';

/** What distinguishes a measurement from its neighbours in a plot. */
export type Sweep = 'workers' | 'theta' | 'contracts' | 'block';

type Runners = readonly { readonly workers: number; readonly runner: LaneRunner }[];

async function measure(
  report: Report,
  sweep: Sweep,
  world: World,
  runners: Runners,
  rounds: number,
): Promise<void> {
  const tasks = runners.map(
    ({ runner }) =>
      () =>
        runRound(world, runner),
  );
  await interleaved(1, tasks);
  const runs = await interleaved(rounds, tasks);
  const costs = await serialCosts(world, 2);
  const work = costs.reduce((sum, cost) => sum + cost, 0);
  const path = criticalPath(world.graph, costs).cost;
  const best = runs.map((list) => Math.min(...list.map(({ ms }) => ms)));
  const { name, options } = world.made;
  for (const [at, { workers }] of runners.entries()) {
    const bound = workers === 0 ? 1 : Math.min(workers, work / path);
    const speedUp = (best[0] as number) / (best[at] as number);
    const ms = (runs[at] ?? []).map((run) => run.ms);
    report.add(`execution/${sweep}/${name}`, 'ms', ms, {
      layer: 'execution',
      sweep,
      workload: name,
      adversarial: ADVERSARIAL.includes(name) ? 1 : 0,
      workers,
      count: options.count,
      contracts: options.contracts,
      theta: options.theta,
      work: options.work,
      sets: world.graph.sets.length,
      workMs: rounded(work),
      criticalPathMs: rounded(path),
      bound: rounded(bound),
      speedUp: rounded(speedUp),
      efficiency: rounded(speedUp / bound),
      txPerSecond: rounded((1000 * options.count) / (best[at] as number)),
    });
  }
}

type Case = { sweep: Sweep; name: WorkloadName; over: Partial<WorkloadOptions>; all: boolean };

function cases(scale: Scale): Case[] {
  const found: Case[] = WORKLOAD_NAMES.map((name) => ({
    sweep: 'workers',
    name,
    over: { work: LONG_WORK },
    all: true,
  }));
  for (const name of ['transfers', 'token'] as const) {
    found.push({ sweep: 'workers', name, over: { work: 0 }, all: true });
  }
  for (const theta of scale.thetas) {
    for (const name of ['token', 'mixed'] as const) {
      found.push({ sweep: 'theta', name, over: { theta, work: LONG_WORK }, all: false });
    }
  }
  for (const contracts of scale.contracts) {
    found.push({
      sweep: 'contracts',
      name: 'token',
      over: { contracts, work: LONG_WORK },
      all: false,
    });
  }
  for (const count of scale.blocks) {
    for (const name of ['transfers', 'token'] as const) {
      found.push({ sweep: 'block', name, over: { count, contracts: 1000 }, all: false });
    }
  }
  return found;
}

/** Every workload on every worker count; the sweeps on serial and two workers. */
export async function executionLayer(report: Report, scale: Scale): Promise<void> {
  const workerUrl = new URL('../../node/worker.js', import.meta.url);
  const runners: Runners = [0, ...scale.workers].map((workers) => ({
    workers,
    runner:
      workers === 0
        ? createSerialRunner()
        : createPoolRunner(
            { workerCount: workers, workerUrl, use: 'always' },
            { partition: partitionByAccess },
          ),
  }));
  try {
    for (const { sweep, name, over, all } of cases(scale)) {
      const world = worldOf(name, { count: scale.count, ...over });
      const chosen = all
        ? runners
        : runners.filter(({ workers }) => workers === 0 || workers === 2);
      await measure(report, sweep, world, chosen, scale.rounds);
    }
  } finally {
    await Promise.all(runners.map(({ runner }) => runner.close()));
  }
}
