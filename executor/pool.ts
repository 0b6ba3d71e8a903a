/**
 * Execution on worker threads.
 *
 * A round's transactions are split by what they declare (`txpool/partition.ts`, handed in), put in
 * an order of dependency and of need (`schedule.ts`), and run in batches by workers (`lane.ts`,
 * entry file in `node/`). Results come back in any order and are settled in block order
 * (`round.ts`, `merge.ts`). Small rounds run on the calling thread: carrying would cost more than
 * it saves (`cost.ts`). Nobody locks: running lanes are disjoint.
 */

import { type AccessList, accessListOf } from '../tx/access.ts';
import type { BlockInProgress, LaneRunner, PartitionByAccess } from './block.ts';
import { CostModel, isCall, isWorthThreads } from './cost.ts';
import { LaneThread } from './laneThread.ts';
import type { TxToExecute } from './ports.ts';
import { Round } from './round.ts';
import { createSchedule } from './schedule.ts';
import { runRoundSerially } from './serial.ts';

const U64_MAX = (1n << 64n) - 1n;

export type PoolRunnerConfig = {
  /** Threads, at least 1; started when first needed. */
  readonly workerCount: number;
  /** Compiled entry file of a thread: `node/worker.js`. */
  readonly workerUrl: URL;
  /** `auto`: threads when they pay; `always`: also when they do not (tests). */
  readonly use?: 'auto' | 'always';
  /** Most transactions in one lane. */
  readonly batchTxCountMax?: number;
  readonly laneTimeoutMs?: number;
  readonly readTimeoutMs?: number;
};

export const POOL_RUNNER_DEFAULTS = {
  batchTxCountMax: 64,
  laneTimeoutMs: 60_000,
  readTimeoutMs: 20_000,
} as const;

/** @param deps.partition the pool's `partitionByAccess` */
export function createPoolRunner(
  config: PoolRunnerConfig,
  deps: { readonly partition: PartitionByAccess },
): LaneRunner {
  return new PoolRunner(config, deps.partition);
}

type FullConfig = PoolRunnerConfig &
  Required<Pick<PoolRunnerConfig, 'batchTxCountMax' | 'laneTimeoutMs' | 'readTimeoutMs'>>;

class PoolRunner implements LaneRunner {
  readonly workerCount: number;
  readonly #config: FullConfig;
  readonly #partition: PartitionByAccess;
  readonly #threads: LaneThread[];
  readonly #costs: CostModel = new CostModel();
  readonly #blockNumbers: WeakMap<BlockInProgress, number> = new WeakMap();
  #nextBlockNumber: number = 1;
  #roundNumber: number = 0;
  /** One round at a time owns the threads. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(config: PoolRunnerConfig, partition: PartitionByAccess) {
    this.workerCount = config.workerCount;
    this.#config = { ...POOL_RUNNER_DEFAULTS, ...config };
    this.#partition = partition;
    this.#threads = Array.from({ length: config.workerCount }, () => new LaneThread(this.#config));
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
    const accesses = txs.map(accessOf);
    const { predecessors, sets, sharedWrites } = this.#partition(accesses);
    const batchTxCountMax = this.#config.batchTxCountMax;
    const schedule = createSchedule({
      predecessors,
      costs: txs.map((job) => this.#costs.estimate(job)),
      workerCount: this.workerCount,
      batchTxCountMax,
      writes: sharedWrites,
    });
    const shape = {
      txCount: txs.length,
      callCount: txs.filter(isCall).length,
      workerCount: this.workerCount,
      batchTxCount: batchTxCountMax,
      overheadMs: this.#costs.overheadMs,
    };
    const pays = this.#config.use === 'always' || isWorthThreads(schedule.totals, shape);
    if (!pays || mayOverflow(block, txs)) {
      const why = pays ? 'fees could pass 64 bits' : 'threads would cost more than they save';
      this.#costs.forget();
      await runRoundSerially(block, txs, (job, ms) => this.#costs.observe(job, ms), why);
      return;
    }
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
      costs: this.#costs,
    });
    await round.run();
    const { workMs } = round;
    const criticalPathMs = workMs * (schedule.totals.criticalPath / (schedule.totals.work || 1));
    const wallMs = performance.now() - startedMs;
    const idealMs = Math.max(workMs / this.workerCount, criticalPathMs);
    // The first round also waits for the threads to start; that says nothing about the next.
    if (this.#roundNumber > 1) this.#costs.observeRound(txs.length, wallMs, idealMs);
    const { workerCount } = this;
    block.addReport({
      mode: 'threads',
      whySerial: null,
      lanes: round.lanes,
      workerCount,
      setCount: sets.length,
      workMs,
      criticalPathMs,
      wallMs,
    });
  }

  #numberOf(block: BlockInProgress): number {
    const known = this.#blockNumbers.get(block);
    if (known !== undefined) return known;
    const number = this.#nextBlockNumber;
    this.#nextBlockNumber += 1;
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

/**
 * Whether the sum of fees could pass 64 bits (coins can be made up without UTXO validation). Then
 * a transaction may have to be skipped because of all those before it: a matter for one thread.
 */
function mayOverflow(block: BlockInProgress, txs: readonly TxToExecute[]): boolean {
  let sum = block.fees;
  for (const { tx } of txs) sum += tx.policies.maxFee ?? 0n;
  return sum > U64_MAX;
}
