/**
 * What ran ahead becomes final in order.
 *
 * A transaction is final when everything that it conflicts with by what it *declares*, and that
 * stands before it, is final. Then the block's overlay is, for its contracts, the state that serial
 * execution would give it: if every value it read is the one found there, so is its result. If not,
 * it runs again, there and then: at most one more time.
 */
import { equalBytes } from '../primitives/bytes.ts';
import { encodeExecuted } from '../tx/executed.ts';
import type { Changes, ExecutedTx, StateView } from './ports.ts';
import type { TxReads } from './runTx.ts';
import type { LaneOutcome } from './settlement.ts';

/** The outcome of a transaction that ran ahead. */
export type Ahead = {
  readonly outcome: LaneOutcome;
  /** null: it was skipped. */
  readonly effects: { readonly changes: Changes; readonly reads: TxReads } | null;
  /** Shared by all of its lane: what stands behind a wrong one in a lane saw what is not so. */
  readonly lane: { isWrong: boolean };
  /** -1: the main thread. */
  readonly worker: number;
};

/** Which transactions can become final, by declared conflicts. */
export class Finality {
  readonly #open: Int32Array;
  readonly #successors: number[][];
  readonly #arrived: (Ahead | null)[];
  readonly #ready: number[] = [];

  constructor(predecessors: readonly (readonly number[])[]) {
    this.#open = Int32Array.from(predecessors, (list) => list.length);
    this.#successors = predecessors.map(() => []);
    this.#arrived = predecessors.map(() => null);
    predecessors.forEach((list, i) => {
      for (const before of list) this.#successors[before]!.push(i);
    });
  }

  arrive(index: number, ahead: Ahead): void {
    this.#arrived[index] = ahead;
    if (this.#open[index] === 0) this.#ready.push(index);
  }

  /** One that can become final now; null: none. It counts as final from here on. */
  next(): { readonly index: number; readonly ahead: Ahead } | null {
    const index = this.#ready.pop();
    if (index === undefined) return null;
    const ahead = this.#arrived[index]!;
    this.#arrived[index] = null;
    return { index, ahead };
  }

  /** It is final, and its changes are in the overlay. */
  settled(index: number): void {
    for (const after of this.#successors[index]!) {
      this.#open[after]! -= 1;
      if (this.#open[after] === 0 && this.#arrived[after] !== null) this.#ready.push(after);
    }
  }
}

/** Whether `state` still holds every value that was read. */
export function holds(reads: TxReads, state: StateView): boolean {
  for (const [id, values] of reads.slots) {
    for (const [key, value] of values) {
      const now = state.slot(id, key);
      if (now === null || value === null ? now !== value : !equalBytes(now, value)) return false;
    }
  }
  for (const [id, values] of reads.balances) {
    for (const [key, value] of values) if (state.balance(id, key) !== value) return false;
  }
  return true;
}

/**
 * The executed form with the contract UTXOs that `state` holds now: those before it in the block
 * may have been unknown when it ran. Nothing inside the VM sees them.
 */
export function withContractUtxos(executed: ExecutedTx, state: StateView): ExecutedTx {
  const { raw, tx } = executed;
  if (tx.type === 'mint') return executed;
  const inputs = tx.inputs.map((input) =>
    input.type === 'contract' ? { ...input, ...state.contractUtxo(input.contractId) } : input,
  );
  const filled = { ...tx, inputs };
  return { ...executed, tx: filled, raw: encodeExecuted(raw, filled) };
}
