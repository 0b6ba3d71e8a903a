/**
 * Execution on worker threads.
 *
 * A round's transactions are split by what they declare (`txpool/partition.ts`, handed in), put in
 * an order of dependency and of need (`schedule.ts`), and run in batches by workers (`lane.ts`,
 * entry file in `node/`) and one by one on the calling thread. Results come back in any order and are settled in block order
 * (`round.ts`, `settlement.ts`). Small rounds run on the calling thread: carrying would cost more than
 * it saves (`cost.ts`). Nobody locks: running lanes are disjoint.
 */

import type { ContractId } from '../primitives/types.ts';
import { type AccessList, accessListOf } from '../tx/access.ts';
import type { Partition } from '../txpool/types.ts';
import { txAddressOf } from '../vm/initialise.ts';
import type { BlockInProgress, LaneRunner, PartitionByAccess, RunnerFaults } from './block.ts';
import { CostModel, isWorthThreads } from './cost.ts';
import { Bell } from './laneLine.ts';
import { LaneThread } from './laneThread.ts';
import { MethodHistory } from './methods.ts';
import type { TxToExecute } from './ports.ts';
import { ReadHistory } from './readHistory.ts';
import { relaxedAccess, type Speculation } from './relax.ts';
import { Round, type RoundInput } from './round.ts';
import type { RunTxResult } from './runTx.ts';
import { createSchedule, type Schedule } from './schedule.ts';
import { runRoundSerially } from './serial.ts';

const U64_MAX = (1n << 64n) - 1n;

export type PoolRunnerConfig = {
  /** Threads, at least 1; started when first needed. */
  readonly workerCount: number;
  /** Whether the calling thread runs transactions beside them. Default true. */
  readonly mainRuns?: boolean;
  /** Compiled entry file of a thread: `node/worker.js`. */
  readonly workerUrl: URL;
  /**
   * Directory of the database under the chain's state: threads read there what no lane brought. Blocks
   * on top of any other state are read through the main thread. Default: null, all of them are.
   */
  readonly statePath?: string | null;
  /** `auto`: threads when they pay; `always`: also when they do not (tests). */
  readonly use?: 'auto' | 'always';
  /** What may run ahead of what it conflicts with by declaration. Default: nothing. */
  readonly speculation?: Speculation;
  /** Most transactions in one lane. */
  readonly batchTxCountMax?: number;
  readonly laneTimeoutMs?: number;
  readonly readTimeoutMs?: number;
  /** First pause after a thread did not start. */
  readonly startRetryMs?: number;
  /** Hears, in a sentence, what went wrong with a thread; results do not suffer. */
  readonly onFault?: (text: string) => void;
};

export const POOL_RUNNER_DEFAULTS = {
  mainRuns: true,
  statePath: null,
  speculation: { readers: false, slots: false },
  batchTxCountMax: 64,
  laneTimeoutMs: 60_000,
  readTimeoutMs: 20_000,
  startRetryMs: 1_000,
} as const;

/** @param deps.partition the pool's `partitionByAccess` */
export function createPoolRunner(
  config: PoolRunnerConfig,
  deps: { readonly partition: PartitionByAccess },
): LaneRunner {
  return new PoolRunner(config, deps.partition);
}

/** Cost below which a lane takes in unrelated work. Unit: ms. */
const LANE_COST_MS_MIN = 0.4;
/** Running ahead has to shorten the longest chain by this factor to be worth validating. */
const AHEAD_GAIN_MIN = 1.3;
const TOO_LITTLE = 'threads would cost more than they save';
const TOO_LONG = 'too much of it has to wait for the rest';
const TOO_EARLY = 'threads are started once several blocks in a row are worth it';
/** Rounds in a row that have to be worth threads before the first ones start: code is slow at first. */
export const START_AFTER_ROUNDS: number = 4;
/** Rounds in a row that are not looked at closely after one that was not worth it, at most. */
const UNPLANNED_ROUNDS_MAX = 16;

type Plan = {
  readonly accesses: readonly AccessList[];
  readonly schedule: Schedule;
  readonly setCount: number;
  readonly ahead: RoundInput['ahead'];
};

type FullConfig = PoolRunnerConfig & Required<Omit<PoolRunnerConfig, 'use' | 'onFault'>>;

