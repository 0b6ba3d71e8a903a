/** Bytes to values; the reverse of `encode.ts`. */
import { bytesToHex, readU64 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { AbiType } from './types.ts';

/**
 * A decoded value. Integers up to 32 bits: `number`; wider: `bigint`. b256, bytes: `0x…`. Structs
 * around one b256 stay objects. Enums: `{ Variant: value }`, or `'Variant'` when that carries
 * nothing; options: `null` or the value.
 */
export type Decoded =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Decoded[]
  | { readonly [name: string]: Decoded };

const text = new TextDecoder();

class Reader {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  take(length: number): Uint8Array {
    const end = this.at + length;
    if (end > this.#bytes.length) {
      throw new CodedError(
        'ABI_DECODE',
        `the data ends after ${this.#bytes.length} bytes, its type needs more: is it the right ABI?`,
      );
    }
    const part = this.#bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }
  /** A count of things of at least `bytesMin` bytes each: no more than what is left. */
  count(bytesMin: number): number {
    const count = readU64(this.take(8), 0);
    const left = this.#bytes.length - this.at;
    if (count * BigInt(bytesMin) > BigInt(left)) {
      throw new CodedError('ABI_DECODE', `a length of ${count} does not fit ${left} bytes`);
    }
    return Number(count);
  }
}

/** A vector of things without bytes is as long as it says; longer ones are refused. */
export const EMPTY_ELEMENTS_MAX: number = 65_536;

/** @throws CodedError ABI_DECODE when the bytes are no value of this type */
export function decodeValue(
  type: AbiType,
  bytes: Uint8Array,
): { readonly value: Decoded; readonly bytesUsed: number } {
  const reader = new Reader(bytes);
  const value = read(type, reader);
  return { value, bytesUsed: reader.at };
}

function read(type: AbiType, r: Reader): Decoded {
  switch (type.kind) {
    case 'unit':
      return null;
    case 'bool': {
      const [byte] = r.take(1);
      if (byte === 0 || byte === 1) return byte === 1;
      throw new CodedError('ABI_DECODE', `a bool is 0 or 1, not ${byte}: is it the right ABI?`);
    }
    case 'uint': {
      const value = BigInt(bytesToHex(r.take(type.bits / 8)));
      return type.bits <= 32 ? Number(value) : value;
    }
    case 'b256':
      return bytesToHex(r.take(32));
    case 'bytes':
    case 'rawSlice':
      return bytesToHex(r.take(r.count(1)));
    case 'string':
      return text.decode(r.take(r.count(1)));
    case 'fixedString':
      return text.decode(r.take(type.length));
    case 'array':
      return many(type.of, type.length, r);
    case 'vec':
      return readVec(type.of, r);
    case 'tuple':
      return type.of.map((each) => read(each, r));
    case 'struct':
      return Object.fromEntries(type.fields.map((field) => [field.name, read(field.type, r)]));
    case 'enum':
      return readEnum(type, r);
  }
}

function many(of: AbiType, count: number, r: Reader): Decoded[] {
  return Array.from({ length: count }, () => read(of, r));
}

function readVec(of: AbiType, r: Reader): Decoded {
  if (of.text === 'u8') return bytesToHex(r.take(r.count(1)));
  const start = r.at;
  const count = r.count(0);
  if (count === 0) return [];
  const first = read(of, r);
  // What the first element took bounds how many there can be.
  const empty = r.at === start + 8;
  if (empty && count > EMPTY_ELEMENTS_MAX) {
    throw new CodedError('ABI_DECODE', `a vector of ${count} empty values is not decoded`);
  }
  const list = [first];
  for (let i = 1; i < count; i += 1) list.push(read(of, r));
  return list;
}

function readEnum(type: AbiType & { kind: 'enum' }, r: Reader): Decoded {
  const index = readU64(r.take(8), 0);
  const field = type.fields[Number(index)];
  if (field === undefined) {
    throw new CodedError(
      'ABI_DECODE',
      `${type.text} has no variant ${index}: is it the right ABI?`,
    );
  }
  const value = read(field.type, r);
  if (type.isOption) return field.name === 'None' ? null : value;
  return field.type.kind === 'unit' ? field.name : { [field.name]: value };
}

/** A decoded value on one line, as Sway would write it. */
export function formatValue(value: Decoded): string {
  if (value === null) return '()';
  if (typeof value === 'string') return /^0x[0-9a-f]*$|^\w+$/.test(value) ? value : quoted(value);
  if (Array.isArray(value)) return `[${value.map(formatValue).join(', ')}]`;
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).map(([name, each]) => `${name}: ${formatValue(each)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

const quoted = (value: string): string => JSON.stringify(value);
