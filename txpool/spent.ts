/**
 * Memory of what was spent a moment ago, so that a second spender is refused before the state
 * knows about the first one. Names are transaction ids and access keys of coins and messages.
 */
import type { TxId } from '../primitives/types.ts';
import { messageKey, utxoAccessKey } from '../tx/accessKeys.ts';
import type { Input } from '../tx/types.ts';
import type { PooledTx } from './types.ts';

/** The transaction, and the coins and messages that it spends. */
export function spentNames(txId: TxId, inputs: readonly Input[]): string[] {
  const names: string[] = [txId];
  for (const input of inputs) {
    if (input.type === 'coin') {
      names.push(utxoAccessKey(input.utxoId.txId, input.utxoId.outputIndex));
    } else if (input.type === 'message') names.push(messageKey(input.nonce));
  }
  return names;
}

/** The same, from the names that its access list has already. */
export function spentNamesOf({ id, access, tx }: PooledTx): string[] {
  if (access.writes.length !== tx.inputs.length + access.creates.length) {
    return spentNames(id, tx.inputs);
  }
  const names: string[] = [id];
  tx.inputs.forEach((input, i) => {
    if (input.type !== 'contract') names.push(access.writes[i] as string);
  });
  return names;
}

/** The latest names: at least so many, and at most twice as many. */
export class RecentlySpent {
  readonly #countMin: number;
  /** Oldest first. */
  readonly #names: Set<string> = new Set();

  constructor(countMin: number) {
    this.#countMin = countMin;
  }

  get size(): number {
    return this.#names.size;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  add(names: readonly string[]): void {
    for (const name of names) {
      this.#names.delete(name);
      this.#names.add(name);
    }
    // Seldom and many at once: to find its first name a set passes all that were deleted before it.
    if (this.#names.size <= 2 * this.#countMin) return;
    for (const name of this.#names) {
      this.#names.delete(name);
      if (this.#names.size <= this.#countMin) break;
    }
  }

  remove(names: readonly string[]): void {
    for (const name of names) this.#names.delete(name);
  }
}
