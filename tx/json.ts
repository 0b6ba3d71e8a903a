/** JSON that keeps 64-bit integers. */
import { parse, stringify } from 'lossless-json';
import { CodedError } from '../primitives/errors.ts';

/** A parsed JSON value: integers beyond 2^53 - 1 are `bigint`, all other numbers `number`. */
export type LosslessJson =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly LosslessJson[]
  | { readonly [key: string]: LosslessJson };

function readNumber(text: string): number | bigint {
  const value = Number(text);
  if (Number.isSafeInteger(value) || !/^-?\d+$/.test(text)) return value;
  return BigInt(text);
}

/** Parses JSON text without rounding large integers. @throws CodedError JSON_INVALID */
export function parseLosslessJson(text: string): LosslessJson {
  try {
    return parse(text, undefined, readNumber) as LosslessJson;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError('JSON_INVALID', `the text is not JSON: ${why}`, {}, cause);
  }
}

/** JSON text of a value; `bigint` become plain digits. `indent` as in `JSON.stringify`. */
export function stringifyLossless(value: unknown, indent?: number): string {
  return stringify(value, undefined, indent) ?? 'null';
}
