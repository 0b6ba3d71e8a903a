/**
 * Lanes on two cores: the calling thread alone, the same with one thread beside it (always, and
 * when the cost model says so), and two independent processes that run one serial block each, by
 * turns. All figures are medians.
 *
 * `efficiency` = speed-up / min(2, W / CP): 1 is what no schedule can pass. `cores` = how far two
 * processes scale at that moment; `efficiencyOfCores` compares with that instead of 2. W and CP
 * come from the times that the serial run took. `efficiencyOfTime`: the part of both threads' time in
 * which they ran transactions, over the same part of the serial run: what the efficiency would be if
 * two busy cores were as fast as one; it hardly changes from minute to minute.
 *
 * BENCH_WORKLOADS: names, separated by commas; BENCH_COUNT: transactions in a block;
 * BENCH_WORK: turns of work in each, see `bench/workloads`. BENCH_CONTRACTS: how many contracts share
 * the calls. BENCH_ROUNDS, BENCH_WARM: blocks that count, and blocks before them.
 * BENCH_AHEAD=1: hot contracts run ahead on guesses (readers and slots).
 * BENCH_FRESH=1: on disk, each round calls the same contracts and reads slots that nobody read
 * before; without it the same block is run again and again on a state in memory.
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
import type { BlockId, TxId } from '../../primitives/types.ts';
import { accessListOf } from '../../tx/access.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { percentile, type Report, rounded, setting } from '../report.ts';
import { ADVERSARIAL, LONG_WORK, WORKLOAD_NAMES, type Workload } from '../workloads/index.ts';
import { blockRunner, freshBlocks, type MadeBlock, made, type Run } from './lanesSetup.ts';

const CORES = 2;
/** Threads see half of the transactions each, and compile for themselves: that takes some blocks. */
const WARM_ROUNDS = 30;
const ROUNDS = 9;
const KINDS = ['serial', 'threads', 'auto'] as const;

const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/** What is kept of a run: blocks that nobody needs any more are not to be collected while others run. */
type Figures = Pick<Run, 'ms' | 'cpuMs'> & {
  readonly id: BlockId;
  readonly mode: string;
  /** Part of the time in which transactions ran; up to one for each thread. */
  readonly busy: number;
};

function figuresOf({ block, ms, cpuMs }: Run): Figures {
  const { lanes, mode, whySerial } = block.schedule;
  let runMs = 0;
  for (const { txs } of lanes) for (const tx of txs) runMs += tx.runMs;
  return { ms, cpuMs, id: block.header.id, mode: whySerial ?? mode, busy: runMs / ms };
}

/** The shortest time that each transaction took. Unit: ms. */
type Shortest = Map<TxId, number>;

function noteTimes(shortest: Shortest, { schedule }: ExecutedBlock): void {
  for (const { id, runMs } of schedule.lanes.flatMap(({ txs }) => txs)) {
    shortest.set(id, Math.min(runMs, shortest.get(id) ?? runMs));
  }
}

/** W / CP of a block. */
function widthOf({ txs }: Workload, runMs: Shortest): number {
  const { predecessors } = partitionByAccess(txs.map(({ tx, id }) => accessListOf(tx, id)));
  const costs = txs.map(({ id }) => runMs.get(id) ?? 0);
  const { totals } = createSchedule({ predecessors, costs, workerCount: 1, batchTxCountMax: 1 });
  return totals.work / totals.criticalPath;
}

async function answer(child: ChildProcess): Promise<number> {
  const [ms] = (await once(child, 'message')) as [number];
  return ms;
}

type Runners = Readonly<Record<(typeof KINDS)[number], LaneRunner>>;

/** A run shall not pay for what the one before left to do: compiling, collecting, going to sleep. */
const PAUSE_MS = 30;

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

const WORKER_URL = new URL('../../node/worker.js', import.meta.url);

/** @param statePath of the database under the blocks; null: they run on a state in memory */
function runnersOn(statePath: string | null): Runners {
  const ahead = setting('BENCH_AHEAD', 0) === 1;
  const speculation = { readers: ahead, slots: ahead };
  const config = { workerCount: 1, workerUrl: WORKER_URL, speculation, statePath };
  const deps = { partition: partitionByAccess };
  return {
    serial: createSerialRunner(),
    threads: createPoolRunner({ ...config, use: 'always' }, deps),
    auto: createPoolRunner(config, deps),
  };
}

