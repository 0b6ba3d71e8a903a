/** The exported functions of the wide kernel. Operands are loaded before anything is stored. */
import type { WasmFunction } from '../../primitives/wasm/encode.ts';
import {
  DIVIDEND,
  DIVISOR,
  FUNCTION,
  functionOf,
  QUOTIENT,
  QUOTIENT_WORDS,
  WIDE_OK,
  WIDE_OVERFLOW,
  WIDE_ZERO,
  WORD,
  WORDS_MAX,
} from './layout.ts';
import { tryTable } from './modulus.ts';
import { bySize, Words } from './words.ts';

/** Pushes whether any of some words is not 0. */
function pushAny(w: Words, words: readonly number[]): void {
  for (const [i, word] of words.entries()) {
    w.e.get(word);
    if (i > 0) w.e.op('i64Or');
  }
  w.e.op('i64Eqz').op('i32Eqz');
}

/** wholeProduct(a, b, words): a · b, whole, as the dividend. A word of a that is 0 costs nothing. */
export function wholeProductFunction(scratch: number): WasmFunction {
  const w = new Words(3, scratch);
  const { e } = w;
  const [a, b, words] = [0, 1, 2];
  const [hi, lo, carry] = [w.local(), w.local(), w.local()];
  bySize(w, words, (size) => {
    const x = w.loadNumber(a, size);
    const y = w.loadNumber(b, size);
    const product = w.locals(2 * size);
    for (const [i, left] of x.entries()) {
      e.get(left).op('i64Eqz').op('i32Eqz').if();
      e.i64(0).set(carry);
      for (const [j, right] of y.entries()) {
        w.multiply(left, right, hi, lo);
        w.addCarry(lo, carry);
        e.get(hi).op('i64Add').set(hi);
        w.addCarry(product[i + j]!, lo);
        e.get(hi).op('i64Add').set(carry);
      }
      e.get(carry).set(product[i + size]!);
      e.end();
    }
    w.store(DIVIDEND, product);
    e.op('return');
  });
  return functionOf(3, 0, w);
}

/** Loads the divisor at the address in local `at` into the scratch; returns when it is 0. */
function divisorOrReturn(w: Words, at: number, size: number): void {
  const divisor = w.loadNumber(at, size);
  pushAny(w, divisor);
  w.e.op('i32Eqz').if();
  w.e.i32(WIDE_ZERO).op('return');
  w.e.end();
  w.store(DIVISOR, divisor);
  w.clear(DIVISOR + size * WORD, WORDS_MAX - size);
}

/** Divides `words`, which go into the scratch. */
function divide(w: Words, words: readonly number[]): void {
  w.store(DIVIDEND, words);
  w.e.i32(words.length).call(FUNCTION.divideAny);
}

/** The first `size` words of a result in the scratch go to memory. */
function deliver(w: Words, from: number, to: number, size: number): void {
  const words = w.locals(size);
  w.load(from, words);
  w.storeNumber(to, words);
  w.e.i32(WIDE_OK).op('return');
}

/**
 * When the highest words of dividend and divisor say what the quotient is: delivers it, and
 * returns. By the highest word of the divisor and 1 it is not too high. It is not too low when what
 * is left, and the quotient, which is as much as lower words can add, stay below that word.
 */
function tryHighestWords(w: Words, [a, b, to]: readonly number[], size: number): void {
  const { e } = w;
  const words = w.locals(size);
  const [divisor, above, rest] = [w.local(), w.local(), w.local()];
  const quotient = words[0]!;
  e.get(b!).loadWord().tee(divisor).i64(1).op('i64Add').tee(above).i64(1).op('i64GtU').if();
  e.get(a!).loadWord().tee(rest).get(above).op('i64DivU').set(quotient);
  e.get(rest).get(quotient).get(above).op('i64Mul').op('i64Sub').set(rest);
  e.get(quotient).get(divisor).get(rest).op('i64Sub').op('i64LtU').if();
  w.storeNumber(to!, words);
  e.i32(WIDE_OK).op('return');
  e.end();
  e.end();
}

