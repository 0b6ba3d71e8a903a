/** From outcomes in any order to a block in its order. */
import { assert } from '../primitives/errors.ts';
import { encodeTx } from '../tx/codec/index.ts';
import type { BlockInProgress } from './block.ts';
import { type FinalIndex, patchCreated, patchInputs } from './merge.ts';
import type { ExecutedTx, TxToExecute } from './ports.ts';
import type { TxOutcome } from './runTx.ts';

/** An included transaction without its changes, which are in the overlay already; or a skip. */
export type LaneOutcome = Omit<TxOutcome, 'changes' | 'reads'> | { readonly reason: string };

/**
 * The transactions of a round. They are numbered provisionally, as if nobody were skipped, and get
 * their final place as soon as everything before them has an outcome.
 */
export class Settlement {
  readonly #block: BlockInProgress;
  readonly #txs: readonly TxToExecute[];
  readonly #firstIndex: number;
  readonly #outcomes: (LaneOutcome | null)[];
  /** Final index by position, as far as settled; null: skipped. */
  readonly #indices: (number | null)[] = [];

  constructor(block: BlockInProgress, txs: readonly TxToExecute[]) {
    this.#block = block;
    this.#txs = txs;
    this.#firstIndex = block.executed.length;
    this.#outcomes = txs.map(() => null);
  }

  provisional(position: number): number {
    return this.#firstIndex + position;
  }

  set(position: number, outcome: LaneOutcome): void {
    this.#outcomes[position] = outcome;
  }

  /** Includes everything whose place is certain. */
  settle(): void {
    const block = this.#block;
    for (let i = this.#indices.length; i < this.#txs.length; i += 1) {
      const outcome = this.#outcomes[i];
      if (outcome == null) return;
      if ('reason' in outcome) {
        this.#indices.push(null);
        block.skip({ id: this.#txs[i]!.id, reason: outcome.reason });
        continue;
      }
      this.#indices.push(block.executed.length);
      block.include({ ...outcome, executed: this.#patched(outcome.executed) });
    }
  }

  /** Everything has its place: what was created gets its final pointers. */
  finish(): void {
    assert(this.#indices.length === this.#txs.length, 'everything is settled');
    const { executed, overlay } = this.#block;
    if (this.#firstIndex + this.#indices.length === executed.length) return;
    for (const tx of executed.slice(this.#firstIndex)) {
      patchCreated(overlay.changes, tx, this.#final());
    }
  }

  #final(): FinalIndex {
    const { height } = this.#block.env;
    return { height, firstIndex: this.#firstIndex, indices: this.#indices };
  }

  #hasShift(): boolean {
    return this.#firstIndex + this.#indices.length !== this.#block.executed.length + 1;
  }

  #patched(executed: ExecutedTx): ExecutedTx {
    if (!this.#hasShift()) return executed;
    const tx = patchInputs(executed.tx, this.#final());
    return tx === executed.tx ? executed : { ...executed, tx, raw: encodeTx(tx) };
  }
}
