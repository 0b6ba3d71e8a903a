/**
 * Values to bytes, in Fuel's encoding version 1: big-endian, packed, without padding; lengths and
 * the numbers of variants are u64.
 * @source fuel-specs, argument encoding, version 1
 */
import { concatBytes, hexToBytes, utf8, writeU64 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { AbiField, AbiType } from './types.ts';

/**
 * A value as an application writes it. Numbers: `number`, `bigint` or decimal text. b256 and
 * bytes: `0x…` (bytes also as `Uint8Array`). Structs: objects; one whose only field is `bits` or a
 * b256 also as its value. Enums: `{ Variant: value }`, or `'Variant'` when that carries nothing;
 * options also as `null` or the value.
 */
export type AbiValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly AbiValue[]
  | { readonly [name: string]: AbiValue };

type Path = string;

function bad(path: Path, type: AbiType, value: unknown, hint = ''): never {
  const given = typeof value === 'bigint' ? String(value) : (JSON.stringify(value, big) ?? '');
  const shown = given === '' ? 'nothing' : given.slice(0, 80);
  throw new CodedError('ABI_VALUE', `${path} is a ${type.text}, not ${shown}${hint}`);
}

const big = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

/**
 * @param path how errors name the value
 * @throws CodedError ABI_VALUE when it does not fit the type
 */
export function encodeValue(type: AbiType, value: AbiValue, path: Path = 'the value'): Uint8Array {
  switch (type.kind) {
    case 'unit':
      if (value === null || (Array.isArray(value) && value.length === 0) || value === '()') {
        return new Uint8Array(0);
      }
      return bad(path, type, value);
    case 'bool':
      return Uint8Array.of(truth(value) ?? bad(path, type, value, '; write true or false'));
    case 'uint':
      return encodeUint(type.bits, unsigned(type, value, path));
    case 'b256':
      return bytes32(type, value, path);
    case 'bytes':
    case 'rawSlice':
      return withLength(anyBytes(type, value, path));
    case 'string':
      return typeof value === 'string' ? withLength(utf8(value)) : bad(path, type, value);
    case 'fixedString': {
      const bytes = typeof value === 'string' ? utf8(value) : bad(path, type, value);
      const fits = bytes.length === type.length;
      return fits ? bytes : bad(path, type, value, `, which has ${bytes.length} bytes`);
    }
    case 'array':
    case 'vec':
    case 'tuple':
      return encodeList(type, value, path);
    case 'struct':
      return encodeStruct(type, value, path);
    case 'enum':
      return encodeEnum(type, value, path);
  }
}

function truth(value: AbiValue): 0 | 1 | null {
  if (value === true || value === 'true') return 1;
  return value === false || value === 'false' ? 0 : null;
}

function unsigned(type: AbiType & { kind: 'uint' }, value: AbiValue, path: Path): bigint {
  const isText = typeof value === 'string' && /^(0x[0-9a-f]+|\d[\d_]*)$/i.test(value);
  const isNumber = typeof value === 'number' && Number.isSafeInteger(value);
  if (!isText && !isNumber && typeof value !== 'bigint') bad(path, type, value);
  const number = BigInt(typeof value === 'string' ? value.replaceAll('_', '') : (value as bigint));
  const fits = number >= 0n && number < 1n << BigInt(type.bits);
  return fits ? number : bad(path, type, value, ', which does not fit');
}

function encodeUint(bits: number, value: bigint): Uint8Array {
  return hexToBytes(value.toString(16).padStart(bits / 4, '0'));
}

function bytes32(type: AbiType, value: AbiValue, path: Path): Uint8Array {
  if (value instanceof Uint8Array && value.length === 32) return value;
  const isHex = typeof value === 'string' && /^0x[0-9a-f]{64}$/i.test(value);
  return isHex ? hexToBytes(value) : bad(path, type, value, '; write 0x and 64 hex digits');
}

function anyBytes(type: AbiType, value: AbiValue, path: Path): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string' && /^0x([0-9a-f]{2})*$/i.test(value)) return hexToBytes(value);
  const isList = Array.isArray(value) && value.every((each) => Number(each) < 256);
  return isList ? Uint8Array.from(value as number[]) : bad(path, type, value, '; write 0x…');
}

