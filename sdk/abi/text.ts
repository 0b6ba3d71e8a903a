/** Values as people type them. */
import { CodedError } from '../../primitives/errors.ts';
import { parseLosslessJson } from '../../tx/json.ts';
import type { AbiValue } from './encode.ts';
import type { AbiField } from './types.ts';

/** JSON text; integers beyond 2^53 are `bigint`. @throws CodedError JSON_INVALID */
export function parseJson(text: string): unknown {
  return parseLosslessJson(text);
}

/**
 * Text for a type: strings, numbers and hex as they are, everything else as JSON. Whether the value
 * fits the type is for `encodeValue` to say.
 * @throws CodedError ABI_VALUE when it looks like JSON but is none
 */
export function parseArgument({ name, type }: AbiField, text: string): AbiValue {
  if (type.kind === 'string' || type.kind === 'fixedString') return text;
  if (!/^[[{"]|^(true|false|null|\d+)$/.test(text)) return text;
  try {
    return parseLosslessJson(text) as AbiValue;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError('ABI_VALUE', `argument '${name}' (${type.text}): ${why}`, {}, cause);
  }
}
