/**
 * Jumps, $flag and ECAL. Jumps set $pc themselves.
 *
 * @source fuel-vm 0.66.4, flow
 */
import { FIRST_WRITABLE, FLAG, IS, type Machine, MEM_BYTES, PC, ZERO } from '../machine.ts';
import { PANIC } from '../panic.ts';
import type { Run, Step } from '../row.ts';

const INSTRUCTION_BYTES = 4;
const FLAGS_MAX = 3;

/** $pc = target. Distances are doubles: rounding above 2^53 changes no verdict. */
function jumpTo(m: Machine, target: number): Step {
  if (target < 0 || target >= MEM_BYTES) return PANIC.MemoryOverflow;
  m.lo[PC] = target;
  return 0;
}

function next(m: Machine): Step {
  m.lo[PC] = m.lo[PC]! + INSTRUCTION_BYTES;
  return 0;
}

function fromStart(m: Machine, instructions: number): Step {
  return jumpTo(m, m.num(IS) + instructions * INSTRUCTION_BYTES);
}

/** One is added: a jump to itself would be of no use. */
function forwards(m: Machine, instructions: number): Step {
  return jumpTo(m, m.lo[PC]! + (instructions + 1) * INSTRUCTION_BYTES);
}

function backwards(m: Machine, instructions: number): Step {
  return jumpTo(m, m.lo[PC]! - (instructions + 1) * INSTRUCTION_BYTES);
}

function isZero(m: Machine, a: number): boolean {
  return m.lo[a] === 0 && m.hi[a] === 0;
}

function isEqual(m: Machine, a: number, b: number): boolean {
  return m.lo[a] === m.lo[b] && m.hi[a] === m.hi[b];
}

export const ji: Run = (m, imm) => fromStart(m, imm);
export const jnei: Run = (m, a, b, imm) => (isEqual(m, a, b) ? next(m) : fromStart(m, imm));
export const jnzi: Run = (m, a, imm) => (isZero(m, a) ? next(m) : fromStart(m, imm));
export const jmp: Run = (m, a) => fromStart(m, m.num(a));
export const jne: Run = (m, a, b, c) => (isEqual(m, a, b) ? next(m) : fromStart(m, m.num(c)));
export const jmpf: Run = (m, a, imm) => forwards(m, m.num(a) + imm);
export const jmpb: Run = (m, a, imm) => backwards(m, m.num(a) + imm);
export const jnzf: Run = (m, a, b, imm) => (isZero(m, a) ? next(m) : forwards(m, m.num(b) + imm));
export const jnzb: Run = (m, a, b, imm) => (isZero(m, a) ? next(m) : backwards(m, m.num(b) + imm));
export const jnef: Run = (m, a, b, c, imm) =>
  isEqual(m, a, b) ? next(m) : forwards(m, m.num(c) + imm);
export const jneb: Run = (m, a, b, c, imm) =>
  isEqual(m, a, b) ? next(m) : backwards(m, m.num(c) + imm);

/** Jumps to an address and keeps the one that follows; $zero drops it. */
export const jal: Run = (m, link, target, imm) => {
  const back = m.lo[PC]! + INSTRUCTION_BYTES;
  if (link !== ZERO) {
    if (link < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
    m.setNum(link, back);
  }
  // EXACT: the target is read after the link was written.
  return jumpTo(m, m.num(target) + imm * INSTRUCTION_BYTES);
};

/** Sets $flag; only its two known bits. */
export const flag: Run = (m, value) => {
  if (m.num(value) > FLAGS_MAX) return PANIC.InvalidFlags;
  m.lo[FLAG] = m.lo[value]!;
  m.hi[FLAG] = 0;
  return 0;
};

/** Calls into the host; this VM's host offers nothing. */
export const ecal: Run = () => PANIC.EcalError;
