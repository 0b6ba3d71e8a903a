/**
 * Arithmetic, logic, comparison and moves on 64-bit words.
 *
 * A register is two 32-bit halves. Each effect first refuses a system register as destination,
 * then judges the operands, then writes: $of and $err are set by every instruction of the family.
 *
 * @source fuel-vm 0.66.4, alu
 */
import {
  ERR,
  FIRST_WRITABLE,
  FLAG,
  FLAG_UNSAFE_MATH,
  FLAG_WRAPPING,
  type Machine,
  OF,
} from '../machine.ts';
import { PANIC } from '../panic.ts';
import type { Run, Step } from '../row.ts';

const U32_MAX = 0xffff_ffff;
const U64_MASK = 0xffff_ffff_ffff_ffffn;

/** Whether $flag silences overflow. */
export function isWrapping(m: Machine): boolean {
  return (m.lo[FLAG]! & FLAG_WRAPPING) !== 0;
}

/** Whether $flag silences undefined results. */
export function isUnsafeMath(m: Machine): boolean {
  return (m.lo[FLAG]! & FLAG_UNSAFE_MATH) !== 0;
}

/** dst = value, $of = $err = 0. */
function set(m: Machine, dst: number, hi: number, lo: number): Step {
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  m.lo[OF] = 0;
  m.hi[OF] = 0;
  m.lo[ERR] = 0;
  m.lo[dst] = lo;
  m.hi[dst] = hi;
  return 0;
}

/** The low half goes to dst, the carry word to $of; a carry panics unless wrapping. */
function setWithCarry(m: Machine, dst: number, hi: number, lo: number, carry: number): Step {
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  if (carry !== 0 && !isWrapping(m)) return PANIC.ArithmeticOverflow;
  m.lo[OF] = carry;
  m.hi[OF] = carry < 0 ? U32_MAX : 0;
  m.lo[ERR] = 0;
  m.lo[dst] = lo;
  m.hi[dst] = hi;
  return 0;
}

/** As `setWithCarry`, from a 128-bit value. */
function setWide(m: Machine, dst: number, value: bigint): Step {
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  const high = value >> 64n;
  if (high !== 0n && !isWrapping(m)) return PANIC.ArithmeticOverflow;
  m.setReg(OF, high);
  m.lo[ERR] = 0;
  m.setReg(dst, value);
  return 0;
}

/** A value that does not fit becomes 0 with $of = 1. */
function setOrOverflow(m: Machine, dst: number, value: bigint | null): Step {
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  if (value === null && !isWrapping(m)) return PANIC.ArithmeticOverflow;
  m.hi[OF] = 0;
  m.lo[OF] = value === null ? 1 : 0;
  m.lo[ERR] = 0;
  m.setReg(dst, value ?? 0n);
  return 0;
}

/** The result is undefined: 0 with $err = 1, or a panic unless unsafe maths is on. */
function setUndefined(m: Machine, dst: number): Step {
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  if (!isUnsafeMath(m)) return PANIC.ArithmeticError;
  set(m, dst, 0, 0);
  m.lo[ERR] = 1;
  return 0;
}

function addHalves(m: Machine, dst: number, lhs: number, rhsHi: number, rhsLo: number): Step {
  const lo = m.lo[lhs]! + rhsLo;
  const hi = m.hi[lhs]! + rhsHi + (lo > U32_MAX ? 1 : 0);
  return setWithCarry(m, dst, hi, lo, hi > U32_MAX ? 1 : 0);
}

function subHalves(m: Machine, dst: number, lhs: number, rhsHi: number, rhsLo: number): Step {
  const lo = m.lo[lhs]! - rhsLo;
  const hi = m.hi[lhs]! - rhsHi - (lo < 0 ? 1 : 0);
  return setWithCarry(m, dst, hi, lo, hi < 0 ? -1 : 0);
}

/** dst = lhs + rhs, $of = carry. */
export const add: Run = (m, dst, lhs, rhs) => addHalves(m, dst, lhs, m.hi[rhs]!, m.lo[rhs]!);
export const addi: Run = (m, dst, lhs, imm) => addHalves(m, dst, lhs, 0, imm);

/** dst = lhs - rhs, $of = all ones after a borrow. */
export const sub: Run = (m, dst, lhs, rhs) => subHalves(m, dst, lhs, m.hi[rhs]!, m.lo[rhs]!);
export const subi: Run = (m, dst, lhs, imm) => subHalves(m, dst, lhs, 0, imm);

