/**
 * Reading of canonical bytes. Big-endian; every scalar fills 8 bytes; byte vectors are padded to
 * 8. The padding itself is skipped unread, as the reference does.
 *
 * @source fuel-specs "Binary serialization"; fuel-types 0.66.4 `canonical`
 */

import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { Hex } from '../../primitives/types.ts';

/** Longest vector that is decoded: bytes or elements. */
export const VECTOR_LENGTH_MAX: number = 100 * 1024 * 1024;

/** Names of the reference's decoding errors, in its debug form. */
export type DecodeReason =
  | 'BufferIsTooShort'
  | 'UnknownDiscriminant'
  | 'AllocationLimit'
  | 'Unknown("Invalid policies bits")'
  | 'Unknown("The maturity in more than `u32::MAX`")'
  | 'Unknown("The expiration in more than `u32::MAX`")';

/** The error of every failed decoding; `context.reason` is a {@link DecodeReason}. */
export function decodeError(reason: DecodeReason, offset: number): CodedError {
  return new CodedError(
    'TX_DECODE',
    `the bytes are not a canonical encoding: ${reason} at byte ${offset}; check that they are ` +
      'complete and made for this version of the protocol',
    { reason, offset },
  );
}

type HexBuffer = { toString(encoding: 'hex', start: number, end: number): string };
type BufferMaker = { from(b: ArrayBufferLike, offset: number, length: number): HexBuffer };
const NativeBuffer = (globalThis as { Buffer?: BufferMaker }).Buffer;

/** A position in canonical bytes. */
export class Reader {
  readonly bytes: Uint8Array;
  pos: number;
  /**
   * Whether bytes were left aside that an encoder would have written as zero: then what was read
   * has another encoding than what was given.
   */
  hasLoss: boolean = false;
  readonly #view: DataView;
  readonly #hex: HexBuffer | null;

  constructor(bytes: Uint8Array, pos: number = 0) {
    this.bytes = bytes;
    this.pos = pos;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#hex =
      NativeBuffer === undefined
        ? null
        : NativeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Moves on by `size` bytes and returns where they start. */
  take(size: number): number {
    const start = this.pos;
    if (size > this.bytes.length - start) throw decodeError('BufferIsTooShort', start);
    this.pos = start + size;
    return start;
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.take(8));
  }

  /** The low 4 bytes of a word; the upper ones are not looked at. */
  u32(): number {
    const start = this.take(8);
    if (this.#view.getUint32(start) !== 0) this.hasLoss = true;
    return this.#view.getUint32(start + 4);
  }

  u16(): number {
    const start = this.take(8);
    const low = this.#view.getUint32(start + 4);
    if (low > 0xffff || this.#view.getUint32(start) !== 0) this.hasLoss = true;
    return low & 0xffff;
  }

  /** A full word as a number, or -1 when it is above 2^32 - 1: no discriminant is. */
  discriminant(): number {
    const start = this.take(8);
    return this.#view.getUint32(start) === 0 ? this.#view.getUint32(start + 4) : -1;
  }

  /** The length word of a vector. */
  length(): number {
    const start = this.take(8);
    const low = this.#view.getUint32(start + 4);
    if (this.#view.getUint32(start) !== 0 || low > VECTOR_LENGTH_MAX) {
      throw decodeError('AllocationLimit', start);
    }
    return low;
  }

  b256(): Hex {
    const start = this.take(32);
    return this.#hex === null
      ? bytesToHex(this.bytes.subarray(start, start + 32))
      : `0x${this.#hex.toString('hex', start, start + 32)}`;
  }

  /** `length` bytes and their padding; a copy, so that the whole input is not kept alive. */
  paddedBytes(length: number): Uint8Array {
    if (length === 0) return new Uint8Array(0);
    const start = this.take(length);
    const end = this.take((8 - (length & 7)) & 7);
    for (let i = end; i < this.pos; i += 1) if (this.bytes[i] !== 0) this.hasLoss = true;
    const copy = new Uint8Array(length);
    copy.set(this.bytes.subarray(start, start + length));
    return copy;
  }

  /** `length` bytes without padding; a copy. */
  rawBytes(length: number): Uint8Array {
    const start = this.take(length);
    return this.bytes.slice(start, start + length);
  }
}
