/**
 * 128-bit and 256-bit integers and hashes, as wasm. See `Emit` in frame.ts.
 *
 * Sums, comparisons, logic and shifts stand in the code, on 64-bit limbs; products, quotients and
 * hashes are calls of the kernels. All ranges are checked first, the destination's too.
 */
import { WIDE_AT } from '../memory.ts';
import { WIDE_OK, WIDE_OPERANDS } from '../wide/layout.ts';
import { address, chargeUnits, lengthOf, mustExist, mustOwn } from './emitMemory.ts';
import type { PlainOp, VectorOp } from './emitter.ts';
import type { Emit, Frame } from './frame.ts';
import type { KernelName } from './imports.ts';
import { readable, writable } from './ranges.ts';
import {
  addInto,
  loadVectors,
  logicInto,
  type Operand,
  storeVectors,
  vectorLocals,
} from './wideVectors.ts';

const WORD = 8;
const WORD_BITS = 64;
const INDIRECT_RHS = 32;
const INDIRECT_LHS = 16;
const OPERAND_BYTES = 32;

/** Checks the operands; addresses of what lies in memory are in `at` and `to` then. */
function checkOperands(f: Frame, bytes: number, lhs: Operand, rhs: Operand): void {
  for (const [{ register, isIndirect }, local] of [
    [lhs, f.at],
    [rhs, f.to],
  ] as const) {
    if (isIndirect) readable(f, register, bytes, local);
  }
}

/** Checks that the destination may be written; its address is in `length` then. */
function checkTarget(f: Frame, bytes: number, register: number): void {
  writable(f, register, bytes, f.length);
}

/** Locals of the limbs of an operand, the least significant first. */
function limbLocals(f: Frame, bytes: number, first: number): number[] {
  return Array.from({ length: bytes / WORD }, (_, i) => f.long64(first + i));
}

/** `swap`: as numbers; else the bytes as they lie in memory. */
function loadLimbs(
  f: Frame,
  limbs: readonly number[],
  operand: Operand,
  at: number,
  swap: boolean,
): void {
  const { e } = f;
  for (const [i, local] of limbs.entries()) {
    const offset = (limbs.length - 1 - i) * WORD;
    if (operand.isIndirect) {
      e.get(at);
      if (swap) e.loadWord(offset);
      else e.mem('i64Load', offset);
    } else if (i === 0) {
      f.push(operand.register);
      if (!swap) e.swapWord();
    } else e.i64(0);
    e.set(local);
  }
}

/** Two at a time: whoever loads two at once would wait for two stores. */
function storeLimbs(f: Frame, limbs: readonly number[]): void {
  const { e } = f;
  for (let i = 0; i < limbs.length; i += 2) {
    e.get(f.length)
      .get(limbs[i]!)
      .get(limbs[i + 1]!);
    e.storePair((limbs.length - 2 - i) * WORD);
  }
}

/** Pushes whether x < y. */
function pushLess(f: Frame, x: readonly number[], y: readonly number[]): void {
  const { e } = f;
  for (const [i, left] of x.entries()) {
    const right = y[i]!;
    if (i > 0) e.get(left).get(right).op('i64Eq').op('i32And');
    e.get(left).get(right).op('i64LtU');
    if (i > 0) e.op('i32Or');
  }
}

/** Pushes whether x and y differ. */
function pushDiffers(f: Frame, x: readonly number[], y: readonly number[]): void {
  const { e } = f;
  for (const [i, left] of x.entries()) {
    e.get(left).get(y[i]!).op('i64Xor');
    if (i > 0) e.op('i64Or');
  }
  e.op('i64Eqz').op('i32Eqz');
}

/** Pushes the number of leading zero bits of x. */
function pushLeadingZeros(f: Frame, x: readonly number[]): void {
  const { e } = f;
  for (const [i, limb] of x.entries()) {
    if (i === 0) e.get(limb).op('i64Clz');
    else {
      // Those of the lower limbs count when this one is 0.
      e.i64(WORD_BITS).op('i64Add').get(limb).op('i64Clz');
      e.get(limb).op('i64Eqz').op('select');
    }
  }
}

const MODE = { eq: 0, ne: 1, lt: 2, gt: 3, lte: 4, gte: 5, lzc: 6 } as const;