function length64(length: number): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU64(bytes, 0, BigInt(length));
  return bytes;
}

function withLength(bytes: Uint8Array): Uint8Array {
  return concatBytes(length64(bytes.length), bytes);
}

function encodeList(
  type: AbiType & { kind: 'array' | 'vec' | 'tuple' },
  value: AbiValue,
  path: Path,
): Uint8Array {
  if (type.kind === 'vec' && type.of.text === 'u8' && !Array.isArray(value)) {
    return withLength(anyBytes(type, value, path));
  }
  if (!Array.isArray(value)) return bad(path, type, value, '; write [..., ...]');
  const list = value as readonly AbiValue[];
  const count = type.kind === 'vec' ? list.length : lengthOf(type);
  if (list.length !== count) bad(path, type, value, `, which has ${list.length} elements`);
  const parts = list.map((each, i) => {
    const of = type.kind === 'tuple' ? (type.of[i] as AbiType) : type.of;
    return encodeValue(of, each, `${path}[${i}]`);
  });
  return type.kind === 'vec' ? concatBytes(length64(count), ...parts) : concatBytes(...parts);
}

function lengthOf(type: AbiType & { kind: 'array' | 'tuple' }): number {
  return type.kind === 'array' ? type.length : type.of.length;
}

function isRecord(value: AbiValue): value is { readonly [name: string]: AbiValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function encodeStruct(
  { fields, ...type }: AbiType & { kind: 'struct' },
  value: AbiValue,
  path: Path,
): Uint8Array {
  const [only] = fields;
  const whole = { ...type, fields };
  // Address, ContractId and AssetId are structs around a b256: people write the b256.
  if (only !== undefined && fields.length === 1 && !isRecord(value)) {
    return encodeValue(only.type, value, path);
  }
  if (!isRecord(value) || value instanceof Uint8Array) return bad(path, whole, value, '; {…}');
  const unknown = Object.keys(value).find((name) => !fields.some((field) => field.name === name));
  if (unknown !== undefined) bad(path, whole, value, `: it has no field '${unknown}'`);
  const parts = fields.map((field) => {
    const part = value[field.name];
    if (part === undefined)
      return bad(path, whole, value, `: the field '${field.name}' is missing`);
    return encodeValue(field.type, part, `${path}.${field.name}`);
  });
  return concatBytes(...parts);
}

function encodeEnum(type: AbiType & { kind: 'enum' }, value: AbiValue, path: Path): Uint8Array {
  const [variant, inner] = variantOf(type, value, path);
  const index = type.fields.indexOf(variant);
  return concatBytes(length64(index), encodeValue(variant.type, inner, `${path}.${variant.name}`));
}

function variantOf(
  type: AbiType & { kind: 'enum' },
  value: AbiValue,
  path: Path,
): readonly [AbiField, AbiValue] {
  const named = (name: string): AbiField | undefined =>
    type.fields.find((field) => field.name === name);
  if (isRecord(value) && !(value instanceof Uint8Array)) {
    const names = Object.keys(value);
    const found = names.length === 1 ? named(names[0] as string) : undefined;
    if (found !== undefined) return [found, value[found.name] as AbiValue];
  }
  if (typeof value === 'string') {
    const found = named(value);
    if (found !== undefined && found.type.kind === 'unit') return [found, null];
  }
  if (type.isOption) {
    const found = named(value === null ? 'None' : 'Some');
    if (found !== undefined) return [found, value];
  }
  const names = type.fields.map((field) => field.name).join(', ');
  return bad(path, type, value, `; write {"Variant": value}, one of ${names}`);
}
