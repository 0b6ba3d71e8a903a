/**
 * What ran ahead becomes final in order.
 *
 * A transaction is final when everything that it conflicts with by what it *declares*, and that
 * stands before it, is final. Then the block's overlay is, for its contracts, the state that serial
 * execution would give it: if every value it read is the one found there, so is its result. If not,
 * it runs again, there and then: at most one more time.
 */
import { equalBytes, hexToBytes, writeU64 } from '../primitives/bytes.ts';
import { decodeTx } from '../tx/codec/index.ts';
import { FIELD_OFFSETS, txOffsets } from '../tx/offsets.ts';
import type { ChargeableTx, Transaction } from '../tx/types.ts';
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
 * @param submitted the same transaction before: it has the same layout
 */
export function withContractUtxos(
  executed: ExecutedTx,
  submitted: ChargeableTx,
  state: StateView,
): ExecutedTx {
  const { utxoId: utxoAt, txPointer: pointerAt } = FIELD_OFFSETS.contractInput;
  let raw: Uint8Array | null = null;
  const { inputsOffsets } = txOffsets(submitted);
  submitted.inputs.forEach((input, i) => {
    const utxo = input.type === 'contract' ? state.contractUtxo(input.contractId) : null;
    if (utxo === null) return;
    raw ??= executed.raw.slice();
    const at = inputsOffsets[i]!;
    raw.set(hexToBytes(utxo.utxoId.txId), at + utxoAt);
    writeU64(raw, at + utxoAt + 32, BigInt(utxo.utxoId.outputIndex));
    writeU64(raw, at + pointerAt, BigInt(utxo.txPointer.blockHeight));
    writeU64(raw, at + pointerAt + 8, BigInt(utxo.txPointer.txIndex));
  });
  return raw === null ? executed : reread(executed, raw);
}

/** Decoded when somebody looks. Getters are not to be called here: they would decode. */
function reread(executed: ExecutedTx, raw: Uint8Array): ExecutedTx {
  const { id, success, programState, reason, totalGas, totalFee } = executed;
  let tx: Transaction | null = null;
  return {
    id,
    get tx() {
      tx ??= decodeTx(raw).tx;
      return tx;
    },
    raw,
    success,
    programState,
    reason,
    get receipts() {
      return executed.receipts;
    },
    totalGas,
    totalFee,
  };
}
