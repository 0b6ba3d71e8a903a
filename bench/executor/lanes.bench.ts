/**
 * Lanes on two cores: the calling thread alone, the same with one thread beside it (always, and
 * when the cost model says so), and two independent processes that run one serial block each, by
 * turns. All figures are medians.
 *
 * `efficiency` = speed-up / min(2, W / CP): 1 is what no schedule can pass. `cores` = how far two
 * processes scale at that moment; `efficiencyOfCores` compares with that instead of 2. W and CP
 * come from the times that the serial run took.
 *
 * BENCH_WORKLOADS: names, separated by commas; BENCH_COUNT: transactions in a block;
 * BENCH_WORK: turns of work in each, see `bench/workloads`. BENCH_CONTRACTS: how many contracts share
 * the calls. BENCH_ROUNDS, BENCH_WARM: blocks that count, and blocks before them.
 * BENCH_AHEAD=1: hot contracts run ahead on guesses (readers and slots).
 */
import { ok } from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LaneRunner } from '../../executor/block.ts';
import { createPoolRunner } from '../../executor/pool.ts';
import type { ExecutedBlock } from '../../executor/ports.ts';
import { createSchedule } from '../../executor/schedule.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { accessListOf } from '../../tx/access.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { percentile, type Report, rounded, setting } from '../report.ts';
import { ADVERSARIAL, LONG_WORK, WORKLOAD_NAMES, type Workload } from '../workloads/index.ts';
import { blockRunner, made, type Run } from './lanesSetup.ts';

const CORES = 2;
/** Threads see half of the transactions each, and compile for themselves: that takes some blocks. */
const WARM_ROUNDS = 30;

const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/** W / CP of a block, from the shortest time that each transaction took. */
function widthOf({ txs }: Workload, blocks: readonly ExecutedBlock[]): number {
  const runMs = new Map<string, number>();
  for (const { id, runMs: ms } of blocks.flatMap(({ schedule }) => schedule.lanes[0]?.txs ?? [])) {
    runMs.set(id, Math.min(ms, runMs.get(id) ?? ms));
  }
  const { predecessors } = partitionByAccess(txs.map(({ tx, id }) => accessListOf(tx, id)));
  const costs = txs.map(({ id }) => runMs.get(id) ?? 0);
  const { totals } = createSchedule({ predecessors, costs, workerCount: 1, batchTxCountMax: 1 });
  return totals.work / totals.criticalPath;
}

async function answer(child: ChildProcess): Promise<number> {
  const [ms] = (await once(child, 'message')) as [number];
  return ms;
}

type Runners = { serial: LaneRunner; threads: LaneRunner; auto: LaneRunner };

/** A run shall not pay for what the one before left to do: compiling, collecting, going to sleep. */
const PAUSE_MS = 30;

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

async function measure(report: Report, name: string, runners: Runners): Promise<void> {
  const count = setting('BENCH_COUNT', 400);
  const work = setting('BENCH_WORK', LONG_WORK);
  const set = made(name, { count, work });
  const run = blockRunner(set);
  const file = fileURLToPath(new URL('./controlProcess.js', import.meta.url));
  const child = fork(file, [name, String(count), String(work)]);
  await answer(child);
  const runs: Record<keyof Runners, Run[]> = { serial: [], threads: [], auto: [] };
  const pairMs: number[] = [];
  const rounds = setting('BENCH_ROUNDS', 9);
  for (let round = -setting('BENCH_WARM', WARM_ROUNDS); round < rounds; round += 1) {
    for (const kind of ['serial', 'threads', 'auto'] as const) {
      await pause();
      const one = await run(runners[kind]);
      if (round >= 0) runs[kind].push(one);
    }
    await pause();
    const other = answer(child);
    child.send('go');
    const own = await run(runners.serial);
    const slower = Math.max(own.ms, await other);
    if (round >= 0) pairMs.push(slower);
  }
  child.kill();
  tell(report, set, { runs, pairMs });
}

function tell(
  report: Report,
  set: Workload,
  { runs, pairMs }: { runs: Record<keyof Runners, Run[]>; pairMs: readonly number[] },
): void {
  const all = Object.values(runs).flat();
  const [first] = all;
  ok(first !== undefined && all.every(({ block }) => block.header.id === first.block.header.id));
  const msOf = (kind: keyof Runners): number => median(runs[kind].map(({ ms }) => ms));
  const serialMs = msOf('serial');
  const width = widthOf(
    set,
    runs.serial.map(({ block }) => block),
  );
  // Each pair with the serial block beside it: what disturbs one, disturbs the other.
  const cores = median(pairMs.map((ms, i) => (2 * runs.serial[i]!.ms) / ms));
  for (const kind of ['threads', 'auto'] as const) {
    const ratios = runs[kind].map(({ ms }, i) => runs.serial[i]!.ms / ms);
    const speedUp = median(ratios);
    const { mode, whySerial } = runs[kind].at(-1)!.block.schedule;
    report.add(
      `executor/lanes ${set.name} ${kind}`,
      'ms',
      runs[kind].map(({ ms }) => ms),
      {
        adversarial: String(ADVERSARIAL.includes(set.name)),
        serialMs: rounded(serialMs),
        txUs: rounded((1000 * serialMs) / set.txs.length),
        cpuRatio: rounded(median(runs[kind].map(({ cpuMs }, i) => cpuMs / runs.serial[i]!.cpuMs))),
        width: rounded(width),
        speedUp: rounded(speedUp),
        cores: rounded(cores),
        efficiency: rounded(speedUp / Math.min(CORES, width)),
        efficiencyOfCores: rounded(speedUp / Math.min(cores, width)),
        mode: whySerial ?? mode,
      },
    );
  }
}

/** Called by `bench/main.ts`. */
export async function run(report: Report): Promise<void> {
  const workerUrl = new URL('../../node/worker.js', import.meta.url);
  const deps = { partition: partitionByAccess };
  const ahead = setting('BENCH_AHEAD', 0) === 1;
  const config = { workerCount: 1, workerUrl, speculation: { readers: ahead, slots: ahead } };
  const runners = {
    serial: createSerialRunner(),
    threads: createPoolRunner({ ...config, use: 'always' }, deps),
    auto: createPoolRunner(config, deps),
  };
  const wanted = process.env['BENCH_WORKLOADS']?.split(',') ?? WORKLOAD_NAMES;
  try {
    for (const name of wanted) await measure(report, name, runners);
  } finally {
    for (const runner of Object.values(runners)) await runner.close();
  }
}
