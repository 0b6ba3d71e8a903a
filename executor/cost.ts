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
/** Parallel has to promise at least this to be worth it. */
const GAIN_MIN = 1.1;

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
    const guess = kind.startsWith('s:') ? GUESS_MS.plain : GUESS_MS.other;
    const run = this.#averages.get(kind) ?? (kind.startsWith('c:') ? GUESS_MS.contract : guess);
    return run + (job.verified ? 0 : job.tx.witnesses.length * SIGNATURE_MS);
  }

  /** A transaction took `ms`. */
  observe(job: TxToExecute, ms: number): void {
    const kind = kindOf(job);
    const known = this.#averages.get(kind);
    if (known === undefined && this.#averages.size >= KIND_COUNT_MAX) this.#averages.clear();
    this.#averages.set(kind, known === undefined ? ms : known + (ms - known) * NEWEST_WEIGHT);
  }
}

/** Whether threads beat the calling thread, carrying included. */
export function isWorthThreads(
  totals: ScheduleTotals,
  shape: { readonly txCount: number; readonly workerCount: number; readonly batchTxCount: number },
): boolean {
  const laneCount = Math.ceil(shape.txCount / shape.batchTxCount);
  const carrying = ROUND_MS + laneCount * LANE_MS + shape.txCount * CARRY_MS;
  const parallelMs = Math.max(totals.work / shape.workerCount, totals.criticalPath) + carrying;
  return parallelMs * GAIN_MIN < totals.work;
}