/** dst = low word of lhs · rhs, $of = high word. */
export const mul: Run = (m, dst, lhs, rhs) => setWide(m, dst, m.reg(lhs) * m.reg(rhs));
export const muli: Run = (m, dst, lhs, imm) => setWide(m, dst, m.reg(lhs) * BigInt(imm));

function divide(m: Machine, dst: number, lhs: number, divisor: bigint): Step {
  if (divisor === 0n) return setUndefined(m, dst);
  return setWide(m, dst, m.reg(lhs) / divisor);
}

function remainder(m: Machine, dst: number, lhs: number, divisor: bigint): Step {
  if (divisor === 0n) return setUndefined(m, dst);
  return setWide(m, dst, m.reg(lhs) % divisor);
}

/** dst = lhs / rhs, rounded down; 0 as divisor is undefined. */
export const div: Run = (m, dst, lhs, rhs) => divide(m, dst, lhs, m.reg(rhs));
export const divi: Run = (m, dst, lhs, imm) => divide(m, dst, lhs, BigInt(imm));

/** dst = lhs mod rhs; 0 as divisor is undefined. */
export const mod: Run = (m, dst, lhs, rhs) => remainder(m, dst, lhs, m.reg(rhs));
export const modi: Run = (m, dst, lhs, imm) => remainder(m, dst, lhs, BigInt(imm));

/** null: does not fit 64 bits. */
function power(base: bigint, exponent: bigint): bigint | null {
  if (base < 2n) return exponent === 0n ? 1n : base;
  if (exponent > 63n) return null;
  const value = base ** exponent;
  return value > U64_MASK ? null : value;
}

/** dst = base ^ exponent; on overflow 0 with $of = 1. */
export const exp: Run = (m, dst, base, exponent) =>
  setOrOverflow(m, dst, power(m.reg(base), m.reg(exponent)));
export const expi: Run = (m, dst, base, imm) =>
  setOrOverflow(m, dst, power(m.reg(base), BigInt(imm)));

/** dst = logarithm of value to a base, rounded down. */
export const mlog: Run = (m, dst, value, base) => {
  const b = m.reg(base);
  let rest = m.reg(value);
  if (rest === 0n || b <= 1n) return setUndefined(m, dst);
  let log = 0;
  while (rest >= b) {
    rest /= b;
    log++;
  }
  return set(m, dst, 0, log);
};

