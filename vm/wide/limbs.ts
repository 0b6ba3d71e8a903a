/**
 * Steps on numbers as limbs of 24 bits in doubles, two in a vector: products of limbs are exact,
 * and so is a sum of 32 of them, without any carrying. A limb has its weight: limb k of a number
 * is a multiple of 2^24k as it stands, so that the sum of the limbs is the number.
 */
import { type Emitter, I32, I64, V128 } from '../jit/emitter.ts';
import { WEIGHTS } from './layout.ts';

export const LIMB_BITS = 24;
const LIMB_BYTES = 3;
const PAIR_BYTES = 2 * LIMB_BYTES;
export const VECTOR_BYTES = 16;
const WORD = 8;
const ZERO: readonly number[] = new Array<number>(VECTOR_BYTES).fill(0);
const DIGIT_BITS = 2 * LIMB_BITS;
const DIGIT_MAX = (1n << BigInt(DIGIT_BITS)) - 1n;
/** A byte that `swizzle` makes 0. */
const NONE = 0x80;
/** Where the bytes of a pair are put before they are spread: the last of a vector. */
const SPREAD: readonly number[] = spreadOf(VECTOR_BYTES - 1, PAIR_BYTES);

/** Where the bytes of a pair of limbs come from: `count` of them, big-endian, up to byte `last`. */
function spreadOf(last: number, count: number): number[] {
  const lane = (first: number): number[] =>
    Array.from({ length: WORD }, (_, i) =>
      i < LIMB_BYTES && first + i < count ? last - first - i : NONE,
    );
  return [...lane(0), ...lane(LIMB_BYTES)];
}

/** Where three bytes each of two halves of 32 bits come from, when `count` of them are there. */
export function packedPair(count: number): number[] {
  return Array.from({ length: VECTOR_BYTES }, (_, i) => {
    const from = (i >> 2) * LIMB_BYTES + (i & 3);
    return (i & 3) < LIMB_BYTES && from < Math.min(count, PAIR_BYTES) ? from : NONE;
  });
}

/** Number of limbs of so many words. */
export function limbsOf(words: number): number {
  return Math.ceil((words * 64) / LIMB_BITS);
}

const sequence = (first: number): number[] =>
  Array.from({ length: VECTOR_BYTES }, (_, i) => first + i);
const SWAPPED: readonly number[] = [
  ...sequence(WORD).slice(0, WORD),
  ...sequence(0).slice(0, WORD),
];
/** Of two vectors, the upper lane of the first and the lower one of the second. */
const BETWEEN: readonly number[] = sequence(WORD);

/** A function body with its steps. A list of vectors is a number: its limbs, two in each. */
export class Limbs {
  readonly e: Emitter;
  readonly scratch: number;

  /** @param scratch address of the kernel's scratch */
  constructor(e: Emitter, scratch: number) {
    this.e = e;
    this.scratch = scratch;
  }

  vectors(count: number): number[] {
    return Array.from({ length: count }, () => this.e.newLocal(V128));
  }

  /**
   * Loads two big-endian numbers of `bytes` bytes, the first one into the scratch.
   * @returns locals of the second
   */
  load(first: number, into: number, second: number, bytes: number): number[] {
    const { e } = this;
    const numbers = [first, second].map((at) => {
      const halves = this.vectors(bytes / VECTOR_BYTES);
      for (const [i, half] of halves.entries()) {
        e.get(at)
          .vector('load', 0, i * VECTOR_BYTES)
          .set(half);
      }
      return halves;
    });
    const limbs = this.vectors(Math.ceil(limbsOf(bytes / WORD) / 2));
    const weight = e.newLocal(V128);
    for (const [j, pair] of limbs.entries()) {
      const end = bytes - j * PAIR_BYTES;
      const bits = end < PAIR_BYTES ? spreadOf(end - 1, end) : SPREAD;
      this.at(WEIGHTS + j * VECTOR_BYTES).e.set(weight);
      for (const [k, halves] of numbers.entries()) {
        if (k === 0) e.i32(0);
        this.#window(halves, end);
        e.vectorOf(bits).vector('swizzle').get(weight).vector('or').get(weight).vector('subF64');
        if (k === 0) e.vector('store', 0, this.scratch + into + j * VECTOR_BYTES);
        else e.set(pair);
      }
    }
    return limbs;
  }

