/**
 * What a watcher knows of the states behind batches that it found in order, kept across restarts: it
 * goes on behind the last one, and starts at the genesis when what was kept does not fit.
 */
import { CodedError } from '../primitives/errors.ts';
import type { StateParts, UtxoState } from '../tx/stateSteps.ts';
import type { SettlementContract, StoredBatch } from './l1/settlementContract.ts';
import { StateAuditor, type StateAuditTerms } from './stateAudit.ts';

/** The state behind a block. */
export type KnownState = {
  readonly height: number;
  readonly utxos: UtxoState;
  readonly parts: StateParts;
};

/** Batches that were found in order, by their numbers from 0, and the states behind them. */
export interface WatchMemory {
  /** The genesis in a form that can be kept. */
  begin(genesis: KnownState): Promise<KnownState>;
  /** How many were kept, without a gap. */
  count(): number;
  /** null: not kept, or damaged. */
  batchAt(number: number): Pick<StoredBatch, 'root' | 'last'> | null;
  /** The state behind a batch. null: not kept any more, or damaged. */
  stateAt(number: number): KnownState | null;
  /** The batches before `number` stay. */
  /** @param left hashes of nodes that left the trees with the batch */
  keep(
    number: number,
    stored: StoredBatch,
    state: KnownState,
    left: readonly Uint8Array[],
  ): Promise<void>;
  /** Forgets everything. */
  reset(): Promise<void>;
}

const DAMAGED = 'WATCH_MEMORY_CORRUPT';

/** Follows the states of batches in their order. */
export class AuditedStates {
  readonly #terms: StateAuditTerms;
  readonly #memory: WatchMemory | null;
  /** Makes it anew: what was kept knows which nodes it has. */
  readonly #given: () => KnownState;
  #genesis: KnownState;
  #states: StateAuditor;

  private constructor(
    terms: StateAuditTerms,
    given: () => KnownState,
    memory: WatchMemory | null,
    genesis: KnownState,
  ) {
    this.#terms = terms;
    this.#memory = memory;
    this.#given = given;
    this.#genesis = genesis;
    this.#states = new StateAuditor(terms, genesis);
  }

  /** Nothing is read before `resume`. @param given the genesis, made anew by each call */
  static async open(
    terms: StateAuditTerms,
    given: () => KnownState,
    memory: WatchMemory | null,
  ): Promise<AuditedStates> {
    const genesis = memory === null ? given() : await memory.begin(given());
    return new AuditedStates(terms, given, memory, genesis);
  }

  /** Throws away what was kept. @returns false: the error is about something else */
  async startOver(error: unknown): Promise<boolean> {
    const memory = this.#memory;
    if (memory === null || !(error instanceof CodedError) || error.code !== DAMAGED) return false;
    await memory.reset();
    this.#genesis = await memory.begin(this.#given());
    this.#states = new StateAuditor(this.#terms, this.#genesis);
    return true;
  }

  get states(): StateAuditor {
    return this.#states;
  }

  /**
   * Batches that were found in order before, as far as they are still the committed ones and the
   * state behind the last of them can be read; none: everything is audited again. The newest of all
   * is left out: the auditor is tried on it at each start.
   */
  async resume(
    contract: Pick<SettlementContract, 'batchAt' | 'batchCount'>,
  ): Promise<StoredBatch[]> {
    const memory = this.#memory;
    const batches: StoredBatch[] = [];
    if (memory === null) return batches;
    const count = Math.min(memory.count(), await contract.batchCount());
    while (batches.length < count) {
      const stored = await contract.batchAt(batches.length);
      if (memory.batchAt(batches.length)?.root !== stored.root) break;
      batches.push(stored);
    }
    return await this.#openAt(batches.slice(0, -1));
  }

  /** The same, after batches were taken back. @param batches that remain */
  async remain(batches: readonly StoredBatch[]): Promise<StoredBatch[]> {
    const last = batches.at(-1);
    const next = last === undefined ? this.#genesis.height + 1 : last.last + 1;
    return this.#states.follows(next) ? [...batches] : await this.#openAt(batches);
  }

  async #openAt(batches: readonly StoredBatch[]): Promise<StoredBatch[]> {
    const last = batches.at(-1);
    const state = last === undefined ? null : (this.#memory?.stateAt(batches.length - 1) ?? null);
    const fits = state !== null && state.height === last?.last;
    this.#states = new StateAuditor(this.#terms, fits ? state : this.#genesis);
    return fits ? [...batches] : [];
  }

  /** A batch is in order. */
  async keep(number: number, stored: StoredBatch): Promise<void> {
    const state = this.#states.stateAt(stored.last);
    const left = this.#states.takeLeft();
    if (this.#memory === null || state === null) return;
    await this.#memory.keep(number, stored, state, left);
  }
}
