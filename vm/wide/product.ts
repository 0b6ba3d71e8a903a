/** The low half of a product, column by column, and whether it is all of it. */
import { I32, type WasmFunction } from '../../primitives/wasm/encode.ts';
import { functionOf, WIDE_OK, WIDE_OVERFLOW } from './layout.ts';
import { bySize, Words } from './words.ts';

const WORD_BITS = 64;
/** Pushes the number of leading zero bits. */
function pushLeadingZeros(w: Words, words: readonly number[]): void {
  const { e } = w;
  for (const [i, word] of words.entries()) {
    if (i > 0) e.i64(WORD_BITS).op('i64Add');
    e.get(word).op('i64Clz');
    if (i > 0) e.get(word).op('i64Eqz').op('select');
  }
}

/** The low half of x · y. */
function lowProduct(w: Words, x: readonly number[], y: readonly number[]): number[] {
  const { e } = w;
  const size = x.length;
  const sums = w.locals(size);
  /** For the next word: upper words of products, and carries. */
  let above: number[] = [];
  for (const [k, sum] of sums.entries()) {
    const terms = above;
    above = [];
    const isLast = k === size - 1;
    for (let i = 0; i <= k; i++) {
      const [left, right] = [x[i]!, y[k - i]!];
      const low = w.local();
      e.get(left).get(right).op('i64Mul').set(low);
      terms.push(low);
      if (!isLast) above.push(w.multiplyHigh(left, right));
    }
    const carry = w.local();
    for (const [i, term] of terms.entries()) {
      if (i === 0) e.get(term).set(sum);
      else if (isLast) e.get(sum).get(term).op('i64Add').set(sum);
      else {
        w.addCarry(sum, term);
        if (i > 1) e.get(carry).op('i64Add');
        e.set(carry);
      }
    }
    if (!isLast && terms.length > 1) above.push(carry);
  }
  return sums;
}

/** Pushes the upper 32 bits of a number from its highest bit on; `zeros` bits stand before that. */
function pushHead(w: Words, words: readonly number[], zeros: number): void {
  const { e } = w;
  const [head, next] = [w.local(), w.local()];
  e.get(words[0]!).set(head);
  for (const [i, word] of words.entries()) {
    if (i === 0) continue;
    e.get(words[i - 1]!)
      .get(next)
      .get(word)
      .op('i64Eqz')
      .op('i32Eqz')
      .op('select')
      .set(next);
    e.get(word).get(head).get(word).op('i64Eqz').op('i32Eqz').op('select').set(head);
  }
  const shift = w.local();
  e.get(zeros)
    .i64(WORD_BITS - 1)
    .op('i64And')
    .set(shift);
  w.moveLeft(head, next, shift);
  e.get(head)
    .i64(WORD_BITS / 2)
    .op('i64ShrU');
}

/**
 * Sets whether x · y, whose low half is `product`, is longer than that half. A product has as many
 * bits as both factors, or one less. When that leaves it open, it is from a half of the range to
 * twice the range: beyond it when its highest bit is clear, and also when that bit is set but the
 * product of what the factors begin with is long as well.
 */
function findLost(
  w: Words,
  [x, y, product]: readonly [
    x: readonly number[],
    y: readonly number[],
    product: readonly number[],
  ],
  isLost: number,
): void {
  const { e } = w;
  const bits = x.length * WORD_BITS;
  const top = x.length - 1;
  e.get(x[top]!).op('i64Eqz').get(y[top]!).op('i64Eqz').op('i32Or').op('i32Eqz').set(isLost);
  e.get(isLost).op('i32Eqz').if();
  const [zeros, others] = [w.local(), w.local()];
  pushLeadingZeros(w, x);
  e.set(zeros);
  pushLeadingZeros(w, y);
  e.set(others);
  e.get(zeros).get(others).op('i64Add').i64(bits).op('i64LtU').set(isLost);
  e.get(zeros)
    .get(others)
    .op('i64Add')
    .i64(bits - 1)
    .op('i64Eq')
    .if();
  pushHead(w, x, zeros);
  pushHead(w, y, others);
  e.op('i64Mul').get(product[top]!).i64(-1).op('i64Xor').op('i64Or');
  e.i64(WORD_BITS - 1)
    .op('i64ShrU')
    .op('i32WrapI64')
    .set(isLost);
  e.end();
  e.end();
}

/** product(a, b, to, words, keep) */
export function productFunction(scratch: number): WasmFunction {
  const w = new Words(5, scratch);
  const { e } = w;
  const [a, b, to, words, keep] = [0, 1, 2, 3, 4];
  const isLost = e.newLocal(I32);
  bySize(w, words, (size) => {
    const x = w.loadNumber(a, size);
    const y = w.loadNumber(b, size);
    const product = lowProduct(w, x, y);
    findLost(w, [x, y, product], isLost);
    e.get(isLost).get(keep).op('i32Eqz').op('i32And').if();
    e.i32(WIDE_OVERFLOW).op('return');
    e.end();
    w.storeNumber(to, product);
    e.i32(WIDE_OVERFLOW).i32(WIDE_OK).get(isLost).op('select').op('return');
  });
  return functionOf(5, 1, w, 'product');
}
