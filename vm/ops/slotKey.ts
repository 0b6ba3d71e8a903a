/** Keys of storage slots: 32 bytes in memory, hex as map keys, numbers when they are counted up. */
import type { SlotKey } from '../../primitives/types.ts';
import { idText } from '../ids.ts';
import type { Machine } from '../machine.ts';

/** One more than the highest key. */
export const KEY_END: bigint = 1n << 256n;

/** The key at the address in a register; the range is readable. */
export function readKey(m: Machine, register: number): SlotKey {
  return idText(m.view, m.num(register));
}

export function keyNumber(key: SlotKey): bigint {
  return BigInt(key);
}

/** The key `steps` after another; null: there is none, it is past the last key. */
export function keyAfter(first: SlotKey, steps: bigint): SlotKey | null {
  if (steps === 0n) return first;
  const value = BigInt(first) + steps;
  return value < KEY_END ? keyOf(value) : null;
}

export function keyOf(value: bigint): SlotKey {
  return `0x${value.toString(16).padStart(64, '0')}`;
}
