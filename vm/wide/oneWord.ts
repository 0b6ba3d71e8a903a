/**
 * Powers, logarithms, roots and scaled quotients of 64-bit words in WebAssembly. Parameters and
 * results are words, except where said; what the instructions call undefined is the caller's.
 */

import type { WasmFunction } from '../../primitives/wasm/encode.ts';
import { Emitter, I64, type Label } from '../jit/emitter.ts';
import { FUNCTION } from './layout.ts';
import { Words } from './words.ts';

const U64_MAX = (1n << 64n) - 1n;
const WORD_BITS = 64;

/**
 * power(base, exponent): the power, and 0. One that does not fit: 0, and 1. There are at most 64
 * products, as a base of 2 and more does not stay below 2^64 for longer.
 */
export function powerFunction(): WasmFunction {
  const [base, exponent] = [0, 1];
  const e = new Emitter(2);
  const [value, limit] = [e.newLocal(I64), e.newLocal(I64)];
  const done = e.block();
  const fits = e.block();
  e.i64(1).set(value);
  e.get(exponent).op('i64Eqz').brIf(fits);
  e.get(base).set(value);
  e.get(base).i64(2).op('i64LtU').brIf(fits);
  e.i64Big(U64_MAX).get(base).op('i64DivU').set(limit);
  const again = e.loop();
  e.get(exponent).i64(1).op('i64Sub').tee(exponent).op('i64Eqz').brIf(fits);
  e.get(value).get(limit).op('i64GtU').op('i32Eqz').if();
  e.get(value).get(base).op('i64Mul').set(value).br(again);
  e.end();
  e.end();
  e.i64(0).set(value).i64(1).set(limit).br(done);
  e.end();
  e.i64(0).set(limit);
  e.end();
  e.get(value).get(limit);
  const { locals } = e;
  return { name: 'power', params: [I64, I64], results: [I64, I64], locals, body: e.body() };
}

/** logarithm(value, base), rounded down; value > 0, base > 1. */
export function logarithmFunction(): WasmFunction {
  const [value, base] = [0, 1];
  const e = new Emitter(2);
  const log = e.newLocal(I64);
  const done = e.block();
  const again = e.loop();
  e.get(value).get(base).op('i64LtU').brIf(done);
  e.get(value).get(base).op('i64DivU').set(value);
  e.get(log).i64(1).op('i64Add').set(log).br(again);
  e.end();
  e.end();
  e.get(log);
  const { locals } = e;
  return { name: 'logarithm', params: [I64, I64], results: [I64], locals, body: e.body() };
}

/** Branches to `label` when middle^n > value; `limit` is the greatest number times middle. */
function powerAbove(
  e: Emitter,
  { value, n, middle }: Readonly<Record<'value' | 'n' | 'middle', number>>,
  { power, limit, left }: Readonly<Record<'power' | 'limit' | 'left', number>>,
  label: Label,
): void {
  e.get(value).get(middle).op('i64DivU').set(limit);
  e.get(middle).set(power).get(n).set(left);
  const again = e.loop();
  // The whole part of value / middle tells whether one product more is above the value.
  e.get(power).get(limit).op('i64GtU').brIf(label);
  e.get(power).get(middle).op('i64Mul').set(power);
  e.get(left).i64(1).op('i64Sub').tee(left).i64(1).op('i64GtU').brIf(again);
  e.end();
}

/** root(value, n): the greatest number whose n-th power is not above the value; n > 0. */
export function rootFunction(): WasmFunction {
  const [value, n] = [0, 1];
  const e = new Emitter(2);
  const local = (): number => e.newLocal(I64);
  const [low, high, middle] = [local(), local(), local()];
  const work = { power: local(), limit: local(), left: local() };
  const done = e.block();
  e.get(value).set(low);
  e.get(n).i64(2).op('i64LtU').get(value).i64(2).op('i64LtU').op('i32Or').brIf(done);
  e.i64(1).set(low);
  e.get(n).i64(WORD_BITS).op('i64GeU').brIf(done);
  // 2^(64 / n + 1) is above the root.
  e.i64(1).i64(WORD_BITS).get(n).op('i64DivU').i64(1).op('i64Add').op('i64Shl').set(high);
  const again = e.loop();
  e.get(high).get(low).op('i64Sub').i64(2).op('i64LtU').brIf(done);
  e.get(low).get(high).op('i64Add').i64(1).op('i64ShrU').set(middle);
  const above = e.block();
  powerAbove(e, { value, n, middle }, work, above);
  e.get(middle).set(low).br(again);
  e.end();
  e.get(middle).set(high).br(again);
  e.end();
  e.end();
  e.get(low);
  const { locals } = e;
  return { name: 'root', params: [I64, I64], results: [I64], locals, body: e.body() };
}

/**
 * scaled(a, b, c): low and high word of a · b / c, rounded down; divisor 0 counts as 2^64.
 * @source Möller and Granlund, Improved division by invariant integers (2011), algorithm 4
 */
export function scaledFunction(): WasmFunction {
  const [a, b, c] = [0, 1, 2];
  const w = new Words(3, 0);
  const { e } = w;
  const [high, low, upper] = [w.local(), w.local(), w.local()];
  const [shift, reciprocal, digit, below] = [w.local(), w.local(), w.local(), w.local()];
  w.multiply(a, b, high, low);
  const done = e.block();
  e.get(c).op('i64Eqz').if();
  e.get(high).set(low).br(done);
  e.end();
  e.get(high).get(c).op('i64DivU').set(upper);
  e.get(high).get(c).op('i64RemU').tee(high).op('i64Eqz').if();
  e.get(low).get(c).op('i64DivU').set(low).br(done);
  e.end();
  e.get(c).op('i64Clz').set(shift);
  e.get(c).get(shift).op('i64Shl').set(c);
  w.moveLeft(high, low, shift);
  w.moveLeft(low, null, shift);
  e.get(c).call(FUNCTION.reciprocal).set(reciprocal);
  w.multiply(high, reciprocal, digit, below);
  e.get(digit).get(high).op('i64Add').i64(1).op('i64Add').set(digit);
  w.addCarry(below, low);
  e.get(digit).op('i64Add').set(digit);
  // What is left of the low word, once too much or once too little taken.
  e.get(low).get(digit).get(c).op('i64Mul').op('i64Sub').tee(low);
  e.get(below).op('i64GtU').if();
  e.get(digit).i64(1).op('i64Sub').set(digit);
  e.get(low).get(c).op('i64Add').set(low);
  e.end();
  e.get(digit).get(low).get(c).op('i64GeU').op('i64ExtendU').op('i64Add').set(low);
  e.end();
  e.get(low).get(upper);
  const { locals } = e;
  return { name: 'scaled', params: [I64, I64, I64], results: [I64, I64], locals, body: e.body() };
}
