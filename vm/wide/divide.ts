/**
 * Division of words of 64 bits. Each word of a quotient comes from the upper words of the dividend
 * by products with a reciprocal of the upper two words of the divisor, as the host divides numbers
 * of 64 bits only. The reciprocal of the divisor before is kept.
 *
 * @source Möller and Granlund, Improved division by invariant integers (2011), algorithms 4 to 6;
 * Knuth, The Art of Computer Programming, volume 2, 4.3.1, algorithm D
 */
import { I64, type WasmFunction } from '../../primitives/wasm/encode.ts';
import {
  BELOW_DIVIDEND,
  DIVIDEND,
  DIVISOR,
  FUNCTION,
  functionOf,
  QUOTIENT,
  QUOTIENT_WORDS,
  RECIPROCALS,
  WORD,
  WORDS_MAX,
} from './layout.ts';
import { Words } from './words.ts';

const HALF_BITS = 32;
const HALF = 1n << 32n;
const RECIPROCAL_BYTES = 24;

/**
 * reciprocal(d), d with its highest bit set: ⌊(2^128 − 1) / d⌋ − 2^64. Two steps of a division by
 * halves of 32 bits of the number whose words are ~d and ~0.
 */
export function reciprocalFunction(): WasmFunction {
  const w = new Words(1, 0);
  const { e } = w;
  const d = 0;
  const high = w.local();
  const low = w.local();
  const rest = w.local();
  const digit = w.local();
  const left = w.local();
  const result = w.local();
  e.get(d).i64(HALF_BITS).op('i64ShrU').set(high);
  e.get(d)
    .i64Big(HALF - 1n)
    .op('i64And')
    .set(low);
  e.get(d).i64(-1).op('i64Xor').set(rest);
  for (let half = 0; half < 2; half++) {
    e.get(rest).get(high).op('i64DivU').tee(digit).get(high).op('i64Mul').set(left);
    e.get(rest).get(left).op('i64Sub').set(left);
    const done = e.block();
    const again = e.loop();
    // While it is more than a half, or the halves behind say that it is too high …
    e.get(digit).i64Big(HALF).op('i64GeU');
    e.get(digit).get(low).op('i64Mul');
    e.get(left)
      .i64(HALF_BITS)
      .op('i64Shl')
      .i64Big(HALF - 1n)
      .op('i64Or')
      .op('i64GtU');
    e.op('i32Or').op('i32Eqz').brIf(done);
    e.get(digit).i64(1).op('i64Sub').set(digit);
    e.get(left).get(high).op('i64Add').tee(left).i64Big(HALF).op('i64LtU').brIf(again);
    // … and as long as what is left is a half.
    e.end();
    e.end();
    e.get(rest)
      .i64(HALF_BITS)
      .op('i64Shl')
      .i64Big(HALF - 1n)
      .op('i64Or');
    e.get(digit).get(d).op('i64Mul').op('i64Sub').set(rest);
    e.get(result).i64(HALF_BITS).op('i64Shl').get(digit).op('i64Add').set(result);
  }
  e.get(result);
  return { params: [I64], results: [I64], locals: e.locals, body: e.body() };
}

/** Locals of a division. */
type Division = {
  readonly w: Words;
  /** The divisor, its highest bit set. */
  readonly divisor: readonly number[];
  /** The upper part of the dividend: as many words, and one more. */
  readonly rest: readonly number[];
  readonly reciprocal: number;
  readonly digit: number;
  /** The lower word of the estimate. */
  readonly below: number;
  readonly hi: number;
  readonly lo: number;
  readonly carry: number;
};

/** The reciprocal of the upper words of the divisor: the one before, or a new one, which is kept. */
function pickReciprocal(d: Division): void {
  const { w, divisor, reciprocal } = d;
  const { e } = w;
  const m = divisor.length;
  const [top, next] = [divisor[m - 1]!, divisor[m - 2]];
  const [hi, lo, carry] = [d.hi, d.lo, d.carry];
  const at = RECIPROCALS + (m - 1) * RECIPROCAL_BYTES;
  const kept = next === undefined ? [hi] : [hi, lo];
  w.load(at, kept);
  const known = e.block();
  w.load(at + 2 * WORD, [reciprocal]);
  e.get(hi).get(top).op('i64Eq');
  if (next !== undefined) e.get(lo).get(next).op('i64Eq').op('i32And');
  e.brIf(known);
  e.get(top).call(FUNCTION.reciprocal).set(reciprocal);
  if (next !== undefined) {
    e.get(top).get(reciprocal).op('i64Mul').get(next).op('i64Add').tee(carry);
    e.get(next).op('i64LtU').if();
    e.get(reciprocal).i64(1).op('i64Sub').set(reciprocal);
    e.get(carry).get(top).op('i64GeU').if();
    e.get(reciprocal).i64(1).op('i64Sub').set(reciprocal);
    e.get(carry).get(top).op('i64Sub').set(carry);
    e.end();
    e.get(carry).get(top).op('i64Sub').set(carry);
    e.end();
    w.multiply(reciprocal, next, hi, lo);
    e.get(carry).get(hi).op('i64Add').tee(carry).get(hi).op('i64LtU').if();
    e.get(reciprocal).i64(1).op('i64Sub').set(reciprocal);
    w.pushLess(carry, lo, top, next);
    e.op('i32Eqz').if();
    e.get(reciprocal).i64(1).op('i64Sub').set(reciprocal);
    e.end();
    e.end();
  }
  w.store(at, [top, next ?? top, reciprocal]);
  e.end();
}