const compareOf =
  (bytes: number): Emit =>
  (f, a, b, c, imm) => {
    const mode = imm & 7;
    if ((imm & 0b01_1000) !== 0 || mode > MODE.lzc) {
      f.leave();
      return;
    }
    const { e } = f;
    const lhs = { register: b, isIndirect: true };
    const rhs = { register: c, isIndirect: (imm & INDIRECT_RHS) !== 0 };
    checkOperands(f, bytes, lhs, rhs);
    const x = limbLocals(f, bytes, 0);
    const y = limbLocals(f, bytes, x.length);
    const isOrder = mode >= MODE.lt;
    loadLimbs(f, x, lhs, f.at, isOrder);
    if (mode !== MODE.lzc) loadLimbs(f, y, rhs, f.to, isOrder);
    if (mode === MODE.lzc) pushLeadingZeros(f, x);
    else {
      if (!isOrder) pushDiffers(f, x, y);
      else if (mode === MODE.lt || mode === MODE.gte) pushLess(f, x, y);
      else pushLess(f, y, x);
      if (mode === MODE.eq || mode === MODE.lte || mode === MODE.gte) e.op('i32Eqz');
      e.op('i64ExtendU');
    }
    f.pop(a);
    f.clear();
  };

/** x = x moved by the 64-bit number in y[0], whose other limbs say that it is huge. */
function shiftInto(f: Frame, x: readonly number[], y: readonly number[], isLeft: boolean): void {
  const { e } = f;
  const by = y[0]!;
  const bits = x.length * WORD_BITS;
  for (const high of y.slice(1)) {
    e.get(by).i64(bits).get(high).op('i64Eqz').op('select').set(by);
  }
  // From the limb that is filled last to the one that is emptied first.
  const order = isLeft ? [...x].reverse() : x;
  for (let limbs = x.length / 2; limbs >= 1; limbs /= 2) {
    for (const [i, local] of order.entries()) {
      const from = order[i + limbs];
      if (from === undefined) e.i64(0);
      else e.get(from);
      e.get(local)
        .get(by)
        .i64(limbs * WORD_BITS)
        .op('i64And')
        .op('i64Eqz')
        .op('i32Eqz');
      e.op('select').set(local);
    }
  }
  const [main, other]: readonly [PlainOp, PlainOp] = isLeft
    ? ['i64Shl', 'i64ShrU']
    : ['i64ShrU', 'i64Shl'];
  for (const [i, local] of order.entries()) {
    e.get(local).get(by).op(main);
    const from = order[i + 1];
    if (from !== undefined) {
      // By one and then by the rest: a move by 64 would be one by 0.
      e.get(from)
        .i64(1)
        .op(other)
        .i64(WORD_BITS - 1)
        .get(by)
        .i64(WORD_BITS - 1)
        .op('i64And');
      e.op('i64Sub').op(other).op('i64Or');
    }
    e.i64(0).get(by).i64(bits).op('i64LtU').op('select').set(local);
  }
}

const OP = { add: 0, sub: 1, not: 2, or: 3, xor: 4, and: 5, shl: 6, shr: 7 } as const;
const LOGIC: ReadonlyMap<number, VectorOp> = new Map<number, VectorOp>([
  [OP.or, 'or'],
  [OP.xor, 'xor'],
  [OP.and, 'and'],
]);

const operationOf =
  (bytes: number): Emit =>
  (f, a, b, c, imm) => {
    const op = imm & 7;
    if ((imm & 0b01_1000) !== 0) {
      f.leave();
      return;
    }
    const lhs = { register: b, isIndirect: true };
    const rhs = { register: c, isIndirect: (imm & INDIRECT_RHS) !== 0 };
    checkOperands(f, bytes, lhs, rhs);
    checkTarget(f, bytes, a);
    if (op === OP.shl || op === OP.shr) {
      const x = limbLocals(f, bytes, 0);
      const y = limbLocals(f, bytes, x.length);
      loadLimbs(f, x, lhs, f.at, true);
      loadLimbs(f, y, rhs, f.to, true);
      shiftInto(f, x, y, op === OP.shl);
      f.clear();
      storeLimbs(f, x);
      return;
    }
    const x = vectorLocals(f, bytes, 0);
    const y = vectorLocals(f, bytes, x.length);
    const isLogic = op === OP.not || LOGIC.has(op);
    loadVectors(f, x, lhs, f.at, !isLogic);
    if (op !== OP.not) loadVectors(f, y, rhs, f.to, !isLogic);
    if (isLogic) {
      logicInto(f, x, y, LOGIC.get(op));
      f.clear();
    } else {
      addInto(f, x, y, op === OP.add);
      overflowIn(f, f.at);
    }
    storeVectors(f, x, !isLogic);
  };

/** An overflow, as 0 or 1 in a 32-bit local, goes to $of or leaves. */
function overflowIn(f: Frame, local: number): void {
  f.e.get(local);
  if (f.wraps) {
    f.e.op('i64ExtendU');
    f.popOverflow();
  } else {
    f.leaveIf();
    f.clear();
  }
}

/** The address of an operand in a local; one that is a register is laid into the kernel's place. */
function placed(f: Frame, bytes: number, operand: Operand, local: number, place: number): void {
  if (operand.isIndirect) return;
  const { e } = f;
  e.i32(WIDE_AT + WIDE_OPERANDS + place * OPERAND_BYTES).set(local);
  for (let i = 0; i < bytes - WORD; i += WORD) e.get(local).i64(0).mem('i64Store', i);
  e.get(local);
  f.push(operand.register).e.storeWord(bytes - WORD);
}

