/** Steps on 64-bit words in locals that the functions of the wide kernel are made of. */
import { Emitter, I64 } from '../jit/emitter.ts';

const WORD = 8;
const HALF_BITS = 32;
const WORD_BITS = 64;

/** A function body with its steps. Operands and results are locals of 64 bits. */
export class Words {
  readonly e: Emitter;
  readonly scratch: number;
  readonly #low: number;
  readonly #middle: number;
  readonly #other: number;
  readonly #sum: number;
  readonly #carry: number;

  /** @param scratch address that `load`, `store` and `clear` count from */
  constructor(paramCount: number, scratch: number) {
    this.scratch = scratch;
    this.e = new Emitter(paramCount);
    this.#low = this.e.newLocal(I64);
    this.#middle = this.e.newLocal(I64);
    this.#other = this.e.newLocal(I64);
    this.#sum = this.e.newLocal(I64);
    this.#carry = this.e.newLocal(I64);
  }

  /** A new local. */
  local(): number {
    return this.e.newLocal(I64);
  }
  locals(count: number): number[] {
    return Array.from({ length: count }, () => this.local());
  }

  /** Loads a big-endian integer at the address in a local: words, the least significant first. */
  loadNumber(at: number, count: number): number[] {
    const words = this.locals(count);
    for (let i = 0; i < count; i += 2) {
      this.e.get(at).loadPair((count - 2 - i) * WORD);
      this.e
        .pairWord(0)
        .set(words[i]!)
        .pairWord(1)
        .set(words[i + 1]!);
    }
    return words;
  }

  storeNumber(to: number, words: readonly number[]): void {
    for (let i = 0; i < words.length; i += 2) {
      this.e
        .get(to)
        .get(words[i]!)
        .get(words[i + 1]!)
        .storePair((words.length - 2 - i) * WORD);
    }
  }

  /** Words in the order and bytes of the host, from a place in the scratch on. */
  load(at: number, words: readonly number[]): void {
    for (const [i, word] of words.entries()) {
      this.e
        .i32(0)
        .mem('i64Load', this.scratch + at + i * WORD)
        .set(word);
    }
  }

  store(at: number, words: readonly number[]): void {
    for (const [i, word] of words.entries()) {
      this.e
        .i32(0)
        .get(word)
        .mem('i64Store', this.scratch + at + i * WORD);
    }
  }

  /** Stores zeros. */
  clear(at: number, count: number): void {
    for (let i = 0; i < count; i++)
      this.e
        .i32(0)
        .i64(0)
        .mem('i64Store', this.scratch + at + i * WORD);
  }

