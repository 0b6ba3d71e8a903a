/**
 * The "roots" of contract inputs and outputs. Despite the name they are no trees: sha256 over the
 * entries that were read (inputs, values before) or written (outputs, values after), ascending by
 * key. An entry is key ‖ 0x01 ‖ value, or key ‖ 0x00 when absent. No entries: 32 zero bytes.
 *
 * @source fuel-core-executor 0.48.2 (behaviour)
 */
import { sha256Hex } from '../primitives/hash.ts';
import { type B256, ZERO_B256 } from '../primitives/types.ts';
import { Writer } from '../tx/codec/writer.ts';

const KEY_BYTES = 32;
const WORD_BYTES = 8;
/** Written over again for each root; more entries than fit get bytes of their own. Unit: bytes. */
const SCRATCH_BYTES = 4_096;
const scratch: Writer = new Writer(SCRATCH_BYTES);

/** How a value is written, and in how many bytes. */
type ValueForm<V> = {
  readonly sizeOf: (value: V) => number;
  readonly write: (w: Writer, value: V) => void;
};

const AMOUNT: ValueForm<bigint> = {
  sizeOf: () => WORD_BYTES,
  write: (w, amount) => w.u64(amount),
};

const SLOT: ValueForm<Uint8Array> = {
  sizeOf: (value) => WORD_BYTES + value.length,
  write: (w, value) => {
    w.word(value.length);
    w.rawBytes(value);
  },
};

function accessRoot<V>(entries: ReadonlyMap<B256, V | null> | undefined, form: ValueForm<V>): B256 {
  if (entries === undefined || entries.size === 0) return ZERO_B256;
  let size = 0;
  for (const value of entries.values()) {
    size += KEY_BYTES + 1 + (value === null ? 0 : form.sizeOf(value));
  }
  const w = size <= SCRATCH_BYTES ? scratch : new Writer(size);
  w.pos = 0;
  const keys = [...entries.keys()];
  if (keys.length > 1) keys.sort();
  for (const key of keys) {
    const value = entries.get(key) ?? null;
    w.b256(key);
    w.rawU8(value === null ? 0 : 1);
    if (value !== null) form.write(w, value);
  }
  return sha256Hex(w.bytes.subarray(0, size));
}

/** Over balances: the value is its 8 bytes. */
export function balanceAccessRoot(entries: ReadonlyMap<B256, bigint | null> | undefined): B256 {
  return accessRoot(entries, AMOUNT);
}

/** Over slots: the value is its length in 8 bytes, then its bytes. */
export function slotAccessRoot(entries: ReadonlyMap<B256, Uint8Array | null> | undefined): B256 {
  return accessRoot(entries, SLOT);
}
