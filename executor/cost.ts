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
/** A measurement counts as at most so many times what was expected: code runs slowly at first. */
const SURPRISE_MAX = 4;
/** First guesses, in ms. `transfer`: no script, or one of a single instruction. */
const GUESS_MS = { transfer: 0.02, plain: 0.1, contract: 0.2, other: 1 } as const;
const INSTRUCTION_BYTES = 4;
/** Recovering a signature, when it was not checked at admission. Unit: ms. */
const SIGNATURE_MS = 0.1;
/** Starting a round on threads, and what carrying adds to the time of each transaction. */
const ROUND_MS = 0.5;
const CARRY_MS = 0.03;
/** Share of a learnt overhead that is forgotten with each round that ran without threads. */
const FORGET = 0.1;
/** Average over the calls of all contracts: the guess for one that was never called. */
const ANY_CONTRACT = '';
/** Parallel has to promise at least this to be worth it. */
const GAIN_MIN = 1.1;

/** A contract's id, the length of a script that calls none, or another type of transaction. */
type Kind = string | number;

/** Asked for twice for each transaction of a block: it makes nothing. */
function kindOf({ tx }: TxToExecute): Kind {
  for (const input of tx.inputs) if (input.type === 'contract') return input.contractId;
  return tx.type === 'script' ? tx.script.length : tx.type;
}

function isContract(kind: Kind): boolean {
  return typeof kind === 'string' && kind.startsWith('0x');
}

export class CostModel {
  readonly #averages: Map<Kind, number> = new Map();
  #overheadMs: number = 0;

  /**
   * What threads cost beyond the ideal time, ms for each transaction, in recent rounds:
   * carrying, and reads that wait for a busy main thread.
   */
  get overheadMs(): number {
    return this.#overheadMs;
  }

  /** A round on threads took `wallMs`; at best it would have taken `idealMs`. */
  observeRound(txCount: number, wallMs: number, idealMs: number): void {
    const each = Math.max(0, wallMs - idealMs) / txCount;
    this.#overheadMs += (each - this.#overheadMs) / 2;
  }

  /** A round ran without threads: after enough of them it is worth trying again. */
  forget(): void {
    this.#overheadMs *= 1 - FORGET;
  }

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
    if (isContract(kind)) this.#learn(ANY_CONTRACT, ms);
  }

  #guess(kind: Kind): number {
    if (typeof kind === 'number') {
      return kind <= INSTRUCTION_BYTES ? GUESS_MS.transfer : GUESS_MS.plain;
    }
    if (kind !== ANY_CONTRACT && !isContract(kind)) return GUESS_MS.other;
    return this.#averages.get(ANY_CONTRACT) ?? GUESS_MS.contract;
  }

  #learn(kind: Kind, ms: number): void {
    const average = this.#averages.get(kind);
    const known = average ?? this.#guess(kind);
    if (average === undefined && this.#averages.size >= KIND_COUNT_MAX) this.#averages.clear();
    const counted = Math.min(ms, known * SURPRISE_MAX);
    this.#averages.set(kind, known + (counted - known) * NEWEST_WEIGHT);
  }
}

/** What decides, beside the costs. */
export type RoundShape = {
  readonly txCount: number;
  /** Threads that run transactions, the main thread included. */
  readonly workerCount: number;
  /** As learnt, {@link CostModel.overheadMs}. */
  readonly overheadMs: number;
};

/** Whether threads beat the calling thread, carrying included. */
export function isWorthThreads(
  { work, criticalPath }: Pick<ScheduleTotals, 'work' | 'criticalPath'>,
  { txCount, workerCount, overheadMs }: RoundShape,
): boolean {
  const carrying = ROUND_MS + txCount * Math.max(CARRY_MS, overheadMs);
  const parallelMs = Math.max(work / workerCount, criticalPath) + carrying;
  return parallelMs * GAIN_MIN < work;
}