  #halfLow(x: number): void {
    this.e.get(x).op('i32WrapI64').op('i64ExtendU');
  }
  #halfHigh(x: number): void {
    this.e.get(x).i64(HALF_BITS).op('i64ShrU');
  }

  /** hi, lo = x · y. The results may be the operands. */
  multiply(x: number, y: number, hi: number, lo: number): void {
    const { e } = this;
    const [low, middle, other] = [this.#low, this.#middle, this.#other];
    this.#halfLow(x);
    this.#halfLow(y);
    e.op('i64Mul').set(low);
    this.#halfHigh(x);
    this.#halfLow(y);
    e.op('i64Mul');
    this.#halfHigh(low);
    e.op('i64Add').set(middle);
    this.#upperSums(x, y, middle, other);
    e.op('i64Add').set(hi);
    e.get(other).i64(HALF_BITS).op('i64Shl');
    this.#halfLow(low);
    e.op('i64Or').set(lo);
  }

  /** A local with the upper word of x · y. The lower one is an `i64Mul`. */
  multiplyHigh(x: number, y: number): number {
    const { e } = this;
    const [middle, other, high] = [this.local(), this.local(), this.local()];
    this.#halfLow(x);
    this.#halfLow(y);
    e.op('i64Mul').i64(HALF_BITS).op('i64ShrU');
    this.#halfHigh(x);
    this.#halfLow(y);
    e.op('i64Mul').op('i64Add').set(middle);
    this.#upperSums(x, y, middle, other);
    e.op('i64Add').set(high);
    return high;
  }

  /** Pushes the two parts of the upper word of x · y, to be added; `middle` in, `other` out. */
  #upperSums(x: number, y: number, middle: number, other: number): void {
    const { e } = this;
    this.#halfLow(x);
    this.#halfHigh(y);
    e.op('i64Mul');
    this.#halfLow(middle);
    e.op('i64Add').set(other);
    this.#halfHigh(x);
    this.#halfHigh(y);
    e.op('i64Mul');
    this.#halfHigh(middle);
    e.op('i64Add');
    this.#halfHigh(other);
  }

  /** x = x + y; pushes the carry as 64 bits. */
  addCarry(x: number, y: number): void {
    const { e } = this;
    e.get(x).get(y).op('i64Add').tee(this.#sum);
    e.get(y).op('i64LtU').op('i64ExtendU');
    e.get(this.#sum).set(x);
  }

  /** x = x − y; pushes the borrow as 64 bits. */
  subtractBorrow(x: number, y: number): void {
    const { e } = this;
    e.get(x).get(y).op('i64LtU').op('i64ExtendU');
    e.get(x).get(y).op('i64Sub').set(x);
  }

  /** x = x + y + carry; the new carry, 0 or 1, in `carry`. */
  addWith(x: number, y: number, carry: number): void {
    const { e } = this;
    this.addCarry(x, y);
    e.set(this.#carry);
    this.addCarry(x, carry);
    e.get(this.#carry).op('i64Add').set(carry);
  }

  /** x = x − y − borrow; the new borrow, 0 or 1, in `borrow`. */
  subtractWith(x: number, y: number, borrow: number): void {
    const { e } = this;
    this.subtractBorrow(x, y);
    e.set(this.#carry);
    this.subtractBorrow(x, borrow);
    e.get(this.#carry).op('i64Add').set(borrow);
  }

  /** x = the upper word of (x, below) moved left by the number below 64 in local `by`. */
  moveLeft(x: number, below: number | null, by: number): void {
    const { e } = this;
    e.get(x).get(by).op('i64Shl');
    // By one and then by the rest: a move by 64 would be one by 0.
    if (below !== null) {
      e.get(below)
        .i64(1)
        .op('i64ShrU')
        .i64(WORD_BITS - 1)
        .get(by)
        .op('i64Sub');
      e.op('i64ShrU').op('i64Or');
    }
    e.set(x);
  }

  /** x = the lower word of (above, x) moved right by the number below 64 in local `by`. */
  moveRight(x: number, above: number | null, by: number): void {
    const { e } = this;
    e.get(x).get(by).op('i64ShrU');
    if (above !== null) {
      e.get(above)
        .i64(1)
        .op('i64Shl')
        .i64(WORD_BITS - 1)
        .get(by)
        .op('i64Sub');
      e.op('i64Shl').op('i64Or');
    }
    e.set(x);
  }

  /** Pushes whether (x1, x0) < (y1, y0). */
  pushLess(x1: number, x0: number, y1: number, y0: number): void {
    const { e } = this;
    e.get(x1).get(y1).op('i64LtU');
    e.get(x1).get(y1).op('i64Eq').get(x0).get(y0).op('i64LtU').op('i32And').op('i32Or');
  }
}

/** Numbers of words that operands may have; the functions hold code for each of them. */
const SIZES: readonly number[] = [4, 2];

/** `inside` for each size, of which the parameter `words` chooses one. It has to return. */
export function bySize(w: Words, words: number, inside: (size: number) => void): void {
  const { e } = w;
  for (const size of SIZES) {
    e.get(words).i32(size).op('i32Eq').if();
    inside(size);
    e.end();
  }
  e.op('unreachable');
}