async function close(runners: Runners): Promise<void> {
  for (const runner of Object.values(runners)) await runner.close();
}

type Size = { readonly count: number; readonly work: number };

/** The same block again and again, on a state in memory. */
async function measureSame(
  report: Report,
  name: string,
  size: Size,
  runners: Runners,
): Promise<void> {
  const set = made(name, size);
  const same = { set, run: blockRunner(set) };
  await measure(report, size, runners, () => same);
}

/** Another block in each round, on disk. */
async function measureFresh(report: Report, name: string, size: Size): Promise<void> {
  const warm = setting('BENCH_WARM', WARM_ROUNDS);
  const blocks = await freshBlocks(name, size, warm + setting('BENCH_ROUNDS', ROUNDS));
  const runners = runnersOn(blocks.path);
  try {
    await measure(report, size, runners, (round) => blocks.rounds[warm + round]!);
  } finally {
    await close(runners);
    await blocks.close();
  }
}

/** @param blockOf the block of a round; warming rounds are below 0 */
async function measure(
  report: Report,
  { count, work }: Size,
  runners: Runners,
  blockOf: (round: number) => MadeBlock,
): Promise<void> {
  const { set } = blockOf(0);
  const { name } = set;
  const file = fileURLToPath(new URL('./controlProcess.js', import.meta.url));
  const child = fork(file, [name, String(count), String(work)]);
  await answer(child);
  const runs: Record<keyof Runners, Figures[]> = { serial: [], threads: [], auto: [] };
  const shortest: Shortest = new Map();
  const pairMs: number[] = [];
  const rounds = setting('BENCH_ROUNDS', ROUNDS);
  for (let round = -setting('BENCH_WARM', WARM_ROUNDS); round < rounds; round += 1) {
    const { run } = blockOf(round);
    for (let i = 0; i < KINDS.length; i += 1) {
      // By turns: who is first fills the caches of the disk for the others.
      const kind = KINDS.at((round + i) % KINDS.length)!;
      await pause();
      const one = await run(runners[kind]);
      if (round < 0) continue;
      runs[kind].push(figuresOf(one));
      if (kind === 'serial') noteTimes(shortest, one.block);
    }
    await pause();
    const other = answer(child);
    child.send('go');
    const own = await run(runners.serial);
    const slower = Math.max(own.ms, await other);
    if (round >= 0) pairMs.push(slower);
  }
  child.kill();
  tell(report, set, { runs, pairMs, shortest });
}

type Measured = {
  readonly runs: Readonly<Record<keyof Runners, readonly Figures[]>>;
  readonly pairMs: readonly number[];
  readonly shortest: Shortest;
};

function tell(report: Report, set: Workload, { runs, pairMs, shortest }: Measured): void {
  runs.serial.forEach(({ id }, round) => {
    ok(Object.values(runs).every((of) => of[round]!.id === id));
  });
  const msOf = (kind: keyof Runners): number => median(runs[kind].map(({ ms }) => ms));
  const serialMs = msOf('serial');
  const busyOf = (kind: keyof Runners): number => median(runs[kind].map(({ busy }) => busy));
  const width = widthOf(set, shortest);
  // Each pair with the serial block beside it: what disturbs one, disturbs the other.
  const cores = median(pairMs.map((ms, i) => (2 * runs.serial[i]!.ms) / ms));
  for (const kind of ['threads', 'auto'] as const) {
    const ratios = runs[kind].map(({ ms }, i) => runs.serial[i]!.ms / ms);
    const speedUp = median(ratios);
    const { mode } = runs[kind].at(-1)!;
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
        efficiencyOfTime: rounded(busyOf(kind) / busyOf('serial') / Math.min(CORES, width)),
        mode,
      },
    );
  }
}

/** Called by `bench/main.ts`. */
export async function run(report: Report): Promise<void> {
  const wanted = process.env['BENCH_WORKLOADS']?.split(',') ?? WORKLOAD_NAMES;
  const size = { count: setting('BENCH_COUNT', 400), work: setting('BENCH_WORK', LONG_WORK) };
  if (setting('BENCH_FRESH', 0) === 1) {
    for (const name of wanted) await measureFresh(report, name, size);
    return;
  }
  const runners = runnersOn(null);
  try {
    for (const name of wanted) await measureSame(report, name, size, runners);
  } finally {
    await close(runners);
  }
}