/** Pushes addresses from locals, the size, and for some whether to keep a result that overflows. */
function callKernel(f: Frame, name: KernelName, bytes: number, ...locals: number[]): void {
  const { e } = f;
  for (const local of locals) e.get(local);
  e.get(f.length).i32(bytes / WORD);
  if (name === 'product' || name === 'mulDiv') e.i32(f.wraps ? 1 : 0);
  f.call(name);
}

const productOf =
  (bytes: number): Emit =>
  (f, a, b, c, imm) => {
    if ((imm & 0b1111) !== 0) {
      f.leave();
      return;
    }
    const lhs = { register: b, isIndirect: (imm & INDIRECT_LHS) !== 0 };
    const rhs = { register: c, isIndirect: (imm & INDIRECT_RHS) !== 0 };
    checkOperands(f, bytes, lhs, rhs);
    checkTarget(f, bytes, a);
    placed(f, bytes, lhs, f.at, 0);
    placed(f, bytes, rhs, f.to, 1);
    callKernel(f, 'product', bytes, f.at, f.to);
    f.e.set(f.at);
    overflowIn(f, f.at);
  };

const quotientOf =
  (bytes: number): Emit =>
  (f, a, b, c, imm) => {
    if ((imm & 0b01_1111) !== 0) {
      f.leave();
      return;
    }
    const lhs = { register: b, isIndirect: true };
    const rhs = { register: c, isIndirect: (imm & INDIRECT_RHS) !== 0 };
    checkOperands(f, bytes, lhs, rhs);
    checkTarget(f, bytes, a);
    placed(f, bytes, rhs, f.to, 1);
    callKernel(f, 'quotient', bytes, f.at, f.to);
    f.e.i32(WIDE_OK).op('i32Ne');
    f.leaveIf();
    f.clear();
  };

/** Three operands in memory. */
const ternaryOf =
  (bytes: number, name: 'mulDiv' | 'addMod' | 'mulMod'): Emit =>
  (f, a, b, c, d) => {
    const { e } = f;
    const third = f.third;
    checkOperands(f, bytes, { register: b, isIndirect: true }, { register: c, isIndirect: true });
    readable(f, d, bytes, third);
    checkTarget(f, bytes, a);
    callKernel(f, name, bytes, f.at, f.to, third);
    if (name === 'mulDiv') {
      e.set(f.at);
      overflowIn(f, f.at);
      return;
    }
    e.i32(WIDE_OK).op('i32Ne');
    f.leaveIf();
    f.clear();
  };

/** From here on native code is faster, the way to the interpreter included. Unit: bytes. */
const NATIVE_SHA256_BYTES = 384;
const ID_BYTES = 32;

const hashOf =
  (name: 'sha256' | 'keccak256'): Emit =>
  (f, a, b, c, _d, perUnit) => {
    const { e } = f;
    const length = lengthOf(f, c, perUnit);
    if (name === 'sha256') {
      e.get(length.local).i32(NATIVE_SHA256_BYTES).op('i32GeU');
      f.leaveIf();
    }
    address(f, b, 0, f.at);
    mustExist(f, f.at, length);
    address(f, a, 0, f.to);
    mustOwn(f, f.to, OPERAND_BYTES);
    chargeUnits(f, length, perUnit);
    if (name === 'sha256') {
      e.get(length.local).i32(ID_BYTES).op('i32Eq').if();
      e.get(f.at).get(f.to);
      f.call('sha256Of32');
      e.else();
    }
    e.get(f.at).get(length.local).get(f.to);
    f.call(name);
    if (name === 'sha256') e.end();
  };

const D_BYTES = 16;
const Q_BYTES = 32;

export const wdcm: Emit = compareOf(D_BYTES);
export const wqcm: Emit = compareOf(Q_BYTES);
export const wdop: Emit = operationOf(D_BYTES);
export const wqop: Emit = operationOf(Q_BYTES);
export const wdml: Emit = productOf(D_BYTES);
export const wqml: Emit = productOf(Q_BYTES);
export const wddv: Emit = quotientOf(D_BYTES);
export const wqdv: Emit = quotientOf(Q_BYTES);
export const wdmd: Emit = ternaryOf(D_BYTES, 'mulDiv');
export const wqmd: Emit = ternaryOf(Q_BYTES, 'mulDiv');
export const wdam: Emit = ternaryOf(D_BYTES, 'addMod');
export const wqam: Emit = ternaryOf(Q_BYTES, 'addMod');
export const wdmm: Emit = ternaryOf(D_BYTES, 'mulMod');
export const wqmm: Emit = ternaryOf(Q_BYTES, 'mulMod');
export const s256: Emit = hashOf('sha256');
export const k256: Emit = hashOf('keccak256');
