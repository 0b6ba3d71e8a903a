/** Vectors as JSON: reading files, and taking fields out of untyped values with a clear failure. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** One line of a vector file: what was asked of the reference, and what it said. */
export type Vector = {
  readonly n: string;
  readonly request: JsonObject;
  readonly answer: JsonObject;
};

/** Lines of a `.jsonl.gz` file, parsed one at a time so that a big file stays cheap. */
export function* readVectors(path: string): Generator<Vector> {
  const text = gunzipSync(readFileSync(path)).toString('utf8');
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    const line = text.slice(from, end === -1 ? text.length : end);
    from = end === -1 ? text.length : end + 1;
    if (line !== '') yield JSON.parse(line) as Vector;
  }
}

export function asString(value: Json | undefined, what: string): string {
  if (typeof value !== 'string') throw new Error(`${what}: string expected`);
  return value;
}

export function asObject(value: Json | undefined, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${what}: object expected`);
  }
  return value as JsonObject;
}

/** Absent counts as empty. */
export function asArray(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** Number, or decimal string above 2^53-1. */
export function asBigint(value: Json | undefined, absent: bigint): bigint {
  if (value === undefined || value === null) return absent;
  if (typeof value === 'number' || typeof value === 'string') return BigInt(value);
  throw new Error('integer expected');
}

/** The way the vectors write integers: a number while it is exact, else a decimal string. */
export function jsonInt(value: bigint): number | string {
  return value <= 9007199254740991n ? Number(value) : value.toString();
}

/** Hex without 0x. */
export function plainHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

/** The text of the first differences between two JSON values, or null when they are equal. */
export function jsonDifference(ours: Json | undefined, theirs: Json | undefined): string | null {
  if (ours === theirs) return null;
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    for (let i = 0; i < Math.max(ours.length, theirs.length); i++) {
      const inner = jsonDifference(ours[i], theirs[i]);
      if (inner !== null) return `[${i}]${inner}`;
    }
    return null;
  }
  if (isObject(ours) && isObject(theirs)) {
    for (const key of new Set([...Object.keys(theirs), ...Object.keys(ours)])) {
      const inner = jsonDifference(ours[key], theirs[key]);
      if (inner !== null) return `.${key}${inner}`;
    }
    return null;
  }
  return `: ours ${short(ours)}, reference ${short(theirs)}`;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function short(value: Json | undefined): string {
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
