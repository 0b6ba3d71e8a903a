/**
 * A sorted list that stays quick when it is long: an array of short arrays. Adding and removing
 * one item cost two binary searches and a move of at most `CHUNK_MAX` entries, and now and then a
 * move in the outer array, which is hundreds of times shorter than the list.
 */

/** Longest inner array; twice as long as a fresh one. */
export const CHUNK_MAX = 512;

/** What `sweep` does with an item; `stop`: it stays, and so does everything behind it. */
export type Verdict = 'take' | 'keep' | 'stop';

export class SortedList<T> {
  readonly #compare: (a: T, b: T) => number;
  #chunks: T[][] = [];
  #length = 0;

  /** `compare`: a strict total order that does not change while items are in. */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get length(): number {
    return this.#length;
  }

  has(item: T): boolean {
    const chunk = this.#chunks[this.#chunkOf(item)];
    return chunk !== undefined && chunk[this.#indexIn(chunk, item)] === item;
  }

  /** No effect when it is in already. */
  add(item: T): void {
    const at = Math.min(this.#chunkOf(item), this.#chunks.length - 1);
    const chunk = this.#chunks[at];
    if (chunk === undefined) this.#chunks.push([item]);
    else {
      const index = this.#indexIn(chunk, item);
      if (chunk[index] === item) return;
      if (index === chunk.length) chunk.push(item);
      else chunk.splice(index, 0, item);
      if (chunk.length > CHUNK_MAX) this.#chunks.splice(at + 1, 0, chunk.splice(CHUNK_MAX >> 1));
    }
    this.#length += 1;
  }

  /** No effect when it is not in. */
  remove(item: T): void {
    const at = this.#chunkOf(item);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return;
    const index = this.#indexIn(chunk, item);
    if (chunk[index] !== item) return;
    chunk.splice(index, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    this.#length -= 1;
  }

  /** First to last. Nothing may be added or removed meanwhile. */
  *[Symbol.iterator](): Generator<T> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  /** Last to first. Nothing may be added or removed meanwhile. */
  *backwards(): Generator<T> {
    for (let at = this.#chunks.length - 1; at >= 0; at -= 1) {
      const chunk = this.#chunks[at] as T[];
      for (let i = chunk.length - 1; i >= 0; i -= 1) yield chunk[i] as T;
    }
  }

  /** Asks about each item from the first on and removes what is taken. */
  sweep(judge: (item: T) => Verdict): void {
    const chunks: T[][] = [];
    let isStopped = false;
    let at = 0;
    for (; at < this.#chunks.length && !isStopped; at += 1) {
      const chunk = this.#chunks[at] as T[];
      let kept = 0;
      let index = 0;
      for (; index < chunk.length; index += 1) {
        const item = chunk[index] as T;
        const verdict = judge(item);
        if (verdict === 'stop') break;
        if (verdict === 'keep') {
          chunk[kept] = item;
          kept += 1;
        }
      }
      isStopped = index < chunk.length;
      this.#length -= index - kept;
      if (kept < index) chunk.splice(kept, index - kept);
      if (chunk.length > 0) chunks.push(chunk);
    }
    if (at > chunks.length) this.#chunks = [...chunks, ...this.#chunks.slice(at)];
  }

  /** The first chunk whose last item does not come before `item`. */
  #chunkOf(item: T): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const last = (this.#chunks[middle] as T[]).at(-1) as T;
      if (this.#compare(last, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Index of `item` in a chunk, or where it would stand. */
  #indexIn(chunk: readonly T[], item: T): number {
    let low = 0;
    let high = chunk.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(chunk[middle] as T, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
