/**
 * 128-bit (WD…) and 256-bit (WQ…) integers, big-endian in memory.
 *
 * Order of effects: immediate, operands from left to right, verdict, $of and $err, and only then
 * the check of the destination, so a panic there leaves $of and $err changed.
 *
 * @source fuel-vm 0.66.4, wideint; fuel-asm 0.66.4 for the immediates
 */
import { ERR, FIRST_WRITABLE, type Machine, OF } from '../machine.ts';
import { PANIC } from '../panic.ts';
import type { Run, Step } from '../row.ts';
import { isUnsafeMath, isWrapping } from './alu.ts';

const D_BYTES = 16;
const Q_BYTES = 32;
/** The operand is in memory; else the register is the operand. */
const INDIRECT_RHS = 32;
const INDIRECT_LHS = 16;

function load(m: Machine, at: number, bytes: number): bigint {
  const { view } = m;
  const low = (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8);
  if (bytes === D_BYTES) return low;
  return (low << 128n) | (view.getBigUint64(at + 16) << 64n) | view.getBigUint64(at + 24);
}

function store(m: Machine, dst: number, bytes: number, value: bigint): Step {
  const at = m.num(dst);
  const step = m.checkWrite(at, bytes);
  if (step !== 0) return step;
  for (let i = bytes - 8, rest = value; i >= 0; i -= 8, rest >>= 64n) {
    m.view.setBigUint64(at + i, BigInt.asUintN(64, rest));
  }
  return 0;
}

function setStatus(m: Machine, of: number, err: number): void {
  m.lo[OF] = of;
  m.hi[OF] = 0;
  m.lo[ERR] = err;
}

/** Stores a value of which `bytes` bytes are kept; more than that is an overflow. */
function storeChecked(m: Machine, dst: number, bytes: number, value: bigint): Step {
  const kept = BigInt.asUintN(bytes * 8, value);
  const overflow = kept !== value;
  if (overflow && !isWrapping(m)) return PANIC.ArithmeticOverflow;
  setStatus(m, overflow ? 1 : 0, 0);
  return store(m, dst, bytes, kept);
}

/** Stores a quotient or rest; null: the divisor was 0. */
function storeDefined(m: Machine, dst: number, bytes: number, value: bigint | null): Step {
  if (value === null && !isUnsafeMath(m)) return PANIC.ArithmeticError;
  setStatus(m, 0, value === null ? 1 : 0);
  return store(m, dst, bytes, value ?? 0n);
}

function leadingZeros(value: bigint, bits: number): number {
  return value === 0n ? bits : bits - value.toString(2).length;
}

function compare(mode: number, l: bigint, r: bigint, bits: number): number {
  switch (mode) {
    case 0:
      return l === r ? 1 : 0;
    case 1:
      return l !== r ? 1 : 0;
    case 2:
      return l < r ? 1 : 0;
    case 3:
      return l > r ? 1 : 0;
    case 4:
      return l <= r ? 1 : 0;
    case 5:
      return l >= r ? 1 : 0;
    default:
      return leadingZeros(l, bits);
  }
}

/** 0 when operand b, and c if it is indirect, can be read. */
function canRead(m: Machine, b: number, c: number, bytes: number, isIndirect: boolean): Step {
  return m.checkRead(m.num(b), bytes) || (isIndirect ? m.checkRead(m.num(c), bytes) : 0);
}

function operand(m: Machine, register: number, bytes: number, isIndirect: boolean): bigint {
  return isIndirect ? load(m, m.num(register), bytes) : m.reg(register);
}

const compareOf =
  (bytes: number): Run =>
  (m, dst, b, c, imm) => {
    const isIndirect = (imm & INDIRECT_RHS) !== 0;
    if ((imm & 0b01_1000) !== 0 || (imm & 7) === 7) return PANIC.InvalidImmediateValue;
    if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
    const step = canRead(m, b, c, bytes, isIndirect);
    if (step !== 0) return step;
    const rhs = operand(m, c, bytes, isIndirect);
    m.setNum(dst, compare(imm & 7, load(m, m.num(b), bytes), rhs, bytes * 8));
    setStatus(m, 0, 0);
    return 0;
  };

function shift(value: bigint, by: bigint, bits: number, isLeft: boolean): bigint {
  if (by >= BigInt(bits)) return 0n;
  return isLeft ? BigInt.asUintN(bits, value << by) : value >> by;
}

