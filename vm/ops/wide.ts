/**
 * 128-bit (WD…) and 256-bit (WQ…) integers, big-endian in memory.
 *
 * Order of effects: immediate, operands from left to right, verdict, $of and $err, and only then
 * the check of the destination, so a panic there leaves $of and $err changed.
 *
 * @source fuel-vm 0.66.4, wideint; fuel-asm 0.66.4 for the immediates
 */
import { ERR, FIRST_WRITABLE, type Machine, OF } from '../machine.ts';
import { WIDE_AT } from '../memory.ts';
import { PANIC } from '../panic.ts';
import type { Run, Step } from '../row.ts';
import { WIDE_OPERANDS, WIDE_OVERFLOW, WIDE_ZERO } from '../wide/layout.ts';
import { isUnsafeMath, isWrapping } from './alu.ts';

const D_BYTES = 16;
const Q_BYTES = 32;
/** The operand is in memory; else the register is the operand. */
const INDIRECT_RHS = 32;
const INDIRECT_LHS = 16;
/** The first of the two shifts. */
const SHIFT_LEFT = 6;

/** Operands and result as 32-bit limbs, the most significant first. */
const LEFT = new Uint32Array(Q_BYTES / 4);
const RIGHT = new Uint32Array(Q_BYTES / 4);
const RESULT = new Uint32Array(Q_BYTES / 4);
const U32_MAX = 0xffff_ffff;
const TWO32 = 0x1_0000_0000;

function loadLimbs(m: Machine, at: number, count: number, into: Uint32Array): void {
  for (let i = 0; i < count; i++) into[i] = m.view.getUint32(at + i * 4);
}

function registerLimbs(m: Machine, register: number, count: number, into: Uint32Array): void {
  into.fill(0, 0, count - 2);
  into[count - 2] = m.hi[register]!;
  into[count - 1] = m.lo[register]!;
}

/** RESULT = LEFT + RIGHT. @returns whether a carry is left over */
function addLimbs(count: number): boolean {
  let carry = 0;
  for (let i = count - 1; i >= 0; i--) {
    const sum = LEFT[i]! + RIGHT[i]! + carry;
    RESULT[i] = sum;
    carry = sum > U32_MAX ? 1 : 0;
  }
  return carry !== 0;
}

/** RESULT = LEFT - RIGHT. @returns whether a borrow is left over */
function subtractLimbs(count: number): boolean {
  let borrow = 0;
  for (let i = count - 1; i >= 0; i--) {
    const difference = LEFT[i]! - RIGHT[i]! - borrow;
    RESULT[i] = difference;
    borrow = difference < 0 ? 1 : 0;
  }
  return borrow !== 0;
}

