/** As much of protobuf as a transaction of Celestia needs: numbers and sized fields. */
import { concatBytes, utf8 } from '../../primitives/bytes.ts';

const VARINT = 0;
const SIZED = 2;

function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

/** A field of bytes, text, or a message. */
export function sizedField(field: number, value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === 'string' ? utf8(value) : value;
  return concatBytes(varint(BigInt((field << 3) | SIZED)), varint(BigInt(bytes.length)), bytes);
}

/** A whole number; zero is left out, as protobuf has it. */
export function numberField(field: number, value: bigint | number): Uint8Array {
  const big = BigInt(value);
  if (big === 0n) return new Uint8Array(0);
  return concatBytes(varint(BigInt((field << 3) | VARINT)), varint(big));
}

/** Several numbers in one field. */
export function packedField(field: number, values: readonly number[]): Uint8Array {
  return sizedField(field, concatBytes(...values.map((value) => varint(BigInt(value)))));
}

export type ProtoField = { readonly field: number; readonly value: bigint | Uint8Array };

/** Fields in their order; null for bytes that are none, or hold other wire types. */
export function readFields(bytes: Uint8Array): ProtoField[] | null {
  const fields: ProtoField[] = [];
  let at = 0;
  const number = (): bigint | null => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) return null;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return null;
  };
  while (at < bytes.length) {
    const tag = number();
    const value = tag === null ? null : number();
    if (tag === null || value === null) return null;
    const field = Number(tag >> 3n);
    if (Number(tag & 7n) === VARINT) {
      fields.push({ field, value });
    } else if (Number(tag & 7n) === SIZED && value <= BigInt(bytes.length - at)) {
      fields.push({ field, value: bytes.subarray(at, at + Number(value)) });
      at += Number(value);
    } else return null;
  }
  return fields;
}