/** A value outside the width is an overflow. */
function operate(op: number, l: bigint, r: bigint, bits: number): bigint {
  switch (op) {
    case 0:
      return l + r;
    case 1:
      return l - r;
    case 2:
      return BigInt.asUintN(bits, ~l);
    case 3:
      return l | r;
    case 4:
      return l ^ r;
    case 5:
      return l & r;
    default:
      return shift(l, r, bits, op === 6);
  }
}

const operationOf =
  (bytes: number): Run =>
  (m, dst, b, c, imm) => {
    const isIndirect = (imm & INDIRECT_RHS) !== 0;
    if ((imm & 0b01_1000) !== 0) return PANIC.InvalidImmediateValue;
    const step = canRead(m, b, c, bytes, isIndirect);
    if (step !== 0) return step;
    const rhs = operand(m, c, bytes, isIndirect);
    return storeChecked(m, dst, bytes, operate(imm & 7, load(m, m.num(b), bytes), rhs, bytes * 8));
  };

const productOf =
  (bytes: number): Run =>
  (m, dst, b, c, imm) => {
    const isLeft = (imm & INDIRECT_LHS) !== 0;
    const isRight = (imm & INDIRECT_RHS) !== 0;
    if ((imm & 0b1111) !== 0) return PANIC.InvalidImmediateValue;
    const step =
      (isLeft ? m.checkRead(m.num(b), bytes) : 0) || (isRight ? m.checkRead(m.num(c), bytes) : 0);
    if (step !== 0) return step;
    const product = operand(m, b, bytes, isLeft) * operand(m, c, bytes, isRight);
    return storeChecked(m, dst, bytes, product);
  };

const quotientOf =
  (bytes: number): Run =>
  (m, dst, b, c, imm) => {
    const isIndirect = (imm & INDIRECT_RHS) !== 0;
    if ((imm & 0b01_1111) !== 0) return PANIC.InvalidImmediateValue;
    const step = canRead(m, b, c, bytes, isIndirect);
    if (step !== 0) return step;
    const divisor = operand(m, c, bytes, isIndirect);
    const value = divisor === 0n ? null : load(m, m.num(b), bytes) / divisor;
    return storeDefined(m, dst, bytes, value);
  };

/** Three operands in memory: `combine` two of them, reduce by the third. */
const moduloOf =
  (bytes: number, combine: (x: bigint, y: bigint) => bigint): Run =>
  (m, dst, b, c, d) => {
    const step = canRead(m, b, c, bytes, true) || m.checkRead(m.num(d), bytes);
    if (step !== 0) return step;
    const modulus = load(m, m.num(d), bytes);
    if (modulus === 0n) return storeDefined(m, dst, bytes, null);
    const value = combine(load(m, m.num(b), bytes), load(m, m.num(c), bytes));
    return storeDefined(m, dst, bytes, value % modulus);
  };

/** lhs · rhs / divisor without loss in between; divisor 0 counts as 2^width. */
const mulDivOf =
  (bytes: number): Run =>
  (m, dst, b, c, d) => {
    const step = canRead(m, b, c, bytes, true) || m.checkRead(m.num(d), bytes);
    if (step !== 0) return step;
    const product = load(m, m.num(b), bytes) * load(m, m.num(c), bytes);
    const divisor = load(m, m.num(d), bytes);
    const value = divisor === 0n ? product >> BigInt(bytes * 8) : product / divisor;
    return storeChecked(m, dst, bytes, value);
  };

const plus = (x: bigint, y: bigint): bigint => x + y;
const times = (x: bigint, y: bigint): bigint => x * y;

export const wdcm: Run = compareOf(D_BYTES);
export const wqcm: Run = compareOf(Q_BYTES);
export const wdop: Run = operationOf(D_BYTES);
export const wqop: Run = operationOf(Q_BYTES);
export const wdml: Run = productOf(D_BYTES);
export const wqml: Run = productOf(Q_BYTES);
export const wddv: Run = quotientOf(D_BYTES);
export const wqdv: Run = quotientOf(Q_BYTES);
export const wdmd: Run = mulDivOf(D_BYTES);
export const wqmd: Run = mulDivOf(Q_BYTES);
export const wdam: Run = moduloOf(D_BYTES, plus);
export const wqam: Run = moduloOf(Q_BYTES, plus);
export const wdmm: Run = moduloOf(D_BYTES, times);
export const wqmm: Run = moduloOf(Q_BYTES, times);
