/** Whole numbers in as many bytes as they need: 7 bits a byte, low bits first. */
import { frameInvalid } from './bytes.ts';

/** Most bytes that are read for one number: u64 and a sign fit. */
export const VARINT_BYTES_MAX = 10;

const START_BYTES = 64;

/** Bytes that grow at their end. */
export class ByteSink {
  #bytes: Uint8Array = new Uint8Array(START_BYTES);
  length: number = 0;

  #room(more: number): void {
    if (this.length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.length + more));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }

  byte(value: number): void {
    this.#room(1);
    this.#bytes[this.length++] = value;
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length);
    this.#bytes.set(value, this.length);
    this.length += value.length;
  }

  /** A whole number from 0 to 2^53 − 1. */
  varint(value: number): void {
    this.#room(VARINT_BYTES_MAX);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.length++] = rest;
  }

  /** 0 to 2^70 − 1. */
  bigVarint(value: bigint): void {
    if (value <= 0xffff_ffffn) return this.varint(Number(value));
    this.#room(VARINT_BYTES_MAX);
    let rest = value;
    while (rest >= 0x80n) {
      this.#bytes[this.length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.length++] = Number(rest);
  }

  /** What was written so far; a view until the next write. */
  done(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}

/** The other end of a {@link ByteSink}: reads bytes that came from outside. */
export class ByteSource {
  readonly #bytes: Uint8Array;
  at: number = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  byte(): number {
    if (this.at >= this.#bytes.length) throw frameInvalid('a stream ends too early', this.at);
    return this.#bytes[this.at++]!;
  }

  /** A view. @throws CodedError DA_FRAME_INVALID */
  take(length: number): Uint8Array {
    if (length > this.left) throw frameInvalid('a stream ends too early', this.at);
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  /** @throws CodedError DA_FRAME_INVALID above 2^53 − 1 */
  varint(): number {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (value > Number.MAX_SAFE_INTEGER) break;
      if (byte < 0x80) return value;
      unit *= 0x80;
    }
    throw frameInvalid('a number is too large', this.at);
  }

  /** @throws CodedError DA_FRAME_INVALID beyond 70 bits */
  bigVarint(): bigint {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < 7; i++) {
      const byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) return BigInt(value);
      unit *= 0x80;
    }
    let big = BigInt(value);
    for (let i = 7n; i < VARINT_BYTES_MAX; i++) {
      const byte = this.byte();
      big |= BigInt(byte & 0x7f) << (7n * i);
      if (byte < 0x80) return big;
    }
    throw frameInvalid('a number is too large', this.at);
  }
}
