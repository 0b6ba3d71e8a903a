/** Building blocks of stored rows: fields of fixed size, and records and keys made of them. */
import {
  bytesToHex,
  readU16,
  readU32,
  readU64,
  writeU16,
  writeU32,
  writeU64,
} from '../primitives/bytes.ts';
import { assert, CodedError } from '../primitives/errors.ts';
import type { Hex } from '../primitives/types.ts';

/** A value that always takes `bytes` bytes. */
export type Field<T> = {
  readonly bytes: number;
  write(out: Uint8Array, at: number, value: T): void;
  read(bytes: Uint8Array, at: number): T;
};

/** A stored value of any length. */
export type ValueCodec<V> = { encode(value: V): Uint8Array; decode(bytes: Uint8Array): V };

const U64_MAX = 0xffff_ffff_ffff_ffffn;

/** Unit: bytes. */
const SLAB_BYTES = 16_384;
let slab = new ArrayBuffer(SLAB_BYTES);
let slabUsed = 0;

/**
 * Memory that is about to be filled, cut from a larger piece: an own ArrayBuffer for each key and
 * value costs more than everything that is written into it.
 */
export function unfilled(size: number): Uint8Array {
  if (size > SLAB_BYTES / 4) return new Uint8Array(size);
  if (slabUsed + size > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabUsed = 0;
  }
  const start = slabUsed;
  slabUsed += size;
  return new Uint8Array(slab, start, size);
}

/** The error of every row that does not have its form. */
export function corruptRow(what: string): CodedError {
  return new CodedError(
    'STATE_CORRUPT',
    `a stored ${what} does not have its form; restore a copy of the database, rebuild it from ` +
      'the DA layer, or remove it to start again from genesis',
    { what },
  );
}

const NIBBLE_OF_CODE: Uint8Array = nibbleTable();

function nibbleTable(): Uint8Array {
  const table = new Uint8Array(256).fill(0xff);
  [...'0123456789abcdef'].forEach((digit, value) => {
    table[digit.charCodeAt(0)] = value;
  });
  return table;
}

/** Texts whose bytes are kept; a power of two. */
const MEMO_SLOTS = 1024;
const MEMO_MASK = MEMO_SLOTS - 1;

/** A number that differs for most ids: their digits are hashes, or counters at the end. */
function memoSlot(value: string): number {
  const last = value.length - 1;
  return (
    (value.charCodeAt(9) * 7 +
      value.charCodeAt(10) * 61 +
      value.charCodeAt(last - 5) * 17 +
      value.charCodeAt(last) * 131 +
      value.charCodeAt(last - 4) * 257) &
    MEMO_MASK
  );
}

/**
 * Bytes of fixed length as lower-case hex text. Written in place: this is the hot path. A row and
 * its indexes hold the same ids again and again, so the last ones are kept as bytes.
 */
export function hexField(bytes: number): Field<Hex> {
  const textLength = 2 + 2 * bytes;
  const memoTexts: string[] = new Array<string>(MEMO_SLOTS).fill('');
  const memoBytes = new Uint8Array(MEMO_SLOTS * bytes);
  return {
    bytes,
    write(out, at, value) {
      // Another length would silently shift everything behind it.
      assert(value.length === textLength, 'an id has its length');
      const slot = memoSlot(value);
      const memoAt = slot * bytes;
      if (memoTexts[slot] === value) {
        for (let i = 0; i < bytes; i++) out[at + i] = memoBytes[memoAt + i]!;
        return;
      }
      let nibbles = 0;
      let codes = 0;
      for (let i = 2, to = at; i < textLength; i += 2, to++) {
        const first = value.charCodeAt(i);
        const second = value.charCodeAt(i + 1);
        const high = NIBBLE_OF_CODE[first & 0xff]!;
        const low = NIBBLE_OF_CODE[second & 0xff]!;
        codes |= first | second;
        nibbles |= high | low;
        out[to] = (high << 4) | low;
      }
      assert(codes <= 0xff && nibbles <= 0x0f, 'an id is lower-case hex text');
      for (let i = 0; i < bytes; i++) memoBytes[memoAt + i] = out[at + i]!;
      memoTexts[slot] = value;
    },
    read: (from, at) => bytesToHex(from.subarray(at, at + bytes)),
  };
}

