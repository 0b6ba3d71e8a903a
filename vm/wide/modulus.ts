/**
 * Products modulo a number that was the modulus before as well. What each upper limb of a product
 * weighs modulo the number is kept in a table. So a product becomes a small multiple of the modulus
 * and the rest by products that do not depend on each other: no word of a quotient waits for the
 * one before. How often the modulus is in it is a sum of doubles, which is exact enough.
 *
 * For 256 bits, and moduli whose highest byte is not 0. Bounds, in units of a limb's weight: a limb
 * of a product is at most 11 · 2^48, an upper limb after carrying 2^23 + 2^5. So the upper limbs
 * stand for less than 2^26.5 moduli, the lower ones for less than 2^20, and no limb ever exceeds
 * 2^51.5 (product) + 2^50.5 (upper limbs) + 2^50.5 (multiple of the modulus) < 2^53.
 */
import type { WasmFunction } from '../../primitives/wasm/encode.ts';
import { I32, V128 } from '../jit/emitter.ts';
import {
  DIVIDEND,
  DIVISOR,
  FUNCTION,
  functionOf,
  KEPT_COUNT,
  KEPT_MODULUS,
  KEPT_SHARES,
  KEPT_TABLE,
  KEPT_TOP,
  LEFT,
  PRODUCT,
  WEIGHT_COUNT,
  WIDE_OK,
  WORD,
  WORDS_MAX,
} from './layout.ts';
import { LIMB_BITS, Limbs, limbsOf, packedPair, VECTOR_BYTES } from './limbs.ts';
import { Words } from './words.ts';

const WORD_BITS = 64;
const PAIR_BYTES = 6;
const LIMBS = limbsOf(WORDS_MAX);
const PAIRS = Math.ceil(LIMBS / 2);
const ROW_BYTES = PAIRS * VECTOR_BYTES;
/** The pair of the lowest limbs that count for a quotient. */
const FIRST_SHARE = PAIRS - 2;
/** A double whose last bit counts 1. */
const ROUNDING = 1.5 * 2 ** 52;
/**
 * Rounds down, less than what a quotient may be wrong by (below 2^-20): it is never too high, and
 * too low by one at most, hardly ever.
 */
const DOWN = -0.5 - 2 ** -12;
const LOWER_LANE: readonly number[] = Array.from({ length: VECTOR_BYTES }, (_, i) =>
  i < WORD ? 0xff : 0,
);
/** Products by a modulus in a row, from which on there is a table: making it costs three products. */
const KEPT_AFTER = 16;

/** Bytes of two doubles. */
function doubles(low: number, high: number = low): number[] {
  return [...new Uint8Array(new Float64Array([low, high]).buffer)];
}

/** Bytes of the doubles at WEIGHTS. */
export function weightBytes(): Uint8Array {
  const weights = Array.from({ length: WEIGHT_COUNT }, (_, i) => ROUNDING * 2 ** (LIMB_BITS * i));
  return new Uint8Array(new Float64Array(weights).buffer);
}

/** Stores four words at `from` as limbs times `weights`: a row. Pushes about the sum of the row. */
function storeRow(w: Words, from: number, weights: readonly number[], row: number): void {
  const { e, scratch } = w;
  const l = new Limbs(e, scratch);
  for (const [j, weight] of weights.entries()) {
    const bytes = Math.min(PAIR_BYTES, WORDS_MAX * WORD - j * PAIR_BYTES);
    e.get(row)
      .i32(0)
      .vector('load64Zero', 0, scratch + from + j * PAIR_BYTES);
    e.vectorOf(packedPair(bytes)).vector('swizzle').vector('fromLowU32');
    e.get(weight)
      .vector('mulF64')
      .vector('store', 0, scratch + KEPT_TABLE + j * VECTOR_BYTES);
  }
  const sum = e.newLocal(V128);
  for (const j of [PAIRS - 1, PAIRS - 2]) l.at(KEPT_TABLE + j * VECTOR_BYTES, row);
  e.vector('addF64').set(sum);
  l.across(sum);
}

