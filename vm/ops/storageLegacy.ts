/**
 * Contract storage under the rules of 0.65, which old gas tables (V1 to V6) select: fixed and
 * dependent prices, slots of 32 bytes, nothing hot or cold. Growth is paid for by entry.
 *
 * @source fuel-vm 0.65.0 (behaviour); docs of `--vm-rules`
 */
import { FIRST_WRITABLE, type Machine } from '../machine.ts';
import { PANIC } from '../panic.ts';
import type { Run, Step } from '../row.ts';
import { chargeKey, chargeNewBytes } from './charge.ts';
import { KEY_END, keyNumber, keyOf, readKey } from './slotKey.ts';

const SLOT_BYTES = 32;
/** More slots at once are refused. */
const U32_MAX = 0xffff_ffffn;
/** Key and value of a new slot. Unit: bytes. */
const ENTRY_BYTES = 64n;

/** The keys of the range do not exist: the host's storage fails, and with it the transaction. */
function beyondKeys(m: Machine): Step {
  return m.refuse('Storage');
}

export const srw: Run = (m, dst, got, keyAddress, offset) => {
  if (offset !== 0) return PANIC.InvalidInstruction;
  const paid = chargeKey(m, 'srw', 0n);
  if (paid !== 0) return paid;
  if (dst < FIRST_WRITABLE || got < FIRST_WRITABLE || dst === got) {
    return PANIC.ReservedRegisterNotWritable;
  }
  const unreadable = m.checkRead(m.num(keyAddress), 32);
  if (unreadable !== 0) return unreadable;
  if (m.contract === null) return PANIC.ExpectedInternalContext;
  const value = m.ctx.storage.slot(m.contract, readKey(m, keyAddress));
  m.setReg(dst, value === null ? 0n : firstWord(value));
  m.setReg(got, value === null ? 0n : 1n);
  return 0;
};

function firstWord(value: Uint8Array): bigint {
  return new DataView(value.buffer, value.byteOffset, 8).getBigUint64(0);
}

export const srwq: Run = (m, dst, status, keyAddress, count) => {
  const slots = m.reg(count);
  const paid = chargeKey(m, 'srwq', slots);
  if (paid !== 0) return paid;
  if (status < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  if (m.contract === null) return PANIC.ExpectedInternalContext;
  if (slots > U32_MAX) return PANIC.TooManySlots;
  const to = m.num(dst);
  const wrong = m.checkRead(m.num(keyAddress), 32) || m.checkWrite(to, Number(slots) * SLOT_BYTES);
  if (wrong !== 0) return wrong;
  const start = keyNumber(readKey(m, keyAddress));
  if (slots > 1n && start + slots > KEY_END) return beyondKeys(m);
  let isEverySet = true;
  for (let i = 0; i < slots; i++) {
    const value = m.ctx.storage.slot(m.contract, keyOf(start + BigInt(i)));
    const at = to + i * SLOT_BYTES;
    if (value === null) m.mem.fill(0, at, at + SLOT_BYTES);
    else m.mem.set(value.subarray(0, SLOT_BYTES), at);
    if (value === null) isEverySet = false;
  }
  m.setReg(status, isEverySet ? 1n : 0n);
  return 0;
};

export const sww: Run = (m, keyAddress, status, word) => {
  const paid = chargeKey(m, 'sww', 0n);
  if (paid !== 0) return paid;
  if (status < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  const unreadable = m.checkRead(m.num(keyAddress), 32);
  if (unreadable !== 0) return unreadable;
  if (m.contract === null) return PANIC.ExpectedInternalContext;
  const key = readKey(m, keyAddress);
  const value = new Uint8Array(SLOT_BYTES);
  new DataView(value.buffer).setBigUint64(0, m.reg(word));
  const isNew = m.ctx.storage.slot(m.contract, key) === null;
  m.ctx.storage.setSlot(m.contract, key, value);
  m.setReg(status, isNew ? 1n : 0n);
  return isNew ? chargeNewBytes(m, ENTRY_BYTES) : 0;
};

export const swwq: Run = (m, keyAddress, status, source, count) => {
  const slots = m.reg(count);
  const paid = chargeKey(m, 'swwq', slots);
  if (paid !== 0) return paid;
  if (status < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  if (m.contract === null) return PANIC.ExpectedInternalContext;
  const from = m.num(source);
  const wrong = m.checkRead(m.num(keyAddress), 32) || m.checkRead(from, Number(slots) * SLOT_BYTES);
  if (wrong !== 0) return wrong;
  const start = keyNumber(readKey(m, keyAddress));
  if (slots > 1n && start + slots > KEY_END) return beyondKeys(m);
  let created = 0n;
  for (let i = 0; i < slots; i++) {
    const key = keyOf(start + BigInt(i));
    const at = from + i * SLOT_BYTES;
    if (m.ctx.storage.slot(m.contract, key) === null) created++;
    m.ctx.storage.setSlot(m.contract, key, m.mem.slice(at, at + SLOT_BYTES));
  }
  m.setReg(status, created);
  return created === 0n ? 0 : chargeNewBytes(m, created * ENTRY_BYTES);
};

export const scwq: Run = (m, keyAddress, status, count) => {
  const slots = m.reg(count);
  const paid = chargeKey(m, 'scwq', slots);
  if (paid !== 0) return paid;
  if (status < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  if (slots > U32_MAX) return PANIC.TooManySlots;
  if (m.contract === null) return PANIC.ExpectedInternalContext;
  const unreadable = m.checkRead(m.num(keyAddress), 32);
  if (unreadable !== 0) return unreadable;
  const start = keyNumber(readKey(m, keyAddress));
  if (slots > 1n && start + slots > KEY_END) return beyondKeys(m);
  let isEverySet = true;
  for (let i = 0n; i < slots; i++) {
    const key = keyOf(start + i);
    if (m.ctx.storage.slot(m.contract, key) === null) isEverySet = false;
    m.ctx.storage.clearSlot(m.contract, key);
  }
  m.setReg(status, isEverySet ? 1n : 0n);
  return 0;
};