class PoolRunner implements LaneRunner {
  readonly workerCount: number;
  readonly #config: FullConfig;
  readonly #partition: PartitionByAccess;
  readonly #threads: LaneThread[];
  readonly #bell: Bell = new Bell();
  readonly #history: ReadHistory = new ReadHistory();
  readonly #costs: CostModel = new CostModel();
  readonly #blockNumbers: WeakMap<BlockInProgress, number> = new WeakMap();
  /** Rounds that run serially without being split, and how many after the next vain attempt. */
  #unplanned: { left: number; next: number } = { left: 0, next: 1 };
  /** Rounds in a row, up to this one, that would have been worth threads. */
  #worthRounds: number = 0;
  #faults: RunnerFaults = { lanes: 0, startFailures: 0 };
  #methods: MethodHistory | null = null;
  #nextBlockNumber: number = 1;
  #roundNumber: number = 0;
  /** One round at a time owns the threads. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(config: PoolRunnerConfig, partition: PartitionByAccess) {
    this.workerCount = config.workerCount;
    this.#config = { ...POOL_RUNNER_DEFAULTS, ...config };
    this.#partition = partition;
    const onStartFailed = (fault: unknown, retryInMs: number): void => {
      const seconds = (retryInMs / 1000).toFixed(1);
      this.#tell(
        'startFailures',
        `An execution thread did not start (again in ${seconds} s)`,
        fault,
      );
    };
    this.#threads = Array.from(
      { length: config.workerCount },
      () => new LaneThread({ ...this.#config, onStartFailed }, this.#bell),
    );
  }

  get faults(): RunnerFaults {
    return this.#faults;
  }

  #tell(kind: keyof RunnerFaults, what: string, fault: unknown): void {
    this.#faults = { ...this.#faults, [kind]: this.#faults[kind] + 1 };
    const why = fault instanceof Error ? fault.message : String(fault);
    this.#config.onFault?.(`${what}: ${why}`);
  }

  runRound(block: BlockInProgress, txs: readonly TxToExecute[]): Promise<void> {
    const round = this.#turn.then(() => this.#runRound(block, txs));
    this.#turn = round.catch(() => {});
    return round;
  }

  endBlock(block: BlockInProgress): void {
    this.#blockNumbers.delete(block);
  }

  async close(): Promise<void> {
    await this.#turn;
    await Promise.all(this.#threads.map((thread) => thread.stop()));
  }

  async #runRound(block: BlockInProgress, txs: readonly TxToExecute[]): Promise<void> {
    if (txs.length === 0) return;
    const costs = txs.map((job) => this.#costs.estimate(job));
    const plan = this.#plan(block, txs, costs);
    if ('whySerial' in plan) {
      this.#costs.forget();
      const methods = this.#speculates ? this.#methodsOf(block) : null;
      const observe = (job: TxToExecute, ms: number, result: RunTxResult): void => {
        this.#costs.observe(job, ms);
        if (!result.ok || methods === null) return;
        methods.observe(job, result.outcome.reads, result.outcome.changes);
      };
      await runRoundSerially(block, txs, observe, plan.whySerial);
      return;
    }
    const { accesses, ahead, schedule, setCount } = plan;
    const startedMs = performance.now();
    this.#roundNumber += 1;
    const round = new Round({
      block,
      blockNumber: this.#numberOf(block),
      roundNumber: this.#roundNumber,
      txs,
      accesses,
      schedule,
      threads: this.#threads,
      bell: this.#bell,
      costs: this.#costs,
      history: this.#history,
      mainRuns: this.#config.mainRuns,
      statePath: this.#config.statePath,
      onFault: (fault) => this.#tell('lanes', 'A lane came to nothing and runs again', fault),
      ahead,
    });
    await round.run();
    const { lanes, workMs } = round;
    const workerCount = this.#runnerCount;
    const criticalPathMs = workMs * (schedule.totals.criticalPath / (schedule.totals.work || 1));
    const wallMs = performance.now() - startedMs;
    const idealMs = Math.max(workMs / workerCount, criticalPathMs);
    // The first round also waits for the threads to start; that says nothing about the next.
    if (this.#roundNumber > 1) this.#costs.observeRound(txs.length, wallMs, idealMs);
    const reruns = ahead === null ? {} : { rerunCount: round.rerunCount };
    const figures = { workMs, criticalPathMs, wallMs, ...reruns };
    block.addReport({ mode: 'threads', whySerial: null, lanes, workerCount, setCount, ...figures });
  }

  /** Threads, and the main thread when it runs along. */
  get #runnerCount(): number {
    return this.workerCount + (this.#config.mainRuns ? 1 : 0);
  }

