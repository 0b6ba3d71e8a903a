/**
 * What running a transaction will probably cost, learnt from what similar ones cost. Only decides
 * where and in which order things run; results never depend on it.
 */
import type { TxToExecute } from './ports.ts';
import type { ScheduleTotals } from './schedule.ts';

/** Kinds that are remembered. */
const KIND_COUNT_MAX = 10_000;
/** Weight of the newest measurement. */
const NEWEST_WEIGHT = 0.2;
/** First guesses, in ms. */
const GUESS_MS = { plain: 0.1, contract: 0.6, other: 1 } as const;
/** Recovering a signature, when it was not checked at admission. Unit: ms. */
const SIGNATURE_MS = 0.1;
/** Starting a round on threads, per lane, and carrying one transaction to a thread and back. */
const ROUND_MS = 0.5;
const LANE_MS = 0.15;
const CARRY_MS = 0.04;
/** Reads of a called contract that have to ask the main thread. */
const CALL_READS_MS = 0.1;
/** Average over the calls of all contracts: the guess for one that was never called. */
const ANY_CONTRACT = 'c:';
/** Parallel has to promise at least this to be worth it. */
const GAIN_MIN = 1.1;

/** Whether it runs code of a contract. */
export function isCall({ tx }: TxToExecute): boolean {
  return tx.inputs.some((input) => input.type === 'contract');
}

function kindOf({ tx }: TxToExecute): string {
  const contract = tx.inputs.find((input) => input.type === 'contract');
  if (contract?.type === 'contract') return `c:${contract.contractId}`;
  return tx.type === 'script' ? `s:${tx.script.length}` : tx.type;
}

export class CostModel {
  readonly #averages: Map<string, number> = new Map();

  /** Expected run time in ms. */
  estimate(job: TxToExecute): number {
    const kind = kindOf(job);
    const run = this.#averages.get(kind) ?? this.#guess(kind);
    return run + (job.verified ? 0 : job.tx.witnesses.length * SIGNATURE_MS);
  }

  /** A transaction took `ms`, waiting for others not counted. */
  observe(job: TxToExecute, ms: number): void {
    const kind = kindOf(job);
    this.#learn(kind, ms);
    if (kind.startsWith(ANY_CONTRACT)) this.#learn(ANY_CONTRACT, ms);
  }

  #guess(kind: string): number {
    if (kind.startsWith('s:')) return GUESS_MS.plain;
    if (!kind.startsWith(ANY_CONTRACT)) return GUESS_MS.other;
    return this.#averages.get(ANY_CONTRACT) ?? GUESS_MS.contract;
  }

  #learn(kind: string, ms: number): void {
    const known = this.#averages.get(kind);
    if (known === undefined && this.#averages.size >= KIND_COUNT_MAX) this.#averages.clear();
    this.#averages.set(kind, known === undefined ? ms : known + (ms - known) * NEWEST_WEIGHT);
  }
}

/** What decides, beside the costs. Counts of transactions. */
export type RoundShape = {
  readonly txCount: number;
  readonly callCount: number;
  readonly workerCount: number;
  readonly batchTxCount: number;
};

/** Whether threads beat the calling thread, carrying included. */
export function isWorthThreads(totals: ScheduleTotals, shape: RoundShape): boolean {
  const laneCount = Math.ceil(shape.txCount / shape.batchTxCount);
  const each = shape.txCount * CARRY_MS + shape.callCount * CALL_READS_MS;
  const carrying = ROUND_MS + laneCount * LANE_MS + each;
  const parallelMs = Math.max(totals.work / shape.workerCount, totals.criticalPath) + carrying;
  return parallelMs * GAIN_MIN < totals.work;
}
