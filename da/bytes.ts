/** Reading of bytes that came from outside: every overrun is an error with a code. */
import { readU16, readU32, readU64 } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';

/** The error of every frame that cannot be taken. Final: the same bytes stay bad. */
export function frameInvalid(what: string, at: number): CodedError {
  return new CodedError(
    'DA_FRAME_INVALID',
    `a blob is not a frame of this chain: ${what}; check chain id and namespace, or fetch it again`,
    { what, at },
  );
}

/** A position in untrusted bytes. */
export class FrameReader {
  readonly #bytes: Uint8Array;
  at: number = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  /** The next `length` bytes; a view. */
  take(length: number): Uint8Array {
    if (length > this.left) throw frameInvalid('it ends too early', this.at);
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  u8(): number {
    return this.take(1)[0]!;
  }

  u16(): number {
    return readU16(this.take(2), 0);
  }

  u32(): number {
    return readU32(this.take(4), 0);
  }

  u64(): bigint {
    return readU64(this.take(8), 0);
  }

  /** A u32 that must not be above `max`. */
  u32UpTo(max: number, what: string): number {
    const value = this.u32();
    if (value > max) throw frameInvalid(`${what} is ${value}, above ${max}`, this.at - 4);
    return value;
  }
}
