/**
 * Writing and reading of what travels between threads: numbers, byte strings and texts one behind
 * the other, without names. Both ends are the same build, so there is no version. Node only.
 */
import { assert } from '../primitives/errors.ts';

const START_BYTES = 65_536;
/** A buffer that has grown above this is not kept. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;
/** Length that stands for an absent value. */
const ABSENT = 0xffffffff;

/** Of the last writer that ended: fresh memory costs more than what is written into it. */
let kept: Buffer<ArrayBuffer> | null = null;

/** Appends to a buffer that grows. */
export class WireWriter {
  #buffer: Buffer<ArrayBuffer>;
  #at: number = 0;

  constructor() {
    this.#buffer = kept ?? Buffer.allocUnsafeSlow(START_BYTES);
    kept = null;
  }

  u8(value: number): void {
    this.#at = this.#room(1).writeUInt8(value, this.#at);
  }
  u32(value: number): void {
    this.#at = this.#room(4).writeUInt32LE(value, this.#at);
  }
  i32(value: number): void {
    this.#at = this.#room(4).writeInt32LE(value, this.#at);
  }
  f64(value: number): void {
    this.#at = this.#room(8).writeDoubleLE(value, this.#at);
  }
  u64(value: bigint): void {
    this.#at = this.#room(8).writeBigUInt64LE(value, this.#at);
  }
  bytes(value: Uint8Array): void {
    this.u32(value.length);
    this.#room(value.length).set(value, this.#at);
    this.#at += value.length;
  }
  bytesOrNull(value: Uint8Array | null): void {
    if (value === null) this.u32(ABSENT);
    else this.bytes(value);
  }
  /** A text of ASCII characters: ids, keys. */
  ascii(value: string): void {
    const at = this.#at;
    this.#room(4 + value.length).writeUInt32LE(value.length, at);
    this.#buffer.write(value, at + 4, value.length, 'latin1');
    this.#at = at + 4 + value.length;
  }
  text(value: string): void {
    this.bytes(Buffer.from(value));
  }
  textOrNull(value: string | null): void {
    this.bytesOrNull(value === null ? null : Buffer.from(value));
  }
  list<T>(items: Iterable<T>, count: number, write: (item: T) => void): void {
    this.u32(count);
    for (const item of items) write(item);
  }

  /** What was written; alone in its buffer, so that it can be transferred. The writer ends. */
  finish(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.#buffer.subarray(0, this.#at));
    if (this.#buffer.length <= KEPT_BYTES_MAX) kept = this.#buffer;
    this.#buffer = Buffer.alloc(0);
    this.#at = 0;
    return bytes;
  }

  #room(byteCount: number): Buffer {
    const needed = this.#at + byteCount;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#at));
      this.#buffer = larger;
    }
    return this.#buffer;
  }
}

/** Reads in the order of writing. Byte strings are windows into the buffer. */
export class WireReader {
  readonly #buffer: Buffer;
  readonly #bytes: Uint8Array;
  #at: number = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u8(): number {
    this.#at += 1;
    return this.#buffer.readUInt8(this.#at - 1);
  }
  u32(): number {
    this.#at += 4;
    return this.#buffer.readUInt32LE(this.#at - 4);
  }
  i32(): number {
    this.#at += 4;
    return this.#buffer.readInt32LE(this.#at - 4);
  }
  f64(): number {
    this.#at += 8;
    return this.#buffer.readDoubleLE(this.#at - 8);
  }
  u64(): bigint {
    this.#at += 8;
    return this.#buffer.readBigUInt64LE(this.#at - 8);
  }
  bytes(): Uint8Array {
    const value = this.bytesOrNull();
    assert(value !== null, 'a value that must be there travels as present');
    return value;
  }
  bytesOrNull(): Uint8Array | null {
    const length = this.u32();
    if (length === ABSENT) return null;
    const start = this.#at;
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }
  /** The caller knows which kind of id or key it wrote. */
  ascii<T extends string>(): T {
    const length = this.u32();
    const start = this.#at;
    this.#at += length;
    return this.#buffer.toString('latin1', start, this.#at) as T;
  }
  text(): string {
    return Buffer.from(this.bytes()).toString();
  }
  textOrNull(): string | null {
    const bytes = this.bytesOrNull();
    return bytes === null ? null : Buffer.from(bytes).toString();
  }
  list<T>(read: () => T): T[] {
    const count = this.u32();
    const items: T[] = [];
    for (let i = 0; i < count; i += 1) items.push(read());
    return items;
  }
  map<K, V>(readKey: () => K, readValue: () => V, into: Map<K, V> = new Map()): Map<K, V> {
    const count = this.u32();
    for (let i = 0; i < count; i += 1) {
      const key = readKey();
      into.set(key, readValue());
    }
    return into;
  }
}
