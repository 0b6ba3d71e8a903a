/** Strict reading of configuration files: every complaint names the file, the field and the fix. */

import { hexToBytes, isB256 } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import type { B256 } from '../primitives/types.ts';
import { U32_MAX, U64_MAX } from '../primitives/u64.ts';
import { type LosslessJson, parseLosslessJson } from '../tx/json.ts';

/** A value together with where it stands. */
export type Located = {
  readonly file: string;
  /** `coins[3].asset_id`; empty for the whole file. */
  readonly path: string;
  readonly value: LosslessJson | undefined;
};

const U16_MAX = 0xffff;
const ID_PATTERN = /^(?:0x)?([0-9a-fA-F]{64})$/;
const HEX_PATTERN = /^(?:0x)?((?:[0-9a-fA-F]{2})*)$/;
/** Longest excerpt of a bad value in a message. */
const EXCERPT_CHARS_MAX = 80;

/** A character of the private use area: in front of digits that stand for an integer. */
const MARK = '\uf8ff';
const MARK_CODE: number = MARK.charCodeAt(0);
const LONG_INTEGER = /([:[,]\s*)(-?[1-9]\d{15,})(?=\s*[,\]}])/g;

/**
 * Parses the text of a large file, of which all members are read by this file's functions. The
 * built-in parser is 20 times faster than an exact one but rounds large integers, so those are
 * turned into marked text first and back into integers by {@link member} and {@link listOf}.
 *
 * A match inside a string would put a quote and the mark into it, which is not JSON: then the exact
 * parser has the word. No valid snapshot contains the mark itself.
 * @throws CodedError JSON_INVALID
 */
export function parseLargeJson(text: string): LosslessJson {
  if (text.includes(MARK) || /\\uf8ff/i.test(text)) {
    throw new CodedError('JSON_INVALID', 'the text contains U+F8FF; remove that character');
  }
  const marked = text.replace(LONG_INTEGER, `$1"${MARK}$2"`);
  try {
    return JSON.parse(marked) as LosslessJson;
  } catch {
    return parseLosslessJson(text);
  }
}

function unmarked(value: LosslessJson | undefined): LosslessJson | undefined {
  const isMarked = typeof value === 'string' && value.charCodeAt(0) === MARK_CODE;
  return isMarked ? BigInt(value.slice(1)) : value;
}

/** The error of every unusable snapshot. `what` says what is wrong and what would be right. */
export function snapshotInvalid(file: string, path: string, what: string): CodedError {
  const where = path === '' ? file : `${file}: ${path}`;
  return new CodedError('SNAPSHOT_INVALID', `${where} ${what}`, { file, path });
}

function invalid({ file, path, value }: Located, wanted: string): CodedError {
  if (value === undefined) return snapshotInvalid(file, path, `is missing; it ${wanted}`);
  const isScalar = value === null || typeof value !== 'object';
  const shown = Array.isArray(value) ? 'a list' : 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  const excerpt = isScalar ? text.slice(0, EXCERPT_CHARS_MAX) : shown;
  return snapshotInvalid(file, path, `is ${excerpt}; it ${wanted}`);
}

/** Member `name` of an object; its value is undefined when it is absent. */
export function member(at: Located, name: string): Located {
  const { value } = at;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(at, 'must be an object');
  }
  const path = at.path === '' ? name : `${at.path}.${name}`;
  const object = value as { readonly [key: string]: LosslessJson };
  const found = Object.hasOwn(object, name) ? unmarked(object[name]) : undefined;
  return { file: at.file, path, value: found };
}

/** Whether an optional member is there; `null` counts as absent. */
export function isPresent({ value }: Located): boolean {
  return value !== undefined && value !== null;
}

/** Names of an object's members. */
export function memberNames(at: Located): string[] {
  member(at, '');
  return Object.keys(at.value as object);
}

/** Every element of a list, read by `read`. */
export function listOf<T>(at: Located, read: (element: Located) => T): T[] {
  if (!Array.isArray(at.value)) throw invalid(at, 'must be a list');
  return (at.value as readonly LosslessJson[]).map((value, index) =>
    read({ file: at.file, path: `${at.path}[${index}]`, value: unmarked(value) }),
  );
}

export function textOf(at: Located): string {
  if (typeof at.value !== 'string') throw invalid(at, 'must be text');
  return at.value;
}

/** 32 bytes, with or without `0x`, in either case. */
export function idOf(at: Located): B256 {
  const { value } = at;
  if (typeof value === 'string' && isB256(value)) return value;
  const match = typeof value === 'string' ? ID_PATTERN.exec(value) : null;
  if (match === null) throw invalid(at, 'must be 64 hex digits, with or without 0x');
  return `0x${match[1]!.toLowerCase()}`;
}

/** Bytes as hex text, with or without `0x`. */
export function bytesOf(at: Located): Uint8Array {
  const match = typeof at.value === 'string' ? HEX_PATTERN.exec(at.value) : null;
  if (match === null) throw invalid(at, 'must be an even number of hex digits');
  return hexToBytes(match[1]!);
}

function integerOf(at: Located, max: bigint): bigint {
  const { value } = at;
  const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value);
  const number = isInteger ? BigInt(value as number | bigint) : -1n;
  if (number < 0n || number > max) throw invalid(at, `must be a number from 0 to ${max}`);
  return number;
}

export function u64Of(at: Located): bigint {
  return integerOf(at, U64_MAX);
}

export function u32Of(at: Located): number {
  return Number(integerOf(at, BigInt(U32_MAX)));
}

export function u16Of(at: Located): number {
  return Number(integerOf(at, BigInt(U16_MAX)));
}
