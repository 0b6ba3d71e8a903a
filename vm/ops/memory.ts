/**
 * Loads, stores, copies, and the two ends of memory.
 *
 * @source fuel-vm 0.66.4, memory
 */
import { FIRST_WRITABLE, HP, type Machine, SP, SSP } from '../machine.ts';
import { PANIC } from '../panic.ts';
import type { Run, Step } from '../row.ts';

const WORD_BYTES = 8;

/** base + offset; a sum beyond 64 bits is beyond memory too. */
function addressOf(m: Machine, base: number, offset: number): number {
  return m.num(base) + offset;
}

/** 0 when dst may be written and `bytes` bytes at the address exist. */
function canLoad(m: Machine, dst: number, address: number, bytes: number): Step {
  return dst < FIRST_WRITABLE ? PANIC.ReservedRegisterNotWritable : m.checkRead(address, bytes);
}

function setLow(m: Machine, dst: number, value: number): Step {
  m.lo[dst] = value;
  m.hi[dst] = 0;
  return 0;
}

/** dst = byte at base + offset. */
export const lb: Run = (m, dst, base, offset) => {
  const at = addressOf(m, base, offset);
  return canLoad(m, dst, at, 1) || setLow(m, dst, m.mem[at]!);
};

/** dst = 16 bits at base + 2 · offset. */
export const lqw: Run = (m, dst, base, offset) => {
  const at = addressOf(m, base, offset * 2);
  return canLoad(m, dst, at, 2) || setLow(m, dst, m.view.getUint16(at));
};

/** dst = 32 bits at base + 4 · offset. */
export const lhw: Run = (m, dst, base, offset) => {
  const at = addressOf(m, base, offset * 4);
  return canLoad(m, dst, at, 4) || setLow(m, dst, m.view.getUint32(at));
};

/** dst = word at base + 8 · offset. */
export const lw: Run = (m, dst, base, offset) => {
  const at = addressOf(m, base, offset * WORD_BYTES);
  const step = canLoad(m, dst, at, WORD_BYTES);
  if (step !== 0) return step;
  m.hi[dst] = m.view.getUint32(at);
  m.lo[dst] = m.view.getUint32(at + 4);
  return 0;
};

/** Stores the low byte of a register. */
export const sb: Run = (m, base, value, offset) => {
  const at = addressOf(m, base, offset);
  const step = m.checkWrite(at, 1);
  if (step === 0) m.mem[at] = m.lo[value]!;
  return step;
};

/** Stores the low 16 bits of a register. */
export const sqw: Run = (m, base, value, offset) => {
  const at = addressOf(m, base, offset * 2);
  const step = m.checkWrite(at, 2);
  if (step === 0) m.view.setUint16(at, m.lo[value]!);
  return step;
};

/** Stores the low 32 bits of a register. */
export const shw: Run = (m, base, value, offset) => {
  const at = addressOf(m, base, offset * 4);
  const step = m.checkWrite(at, 4);
  if (step === 0) m.view.setUint32(at, m.lo[value]!);
  return step;
};

/** Stores a word. */
export const sw: Run = (m, base, value, offset) => {
  const at = addressOf(m, base, offset * WORD_BYTES);
  const step = m.checkWrite(at, WORD_BYTES);
  if (step !== 0) return step;
  m.view.setUint32(at, m.hi[value]!);
  m.view.setUint32(at + 4, m.lo[value]!);
  return 0;
};

function clear(m: Machine, address: number, length: number): Step {
  const step = m.checkWrite(address, length);
  if (step === 0) m.mem.fill(0, address, address + length);
  return step;
}

/** Fills memory with zeros. */
export const mcl: Run = (m, address, length) => clear(m, m.num(address), m.lengthOf(length));
export const mcli: Run = (m, address, imm) => clear(m, m.num(address), imm);

/** EXACT: an empty range strictly inside or at the start of the other counts as overlap. */
function overlaps(to: number, from: number, length: number): boolean {
  const toEnd = to + length;
  const fromEnd = from + length;
  return (
    (to <= from && from < toEnd) ||
    (from <= to && to < fromEnd) ||
    (to < fromEnd && fromEnd <= toEnd) ||
    (from < toEnd && toEnd <= fromEnd)
  );
}

