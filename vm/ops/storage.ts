/**
 * Contract storage under the rules of 0.66: slots of any length, priced by length and by whether
 * the slot was touched before in the same transaction. Effects precede charges, so a step that runs
 * out of gas may have changed memory already.
 *
 * All rows here charge inside. Under the old gas tables they hand over to `storageLegacy.ts`.
 *
 * @source fuel-vm 0.66.4, storage instructions
 */
import type { ContractId, SlotKey } from '../../primitives/types.ts';
import { ERR, FIRST_WRITABLE, type Machine, ZERO } from '../machine.ts';
import { PANIC } from '../panic.ts';
import type { Run, Step } from '../row.ts';
import { chargeKey, chargeNewBytes } from './charge.ts';
import { keyAfter, readKey } from './slotKey.ts';
import * as legacy from './storageLegacy.ts';

const SLOT_BYTES = 32;
const U64_MAX = 0xffff_ffff_ffff_ffffn;
/** Counts, lengths and offsets above this are refused before anything else. */
const U32_MAX = 0xffff_ffffn;
const NO_BYTES = new Uint8Array(0);

type Slots = Map<SlotKey, Uint8Array | null>;

/** Values by key of the slots that this transaction read, wrote or cleared in one contract. */
function touched(m: Machine, contract: ContractId): Slots {
  let slots = m.ctx.hotSlots.get(contract);
  if (slots === undefined) {
    slots = new Map();
    m.ctx.hotSlots.set(contract, slots);
  }
  return slots;
}

/** What the last `peek` found, for the charge that follows. */
const peeked: { slots: Slots; isHot: boolean } = { slots: new Map(), isHot: false };

/** The value without any charge; `chargeRead` must follow once its effects are done. */
function peek(m: Machine, contract: ContractId, key: SlotKey): Uint8Array | null {
  const slots = touched(m, contract);
  const hot = slots.get(key);
  peeked.slots = slots;
  peeked.isHot = hot !== undefined;
  return hot === undefined ? m.ctx.storage.slot(contract, key) : hot;
}

/** The price of the read that `peek` did. Out of gas goes before what the effect found wrong. */
function chargeRead(m: Machine, key: SlotKey, value: Uint8Array | null): Step {
  const { slots, isHot } = peeked;
  const step = chargeKey(
    m,
    isHot ? 'storage_read_hot' : 'storage_read_cold',
    value === null ? 0 : value.length,
  );
  if (step === 0 && !isHot) slots.set(key, value);
  return step;
}

/** Writes a whole slot and charges by its length, and for growth over the old length. */
function write(m: Machine, contract: ContractId, key: SlotKey, value: Uint8Array): Step {
  const old = peek(m, contract, key);
  const { slots, isHot } = peeked;
  if (!isHot) slots.set(key, old);
  if (value.length > m.ctx.maxSlotBytes) return PANIC.StorageOutOfBounds;
  m.ctx.storage.setSlot(contract, key, value);
  slots.set(key, value);
  const step = chargeKey(m, 'storage_write', value.length);
  if (step !== 0) return step;
  return chargeNewBytes(m, Math.max(0, value.length - (old === null ? 0 : old.length)));
}

/** Clears `count` slots from `key` on, after charging for all of them. */
function clearRange(m: Machine, contract: ContractId, key: SlotKey, count: number): Step {
  if (count > 1 && keyAfter(key, BigInt(count) - 1n) === null) return PANIC.TooManySlots;
  const step = chargeKey(m, 'storage_clear', count);
  if (step !== 0) return step;
  const slots = touched(m, contract);
  for (let i = 0; i < count; i++) {
    const each = keyAfter(key, BigInt(i))!;
    m.ctx.storage.clearSlot(contract, each);
    slots.set(each, null);
  }
  return 0;
}

