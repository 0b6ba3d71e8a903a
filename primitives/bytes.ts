import { assert, CodedError } from './errors.ts';
import type { B256, Hex } from './types.ts';

/** The one undocumented-but-stable method that turns any Uint8Array into hex without a copy. */
type HexSlice = (this: Uint8Array, start: number, end: number) => string;
type BufferLike = {
  readonly prototype: { readonly hexSlice?: HexSlice };
  byteLength(text: string): number;
  compare(a: Uint8Array, b: Uint8Array): number;
  from(
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ): {
    write(text: string, offset: number, length: number, encoding: 'hex'): number;
  };
};

/** Present in Node; a browser (or a polyfill without `hexSlice`) takes the table path. */
const nodeBuffer: BufferLike | undefined = findNodeBuffer();
const hexSlice: HexSlice | undefined = nodeBuffer?.prototype.hexSlice;

/** Below this many bytes the table is faster than a call into native code. */
const NATIVE_DECODE_BYTES_MIN = 64;
const NATIVE_COMPARE_BYTES_MIN = 128;

const HEX_OF_BYTE: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
);
const NIBBLE_OF_CODE: Uint8Array = nibbleTable();
const B256_PATTERN = /^0x[0-9a-f]{64}$/;
const textEncoder = new TextEncoder();
/** The same 64 bits as one number and as two halves: shifting a bigint makes several of them. */
const WHOLE = new BigUint64Array(1);
const HALVES = new Uint32Array(WHOLE.buffer);
WHOLE[0] = 1n;
/** Which of the halves is the low one: hosts differ. */
const LOW_HALF = HALVES[0] === 1 ? 0 : 1;
const HIGH_HALF = 1 - LOW_HALF;

function findNodeBuffer(): BufferLike | undefined {
  const candidate = (globalThis as { Buffer?: unknown }).Buffer as BufferLike | undefined;
  return typeof candidate?.prototype?.hexSlice === 'function' ? candidate : undefined;
}

function nibbleTable(): Uint8Array {
  const table = new Uint8Array(128).fill(0xff);
  for (let digit = 0; digit < 16; digit++) {
    const lower = digit.toString(16);
    table[lower.charCodeAt(0)] = digit;
    table[lower.toUpperCase().charCodeAt(0)] = digit;
  }
  return table;
}

/**
 * Bytes of a hex text, with or without `0x`, in either case.
 * @throws CodedError BAD_HEX on an odd number of digits or a character that is no hex digit.
 */
export function hexToBytes(hex: string): Uint8Array {
  const start = hex.startsWith('0x') ? 2 : 0;
  const digits = hex.length - start;
  if ((digits & 1) !== 0) throw badHex(hex, 'has an odd number of digits');
  const bytes = new Uint8Array(digits >> 1);
  if (nodeBuffer !== undefined && bytes.length >= NATIVE_DECODE_BYTES_MIN) {
    const text = start === 0 ? hex : hex.slice(start);
    const written = nodeBuffer
      .from(bytes.buffer, 0, bytes.length)
      .write(text, 0, bytes.length, 'hex');
    // Node looks only at the low byte of a character: beyond ASCII it would take some for digits.
    const isAscii = nodeBuffer.byteLength(text) === text.length;
    if (written !== bytes.length || !isAscii) {
      throw badHex(hex, 'contains a character that is no hex digit');
    }
    return bytes;
  }
  for (let i = 0, at = start; i < bytes.length; i++, at += 2) {
    const high = NIBBLE_OF_CODE[hex.charCodeAt(at)] ?? 0xff;
    const low = NIBBLE_OF_CODE[hex.charCodeAt(at + 1)] ?? 0xff;
    if ((high | low) > 0x0f) throw badHex(hex, 'contains a character that is no hex digit');
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

function badHex(hex: string, why: string): CodedError {
  return new CodedError('BAD_HEX', `hex text ${why}; give an even number of 0-9 a-f digits`, {
    text: hex.length > 80 ? `${hex.slice(0, 80)}…` : hex,
  });
}

/** Lower-case hex of `bytes`, with `0x`. */
export function bytesToHex(bytes: Uint8Array): Hex {
  if (hexSlice !== undefined) return `0x${hexSlice.call(bytes, 0, bytes.length)}`;
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += HEX_OF_BYTE[bytes[i]!];
  return `0x${text}`;
}

/** All parts, one after the other, in a new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Same length and same content. Not constant time: never compare secrets with it. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  if (nodeBuffer !== undefined && a.length >= NATIVE_COMPARE_BYTES_MIN) {
    return nodeBuffer.compare(a, b) === 0;
  }
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Order of two byte strings as unsigned numbers from the left: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** u16, big endian, at `offset`. */
export function readU16(bytes: Uint8Array, offset: number): number {
  assertRange(bytes, offset, 2);
  return (bytes[offset]! << 8) | bytes[offset + 1]!;
}

/** Writes the low 16 bits of `value`, big endian, at `offset`. */
export function writeU16(bytes: Uint8Array, offset: number, value: number): void {
  assertRange(bytes, offset, 2);
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

/** u32, big endian, at `offset`. */
export function readU32(bytes: Uint8Array, offset: number): number {
  assertRange(bytes, offset, 4);
  return rawU32(bytes, offset);
}

/** Writes the low 32 bits of `value`, big endian, at `offset`. */
export function writeU32(bytes: Uint8Array, offset: number, value: number): void {
  assertRange(bytes, offset, 4);
  rawWriteU32(bytes, offset, value);
}

/** u64, big endian, at `offset`. */
export function readU64(bytes: Uint8Array, offset: number): bigint {
  assertRange(bytes, offset, 8);
  HALVES[HIGH_HALF] = rawU32(bytes, offset);
  HALVES[LOW_HALF] = rawU32(bytes, offset + 4);
  return WHOLE[0]!;
}

/** Writes the low 64 bits of `value`, big endian, at `offset`. */
export function writeU64(bytes: Uint8Array, offset: number, value: bigint): void {
  assertRange(bytes, offset, 8);
  WHOLE[0] = value;
  rawWriteU32(bytes, offset, HALVES[HIGH_HALF]!);
  rawWriteU32(bytes, offset + 4, HALVES[LOW_HALF]!);
}

function rawU32(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset]! << 24) |
      (bytes[offset + 1]! << 16) |
      (bytes[offset + 2]! << 8) |
      bytes[offset + 3]!) >>>
    0
  );
}

function rawWriteU32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

function assertRange(bytes: Uint8Array, offset: number, length: number): void {
  // A stray read would give NaN, a stray write would be lost: both silently.
  assert(
    Number.isInteger(offset) && offset >= 0 && offset + length <= bytes.length,
    'offset inside the bytes',
  );
}

/** Unsigned number of any length, big endian. Empty bytes are 0. */
export function bytesToBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(bytesToHex(bytes));
}

/** `value` as `length` bytes, big endian. `value` must fit. */
export function bigIntToBytes(value: bigint, length: number): Uint8Array {
  assert(value >= 0n && value < 1n << BigInt(8 * length), 'value fits the length');
  return hexToBytes(value.toString(16).padStart(2 * length, '0'));
}

/** `0x` and 64 lower-case hex digits: the only form in which ids are compared. */
export function isB256(text: string): text is B256 {
  return text.length === 66 && B256_PATTERN.test(text);
}

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return textEncoder.encode(text);
}