/** Negative, 0 or positive as LEFT is less than, equal to or greater than RIGHT. */
function orderOfLimbs(count: number): number {
  for (let i = 0; i < count; i++) {
    const difference = LEFT[i]! - RIGHT[i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Leading zero bits of LEFT. */
function leadingZeros(count: number): number {
  for (let i = 0; i < count; i++) {
    if (LEFT[i] !== 0) return i * 32 + Math.clz32(LEFT[i]!);
  }
  return count * 32;
}

/** Whether `words` 32-bit words are zero: most 256-bit values are small. */
function isZeroAt(m: Machine, at: number, words: number): boolean {
  for (let i = 0; i < words; i++) if (m.view.getUint32(at + i * 4) !== 0) return false;
  return true;
}

function loadDouble(m: Machine, at: number): bigint {
  const low = m.view.getBigUint64(at + 8);
  return isZeroAt(m, at, 2) ? low : (m.view.getBigUint64(at) << 64n) | low;
}

function load(m: Machine, at: number, bytes: number): bigint {
  if (bytes === D_BYTES) return loadDouble(m, at);
  const low = loadDouble(m, at + D_BYTES);
  return isZeroAt(m, at, 4) ? low : (loadDouble(m, at) << 128n) | low;
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

function compare(mode: number, count: number): number {
  if (mode === 6) return leadingZeros(count);
  const order = orderOfLimbs(count);
  switch (mode) {
    case 0:
      return order === 0 ? 1 : 0;
    case 1:
      return order !== 0 ? 1 : 0;
    case 2:
      return order < 0 ? 1 : 0;
    case 3:
      return order > 0 ? 1 : 0;
    case 4:
      return order <= 0 ? 1 : 0;
    default:
      return order >= 0 ? 1 : 0;
  }
}

/** 0 when operand b, and c if it is indirect, can be read. */
function canRead(m: Machine, b: number, c: number, bytes: number, isIndirect: boolean): Step {
  return m.checkRead(m.num(b), bytes) || (isIndirect ? m.checkRead(m.num(c), bytes) : 0);
}

function operand(m: Machine, register: number, bytes: number, isIndirect: boolean): bigint {
  return isIndirect ? load(m, m.num(register), bytes) : m.reg(register);
}

function loadOperand(
  m: Machine,
  register: number,
  count: number,
  isIndirect: boolean,
  into: Uint32Array,
): void {
  if (isIndirect) loadLimbs(m, m.num(register), count, into);
  else registerLimbs(m, register, count, into);
}

function loadOperands(m: Machine, b: number, c: number, count: number, isIndirect: boolean): void {
  loadLimbs(m, m.num(b), count, LEFT);
  loadOperand(m, c, count, isIndirect, RIGHT);
}

const compareOf =
  (bytes: number): Run =>
  (m, dst, b, c, imm) => {
    const isIndirect = (imm & INDIRECT_RHS) !== 0;
    if ((imm & 0b01_1000) !== 0 || (imm & 7) === 7) return PANIC.InvalidImmediateValue;
    if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
    const step = canRead(m, b, c, bytes, isIndirect);
    if (step !== 0) return step;
    loadOperands(m, b, c, bytes / 4, isIndirect);
    m.setNum(dst, compare(imm & 7, bytes / 4));
    setStatus(m, 0, 0);
    return 0;
  };

function shift(value: bigint, by: bigint, bits: number, isLeft: boolean): bigint {
  if (by >= BigInt(bits)) return 0n;
  return isLeft ? BigInt.asUintN(bits, value << by) : value >> by;
}

/** RESULT = LEFT (op) RIGHT for all operations but shifts. @returns whether it overflowed */
function operate(op: number, count: number): boolean {
  if (op === 0) return addLimbs(count);
  if (op === 1) return subtractLimbs(count);
  for (let i = 0; i < count; i++) {
    const l = LEFT[i]!;
    const r = RIGHT[i]!;
    RESULT[i] = op === 2 ? ~l : op === 3 ? l | r : op === 4 ? l ^ r : l & r;
  }
  return false;
}

function storeLimbs(m: Machine, dst: number, count: number): Step {
  const at = m.num(dst);
  const step = m.checkWrite(at, count * 4);
  if (step !== 0) return step;
  for (let i = 0; i < count; i++) m.view.setUint32(at + i * 4, RESULT[i]!);
  return 0;
}

const operationOf =
  (bytes: number): Run =>
  (m, dst, b, c, imm) => {
    const isIndirect = (imm & INDIRECT_RHS) !== 0;
    if ((imm & 0b01_1000) !== 0) return PANIC.InvalidImmediateValue;
    const step = canRead(m, b, c, bytes, isIndirect);
    if (step !== 0) return step;
    const op = imm & 7;
    if (op >= SHIFT_LEFT) {
      const by = operand(m, c, bytes, isIndirect);
      const value = shift(load(m, m.num(b), bytes), by, bytes * 8, op === SHIFT_LEFT);
      return storeChecked(m, dst, bytes, value);
    }
    loadOperands(m, b, c, bytes / 4, isIndirect);
    const overflow = operate(op, bytes / 4);
    if (overflow && !isWrapping(m)) return PANIC.ArithmeticOverflow;
    setStatus(m, overflow ? 1 : 0, 0);
    return storeLimbs(m, dst, bytes / 4);
  };

/** Limbs up to the most significant one that is not zero. */
function significantLimbs(limbs: Uint32Array, count: number): number {
  for (let i = 0; i < count; i++) if (limbs[i] !== 0) return count - i;
  return 0;
}

/** RESULT = low limbs of LEFT · RIGHT. @returns whether anything is lost */
function multiplyLimbs(count: number): boolean {
  RESULT.fill(0);
  const lefts = significantLimbs(LEFT, count);
  const rights = significantLimbs(RIGHT, count);
  let isLost = lefts !== 0 && rights !== 0 && lefts + rights - 2 >= count;
  for (let i = 0; i < lefts; i++) {
    const l = LEFT[count - 1 - i]!;
    let carry = 0;
    let k = count - 1 - i;
    for (let j = 0; j < rights && k >= 0; j++, k--) {
      const r = RIGHT[count - 1 - j]!;
      const low = Math.imul(l, r) >>> 0;
      // The product of two limbs is rounded as a double, but by far less than half a limb.
      const high = ((l * r - low) / TWO32 + 0.5) >>> 0;
      const sum = RESULT[k]! + low + carry;
      RESULT[k] = sum;
      carry = high + ((sum / TWO32) >>> 0);
    }
    if (k >= 0) RESULT[k] = carry;
    else if (carry !== 0) isLost = true;
  }
  return isLost;
}

/** Address of an operand for the kernel: registers are laid into one of its two places. */
function operandAt(
  m: Machine,
  register: number,
  place: 0 | 1,
  bytes: number,
  isIndirect: boolean,
): number {
  if (isIndirect) return m.num(register);
  const at = WIDE_AT + WIDE_OPERANDS + place * Q_BYTES;
  const { whole } = m;
  for (let i = 0; i < bytes - 8; i += 4) whole.setUint32(at + i, 0);
  whole.setUint32(at + bytes - 8, m.hi[register]!);
  whole.setUint32(at + bytes - 4, m.lo[register]!);
  return at;
}

/** Where the kernel may write: an unwritable destination is a panic only after the verdict. */
function targetOf(m: Machine, dst: number, step: Step): number {
  return step === 0 ? m.num(dst) : WIDE_AT + WIDE_OPERANDS;
}

/** The verdict of the kernel, then that of the destination. */
function judge(m: Machine, dst: number, bytes: number, status: number, step: Step): Step {
  if (status === WIDE_OVERFLOW && !isWrapping(m)) return PANIC.ArithmeticOverflow;
  if (status === WIDE_ZERO) {
    if (!isUnsafeMath(m)) return PANIC.ArithmeticError;
    if (step === 0) m.mem.fill(0, m.num(dst), m.num(dst) + bytes);
  }
  setStatus(m, status === WIDE_OVERFLOW ? 1 : 0, status === WIDE_ZERO ? 1 : 0);
  return step;
}

const productOf =
  (bytes: number): Run =>
  (m, dst, b, c, imm) => {
    const isLeft = (imm & INDIRECT_LHS) !== 0;
    const isRight = (imm & INDIRECT_RHS) !== 0;
    if ((imm & 0b1111) !== 0) return PANIC.InvalidImmediateValue;
    const step =
      (isLeft ? m.checkRead(m.num(b), bytes) : 0) || (isRight ? m.checkRead(m.num(c), bytes) : 0);
    if (step !== 0) return step;
    const count = bytes / 4;
    const kernel = m.wide;
    if (kernel !== null) {
      const left = operandAt(m, b, 0, bytes, isLeft);
      const right = operandAt(m, c, 1, bytes, isRight);
      const wrong = m.checkWrite(m.num(dst), bytes);
      const to = targetOf(m, dst, wrong);
      const status = kernel.product(left, right, to, bytes / 8, isWrapping(m) ? 1 : 0);
      return judge(m, dst, bytes, status, wrong);
    }
    loadOperand(m, b, count, isLeft, LEFT);
    loadOperand(m, c, count, isRight, RIGHT);
    const overflow = multiplyLimbs(count);
    if (overflow && !isWrapping(m)) return PANIC.ArithmeticOverflow;
    setStatus(m, overflow ? 1 : 0, 0);
    return storeLimbs(m, dst, count);
  };

const quotientOf =
  (bytes: number): Run =>
  (m, dst, b, c, imm) => {
    const isIndirect = (imm & INDIRECT_RHS) !== 0;
    if ((imm & 0b01_1111) !== 0) return PANIC.InvalidImmediateValue;
    const step = canRead(m, b, c, bytes, isIndirect);
    if (step !== 0) return step;
    const kernel = m.wide;
    if (kernel !== null) {
      const right = operandAt(m, c, 1, bytes, isIndirect);
      const wrong = m.checkWrite(m.num(dst), bytes);
      const status = kernel.quotient(m.num(b), right, targetOf(m, dst, wrong), bytes / 8);
      return judge(m, dst, bytes, status, wrong);
    }
    const divisor = operand(m, c, bytes, isIndirect);
    const value = divisor === 0n ? null : load(m, m.num(b), bytes) / divisor;
    return storeDefined(m, dst, bytes, value);
  };

/** Three operands in memory: sum or product of two of them, reduced by the third. */
const moduloOf =
  (bytes: number, kind: 'addMod' | 'mulMod'): Run =>
  (m, dst, b, c, d) => {
    const step = canRead(m, b, c, bytes, true) || m.checkRead(m.num(d), bytes);
    if (step !== 0) return step;
    const kernel = m.wide;
    if (kernel !== null) {
      const wrong = m.checkWrite(m.num(dst), bytes);
      const to = targetOf(m, dst, wrong);
      const [x, y, z] = [m.num(b), m.num(c), m.num(d)];
      const status =
        kind === 'addMod'
          ? kernel.addMod(x, y, z, to, bytes / 8)
          : kernel.mulMod(x, y, z, to, bytes / 8);
      return judge(m, dst, bytes, status, wrong);
    }
    const modulus = load(m, m.num(d), bytes);
    if (modulus === 0n) return storeDefined(m, dst, bytes, null);
    const [x, y] = [load(m, m.num(b), bytes), load(m, m.num(c), bytes)];
    return storeDefined(m, dst, bytes, (kind === 'addMod' ? x + y : x * y) % modulus);
  };

/** lhs · rhs / divisor without loss in between; divisor 0 counts as 2^width. */
const mulDivOf =
  (bytes: number): Run =>
  (m, dst, b, c, d) => {
    const step = canRead(m, b, c, bytes, true) || m.checkRead(m.num(d), bytes);
    if (step !== 0) return step;
    const kernel = m.wide;
    if (kernel !== null) {
      const wrong = m.checkWrite(m.num(dst), bytes);
      const to = targetOf(m, dst, wrong);
      const [x, y, z] = [m.num(b), m.num(c), m.num(d)];
      const status = kernel.mulDiv(x, y, z, to, bytes / 8, isWrapping(m) ? 1 : 0);
      return judge(m, dst, bytes, status, wrong);
    }
    const product = load(m, m.num(b), bytes) * load(m, m.num(c), bytes);
    const divisor = load(m, m.num(d), bytes);
    const value = divisor === 0n ? product >> BigInt(bytes * 8) : product / divisor;
    return storeChecked(m, dst, bytes, value);
  };

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
export const wdam: Run = moduloOf(D_BYTES, 'addMod');
export const wqam: Run = moduloOf(Q_BYTES, 'addMod');
export const wdmm: Run = moduloOf(D_BYTES, 'mulMod');
export const wqmm: Run = moduloOf(Q_BYTES, 'mulMod');
