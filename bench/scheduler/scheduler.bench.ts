/**
 * The scheduler alone, on one thread: from transactions that lie in the pool to lanes for workers.
 * No signature is checked and nothing is executed; a lane is done as soon as it is handed out.
 *
 * `scheduler` = take + partition + schedule: choosing a block's transactions, splitting them by
 * declared access, ordering them, and handing all of them out in lanes. `pool` = what comes before
 * and after: admission into the pool's indexes (conflict graph included) and the end of the block.
 */
import { ok } from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createSchedule } from '../../executor/schedule.ts';
import { DEFAULT_POOL_CONFIG } from '../../txpool/config.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { TxPool } from '../../txpool/pool.ts';
import type { Partition, PooledTx } from '../../txpool/types.ts';
import { type Report, rounded, setting } from '../report.ts';
import { EVERYTHING_EXISTS, SYNTHETIC_SHAPES, syntheticTxs } from './synthetic.ts';

const SIZES: readonly number[] = [1_000, 10_000, 50_000];
const WORKER_COUNT = 4;
/** As in a node: `POOL_RUNNER_DEFAULTS`. */
const BATCH_TX_COUNT = 64;
const SEED = 20_260_801;

/** Duration of each stage in ms. */
type Stages = {
  insert: number;
  take: number;
  partition: number;
  schedule: number;
  include: number;
};

function poolFor(txs: readonly PooledTx[]): TxPool {
  return new TxPool(
    { ...DEFAULT_POOL_CONFIG, txCountMax: txs.length, gasMax: 10n ** 15n, bytesMax: 10 ** 12 },
    { utxoValidation: true, view: () => EVERYTHING_EXISTS },
  );
}

/**
 * So that a stage does not pay for what another one left lying about: in a node transactions lie in
 * the pool for a while before a block is made.
 */
const collectGarbage: () => void = garbageCollector();

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'minor' }) => void;
  // A full one would also throw away compiled code.
  return () => collect({ type: 'minor' });
}

/** Hands out everything; each worker returns its lane when it asks for the next one. */
function drain(txs: readonly PooledTx[], { predecessors, sharedWrites }: Partition): number {
  const schedule = createSchedule({
    predecessors,
    costs: txs.map(() => 1),
    workerCount: WORKER_COUNT,
    batchTxCountMax: BATCH_TX_COUNT,
    writes: sharedWrites,
  });
  const running: (readonly number[])[] = Array.from({ length: WORKER_COUNT }, () => []);
  let count = 0;
  while (!schedule.finished()) {
    for (let worker = 0; worker < WORKER_COUNT; worker += 1) {
      const lane = running[worker] ?? [];
      if (lane.length > 0) schedule.done(lane);
      running[worker] = schedule.nextBatch(worker);
      count += running[worker]?.length ?? 0;
    }
  }
  return count;
}

function runOnce(txs: readonly PooledTx[]): Stages {
  const pool = poolFor(txs);
  const marks = [performance.now()];
  const mark = (): void => void marks.push(performance.now());
  for (const tx of txs) pool.insert(tx, tx.arrivedAtMs);
  mark();
  collectGarbage();
  const settledAt = performance.now();
  const limits = { gasLimit: 10n ** 15n, bytesLimit: 10n ** 12n, gasPrice: 1n };
  const taken = pool.take({ ...limits, countLimit: txs.length });
  mark();
  const split = partitionByAccess(taken.map(({ access }) => access));
  mark();
  const count = drain(taken, split);
  mark();
  pool.onBlock({ transactions: taken, skipped: [] }, 0);
  mark();
  ok(count === txs.length && pool.stats().txCount === 0, 'everything was handed out');
  const [insert, take, partition, schedule, include] = marks
    .slice(1)
    .map((at, i) => at - (i === 1 ? settledAt : (marks[i] as number))) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { insert, take, partition, schedule, include };
}

/**
 * Asking a full pool for its disjoint sets, ms: as kept, sizes and hot keys only; the same with a
 * look into the ten biggest; after departures that may have split sets; and computed from scratch
 * by name, which is what keeping them saves.
 */
type Views = { kept: number; lookedInto: number; split: number; scratch: number };

function viewMs(txs: readonly PooledTx[]): Views {
  const pool = poolFor(txs);
  for (const tx of txs) pool.insert(tx, tx.arrivedAtMs);
  const view = { setCountMax: 0, keyCountMax: 10 };
  const timed = (ask: () => unknown): number => {
    const startedAt = performance.now();
    ask();
    return performance.now() - startedAt;
  };
  pool.partitionView(view);
  const kept = timed(() => pool.partitionView(view));
  const lookedInto = timed(() => pool.partitionView({ ...view, setCountMax: 10 }));
  const limits = { gasLimit: 10n ** 15n, bytesLimit: 10n ** 12n, gasPrice: 1n };
  pool.take({ ...limits, countLimit: 20 });
  const split = timed(() => pool.partitionView(view));
  const named = pool.entries().map(({ access }) => ({ ...access, numbers: undefined }));
  return { kept, lookedInto, split, scratch: timed(() => partitionByAccess(named)) };
}

function schedulerMs({ take, partition, schedule }: Stages): number {
  return take + partition + schedule;
}

/** Called by `bench/main.ts`. */
export function run(report: Report): Promise<void> {
  const rounds = setting('BENCH_ROUNDS', 7);
  for (const size of SIZES.filter((each) => each <= setting('BENCH_SIZE_MAX', 50_000))) {
    const sets = SYNTHETIC_SHAPES.map((shape) => ({ shape, txs: syntheticTxs(shape, size, SEED) }));
    const results = sets.map((): Stages[] => []);
    // One round more than counted: the first compiles.
    for (let round = 0; round <= rounds; round += 1) {
      sets.forEach(({ txs }, at) => {
        const stages = runOnce(txs);
        if (round > 0) results[at]?.push(stages);
      });
    }
    sets.forEach(({ shape, txs }, at) => tell(report, shape, txs.length, results[at] ?? []));
    for (const { shape, txs } of sets) {
      const views = Array.from({ length: rounds }, () => viewMs(txs));
      const best = (pick: (view: (typeof views)[0]) => number): number =>
        rounded(Math.min(...views.map(pick)));
      report.add(
        `sets of the pool, ${shape}, ${txs.length} transactions`,
        'ms',
        views.map(({ kept }) => kept),
        {
          afterDepartures: best(({ split }) => split),
          fromScratch: best(({ scratch }) => scratch),
        },
      );
    }
  }
  return Promise.resolve();
}

function tell(report: Report, shape: string, size: number, runs: readonly Stages[]): void {
  const median = (pick: (stages: Stages) => number): number => {
    const sorted = runs.map(pick).sort((a, b) => a - b);
    return rounded(((sorted[sorted.length >> 1] as number) * 1_000) / size);
  };
  const rates = runs.map((stages) => size / (schedulerMs(stages) / 1_000));
  report.add(`scheduler, ${shape}, ${size} transactions`, 'tx/s', rates, {
    insertUs: median(({ insert }) => insert),
    takeUs: median(({ take }) => take),
    partitionUs: median(({ partition }) => partition),
    scheduleUs: median(({ schedule }) => schedule),
    includeUs: median(({ include }) => include),
  });
}