/** One word of the quotient by a divisor of one word, into `digit`; the rest into rest[0]. */
function shortDigit(d: Division): void {
  const { w, digit, below, reciprocal, hi } = d;
  const { e } = w;
  const [divisor] = d.divisor as [number];
  const [rest, top] = d.rest as [number, number];
  w.multiply(top, reciprocal, digit, below);
  e.get(top).get(digit).op('i64Add').i64(1).op('i64Add').set(digit);
  w.addCarry(below, rest);
  e.get(digit).op('i64Add').set(digit);
  e.get(rest).get(digit).get(divisor).op('i64Mul').op('i64Sub').tee(rest);
  e.get(below).op('i64GtU').op('i64ExtendU').set(hi);
  e.get(digit).get(hi).op('i64Sub').set(digit);
  e.get(rest).i64(0).get(hi).op('i64Sub').get(divisor).op('i64And').op('i64Add').set(rest);
  e.get(rest).get(divisor).op('i64GeU').if();
  e.get(digit).i64(1).op('i64Add').set(digit);
  e.get(rest).get(divisor).op('i64Sub').set(rest);
  e.end();
}

/** The upper three words of the rest by the upper two of the divisor: exact for these. */
function estimate(d: Division): void {
  const { w, digit, below, reciprocal, divisor, rest, hi, lo } = d;
  const { e } = w;
  const m = divisor.length;
  const [d1, d0] = [divisor[m - 1]!, divisor[m - 2]!];
  const [n2, n1, n0] = [rest[m]!, rest[m - 1]!, rest[m - 2]!];
  w.multiply(n2, reciprocal, digit, below);
  e.get(digit).get(n2).op('i64Add').set(digit);
  w.addCarry(below, n1);
  e.get(digit).op('i64Add').set(digit);
  w.multiply(d0, digit, hi, lo);
  e.get(n1).get(digit).get(d1).op('i64Mul').op('i64Sub').get(d1).op('i64Sub');
  e.get(hi).op('i64Sub').set(n1);
  for (const less of [d0, lo]) {
    w.subtractBorrow(n0, less);
    e.set(hi).get(n1).get(hi).op('i64Sub').set(n1);
  }
  // Too high by one as often as not: no branch. lo: all ones when it is.
  e.i64(0).get(n1).get(below).op('i64GeU').op('i64ExtendU').op('i64Sub').set(lo);
  e.get(digit).i64(1).op('i64Add').get(lo).op('i64Add').set(digit);
  e.get(lo).get(d0).op('i64And').set(hi);
  w.addCarry(n0, hi);
  e.get(n1).op('i64Add').get(lo).get(d1).op('i64And').op('i64Add').set(n1);
  w.pushLess(n1, n0, d1, d0);
  e.op('i32Eqz').if();
  e.get(digit).i64(1).op('i64Add').set(digit);
  w.subtractBorrow(n0, d0);
  e.set(hi).get(n1).get(d1).op('i64Sub').get(hi).op('i64Sub').set(n1);
  e.end();
}

/** rest = rest + divisor, modulo as many words as the divisor has. */
function addBack({ w, divisor, rest, carry }: Division): void {
  w.e.i64(0).set(carry);
  for (const [i, word] of divisor.entries()) w.addWith(rest[i]!, word, carry);
}

/** Takes the lower words of the divisor, `digit` times, from the rest. */
function subtractLower(d: Division): void {
  const { w, divisor, rest, digit, hi, lo, carry } = d;
  const { e } = w;
  const m = divisor.length;
  if (m < 3) return;
  e.i64(0).set(carry);
  for (let i = 0; i < m - 2; i++) {
    w.multiply(digit, divisor[i]!, hi, lo);
    if (i > 0) {
      w.addCarry(lo, carry);
      e.get(hi).op('i64Add').set(hi);
    }
    w.subtractBorrow(rest[i]!, lo);
    e.get(hi).op('i64Add').set(carry);
  }
  w.subtractBorrow(rest[m - 2]!, carry);
  e.set(carry);
  w.subtractBorrow(rest[m - 1]!, carry);
  e.op('i64Eqz').op('i32Eqz').if();
  e.get(digit).i64(1).op('i64Sub').set(digit);
  addBack(d);
  e.end();
}

