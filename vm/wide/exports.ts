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
  WORDS_MAX,
} from './layout.ts';
import { tryTable } from './modulus.ts';
import { Words } from './words.ts';

/** Numbers of words that operands may have; the functions hold code for each of them. */
const SIZES: readonly number[] = [WORDS_MAX, WORDS_MAX / 2];

/** `inside` for each size, of which the parameter `words` chooses one. It has to return. */
function bySize(w: Words, words: number, inside: (size: number) => void): void {
  const { e } = w;
  for (const size of SIZES) {
    e.get(words).i32(size).op('i32Eq').if();
    inside(size);
    e.end();
  }
  e.op('unreachable');
}

/** Pushes whether any of some words is not 0. */
function pushAny(w: Words, words: readonly number[]): void {
  for (const [i, word] of words.entries()) {
    w.e.get(word);
    if (i > 0) w.e.op('i64Or');
  }
  w.e.op('i64Eqz').op('i32Eqz');
}

/** Locals of one product of two words, and of what a sum of them lost. */
type Partial = { readonly hi: number; readonly lo: number; readonly lost: number };

/** Adds a product to `sums` from word `at` on; what does not fit is added to `lost`. */
function addAt(w: Words, sums: readonly number[], at: number, { hi, lo, lost }: Partial): void {
  const { e } = w;
  w.addCarry(sums[at]!, lo);
  e.get(hi).op('i64Add').set(hi);
  let from = hi;
  for (const sum of sums.slice(at + 1)) {
    w.addCarry(sum, from);
    e.set(lo);
    from = lo;
  }
  e.get(lost).get(from).op('i64Or').set(lost);
}

/** The low half of x · y; `lost`, 0 before, is not 0 when that is not all of it. */
function lowProduct(
  w: Words,
  x: readonly number[],
  y: readonly number[],
  lost: number,
): readonly number[] {
  const { e } = w;
  const size = x.length;
  const product = w.locals(size);
  const [hi, lo] = [w.local(), w.local()];
  const partial = { hi, lo, lost };
  for (const word of product) e.i64(0).set(word);
  for (let sum = 0; sum < size - 1; sum++) {
    for (let i = 0; i <= sum; i++) {
      w.multiply(x[i]!, y[sum - i]!, hi, lo);
      addAt(w, product, sum, partial);
    }
  }
  const top = product[size - 1]!;
  // Products of higher words: any of them is lost, and then it does not matter what else is.
  e.i32(0);
  for (let i = 1; i < size; i++) {
    pushAny(w, [x[i]!]);
    pushAny(w, y.slice(size - i));
    e.op('i32And').op('i32Or');
  }
  e.op('i64ExtendU').get(lost).op('i64Or').tee(lost).op('i64Eqz').if();
  for (let i = 0; i < size; i++) {
    w.multiply(x[i]!, y[size - 1 - i]!, hi, lo);
    addAt(w, [top], 0, partial);
  }
  e.else();
  for (let i = 0; i < size; i++) {
    e.get(top)
      .get(x[i]!)
      .get(y[size - 1 - i]!)
      .op('i64Mul')
      .op('i64Add')
      .set(top);
  }
  e.end();
  return product;
}

/** product(a, b, to, words, keep) */
export function productFunction(scratch: number): WasmFunction {
  const w = new Words(5, scratch);
  const { e } = w;
  const [a, b, to, words, keep] = [0, 1, 2, 3, 4];
  const lost = w.local();
  bySize(w, words, (size) => {
    const x = w.loadNumber(a, size);
    const product = lowProduct(w, x, w.loadNumber(b, size), lost);
    e.get(lost).op('i64Eqz').op('i32Eqz').get(keep).op('i32Eqz').op('i32And').if();
    e.i32(WIDE_OVERFLOW).op('return');
    e.end();
    w.storeNumber(to, product);
    e.i32(WIDE_OVERFLOW).i32(WIDE_OK).get(lost).op('i64Eqz').op('i32Eqz').op('select');
    e.op('return');
  });
  return functionOf(5, 1, w, 'product');
}

/** The whole of x · y; a word of x that is 0 costs nothing. */
function wholeProduct(w: Words, x: readonly number[], y: readonly number[]): readonly number[] {
  const { e } = w;
  const size = x.length;
  const product = w.locals(2 * size);
  const [hi, lo, carry] = [w.local(), w.local(), w.local()];
  for (const word of product) e.i64(0).set(word);
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
  return product;
}

/** Loads the divisor at the address in local `at` into the scratch; returns when it is 0. */
function divisorOrReturn(w: Words, at: number, size: number): void {
  const divisor = w.loadNumber(at, size);
  pushAny(w, divisor);
  w.e.op('i32Eqz').if();
  w.e.i32(WIDE_ZERO).op('return');
  w.e.end();
  w.store(DIVISOR, divisor);
  w.clear(DIVISOR + size * 8, WORDS_MAX - size);
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

/** quotient(a, b, to, words) */
export function quotientFunction(scratch: number): WasmFunction {
  const w = new Words(4, scratch);
  const [a, b, to, words] = [0, 1, 2, 3];
  bySize(w, words, (size) => {
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
    tryTable(w, size, a, b, c, to);
    divisorOrReturn(w, c, size);
    divide(w, wholeProduct(w, w.loadNumber(a, size), w.loadNumber(b, size)));
    deliver(w, DIVIDEND, to, size);
  });
  return functionOf(5, 1, w, 'mulMod');
}

/** addMod(a, b, c, to, words) */
export function addModFunction(scratch: number): WasmFunction {
  const w = new Words(5, scratch);
  const { e } = w;
  const [a, b, c, to, words] = [0, 1, 2, 3, 4];
  const carry = w.local();
  bySize(w, words, (size) => {
    divisorOrReturn(w, c, size);
    const sum = w.loadNumber(a, size);
    e.i64(0).set(carry);
    for (const [i, right] of w.loadNumber(b, size).entries()) w.addWith(sum[i]!, right, carry);
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
    const product = wholeProduct(w, w.loadNumber(a, size), w.loadNumber(b, size));
    const divisor = w.loadNumber(c, size);
    pushAny(w, divisor);
    e.op('i32Eqz').if();
    w.storeNumber(to, product.slice(size));
    e.i32(WIDE_OK).op('return');
    e.end();
    w.store(DIVISOR, divisor);
    w.clear(DIVISOR + size * 8, WORDS_MAX - size);
    divide(w, product);
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