/** Multiplies the four words of the dividend by the weight of a limb: then there are five. */
function moveUp(w: Words): void {
  const { e } = w;
  const dividend = w.locals(WORDS_MAX + 1);
  w.load(DIVIDEND, dividend.slice(0, WORDS_MAX));
  for (let i = WORDS_MAX; i >= 0; i--) {
    const [word, below] = [dividend[i]!, dividend[i - 1]];
    if (i === WORDS_MAX) e.i64(0);
    else e.get(word).i64(LIMB_BITS).op('i64Shl');
    if (below !== undefined) {
      e.get(below)
        .i64(WORD_BITS - LIMB_BITS)
        .op('i64ShrU')
        .op('i64Or');
    }
    e.set(word);
  }
  w.store(DIVIDEND, dividend);
}

/** Stores what is no row: the modulus itself. Returns a local with about 1 / it. */
function beginTable(w: Words, c: number, weights: readonly number[], row: number): number {
  const { e, scratch } = w;
  const l = new Limbs(e, scratch);
  const modulus = w.loadNumber(c, WORDS_MAX);
  w.store(DIVISOR, modulus);
  w.store(KEPT_TOP, modulus.slice(-1));
  const inverse = e.newLocal(V128);
  for (const [j, weight] of weights.entries()) {
    e.vectorOf(doubles(2 ** (LIMB_BITS * 2 * j), 2 ** (LIMB_BITS * (2 * j + 1)))).set(weight);
  }
  e.i32(ROW_BYTES * LIMBS).set(row);
  e.vectorOf(doubles(1));
  storeRow(w, DIVISOR, weights, row);
  e.vector('divF64').set(inverse);
  l.store(KEPT_SHARES, [inverse, inverse]);
  return inverse;
}

/** makeTable(c): the table for the modulus at `c`, whose highest byte is not 0. */
export function makeTableFunction(scratch: number): WasmFunction {
  const c = 0;
  const w = new Words(1, scratch);
  const { e } = w;
  const l = new Limbs(e, scratch);
  const weights = l.vectors(PAIRS);
  const [row, share] = [e.newLocal(I32), e.newLocal(I32)];
  const inverse = beginTable(w, c, weights, row);
  // The weight of the highest limb of the modulus: with it, the steps begin.
  const highest = (LIMBS - 1) * LIMB_BITS;
  w.clear(DIVIDEND, WORDS_MAX);
  e.i32(0).i64Big(1n << BigInt(highest % WORD_BITS));
  e.mem('i64Store', scratch + DIVIDEND + Math.floor(highest / WORD_BITS) * WORD);
  const scale = (by: number): void => {
    for (const weight of weights) {
      e.get(weight)
        .vectorOf(doubles(2 ** -by))
        .vector('mulF64')
        .set(weight);
    }
  };
  scale(highest);
  e.i32(0).set(share);
  l.repeat(ROW_BYTES, ROW_BYTES * LIMBS, (index) => {
    scale(LIMB_BITS);
    moveUp(w);
    e.i32(WORDS_MAX + 1).call(FUNCTION.divideAny);
    w.clear(DIVIDEND + WORDS_MAX * WORD, 1);
    e.get(share);
    storeRow(w, DIVIDEND, weights, index);
    e.get(inverse).vector('mulF64').vector('extract64', 0);
    e.mem('i64Store', scratch + KEPT_SHARES + (LIMBS - 2 * FIRST_SHARE) * WORD);
    e.get(share).i32(WORD).op('i32Add').set(share);
  });
  return functionOf(1, 0, w);
}

/** Pushes minus the quotient, in both lanes, once the upper limbs are small; carries them so. */
function pushQuotient(w: Words, l: Limbs): void {
  const { e } = w;
  const quotient = e.newLocal(V128);
  l.at(PRODUCT + FIRST_SHARE * VECTOR_BYTES)
    .at(KEPT_SHARES)
    .e.vector('mulF64');
  e.vectorOf(doubles(DOWN, 0)).vector('addF64').set(quotient);
  l.carryTwice(PRODUCT, FIRST_SHARE + 1, LIMBS, KEPT_SHARES + VECTOR_BYTES, quotient);
  e.vectorOf(doubles(ROUNDING));
  l.across(quotient);
  e.vectorOf(doubles(ROUNDING)).vector('addF64').vector('subF64');
}

