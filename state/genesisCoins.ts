/**
 * Which transaction ids the coins of the genesis block name: a Bloom filter.
 *
 * Every other coin is an output of a transaction of the chain. So whoever knows that a transaction
 * is not in the chain, and not named here, knows that its outputs do not exist, without a read.
 */
import type { TxId, UtxoKey } from '../primitives/types.ts';

/** At four bits an id about one unknown id in a hundred is taken for a known one. */
const BITS_PER_COIN = 10;
const BITS_PER_ID = 4;
/** Characters of an id with its prefix. */
const ID_LENGTH = 66;
/** Hexadecimal digits of an id that make one 32-bit hash: ids are hashes themselves. */
const HASH_DIGITS = 8;

export function txIdOfKey(key: UtxoKey): TxId {
  return key.slice(0, ID_LENGTH) as TxId;
}

export class GenesisCoins {
  readonly #bits: Uint8Array;
  readonly #bitCount: number;

  constructor(keys: Iterable<UtxoKey>, count: number) {
    this.#bitCount = Math.max(64, count * BITS_PER_COIN);
    this.#bits = new Uint8Array(Math.ceil(this.#bitCount / 8));
    for (const key of keys) {
      for (const at of this.#places(txIdOfKey(key))) this.#bits[at >>> 3]! |= 1 << (at & 7);
    }
  }

  /** False: no coin of the genesis block names it. True: perhaps one does. */
  mayName(id: TxId): boolean {
    return this.#places(id).every((at) => ((this.#bits[at >>> 3] as number) >>> (at & 7)) & 1);
  }

  #places(id: TxId): number[] {
    const first = Number.parseInt(id.slice(-HASH_DIGITS), 16);
    const step = Number.parseInt(id.slice(-2 * HASH_DIGITS, -HASH_DIGITS), 16) | 1;
    return Array.from(
      { length: BITS_PER_ID },
      (_, i) => (first + i * (step >>> 0)) % this.#bitCount,
    );
  }
}