/** quotient(a, b, to, words) */
export function quotientFunction(scratch: number): WasmFunction {
  const w = new Words(4, scratch);
  const [a, b, to, words] = [0, 1, 2, 3];
  bySize(w, words, (size) => {
    tryHighestWords(w, [a, b, to], size);
    divisorOrReturn(w, b, size);
    divide(w, w.loadNumber(a, size));
    deliver(w, QUOTIENT, to, size);
  });
  return functionOf(4, 1, w, 'quotient');
}

/** mulMod(a, b, c, to, words) */
export function mulModFunction(scratch: number): WasmFunction {
  const w = new Words(5, scratch);
  const [a, b, c, to, words] = [0, 1, 2, 3, 4];
  bySize(w, words, (size) => {
    if (size === WORDS_MAX) tryTable(w, [a, b, c, to]);
    divisorOrReturn(w, c, size);
    w.e.get(a).get(b).i32(size).call(FUNCTION.wholeProduct);
    w.e.i32(2 * size).call(FUNCTION.divideAny);
    deliver(w, DIVIDEND, to, size);
  });
  return functionOf(5, 1, w, 'mulMod');
}

/** Delivers a sum, or it less the modulus, and returns, when its highest word says that it is the rest. */
function tryOnce(
  w: Words,
  sum: readonly number[],
  carry: number,
  modulus: readonly number[],
  to: number,
): void {
  const { e } = w;
  const size = sum.length;
  const top = size - 1;
  const deliverIfLess = (words: readonly number[]): void => {
    e.get(words[top]!).get(modulus[top]!).op('i64LtU').if();
    w.storeNumber(to, words);
    e.i32(WIDE_OK).op('return');
    e.end();
  };
  e.get(carry).op('i64Eqz').if();
  deliverIfLess(sum);
  e.end();
  const less = w.locals(size);
  const borrow = w.local();
  e.i64(0).set(borrow);
  for (const [i, word] of less.entries()) {
    e.get(sum[i]!).set(word);
    w.subtractWith(word, modulus[i]!, borrow);
  }
  e.get(carry).get(borrow).op('i64Eq').if();
  deliverIfLess(less);
  e.end();
}

/** addMod(a, b, c, to, words) */
export function addModFunction(scratch: number): WasmFunction {
  const w = new Words(5, scratch);
  const { e } = w;
  const [a, b, c, to, words] = [0, 1, 2, 3, 4];
  const carry = w.local();
  bySize(w, words, (size) => {
    const sum = w.loadNumber(a, size);
    e.i64(0).set(carry);
    for (const [i, right] of w.loadNumber(b, size).entries()) w.addWith(sum[i]!, right, carry);
    tryOnce(w, sum, carry, w.loadNumber(c, size), to);
    divisorOrReturn(w, c, size);
    divide(w, [...sum, carry]);
    deliver(w, DIVIDEND, to, size);
  });
  return functionOf(5, 1, w, 'addMod');
}

/** mulDiv(a, b, c, to, words, keep) */
export function mulDivFunction(scratch: number): WasmFunction {
  const w = new Words(6, scratch);
  const { e } = w;
  const [a, b, c, to, words, keep] = [0, 1, 2, 3, 4, 5];
  bySize(w, words, (size) => {
    e.get(a).get(b).i32(size).call(FUNCTION.wholeProduct);
    const divisor = w.loadNumber(c, size);
    pushAny(w, divisor);
    e.op('i32Eqz').if();
    deliver(w, DIVIDEND + size * WORD, to, size);
    e.end();
    w.store(DIVISOR, divisor);
    w.clear(DIVISOR + size * WORD, WORDS_MAX - size);
    e.i32(2 * size).call(FUNCTION.divideAny);
    const quotient = w.locals(QUOTIENT_WORDS);
    w.load(QUOTIENT, quotient);
    pushAny(w, quotient.slice(size));
    e.if();
    e.get(keep).if();
    w.storeNumber(to, quotient.slice(0, size));
    e.end();
    e.i32(WIDE_OVERFLOW).op('return');
    e.end();
    w.storeNumber(to, quotient.slice(0, size));
    e.i32(WIDE_OK).op('return');
  });
  return functionOf(6, 1, w, 'mulDiv');
}
