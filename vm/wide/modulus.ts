/**
 * Products modulo a number that was the modulus before as well. What each upper limb of a product
 * weighs modulo the number is kept in a table, so that a product becomes a small multiple of the modulus and the
 * rest by products that do not depend on each other: no word of a quotient waits for the one
 * before. How often the modulus is in it is a sum of doubles, which is exact enough.
 *
 * For moduli whose highest byte is not 0: with others, what is left could be too much for a limb.
 *
 * Bounds, in units of a limb's weight; n limbs, at most 11. A limb of a product: n · 2^48. An upper limb after carrying:
 * 2^23 + 2^5. The number that is left: less than 2^25 moduli for the lower limbs, 2^27 in all.
 * A limb then: less than 2^51.5 + 2^50.5 + 2^51 < 2^53.
 */
import { I32, V128 } from '../jit/emitter.ts';
import {
  DIVIDEND,
  DIVISOR,
  FUNCTION,
  KEPT_MODULUS,
  KEPT_SHARES,
  KEPT_STATE,
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
import type { Words } from './words.ts';

const WORD_BITS = 64;
const PAIR_BYTES = 6;
/** A double whose last bit counts 1. */
const ROUNDING = 1.5 * 2 ** 52;
/** Rounds down, less what a quotient may be too high by: it is never too high, hardly ever too low. */
const DOWN = -0.5 - 2 ** -12;
const LOWER_LANE: readonly number[] = Array.from({ length: VECTOR_BYTES }, (_, i) =>
  i < WORD ? 0xff : 0,
);
/** Products by the same modulus in a row, from which on there is a table. */
const KEPT_AFTER = 8;
const STATE_BITS = 32;

/** Bytes of two doubles. */
function doubles(low: number, high: number = low): number[] {
  return [...new Uint8Array(new Float64Array([low, high]).buffer)];
}

/** Bytes of the doubles at WEIGHTS. */
export function weightBytes(): Uint8Array {
  const weights = Array.from({ length: WEIGHT_COUNT }, (_, i) => ROUNDING * 2 ** (LIMB_BITS * i));
  return new Uint8Array(new Float64Array(weights).buffer);
}

/** Sizes for numbers of so many words. */
function sizesOf(words: number): { limbs: number; pairs: number; rowBytes: number; first: number } {
  const limbs = limbsOf(words);
  const pairs = Math.ceil(limbs / 2);
  // `first`: the pair of the lowest limbs that count for a quotient.
  return { limbs, pairs, rowBytes: pairs * VECTOR_BYTES, first: pairs - 2 };
}

/** Stores the number in words at `from` as limbs times `weights`, as the row at an offset; pushes about the sum. */
function storeRow(
  w: Words,
  words: number,
  from: number,
  weights: readonly number[],
  row: number,
): void {
  const { e, scratch } = w;
  const { pairs } = sizesOf(words);
  const l = new Limbs(e, scratch);
  for (const [j, weight] of weights.entries()) {
    const bytes = Math.min(PAIR_BYTES, words * WORD - j * PAIR_BYTES);
    e.get(row)
      .i32(0)
      .vector('load64Zero', 0, scratch + from + j * PAIR_BYTES);
    e.vectorOf(packedPair(bytes)).vector('swizzle').vector('fromLowU32');
    e.get(weight)
      .vector('mulF64')
      .vector('store', 0, scratch + KEPT_TABLE + j * VECTOR_BYTES);
  }
  const sum = e.newLocal(V128);
  for (const j of [pairs - 1, pairs - 2]) l.at(KEPT_TABLE + j * VECTOR_BYTES, row);
  e.vector('addF64').set(sum);
  l.across(sum);
}

/** DIVIDEND, of so many words, times the weight of a limb. */
function moveUp(w: Words, words: number): void {
  const { e } = w;
  const dividend = w.locals(words + 1);
  w.load(DIVIDEND, dividend.slice(0, words));
  for (let i = words; i >= 0; i--) {
    const [word, below] = [dividend[i]!, dividend[i - 1]];
    if (i === words) e.i64(0);
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

/** Makes the table for the modulus at `c`, whose highest byte is not 0. */
function makeTable(w: Words, words: number, c: number): void {
  const { e, scratch } = w;
  const { limbs, pairs, rowBytes, first } = sizesOf(words);
  const l = new Limbs(e, scratch);
  const modulus = w.loadNumber(c, words);
  w.store(DIVISOR, modulus);
  w.clear(DIVISOR + words * WORD, WORDS_MAX - words);
  w.store(KEPT_TOP, modulus.slice(-1));
  const weights = l.vectors(pairs);
  for (const [j, weight] of weights.entries()) {
    e.vectorOf(doubles(2 ** (LIMB_BITS * 2 * j), 2 ** (LIMB_BITS * (2 * j + 1)))).set(weight);
  }
  const [row, share] = [e.newLocal(I32), e.newLocal(I32)];
  const inverse = e.newLocal(V128);
  e.i32(rowBytes * limbs).set(row);
  e.vectorOf(doubles(1));
  storeRow(w, words, DIVISOR, weights, row);
  e.vector('divF64').set(inverse);
  l.store(KEPT_SHARES, new Array<number>(2).fill(inverse));
  // The weight of the highest limb of the modulus: with it, the steps begin.
  const highest = (limbs - 1) * LIMB_BITS;
  w.clear(DIVIDEND, words);
  e.i32(0).i64Big(1n << BigInt(highest % WORD_BITS));
  e.mem('i64Store', scratch + DIVIDEND + Math.floor(highest / WORD_BITS) * WORD);
  for (const weight of weights) {
    e.get(weight)
      .vectorOf(doubles(2 ** -highest))
      .vector('mulF64')
      .set(weight);
  }
  e.i32(0).set(share);
  l.repeat(rowBytes, rowBytes * limbs, (index) => {
    for (const weight of weights) {
      e.get(weight)
        .vectorOf(doubles(2 ** -LIMB_BITS))
        .vector('mulF64')
        .set(weight);
    }
    moveUp(w, words);
    e.i32(words + 1).call(FUNCTION.divideAny);
    w.clear(DIVIDEND + words * WORD, 1);
    e.get(share);
    storeRow(w, words, DIVIDEND, weights, index);
    e.get(inverse).vector('mulF64').vector('extract64', 0);
    e.mem('i64Store', scratch + KEPT_SHARES + (limbs - 2 * first) * WORD);
    e.get(share).i32(WORD).op('i32Add').set(share);
  });
}

/** The product of the numbers at `a` and `b` modulo the one of the table goes to `to`; returns. */
function byTable(w: Words, words: number, a: number, b: number, to: number): void {
  const { e, scratch } = w;
  const { limbs, pairs, rowBytes, first } = sizesOf(words);
  const l = new Limbs(e, scratch);
  const y = l.load(a, LEFT, b, words * WORD);
  l.product(LEFT, y, limbs, PRODUCT);
  const quotient = e.newLocal(V128);
  l.at(PRODUCT + first * VECTOR_BYTES)
    .at(KEPT_SHARES)
    .e.vector('mulF64');
  e.vectorOf(doubles(DOWN, 0)).vector('addF64').set(quotient);
  l.carryTwice(PRODUCT, first + 1, limbs, KEPT_SHARES + VECTOR_BYTES, quotient);
  e.i32(0).vectorOf(doubles(ROUNDING));
  l.across(quotient);
  e.vectorOf(doubles(ROUNDING)).vector('addF64').vector('subF64');
  e.vector('store', 0, scratch + PRODUCT + 2 * limbs * WORD);
  const rest = l.vectors(pairs);
  for (const [j, pair] of rest.entries()) l.at(PRODUCT + j * VECTOR_BYTES).e.set(pair);
  if (limbs % 2 === 1) {
    const top = rest[pairs - 1]!;
    e.get(top).vectorOf(LOWER_LANE).vector('and').set(top);
  }
  const [row, from] = [e.newLocal(V128), e.newLocal(I32)];
  e.i32(0).set(from);
  l.repeat(rowBytes, rowBytes * (limbs + 1), (index) => {
    e.get(from)
      .vector('load64Splat', 0, scratch + PRODUCT + limbs * WORD)
      .set(row);
    e.get(from).i32(WORD).op('i32Add').set(from);
    for (const [j, sum] of rest.entries()) {
      e.get(row);
      l.at(KEPT_TABLE + j * VECTOR_BYTES, index);
      e.vector('mulF64').get(sum).vector('addF64').set(sum);
    }
  });
  const result = l.words(rest);
  subtractOnce(w, result, words);
  w.storeNumber(to, result.slice(0, words));
  e.i32(WIDE_OK).op('return');
}

/** Takes the modulus off when the number is not less than it: hardly ever. */
function subtractOnce(w: Words, number: readonly number[], words: number): void {
  const { e, scratch } = w;
  const above = number[words]!;
  const top = w.local();
  w.load(KEPT_TOP, [top]);
  e.get(above).op('i64Eqz').op('i32Eqz');
  e.get(number[words - 1]!)
    .get(top)
    .op('i64GeU')
    .op('i32Or')
    .if();
  const at = e.newLocal(I32);
  e.i32(scratch + KEPT_MODULUS).set(at);
  const less = w.locals(words);
  const borrow = w.local();
  e.i64(0).set(borrow);
  for (const [i, word] of w.loadNumber(at, words).entries()) {
    e.get(number[i]!).set(less[i]!);
    w.subtractWith(less[i]!, word, borrow);
  }
  e.get(above).get(borrow).op('i64GeU').if();
  for (const [i, word] of less.entries()) e.get(word).set(number[i]!);
  e.end();
  e.end();
}

/** Pushes whether the number at `c` is another one than the modulus before. */
function pushIsOther(w: Words, words: number, c: number, state: number): void {
  const { e, scratch } = w;
  for (let i = 0; i < words * WORD; i += VECTOR_BYTES) {
    e.get(c).vector('load', 0, i);
    e.i32(0)
      .vector('load', 0, scratch + KEPT_MODULUS + i)
      .vector('xor');
    if (i > 0) e.vector('or');
  }
  e.vector('anyTrue');
  e.get(state).i64(STATE_BITS).op('i64ShrU').i64(words).op('i64Ne').op('i32Or');
}

/**
 * When the number at `c` was the modulus often enough before: delivers (a · b) mod c, and returns.
 * If not, notes that it was.
 */
export function tryTable(
  w: Words,
  words: number,
  a: number,
  b: number,
  c: number,
  to: number,
): void {
  const { e, scratch } = w;
  const state = w.local();
  const start = BigInt(words) << BigInt(STATE_BITS);
  const ready = start + BigInt(KEPT_AFTER);
  w.load(KEPT_STATE, [state]);
  pushIsOther(w, words, c, state);
  e.if();
  e.i64Big(start).set(state);
  for (let i = 0; i < words * WORD; i += VECTOR_BYTES) {
    e.i32(0)
      .get(c)
      .vector('load', 0, i)
      .vector('store', 0, scratch + KEPT_MODULUS + i);
  }
  w.store(KEPT_STATE, [state]);
  e.else();
  e.get(state).i64Big(ready).op('i64Eq').if();
  byTable(w, words, a, b, to);
  e.end();
  e.get(state).i64(1).op('i64Add').set(state);
  e.get(state).i64Big(ready).op('i64LtU').if();
  w.store(KEPT_STATE, [state]);
  e.else();
  e.get(c).mem('i64Load8U', 0).op('i64Eqz').op('i32Eqz').if();
  makeTable(w, words, c);
  w.store(KEPT_STATE, [state]);
  e.end();
  e.end();
  e.end();
}
