/**
 * The "roots" of contract inputs and outputs. Despite the name they are no trees: sha256 over the
 * entries that were read (inputs, values before) or written (outputs, values after), ascending by
 * key. An entry is key ‖ 0x01 ‖ value, or key ‖ 0x00 when absent. No entries: 32 zero bytes.
 *
 * @source fuel-core-executor 0.48.2 (behaviour)
 */
import { concatBytes, hexToBytes, writeU64 } from '../primitives/bytes.ts';
import { sha256Hex } from '../primitives/hash.ts';
import { type B256, ZERO_B256 } from '../primitives/types.ts';

const PRESENT: Uint8Array = Uint8Array.of(1);
const ABSENT: Uint8Array = Uint8Array.of(0);

function word(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  writeU64(bytes, 0, value);
  return bytes;
}

function accessRoot<V>(
  entries: ReadonlyMap<B256, V | null> | undefined,
  write: (parts: Uint8Array[], value: V) => void,
): B256 {
  if (entries === undefined || entries.size === 0) return ZERO_B256;
  const parts: Uint8Array[] = [];
  for (const key of [...entries.keys()].sort()) {
    const value = entries.get(key) ?? null;
    parts.push(hexToBytes(key), value === null ? ABSENT : PRESENT);
    if (value !== null) write(parts, value);
  }
  return sha256Hex(concatBytes(...parts));
}

/** Over balances: the value is its 8 bytes. */
export function balanceAccessRoot(entries: ReadonlyMap<B256, bigint | null> | undefined): B256 {
  return accessRoot(entries, (parts, amount) => parts.push(word(amount)));
}

/** Over slots: the value is its length in 8 bytes, then its bytes. */
export function slotAccessRoot(entries: ReadonlyMap<B256, Uint8Array | null> | undefined): B256 {
  return accessRoot(entries, (parts, value) => parts.push(word(BigInt(value.length)), value));
}