/** byTable(a, b, to): (a · b) modulo the number of the table. */
export function byTableFunction(scratch: number): WasmFunction {
  const [a, b, to] = [0, 1, 2];
  const w = new Words(3, scratch);
  const { e } = w;
  const l = new Limbs(e, scratch);
  l.product(LEFT, l.load(a, LEFT, b, WORDS_MAX * WORD), LIMBS, PRODUCT);
  e.i32(0);
  pushQuotient(w, l);
  e.vector('store', 0, scratch + PRODUCT + 2 * LIMBS * WORD);
  const rest = l.vectors(PAIRS);
  for (const [j, pair] of rest.entries()) l.at(PRODUCT + j * VECTOR_BYTES).e.set(pair);
  const top = rest[PAIRS - 1]!;
  e.get(top).vectorOf(LOWER_LANE).vector('and').set(top);
  const [row, from] = [e.newLocal(V128), e.newLocal(I32)];
  e.i32(0).set(from);
  l.repeat(ROW_BYTES, ROW_BYTES * (LIMBS + 1), (index) => {
    e.get(from)
      .vector('load64Splat', 0, scratch + PRODUCT + LIMBS * WORD)
      .set(row);
    e.get(from).i32(WORD).op('i32Add').set(from);
    for (const [j, sum] of rest.entries()) {
      e.get(row);
      l.at(KEPT_TABLE + j * VECTOR_BYTES, index);
      e.vector('mulF64').get(sum).vector('addF64').set(sum);
    }
  });
  const result = l.words(rest);
  subtractOnce(w, result);
  w.storeNumber(to, result.slice(0, WORDS_MAX));
  return functionOf(3, 0, w);
}

/** Takes the modulus off when the number is not less than it: hardly ever. */
function subtractOnce(w: Words, number: readonly number[]): void {
  const { e } = w;
  const above = number[WORDS_MAX]!;
  const top = w.local();
  w.load(KEPT_TOP, [top]);
  e.get(above).op('i64Eqz').op('i32Eqz');
  e.get(number[WORDS_MAX - 1]!)
    .get(top)
    .op('i64GeU')
    .op('i32Or')
    .if();
  const at = e.newLocal(I32);
  e.i32(w.scratch + KEPT_MODULUS).set(at);
  const less = w.locals(WORDS_MAX);
  const borrow = w.local();
  e.i64(0).set(borrow);
  for (const [i, word] of w.loadNumber(at, WORDS_MAX).entries()) {
    e.get(number[i]!).set(less[i]!);
    w.subtractWith(less[i]!, word, borrow);
  }
  e.get(above).get(borrow).op('i64GeU').if();
  for (const [i, word] of less.entries()) e.get(word).set(number[i]!);
  e.end();
  e.end();
}

/**
 * When the 256-bit number at `c` was the modulus often enough before: delivers (a · b) mod c, and
 * returns. If not, notes that it was.
 */
export function tryTable(w: Words, [a, b, c, to]: readonly number[]): void {
  const { e, scratch } = w;
  const count = w.local();
  for (let i = 0; i < WORDS_MAX * WORD; i += VECTOR_BYTES) {
    e.get(c!).vector('load', 0, i);
    e.i32(0)
      .vector('load', 0, scratch + KEPT_MODULUS + i)
      .vector('xor');
    if (i > 0) e.vector('or');
  }
  e.vector('anyTrue').if();
  for (let i = 0; i < WORDS_MAX * WORD; i += VECTOR_BYTES) {
    e.i32(0)
      .get(c!)
      .vector('load', 0, i)
      .vector('store', 0, scratch + KEPT_MODULUS + i);
  }
  w.clear(KEPT_COUNT, 1);
  e.else();
  w.load(KEPT_COUNT, [count]);
  e.get(count).i64(KEPT_AFTER).op('i64Eq').if();
  e.get(a!).get(b!).get(to!).call(FUNCTION.byTable).i32(WIDE_OK).op('return');
  e.end();
  e.get(count).i64(1).op('i64Add').tee(count).i64(KEPT_AFTER).op('i64LtU');
  e.get(c!).mem('i64Load8U', 0).op('i64Eqz').op('i32Eqz').op('i32Or').if();
  w.store(KEPT_COUNT, [count]);
  e.end();
  e.get(count).i64(KEPT_AFTER).op('i64Eq');
  e.get(c!).mem('i64Load8U', 0).op('i64Eqz').op('i32Eqz').op('i32And').if();
  e.get(c!).call(FUNCTION.makeTable);
  e.end();
  e.end();
}
