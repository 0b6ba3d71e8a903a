/**
 * A bounded map of decoded records: least recently used goes first, in two generations. A hit in
 * the old generation copies a record to the young one; when the young one is full it becomes the
 * old one. That costs no list and no timestamps, and holds between half the bound and the bound.
 * What the old one still has under the same key is never seen: removing it would cost a large map
 * more than everything else here.
 */
export class RecordCache<K, V> {
  readonly #generationMax: number;
  #young: Map<K, V> = new Map();
  #old: Map<K, V> = new Map();

  /** Holds at most `entriesMax` records. */
  constructor(entriesMax: number) {
    this.#generationMax = Math.max(1, Math.floor(entriesMax / 2));
  }

  /** Copies count. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: K, value: V): void {
    this.#young.set(key, value);
    if (this.#young.size < this.#generationMax) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