/** One word of the quotient by a longer divisor. */
function longDigit(d: Division): void {
  const { w, divisor, rest, digit, carry } = d;
  const { e } = w;
  const m = divisor.length;
  e.get(rest[m]!)
    .get(divisor[m - 1]!)
    .op('i64Eq');
  e.get(rest[m - 1]!)
    .get(divisor[m - 2]!)
    .op('i64Eq')
    .op('i32And')
    .if();
  // The highest digit: rest − 2^64 · divisor + divisor.
  e.i64(-1).set(digit).i64(0).set(carry);
  for (let i = 1; i < m; i++) w.subtractWith(rest[i]!, divisor[i - 1]!, carry);
  addBack(d);
  e.else();
  estimate(d);
  subtractLower(d);
  e.end();
}

/** Locals of `divide`, with the divisor loaded and moved left until its highest bit is set. */
function beginDivision(w: Words, m: number, shift: number): Division {
  const { e } = w;
  const divisor = w.locals(m);
  const rest = w.locals(m + 1);
  const [reciprocal, digit, below] = [w.local(), w.local(), w.local()];
  const [hi, lo, carry] = [w.local(), w.local(), w.local()];
  w.load(DIVISOR, divisor);
  e.get(divisor[m - 1]!)
    .op('i64Clz')
    .set(shift);
  for (let i = m - 1; i >= 0; i--) w.moveLeft(divisor[i]!, divisor[i - 1] ?? null, shift);
  return { w, divisor, rest, reciprocal, digit, below, hi, lo, carry };
}

/**
 * divide(n): the first n words of the dividend by the first `m` of the divisor, the highest of
 * which is not 0; n ≥ m. The quotient was cleared before.
 */
export function divideFunction(scratch: number, m: number): WasmFunction {
  const w = new Words(1, scratch);
  const { e } = w;
  const at = 0;
  const shift = w.local();
  const d = beginDivision(w, m, shift);
  const { rest, digit, hi, lo } = d;
  pickReciprocal(d);
  w.clear(BELOW_DIVIDEND, 1);
  const dividend = scratch + DIVIDEND;
  const load = (offset: number, to: number): void => {
    e.get(at)
      .mem('i64Load', dividend + offset)
      .set(to);
  };
  // at: offset of the lowest word that the present digit is about
  e.get(at).i32(m).op('i32Sub').i32(3).op('i32Shl').set(at);
  e.i64(0).set(hi);
  for (let i = m - 1; i >= 0; i--) {
    const to = rest[i]!;
    load(i * WORD, lo);
    e.get(hi).set(to);
    w.moveLeft(to, lo, shift);
    e.get(lo).set(hi);
  }
  const again = e.loop();
  for (let i = m; i > 0; i--) e.get(rest[i - 1]!).set(rest[i]!);
  load(0, rest[0]!);
  load(-WORD, lo);
  w.moveLeft(rest[0]!, lo, shift);
  // Plainly less than the divisor: at the head of most dividends.
  e.get(rest[m]!)
    .op('i64Eqz')
    .get(rest[m - 1]!)
    .get(d.divisor[m - 1]!)
    .op('i64LtU');
  e.op('i32And').if();
  e.i64(0).set(digit);
  e.else();
  if (m === 1) shortDigit(d);
  else longDigit(d);
  e.end();
  e.get(at)
    .get(digit)
    .mem('i64Store', scratch + QUOTIENT);
  e.get(at).i32(WORD).op('i32Sub').tee(at).i32(0).op('i32GeS').brIf(again);
  e.end();
  for (let i = 0; i < m; i++) w.moveRight(rest[i]!, i === m - 1 ? null : rest[i + 1]!, shift);
  w.store(DIVIDEND, rest.slice(0, m));
  w.clear(DIVIDEND + m * WORD, WORDS_MAX - m);
  return functionOf(1, 0, w);
}

/** divideAny(n): the same by a divisor that is not 0, of any number of words. */
export function divideAnyFunction(scratch: number): WasmFunction {
  const w = new Words(1, scratch);
  const { e } = w;
  const n = 0;
  const word = w.local();
  w.clear(QUOTIENT, QUOTIENT_WORDS);
  const found = e.block();
  const again = e.loop();
  e.get(n).op('i32Eqz').if();
  e.op('return');
  e.end();
  e.get(n)
    .i32(3)
    .op('i32Shl')
    .mem('i64Load', scratch + DIVIDEND - WORD);
  e.op('i64Eqz').op('i32Eqz').brIf(found);
  e.get(n).i32(1).op('i32Sub').set(n).br(again);
  e.end();
  e.end();
  for (let m = WORDS_MAX; m > 0; m--) {
    w.load(DIVISOR + (m - 1) * WORD, [word]);
    e.get(word).op('i64Eqz').op('i32Eqz').if();
    e.get(n).i32(m).op('i32GeU').if();
    e.get(n).call(FUNCTION.divide + m - 1);
    e.end();
    e.op('return');
    e.end();
  }
  return functionOf(1, 0, w);
}