/** Old-style status registers: the system registers, $zero included, cannot be written. */
function setStatus(m: Machine, register: number, value: number): Step {
  if (register < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  m.setNum(register, value);
  return 0;
}

/** The bytes from an offset on as a big-endian word. */
function setWord(m: Machine, register: number, bytes: Uint8Array, at: number): Step {
  if (register < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  m.hi[register] = wordHalf(bytes, at);
  m.lo[register] = wordHalf(bytes, at + 4);
  return 0;
}

function wordHalf(bytes: Uint8Array, at: number): number {
  const [a, b, c, d] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!];
  return (a << 24) | (b << 16) | (c << 8) | d;
}

/** A slot that holds a word and zeros. */
function wordSlot(m: Machine, register: number): Uint8Array {
  const value = new Uint8Array(SLOT_BYTES);
  for (let i = 0, hi = m.hi[register]!, lo = m.lo[register]!; i < 4; i++) {
    value[i] = hi >>> (24 - 8 * i);
    value[i + 4] = lo >>> (24 - 8 * i);
  }
  return value;
}

/** dst = word `offset` of the slot, got = whether it exists. */
export const srw: Run = (m, dst, got, keyAddress, offset) => {
  if (m.ctx.rules === '0.65') return legacy.srw(m, dst, got, keyAddress, offset);
  const paid = chargeKey(m, 'noop', 0) || m.checkRead(m.num(keyAddress), 32);
  if (paid !== 0) return paid;
  const key = readKey(m, keyAddress);
  const { contract } = m;
  if (contract === null) return PANIC.ExpectedInternalContext;
  if (dst === got) return PANIC.ReservedRegisterNotWritable;
  const value = peek(m, contract, key);
  const isShort = value !== null && value.length < offset * 8 + 8;
  const step = chargeRead(m, key, value);
  if (step !== 0) return step;
  if (isShort) return PANIC.StorageOutOfBounds;
  if (value === null) return setStatus(m, dst, 0) || setStatus(m, got, 0);
  return setWord(m, dst, value, offset * 8) || setStatus(m, got, 1);
};

/** Reads `count` slots of 32 bytes from a key on into memory; absent ones read as zeros. */
export const srwq: Run = (m, dst, status, keyAddress, count) => {
  if (m.ctx.rules === '0.65') return legacy.srwq(m, dst, status, keyAddress, count);
  const paid = chargeKey(m, 'noop', 0) || m.checkRead(m.num(keyAddress), 32);
  if (paid !== 0) return paid;
  const first = readKey(m, keyAddress);
  if (m.hi[count] !== 0) return PANIC.TooManySlots;
  const slots = m.lo[count]!;
  const { contract } = m;
  if (contract === null) return PANIC.ExpectedInternalContext;
  const target = m.num(dst);
  let isEverySet = true;
  for (let i = 0; i < slots; i++) {
    const key = i === 0 ? first : keyAfter(first, BigInt(i));
    if (key === null) return PANIC.TooManySlots;
    const value = peek(m, contract, key);
    if (value === null) isEverySet = false;
    const wrong = copySlotOut(m, target + i * SLOT_BYTES, value);
    const step = chargeRead(m, key, value) || wrong;
    if (step !== 0) return step;
  }
  return setStatus(m, status, isEverySet ? 1 : 0);
};

function copySlotOut(m: Machine, to: number, value: Uint8Array | null): Step {
  const step = m.checkWrite(to, SLOT_BYTES);
  if (step !== 0) return step;
  if (value === null) m.mem.fill(0, to, to + SLOT_BYTES);
  else if (value.length !== SLOT_BYTES) return PANIC.StorageOutOfBounds;
  else m.mem.set(value, to);
  return 0;
}

/** Writes a slot of 32 bytes: the word, then zeros; status = whether the slot is new. */
export const sww: Run = (m, keyAddress, status, word, d) => {
  if (m.ctx.rules === '0.65') return legacy.sww(m, keyAddress, status, word, d);
  const paid = chargeKey(m, 'noop', 0) || m.checkRead(m.num(keyAddress), 32);
  if (paid !== 0) return paid;
  const key = readKey(m, keyAddress);
  const { contract } = m;
  if (contract === null) return PANIC.ExpectedInternalContext;
  const value = wordSlot(m, word);
  const old = peek(m, contract, key);
  return (
    chargeRead(m, key, old) ||
    write(m, contract, key, value) ||
    setStatus(m, status, old === null ? 1 : 0)
  );
};

/** Writes `count` slots of 32 bytes from memory; status = how many of them are new. */
export const swwq: Run = (m, keyAddress, status, source, count) => {
  if (m.ctx.rules === '0.65') return legacy.swwq(m, keyAddress, status, source, count);
  const paid = chargeKey(m, 'noop', 0) || m.checkRead(m.num(keyAddress), 32);
  if (paid !== 0) return paid;
  const first = readKey(m, keyAddress);
  const from = m.num(source);
  if (m.hi[count] !== 0) return PANIC.TooManySlots;
  const slots = m.lo[count]!;
  const { contract } = m;
  if (contract === null) return PANIC.ExpectedInternalContext;
  let created = 0;
  for (let i = 0; i < slots; i++) {
    const key = i === 0 ? first : keyAfter(first, BigInt(i));
    if (key === null) return PANIC.TooManySlots;
    const old = peek(m, contract, key);
    const at = from + i * SLOT_BYTES;
    let step = chargeRead(m, key, old) || m.checkRead(at, SLOT_BYTES);
    if (step === 0) step = write(m, contract, key, m.mem.slice(at, at + SLOT_BYTES));
    if (step !== 0) return step;
    if (old === null) created++;
  }
  return setStatus(m, status, created);
};

/** Clears `count` slots; status = whether all of them existed. */
export const scwq: Run = (m, keyAddress, status, count, d) => {
  if (m.ctx.rules === '0.65') return legacy.scwq(m, keyAddress, status, count, d);
  const paid = chargeKey(m, 'noop', 0) || m.checkRead(m.num(keyAddress), 32);
  if (paid !== 0) return paid;
  const first = readKey(m, keyAddress);
  if (m.hi[count] !== 0) return PANIC.TooManySlots;
  const slots = m.lo[count]!;
  const { contract } = m;
  if (contract === null) return PANIC.ExpectedInternalContext;
  let isEverySet = true;
  for (let i = 0; i < slots; i++) {
    const key = i === 0 ? first : keyAfter(first, BigInt(i));
    if (key === null) return PANIC.TooManySlots;
    const value = peek(m, contract, key);
    const step = chargeRead(m, key, value);
    if (step !== 0) return step;
    if (value === null) isEverySet = false;
  }
  return setStatus(m, status, isEverySet ? 1 : 0) || clearRange(m, contract, first, slots);
};

/** Clears `count` slots from a key on. */
export const sclr: Run = (m, keyAddress, count) => {
  if (m.ctx.rules === '0.65') return PANIC.InvalidInstruction;
  const paid = chargeKey(m, 'noop', 0) || m.checkRead(m.num(keyAddress), 32);
  if (paid !== 0) return paid;
  const key = readKey(m, keyAddress);
  if (m.hi[count] !== 0) return PANIC.TooManySlots;
  const slots = m.lo[count]!;
  if (m.contract === null) return PANIC.ExpectedInternalContext;
  return clearRange(m, m.contract, key, slots);
};

/** Copies a part of a slot into memory; $err = 1 when the slot is absent. */
function readPart(m: Machine, dst: number, keyRegister: number, offset: bigint, len: bigint): Step {
  const { contract } = m;
  const paid = chargeKey(m, 'noop', 0);
  if (paid !== 0) return paid;
  if (contract === null) return PANIC.ExpectedInternalContext;
  const unreadable = m.checkRead(m.num(keyRegister), 32);
  if (unreadable !== 0) return unreadable;
  const key = readKey(m, keyRegister);
  if (offset > U32_MAX || len > U32_MAX) return PANIC.MemoryOverflow;
  const value = peek(m, contract, key);
  const wrong = value === null ? 0 : copyPart(m, m.num(dst), value, offset, len);
  const step = chargeRead(m, key, value) || wrong;
  if (step !== 0) return step;
  m.setReg(ERR, value === null ? 1n : 0n);
  return 0;
}

function copyPart(m: Machine, to: number, value: Uint8Array, offset: bigint, len: bigint): Step {
  if (offset + len > BigInt(value.length)) return PANIC.StorageOutOfBounds;
  const bytes = Number(len);
  const step = m.checkWrite(to, bytes);
  if (step !== 0) return step;
  m.mem.set(value.subarray(Number(offset), Number(offset) + bytes), to);
  return 0;
}

export const srdd: Run = (m, dst, key, offset, len) =>
  m.ctx.rules === '0.65'
    ? PANIC.InvalidInstruction
    : readPart(m, dst, key, m.reg(offset), m.reg(len));

export const srdi: Run = (m, dst, key, offset, len) =>
  m.ctx.rules === '0.65'
    ? PANIC.InvalidInstruction
    : readPart(m, dst, key, m.reg(offset), BigInt(len));

/** Replaces a slot by bytes from memory. */
function writeWhole(m: Machine, keyRegister: number, source: number, len: number): Step {
  const { contract } = m;
  const paid = chargeKey(m, 'noop', 0);
  if (paid !== 0) return paid;
  if (contract === null) return PANIC.ExpectedInternalContext;
  const from = m.num(source);
  const unreadable = m.checkRead(m.num(keyRegister), 32) || m.checkRead(from, len);
  if (unreadable !== 0) return unreadable;
  return write(m, contract, readKey(m, keyRegister), m.mem.slice(from, from + len));
}

export const swrd: Run = (m, key, source, len) =>
  m.ctx.rules === '0.65' ? PANIC.InvalidInstruction : writeWhole(m, key, source, m.num(len));

export const swri: Run = (m, key, source, len) =>
  m.ctx.rules === '0.65' ? PANIC.InvalidInstruction : writeWhole(m, key, source, len);

/** Overwrites a part of a slot, which may grow; offset 2^64-1 appends. */
function update(m: Machine, keyRegister: number, source: number, at: bigint, len: bigint): Step {
  const { contract } = m;
  const paid = chargeKey(m, 'noop', 0);
  if (paid !== 0) return paid;
  if (contract === null) return PANIC.ExpectedInternalContext;
  const unreadable = m.checkRead(m.num(keyRegister), 32);
  if (unreadable !== 0) return unreadable;
  const key = readKey(m, keyRegister);
  const found = peek(m, contract, key);
  const step = chargeRead(m, key, found);
  if (step !== 0) return step;
  const old = found ?? NO_BYTES;
  const offset = at === U64_MAX ? BigInt(old.length) : at;
  if (offset > U32_MAX) return PANIC.MemoryOverflow;
  if (offset > BigInt(old.length)) return PANIC.StorageOutOfBounds;
  if (len > U32_MAX) return PANIC.MemoryOverflow;
  const end = offset + len;
  if (end > BigInt(m.ctx.maxSlotBytes)) return PANIC.StorageOutOfBounds;
  const from = m.num(source);
  const wrong = m.checkRead(from, Number(len));
  if (wrong !== 0) return wrong;
  const value = new Uint8Array(Math.max(old.length, Number(end)));
  value.set(old);
  value.set(m.mem.subarray(from, from + Number(len)), Number(offset));
  return write(m, contract, key, value);
}

export const supd: Run = (m, key, source, offset, len) =>
  m.ctx.rules === '0.65'
    ? PANIC.InvalidInstruction
    : update(m, key, source, m.reg(offset), m.reg(len));

export const supi: Run = (m, key, source, offset, len) =>
  m.ctx.rules === '0.65'
    ? PANIC.InvalidInstruction
    : update(m, key, source, m.reg(offset), BigInt(len));

/** dst = length of the slot, $err = 1 when absent; `$zero` as target discards the length. */
export const spld: Run = (m, dst, keyAddress) => {
  if (m.ctx.rules === '0.65') return PANIC.InvalidInstruction;
  const paid = chargeKey(m, 'noop', 0) || m.checkRead(m.num(keyAddress), 32);
  if (paid !== 0) return paid;
  const key = readKey(m, keyAddress);
  const { contract } = m;
  if (contract === null) return PANIC.ExpectedInternalContext;
  const value = peek(m, contract, key);
  const step = chargeRead(m, key, value);
  if (step !== 0) return step;
  m.setReg(ERR, value === null ? 1n : 0n);
  return dst === ZERO ? 0 : setStatus(m, dst, value === null ? 0 : value.length);
};
