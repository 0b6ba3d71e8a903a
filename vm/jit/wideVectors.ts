/** Sums, differences and logic of 128-bit and 256-bit integers: two words of 64 bits in a vector. */
import type { VectorOp } from './emitter.ts';
import type { Frame } from './frame.ts';

const VECTOR_BYTES = 16;
const ZERO: readonly number[] = new Array<number>(VECTOR_BYTES).fill(0);
const ONES: readonly number[] = new Array<number>(VECTOR_BYTES).fill(0xff);
/** Of two vectors, the upper word of the first and the lower one of the second. */
const BETWEEN: readonly number[] = Array.from({ length: VECTOR_BYTES }, (_, i) => i + 8);

/** An operand in a register, or at the address that is in one. */
export type Operand = { readonly register: number; readonly isIndirect: boolean };

/** Vectors of an operand, as its 64-bit words are numbered. */
export function vectorLocals(f: Frame, bytes: number, first: number): number[] {
  return Array.from({ length: bytes / VECTOR_BYTES }, (_, i) => f.vector(first + i));
}

/** Bytes of a vector with two words. */
function wordsOf(low: number, high: number): number[] {
  return [...new Uint8Array(new BigUint64Array([BigInt(low), BigInt(high)]).buffer)];
}

/** `swap`: words as numbers, the least significant first; else the bytes as they lie in memory. */
export function loadVectors(
  f: Frame,
  vectors: readonly number[],
  operand: Operand,
  at: number,
  swap: boolean,
): void {
  const { e } = f;
  for (const [i, local] of vectors.entries()) {
    if (operand.isIndirect) {
      e.get(at).vector('load', 0, (vectors.length - 1 - i) * VECTOR_BYTES);
      if (swap) e.reversed();
    } else {
      e.vectorOf(ZERO);
      if (i === 0) {
        f.push(operand.register);
        if (!swap) e.swapWord();
        e.vector('replace64', swap ? 0 : 1);
      }
    }
    e.set(local);
  }
}

export function storeVectors(f: Frame, vectors: readonly number[], swap: boolean): void {
  const { e } = f;
  for (const [i, local] of vectors.entries()) {
    e.get(f.length).get(local);
    if (swap) e.reversed();
    e.vector('store', 0, (vectors.length - 1 - i) * VECTOR_BYTES);
  }
}

/** Pushes the highest bit of each word as a bit, that of the lowest word first. */
function pushBits(f: Frame, vectors: readonly number[]): void {
  const { e } = f;
  for (const [i, vector] of vectors.entries()) {
    e.get(vector).vector('bits64');
    if (i > 0)
      e.i32(2 * i)
        .op('i32Shl')
        .op('i32Or');
  }
}

/** Pushes a vector in which the highest bit of a word says whether it hands a carry on by itself. */
function pushCarry(f: Frame, left: number, right: number, sum: number, isSum: boolean): void {
  const { e } = f;
  if (isSum) {
    e.get(left).get(right).vector('and');
    e.get(left).get(right).vector('or').get(sum).vector('andNot');
  } else {
    e.get(right).get(left).vector('andNot');
    e.get(sum).get(left).get(right).vector('xor').vector('andNot');
  }
  e.vector('or');
}

type Sums = {
  /** Sums or differences of words, without carries. */
  readonly sums: readonly number[];
  /** All ones where a word handed a carry on by itself. */
  readonly carries: readonly number[];
  /** All ones where a word hands on the carry that it gets: no bit can take it. */
  readonly full: readonly number[];
  readonly isSum: boolean;
};

/**
 * Carries go further than to the next word: adding numbers with a bit a word finds out who gets one.
 * They are in x then, and those that are left in `at`.
 */
function carryFurther(f: Frame, x: readonly number[], { sums, carries, full, isSum }: Sums): void {
  const { e } = f;
  const [gets, handsOn] = [f.at, f.to];
  pushBits(f, full);
  e.set(handsOn);
  pushBits(f, carries);
  e.i32(1).op('i32Shl').get(handsOn).op('i32Add').get(handsOn).op('i32Xor').set(gets);
  for (const [i, sum] of sums.entries()) {
    const bits = wordsOf(1 << (2 * i), 2 << (2 * i));
    e.get(sum);
    e.get(gets).op('i64ExtendU').vector('splat64').vectorOf(bits).vector('and');
    e.vectorOf(bits).vector('eq64');
    e.vector(isSum ? 'sub64' : 'add64').set(x[i]!);
  }
  e.get(gets)
    .i32(2 * x.length)
    .op('i32ShrU')
    .set(gets);
}

/** x = x ± y; whether a carry or borrow is left is in `at` then. All words are added at once. */
export function addInto(
  f: Frame,
  x: readonly number[],
  y: readonly number[],
  isSum: boolean,
): void {
  const { e } = f;
  const count = x.length;
  const places = (first: number): number[] => x.map((_, i) => f.vector(first * count + i));
  const [sums, carries, full] = [places(2), places(3), places(4)];
  for (const [i, sum] of sums.entries()) {
    const [left, right] = [x[i]!, y[i]!];
    e.get(left).get(right);
    e.vector(isSum ? 'add64' : 'sub64').set(sum);
    pushCarry(f, left, right, sum, isSum);
    e.vectorOf(ZERO).vector('less64').set(carries[i]!);
    e.get(sum).vectorOf(isSum ? ONES : ZERO);
    e.vector('eq64').set(full[i]!);
  }
  const got = f.vector(5 * count);
  for (const [i, sum] of sums.entries()) {
    const below = carries[i - 1];
    if (below === undefined) e.vectorOf(ZERO);
    else e.get(below);
    e.get(carries[i]!)
      .vector('shuffle', ...BETWEEN)
      .set(got);
    e.get(sum).get(got);
    e.vector(isSum ? 'sub64' : 'add64').set(x[i]!);
    e.get(got).get(full[i]!).vector('and');
    if (i > 0) e.vector('or');
  }
  e.vector('anyTrue').if();
  carryFurther(f, x, { sums, carries, full, isSum });
  e.else();
  e.get(carries[count - 1]!)
    .vector('bits64')
    .i32(1)
    .op('i32ShrU')
    .set(f.at);
  e.end();
}

/** x = x `binary` y; undefined: not x. */
export function logicInto(
  f: Frame,
  x: readonly number[],
  y: readonly number[],
  binary: VectorOp | undefined,
): void {
  const { e } = f;
  for (const [i, local] of x.entries()) {
    e.get(local);
    if (binary === undefined) e.vectorOf(ONES).vector('xor');
    else e.get(y[i]!).vector(binary);
    e.set(local);
  }
}
