/**
 * Memory of what was spent a moment ago, so that a second spender is refused before the state
 * knows about the first one.
 */
import type { Nonce, TxId, UtxoKey } from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import type { Input } from '../tx/types.ts';

/** `t:` transaction, `u:` coin, `m:` message. */
function keysOf(txId: TxId, inputs: readonly Input[]): string[] {
  const keys = [`t:${txId}`];
  for (const input of inputs) {
    if (input.type === 'coin') {
      keys.push(`u:${utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex)}`);
    } else if (input.type === 'message') keys.push(`m:${input.nonce}`);
  }
  return keys;
}

/** In flight: until the block is known. Committed: the latest `committedMax` keys. */
export class SpentInputs {
  readonly #committedMax: number;
  readonly #inFlight = new Map<TxId, string[]>();
  readonly #inFlightKeys = new Set<string>();
  /** Oldest first. */
  readonly #committed = new Set<string>();

  constructor(committedMax: number) {
    this.#committedMax = committedMax;
  }

  isSpentTx(txId: TxId): boolean {
    return this.#has(`t:${txId}`);
  }
  isSpentCoin(key: UtxoKey): boolean {
    return this.#has(`u:${key}`);
  }
  isSpentMessage(nonce: Nonce): boolean {
    return this.#has(`m:${nonce}`);
  }

  /** Taken for a block. */
  take(txId: TxId, inputs: readonly Input[]): void {
    const keys = keysOf(txId, inputs);
    this.#inFlight.set(txId, keys);
    for (const key of keys) this.#inFlightKeys.add(key);
  }

  /** Not included after all. */
  giveBack(txId: TxId): void {
    const keys = this.#inFlight.get(txId) ?? [`t:${txId}`];
    this.#inFlight.delete(txId);
    for (const key of keys) {
      this.#inFlightKeys.delete(key);
      this.#committed.delete(key);
    }
  }

  /** Included. */
  commit(txId: TxId, inputs: readonly Input[]): void {
    const taken = this.#inFlight.get(txId);
    this.#inFlight.delete(txId);
    for (const key of taken ?? []) this.#inFlightKeys.delete(key);
    for (const key of taken ?? keysOf(txId, inputs)) {
      this.#committed.delete(key);
      this.#committed.add(key);
    }
    for (const key of this.#committed) {
      if (this.#committed.size <= this.#committedMax) break;
      this.#committed.delete(key);
    }
  }

  #has(key: string): boolean {
    return this.#inFlightKeys.has(key) || this.#committed.has(key);
  }
}