  /** How to run a round on threads, or why not. Cheap answers first. */
  #plan(
    block: BlockInProgress,
    txs: readonly TxToExecute[],
    costs: readonly number[],
  ): Plan | { readonly whySerial: string } {
    if (mayOverflow(block, txs)) return { whySerial: 'fees could pass 64 bits' };
    const always = this.#config.use === 'always';
    if (!always && this.#threads.every(({ state }) => state === 'broken')) {
      return { whySerial: 'no execution thread could be started' };
    }
    const shape = {
      txCount: txs.length,
      workerCount: this.#runnerCount,
      overheadMs: this.#costs.overheadMs,
    };
    const atBest = { work: sumOf(costs), criticalPath: hottestContract(txs, costs) };
    const isWorth = isWorthThreads(atBest, shape);
    const isEarly = this.#isEarly(isWorth);
    if (!always && isEarly) return { whySerial: TOO_EARLY };
    if (!always && !isWorth) {
      const isChain = atBest.criticalPath * shape.workerCount > atBest.work;
      if (!isChain) return { whySerial: TOO_LITTLE };
      if (!this.#speculates) return { whySerial: 'most of it calls one contract' };
    }
    // Splitting is a tenth of the work of short calls: not each time for nothing.
    if (!always && this.#unplanned.left > 0) {
      this.#unplanned.left -= 1;
      return { whySerial: TOO_LONG };
    }
    const accesses = txs.map(accessOf);
    const declared = this.#partition(accesses);
    const schedule = this.#scheduleOf(declared, costs);
    const setCount = declared.sets.length;
    const ahead = this.#speculates ? this.#planAhead(block, txs, accesses, costs) : null;
    const gains =
      ahead !== null &&
      (always || ahead.totals.criticalPath * AHEAD_GAIN_MIN < schedule.totals.criticalPath);
    if (gains && (always || isWorthThreads(ahead.totals, shape))) {
      this.#unplanned = { left: 0, next: 1 };
      const { predecessors } = declared;
      const methods = this.#methodsOf(block);
      const newBlockNumber = (): number => this.#newBlockNumber();
      const how = { predecessors, methods, newBlockNumber };
      return { accesses, schedule: ahead, setCount, ahead: how };
    }
    if (!always && !isWorthThreads(schedule.totals, shape)) {
      const { next } = this.#unplanned;
      this.#unplanned = { left: next, next: Math.min(2 * next, UNPLANNED_ROUNDS_MAX) };
      return { whySerial: TOO_LONG };
    }
    this.#unplanned = { left: 0, next: 1 };
    return { accesses, schedule, setCount, ahead: null };
  }

  /** Nothing ran on threads yet, and code that ran for the first time may have looked dear. */
  #isEarly(isWorth: boolean): boolean {
    this.#worthRounds = isWorth ? this.#worthRounds + 1 : 0;
    return isWorth && this.#roundNumber === 0 && this.#worthRounds < START_AFTER_ROUNDS;
  }

  #scheduleOf({ predecessors, sharedWrites }: Partition, costs: readonly number[]): Schedule {
    const { batchTxCountMax, mainRuns } = this.#config;
    return createSchedule({
      predecessors,
      costs,
      workerCount: this.#runnerCount,
      batchTxCountMax,
      batchCostMin: LANE_COST_MS_MIN,
      writes: sharedWrites,
      ...(mainRuns ? { precious: this.workerCount } : {}),
    });
  }

  get #speculates(): boolean {
    const { readers, slots } = this.#config.speculation;
    return readers || slots;
  }

  /** The schedule when contracts are shared as far as is expected to be right. */
  #planAhead(
    block: BlockInProgress,
    txs: readonly TxToExecute[],
    accesses: readonly AccessList[],
    costs: readonly number[],
  ): Schedule {
    const methods = this.#methodsOf(block);
    const relaxed = accesses.map((access, i) =>
      relaxedAccess(access, this.#config.speculation, (key) =>
        methods.expect(txs[i]!, key.slice(2) as ContractId),
      ),
    );
    return this.#scheduleOf(this.#partition(relaxed), costs);
  }

  #methodsOf({ env: { params } }: BlockInProgress): MethodHistory {
    const txAddress = txAddressOf(params);
    if (this.#methods?.txAddress !== txAddress) this.#methods = new MethodHistory(txAddress);
    return this.#methods;
  }

  #newBlockNumber(): number {
    this.#nextBlockNumber += 1;
    return this.#nextBlockNumber - 1;
  }

  #numberOf(block: BlockInProgress): number {
    const known = this.#blockNumbers.get(block);
    if (known !== undefined) return known;
    const number = this.#newBlockNumber();
    this.#blockNumbers.set(block, number);
    return number;
  }
}

/**
 * What a transaction declares. A deployment is waited for by everybody behind it, as a blob is: a
 * call of an undeclared contract fails, but with another panic and other gas when it exists.
 */
function accessOf({ tx, id, access = accessListOf(tx, id) }: TxToExecute): AccessList {
  return tx.type === 'create' ? { ...access, blobBarrier: true } : access;
}

function sumOf(costs: readonly number[]): number {
  return costs.reduce((sum, cost) => sum + cost, 0);
}

/** Cost of what calls the hottest contract, one after the other: the critical path is no shorter. */
function hottestContract(txs: readonly TxToExecute[], costs: readonly number[]): number {
  const sums = new Map<ContractId, number>();
  let hottest = 0;
  for (const [i, { tx }] of txs.entries()) {
    for (const input of tx.inputs) {
      if (input.type !== 'contract') continue;
      const sum = (sums.get(input.contractId) ?? 0) + (costs[i] as number);
      sums.set(input.contractId, sum);
      if (sum > hottest) hottest = sum;
    }
  }
  return hottest;
}

/**
 * Whether the sum of fees could pass 64 bits (coins can be made up without UTXO validation). Then
 * a transaction may have to be skipped because of all those before it: a matter for one thread.
 */
function mayOverflow(block: BlockInProgress, txs: readonly TxToExecute[]): boolean {
  let sum = block.fees;
  for (const { tx } of txs) sum += tx.policies.maxFee ?? 0n;
  return sum > U64_MAX;
}
