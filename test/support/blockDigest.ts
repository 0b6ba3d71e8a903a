/** One digest over everything an executed block is: equal digests, equal blocks. */
import type { Changes, ExecutedBlock } from '../../executor/ports.ts';
import { bytesToHex, utf8 } from '../../primitives/bytes.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import type { B256 } from '../../primitives/types.ts';

/** Values as text; maps and sets by key, so that the order of insertion does not count. */
export function plainText(value: unknown): string {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${String(key)}=${plainText(item)}`);
    return `{${entries.sort().join(',')}}`;
  }
  if (value instanceof Set) return `{${[...value].map(String).sort().join(',')}}`;
  if (Array.isArray(value)) return `[${value.map(plainText).join(',')}]`;
  if (typeof value === 'object' && value !== null) return plainText(new Map(Object.entries(value)));
  return String(value);
}

export function changesText(changes: Changes): string {
  return plainText(changes);
}

/** Schedule figures are not part of a result. */
export function blockDigest(block: ExecutedBlock): B256 {
  const { schedule: _, ...result } = block;
  return sha256Hex(utf8(plainText(result)));
}