  /** Pushes a vector whose last bytes are those before byte `end`; for the highest pair, the first. */
  #window(halves: readonly number[], end: number): void {
    const { e } = this;
    const first = end - VECTOR_BYTES;
    const [low, high] = [
      halves[Math.floor(first / VECTOR_BYTES)],
      halves[Math.ceil(first / VECTOR_BYTES)],
    ];
    if (end < PAIR_BYTES) e.get(halves[0]!);
    else if (first % VECTOR_BYTES === 0) e.get(halves[first / VECTOR_BYTES]!);
    else {
      const [left, right] = [low ?? high!, high ?? low!];
      e.get(left).get(right);
      e.vector('shuffle', ...sequence((first + VECTOR_BYTES) % VECTOR_BYTES));
    }
  }

  /** The first `count` limbs, each one place up. */
  moved(limbs: readonly number[], count: number): number[] {
    const up = this.vectors(Math.floor(count / 2) + 1);
    for (const [j, pair] of up.entries()) {
      for (const i of [j - 1, j]) {
        const from = limbs[i];
        if (from === undefined) this.e.vectorOf(ZERO);
        else this.e.get(from);
      }
      this.e.vector('shuffle', ...BETWEEN).set(pair);
    }
    return up;
  }

  /** Pushes the sum of both lanes, in both lanes. */
  across(vector: number): void {
    this.e.get(vector).get(vector).get(vector);
    this.e.vector('shuffle', ...SWAPPED).vector('addF64');
  }

  /** Pushes the vector of the scratch at `at`, counted on from the offset in local `index`. */
  at(at: number, index?: number): this {
    if (index === undefined) this.e.i32(0);
    else this.e.get(index);
    this.e.vector('load', 0, this.scratch + at);
    return this;
  }

  /** Stores vectors to the scratch, one behind the other. */
  store(at: number, vectors: readonly number[]): void {
    for (const [j, vector] of vectors.entries()) {
      this.e
        .i32(0)
        .get(vector)
        .vector('store', 0, this.scratch + at + j * VECTOR_BYTES);
    }
  }

  /** `inside` for offsets from 0 up to `end` in steps of `step`, of which it gets the local. */
  repeat(step: number, end: number, inside: (index: number) => void): void {
    const { e } = this;
    const index = e.newLocal(I32);
    e.i32(0).set(index);
    const again = e.loop();
    inside(index);
    e.get(index).i32(step).op('i32Add').tee(index).i32(end).op('i32LtU').brIf(again);
    e.end();
  }

  /**
   * Adds the products of every second limb at `rows` by a number to the sums at `to`. It is a loop
   * because the host's compiler would spill most sums of a straight line of code.
   * @param fresh there are no sums yet
   */
  rows(rows: number, count: number, by: readonly number[], to: number, fresh: boolean): void {
    const { e } = this;
    const sums = this.vectors(by.length - 1);
    const row = e.newLocal(V128);
    for (const sum of sums) e.vectorOf(ZERO).set(sum);
    this.repeat(VECTOR_BYTES, count * VECTOR_BYTES, (index) => {
      e.get(index)
        .vector('load64Splat', 0, this.scratch + rows)
        .set(row);
      e.get(index);
      e.get(row).get(by[0]!).vector('mulF64').get(sums[0]!).vector('addF64');
      if (!fresh) this.at(to, index).e.vector('addF64');
      e.vector('store', 0, this.scratch + to);
      for (const [j, sum] of sums.entries()) {
        e.get(row)
          .get(by[j + 1]!)
          .vector('mulF64');
        const next = sums[j + 1];
        if (next !== undefined) e.get(next).vector('addF64');
        e.set(sum);
      }
    });
    const end = to + count * VECTOR_BYTES;
    if (!fresh) {
      for (const [j, sum] of sums.entries()) {
        this.at(end + j * VECTOR_BYTES)
          .e.get(sum)
          .vector('addF64')
          .set(sum);
      }
    }
    this.store(end, sums);
  }

  /** The product of the numbers, in vectors and in the scratch, goes to `to`: sums of products. */
  product(x: number, y: readonly number[], count: number, to: number): void {
    this.e
      .i32(0)
      .vectorOf(ZERO)
      .vector('store', 0, this.scratch + to + (count - 1) * VECTOR_BYTES);
    this.rows(x, Math.ceil(count / 2), y, to, true);
    this.rows(x + WORD, Math.floor(count / 2), this.moved(y, count), to, false);
  }

  /**
   * Carries what is above a half of a limb's range into the next limb, for all limbs from pair
   * `first` on at once, twice: then limbs are at most 2^23 + 2^5 times their weight. What the
   * highest one would carry is lost. Adds each pair times one of `shares` to local `sum`.
   */
  carryTwice(at: number, first: number, end: number, shares: number, sum: number): void {
    const { e } = this;
    const [pair, weight, high] = this.vectors(3) as [number, number, number];
    const before = this.vectors(2);
    const from = first * VECTOR_BYTES;
    for (const each of before) e.vectorOf(ZERO).set(each);
    this.repeat(VECTOR_BYTES, (end - first) * VECTOR_BYTES, (index) => {
      this.at(at + from, index).e.set(pair);
      this.at(WEIGHTS + from + WORD, index).e.set(weight);
      for (const each of before) {
        e.get(pair).get(weight).vector('addF64').get(weight).vector('subF64').set(high);
        e.get(pair).get(high).vector('subF64');
        e.get(each)
          .get(high)
          .vector('shuffle', ...BETWEEN)
          .vector('addF64')
          .set(pair);
        e.get(high).set(each);
      }
      e.get(index)
        .get(pair)
        .vector('store', 0, this.scratch + at + from);
      this.at(shares, index).e.get(pair).vector('mulF64').get(sum).vector('addF64').set(sum);
    });
  }

  /**
   * Words of a number that is not negative, from sums of products. It is less than 2^48 to the
   * number of vectors; carries beyond that are lost.
   */
  words(limbs: readonly number[]): number[] {
    const { e } = this;
    const [whole, weight] = this.vectors(2) as [number, number];
    const digits: number[] = [];
    let before = -1;
    for (const [j, pair] of limbs.entries()) {
      const high = e.newLocal(V128);
      this.at(WEIGHTS + j * VECTOR_BYTES + WORD).e.set(weight);
      e.get(pair).get(weight).vector('addF64').get(weight).vector('subF64').set(high);
      e.get(pair).get(high).vector('subF64');
      if (before < 0) e.vectorOf(ZERO);
      else e.get(before);
      e.get(high)
        .vector('shuffle', ...BETWEEN)
        .vector('addF64');
      this.at(WEIGHTS + j * VECTOR_BYTES).e.set(weight);
      e.get(weight).vector('addF64').get(weight).vector('sub64').set(whole);
      before = high;
      const digit = e.newLocal(I64);
      e.get(whole).vector('extract64', 0);
      e.get(whole).vector('extract64', 1).i64(LIMB_BITS).op('i64Shl').op('i64Add').set(digit);
      const below = digits[j - 1];
      if (below !== undefined) {
        e.get(digit).get(below).i64(DIGIT_BITS).op('i64ShrS').op('i64Add').set(digit);
        e.get(below).i64Big(DIGIT_MAX).op('i64And').set(below);
      }
      digits.push(digit);
    }
    const top = digits[digits.length - 1]!;
    e.get(top).i64Big(DIGIT_MAX).op('i64And').set(top);
    return this.#packed(digits);
  }

  /** Words of digits of 48 bits. */
  #packed(digits: readonly number[]): number[] {
    const { e } = this;
    const words: number[] = [];
    for (let bit = 0; bit < digits.length * DIGIT_BITS; bit += 64) {
      const word = e.newLocal(I64);
      const first = Math.floor(bit / DIGIT_BITS);
      e.get(digits[first]!);
      if (bit % DIGIT_BITS > 0) e.i64(bit % DIGIT_BITS).op('i64ShrU');
      for (let i = first + 1; i * DIGIT_BITS < bit + 64 && i < digits.length; i++) {
        e.get(digits[i]!)
          .i64(i * DIGIT_BITS - bit)
          .op('i64Shl')
          .op('i64Or');
      }
      e.set(word);
      words.push(word);
    }
    return words;
  }
}