function copy(m: Machine, to: number, from: number, length: number): Step {
  const step = m.checkRead(to, length) || m.checkRead(from, length);
  if (step !== 0) return step;
  if (overlaps(to, from, length)) return PANIC.MemoryWriteOverlap;
  if (!m.owns(to, length)) return PANIC.MemoryOwnership;
  m.mem.copyWithin(to, from, from + length);
  return 0;
}

/** Copies memory; the ranges must not overlap. */
export const mcp: Run = (m, to, from, length) =>
  copy(m, m.num(to), m.num(from), m.lengthOf(length));
export const mcpi: Run = (m, to, from, imm) => copy(m, m.num(to), m.num(from), imm);

function isSame(mem: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (mem[a + i] !== mem[b + i]) return false;
  return true;
}

/** dst = whether two ranges hold the same bytes. */
export const meq: Run = (m, dst, a, b, length) => {
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  const len = m.lengthOf(length);
  const step = m.checkRead(m.num(a), len) || m.checkRead(m.num(b), len);
  return step || setLow(m, dst, isSame(m.mem, m.num(a), m.num(b), len) ? 1 : 0);
};

/** Allocates heap: $hp falls. */
export const aloc: Run = (m, length) => m.growHeap(m.lengthOf(length));

/** Moves $sp after checking that it stays between $ssp and $hp. */
function moveSp(m: Machine, sp: number): Step {
  if (sp < m.lo[SSP]!) return PANIC.MemoryOverflow;
  if (sp > m.lo[HP]!) return PANIC.MemoryGrowthOverlap;
  const step = m.growStack(sp);
  if (step === 0) m.lo[SP] = sp;
  return step;
}

/** EXACT: growth past 2^64 is MemoryOverflow, growth into the heap MemoryGrowthOverlap. */
export const cfe: Run = (m) => {
  const sum = m.units + BigInt(m.lo[SP]!);
  return sum >> 64n !== 0n ? PANIC.MemoryOverflow : moveSp(m, Number(sum));
};
export const cfei: Run = (m, imm) => moveSp(m, m.lo[SP]! + imm);
export const cfs: Run = (m, bytes) => moveSp(m, m.lo[SP]! - m.num(bytes));
export const cfsi: Run = (m, imm) => moveSp(m, m.lo[SP]! - imm);

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Pushes the registers `first` + i for which bit i of the mask is set. */
function push(m: Machine, first: number, mask: number): Step {
  let at = m.lo[SP]!;
  const step = moveSp(m, at + bitCount(mask) * WORD_BYTES);
  if (step !== 0) return step;
  for (let i = first, rest = mask; rest !== 0; i++, rest >>>= 1) {
    if ((rest & 1) === 0) continue;
    m.view.setUint32(at, m.hi[i]!);
    m.view.setUint32(at + 4, m.lo[i]!);
    at += WORD_BYTES;
  }
  return 0;
}

/** The reverse of `push`. */
function pop(m: Machine, first: number, mask: number): Step {
  let at = m.lo[SP]! - bitCount(mask) * WORD_BYTES;
  const step = moveSp(m, at);
  if (step !== 0) return step;
  for (let i = first, rest = mask; rest !== 0; i++, rest >>>= 1) {
    if ((rest & 1) === 0) continue;
    m.hi[i] = m.view.getUint32(at);
    m.lo[i] = m.view.getUint32(at + 4);
    at += WORD_BYTES;
  }
  return 0;
}

const LOW_REGISTERS = 16;
const HIGH_REGISTERS = 40;
export const pshl: Run = (m, mask) => push(m, LOW_REGISTERS, mask);
export const pshh: Run = (m, mask) => push(m, HIGH_REGISTERS, mask);
export const popl: Run = (m, mask) => pop(m, LOW_REGISTERS, mask);
export const poph: Run = (m, mask) => pop(m, HIGH_REGISTERS, mask);