export const b256: Field<Hex> = hexField(32);
/** Transaction id and output index as 2 bytes. */
export const utxo: Field<Hex> = hexField(34);
export const u8: Field<number> = {
  bytes: 1,
  write: (out, at, value) => void (out[at] = value),
  read: (bytes, at) => bytes[at]!,
};
export const u16: Field<number> = { bytes: 2, write: writeU16, read: readU16 };
export const u32: Field<number> = { bytes: 4, write: writeU32, read: readU32 };
export const u64: Field<bigint> = { bytes: 8, write: writeU64, read: readU64 };
/** Biggest first in key order. */
export const u64Descending: Field<bigint> = {
  bytes: 8,
  write: (out, at, value) => writeU64(out, at, U64_MAX - value),
  read: (bytes, at) => U64_MAX - readU64(bytes, at),
};
export const u128: Field<bigint> = {
  bytes: 16,
  write(out, at, value) {
    writeU64(out, at, value >> 64n);
    writeU64(out, at + 8, value & U64_MAX);
  },
  read: (bytes, at) => (readU64(bytes, at) << 64n) | readU64(bytes, at + 8),
};

/** One field as a whole value. */
export function single<T>(what: string, field: Field<T>): ValueCodec<T> {
  return {
    encode(value) {
      const out = unfilled(field.bytes);
      field.write(out, 0, value);
      return out;
    },
    decode(bytes) {
      if (bytes.length !== field.bytes) throw corruptRow(what);
      return field.read(bytes, 0);
    },
  };
}

/** Fields in the order of the table, without gaps. */
export function record<T extends object>(
  what: string,
  fields: { readonly [K in keyof T]: Field<T[K]> },
): ValueCodec<T> {
  const names = Object.keys(fields) as (keyof T)[];
  const size = names.reduce((sum, name) => sum + fields[name].bytes, 0);
  return {
    encode(value) {
      const out = unfilled(size);
      let at = 0;
      for (const name of names) {
        fields[name].write(out, at, value[name]);
        at += fields[name].bytes;
      }
      return out;
    },
    decode(bytes) {
      if (bytes.length !== size) throw corruptRow(what);
      const value: Partial<T> = {};
      let at = 0;
      for (const name of names) {
        value[name] = fields[name].read(bytes, at);
        at += fields[name].bytes;
      }
      return value as T;
    },
  };
}

/** Bytes as they are. */
export const rawBytes: ValueCodec<Uint8Array> = {
  encode: (value) => value,
  decode: (bytes) => bytes,
};

/** For rows whose key says everything. */
export const nothing: ValueCodec<null> = {
  encode: () => new Uint8Array(0),
  decode: () => null,
};

/** Walks through bytes of variable layout; every overrun is a corrupt row. */
export class ByteCursor {
  readonly bytes: Uint8Array;
  readonly #what: string;
  at: number = 0;

  constructor(bytes: Uint8Array, what: string) {
    this.bytes = bytes;
    this.#what = what;
  }

  field<T>(field: Field<T>): T {
    const start = this.#advance(field.bytes);
    return field.read(this.bytes, start);
  }

  /** The next `length` bytes; a view, not a copy. */
  take(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.bytes.subarray(start, start + length);
  }

  /** Bytes behind their u32 length. */
  sized(): Uint8Array {
    return this.take(this.field(u32));
  }

  /** Nothing may be left. */
  end(): void {
    if (this.at !== this.bytes.length) throw corruptRow(this.#what);
  }

  #advance(length: number): number {
    const start = this.at;
    if (start + length > this.bytes.length) throw corruptRow(this.#what);
    this.at = start + length;
    return start;
  }
}

/** Collects parts of variable layout. */
export class ByteParts {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  field<T>(field: Field<T>, value: T): this {
    const part = unfilled(field.bytes);
    field.write(part, 0, value);
    return this.raw(part);
  }

  raw(part: Uint8Array): this {
    this.#parts.push(part);
    this.#length += part.length;
    return this;
  }

  /** Bytes behind their u32 length. */
  sized(part: Uint8Array): this {
    return this.field(u32, part.length).raw(part);
  }

  done(): Uint8Array {
    const joined = unfilled(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }
}
