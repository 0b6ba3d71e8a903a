/** Byte strings by name up to a total size; the least recently used go first. */
export class BoundedBytes {
  readonly #bytesMax: number;
  readonly #entries: Map<string, Uint8Array> = new Map();
  #bytes: number = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get(name: string): Uint8Array | null {
    const value = this.#entries.get(name);
    if (value === undefined) return null;
    this.#entries.delete(name);
    this.#entries.set(name, value);
    return value;
  }

  /** A value larger than the whole bound is not kept. */
  set(name: string, value: Uint8Array): void {
    const known = this.#entries.get(name);
    if (known !== undefined) {
      this.#bytes -= known.length;
      this.#entries.delete(name);
    }
    if (value.length > this.#bytesMax) return;
    this.#entries.set(name, value);
    this.#bytes += value.length;
    for (const [oldest, bytes] of this.#entries) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#entries.delete(oldest);
      this.#bytes -= bytes.length;
    }
  }

  /** Sum of the sizes that are kept. */
  get bytes(): number {
    return this.#bytes;
  }
}