/** Greatest r with r^n <= value, for n > 1 and value > 1. */
function floorRoot(value: bigint, n: bigint): bigint {
  if (n >= 64n) return 1n;
  let low = 1n;
  let high = 1n << (64n / n + 1n);
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** n <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** dst = n-th root of value, rounded down; the 0th is undefined. */
export const mroo: Run = (m, dst, value, root) => {
  const n = m.reg(root);
  const target = m.reg(value);
  if (n === 0n) return setUndefined(m, dst);
  return setWide(m, dst, n === 1n || target <= 1n ? target : floorRoot(target, n));
};

/** dst = lhs · rhs / divisor with 128 bits in between; divisor 0 counts as 2^64. */
export const mldv: Run = (m, dst, lhs, rhs, divisor) => {
  const product = m.reg(lhs) * m.reg(rhs);
  const by = m.reg(divisor);
  return setWide(m, dst, by === 0n ? product >> 64n : product / by);
};

export const and: Run = (m, dst, a, b) => set(m, dst, m.hi[a]! & m.hi[b]!, m.lo[a]! & m.lo[b]!);
export const or: Run = (m, dst, a, b) => set(m, dst, m.hi[a]! | m.hi[b]!, m.lo[a]! | m.lo[b]!);
export const xor: Run = (m, dst, a, b) => set(m, dst, m.hi[a]! ^ m.hi[b]!, m.lo[a]! ^ m.lo[b]!);
export const not: Run = (m, dst, a) => set(m, dst, ~m.hi[a]!, ~m.lo[a]!);
export const andi: Run = (m, dst, a, imm) => set(m, dst, 0, m.lo[a]! & imm);
export const ori: Run = (m, dst, a, imm) => set(m, dst, m.hi[a]!, m.lo[a]! | imm);
export const xori: Run = (m, dst, a, imm) => set(m, dst, m.hi[a]!, m.lo[a]! ^ imm);

function shiftLeft(m: Machine, dst: number, a: number, bits: number): Step {
  const lo = m.lo[a]!;
  if (bits === 0) return set(m, dst, m.hi[a]!, lo);
  if (bits > 63) return set(m, dst, 0, 0);
  if (bits > 31) return set(m, dst, lo << (bits - 32), 0);
  return set(m, dst, (m.hi[a]! << bits) | (lo >>> (32 - bits)), lo << bits);
}

function shiftRight(m: Machine, dst: number, a: number, bits: number): Step {
  const hi = m.hi[a]!;
  if (bits === 0) return set(m, dst, hi, m.lo[a]!);
  if (bits > 63) return set(m, dst, 0, 0);
  if (bits > 31) return set(m, dst, 0, hi >>> (bits - 32));
  return set(m, dst, hi >>> bits, (m.lo[a]! >>> bits) | (hi << (32 - bits)));
}

/** dst = a shifted left; 64 bits and more give 0. */
export const sll: Run = (m, dst, a, bits) => shiftLeft(m, dst, a, m.num(bits));
export const slli: Run = (m, dst, a, imm) => shiftLeft(m, dst, a, imm);
/** dst = a shifted right; 64 bits and more give 0. */
export const srl: Run = (m, dst, a, bits) => shiftRight(m, dst, a, m.num(bits));
export const srli: Run = (m, dst, a, imm) => shiftRight(m, dst, a, imm);

export const eq: Run = (m, dst, a, b) =>
  set(m, dst, 0, m.lo[a] === m.lo[b] && m.hi[a] === m.hi[b] ? 1 : 0);
export const lt: Run = (m, dst, a, b) => set(m, dst, 0, isLess(m, a, b) ? 1 : 0);
export const gt: Run = (m, dst, a, b) => set(m, dst, 0, isLess(m, b, a) ? 1 : 0);

function isLess(m: Machine, a: number, b: number): boolean {
  const high = m.hi[a]! - m.hi[b]!;
  return high < 0 || (high === 0 && m.lo[a]! < m.lo[b]!);
}

export const move: Run = (m, dst, a) => set(m, dst, m.hi[a]!, m.lo[a]!);
export const movi: Run = (m, dst, imm) => set(m, dst, 0, imm);

/** Clears $of and $err. */
export const noop: Run = (m) => {
  m.lo[OF] = 0;
  m.hi[OF] = 0;
  m.lo[ERR] = 0;
  return 0;
};

const NARROW_BITS: readonly number[] = [8, 16, 32];

/** [value, overflow] of an operation on two words that fit `bits` bits; null: no such operation. */
function narrow(op: number, bits: number, x: bigint, y: bigint): [bigint, bigint] | null {
  const width = BigInt(bits);
  const mask = (1n << width) - 1n;
  const split = (value: bigint): [bigint, bigint] => [value & mask, value >> width];
  switch (op) {
    case 0:
      return split(x + y);
    case 1:
      return [(x - y) & mask, x < y ? U64_MASK : 0n];
    case 2:
      return split(x * y);
    case 3: {
      const value = power(x, y);
      return value === null || value > mask ? [0n, 1n] : [value, 0n];
    }
    case 4:
      // A shift by 64 and more is 0; below, what leaves the width is dropped.
      return [y > 63n ? 0n : (x << y) & mask, 0n];
    case 5:
      return [~(x ^ y) & mask, 0n];
    default:
      return null;
  }
}

/** An operation on the low 8, 16 or 32 bits; the immediate chooses operation and width. */
export const niop: Run = (m, dst, lhs, rhs, imm) => {
  const bits = NARROW_BITS[imm >> 4];
  if (bits === undefined || (imm & 15) > 5) return PANIC.InvalidImmediateValue;
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  const mask = (1n << BigInt(bits)) - 1n;
  const result = narrow(imm & 15, bits, m.reg(lhs) & mask, m.reg(rhs) & mask);
  if (result === null) return PANIC.InvalidImmediateValue;
  const [value, overflow] = result;
  if (overflow !== 0n && !isWrapping(m)) return PANIC.ArithmeticOverflow;
  m.setReg(dst, value);
  m.setReg(OF, overflow);
  m.lo[ERR] = 0;
  return 0;
};
