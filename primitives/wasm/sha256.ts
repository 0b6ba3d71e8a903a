/**
 * SHA-256 as WebAssembly functions on a memory: unrolled, state in locals. Words of a block that
 * are known in advance (padding) are folded into the constants.
 *
 * @source FIPS 180-4
 */
import { Code } from './code.ts';
import { I32, V128, type ValueType, type WasmFunction } from './encode.ts';

const ROUNDS = 64;
const WORDS = 16;
const BLOCK_BYTES = 64;
const STATE_BYTES = 32;
/** A block whose length does not fit behind the data needs one more. */
const LENGTH_AT = 56;

/** The first `count` primes. */
function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p !== 0)) found.push(n);
  return found;
}

/** The first 32 bits of the fractional part of the root of `n`, by whole numbers. */
function rootBits(n: number, degree: 2n | 3n): number {
  const scaled = BigInt(n) << (32n * degree);
  let [low, high] = [0n, 1n << 40n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** degree <= scaled) low = middle;
    else high = middle;
  }
  return Number(BigInt.asIntN(32, low));
}

const ROUND_CONSTANTS: readonly number[] = primes(ROUNDS).map((p) => rootBits(p, 3n));
const INITIAL: readonly number[] = primes(8).map((p) => rootBits(p, 2n));

/** Scratch that the functions use. Unit: bytes. */
export const SHA256_SCRATCH: number = STATE_BYTES + BLOCK_BYTES;

/** Locals behind one or two parameters, which lie first. */
const VARS = 2;
const WORD_LOCALS = 10;
const TEMP = 26;
/** Exclusive or of the first two variables, and of the round before. */
const CHANGED = [27, 28] as const;
const VECTOR = 29;
/** Types of the locals behind `params` parameters. */
function localTypes(params: number): ValueType[] {
  return [...new Array<ValueType>(VECTOR - params).fill(I32), V128];
}

/** A word of the schedule: known in advance, or in its local. */
type Word = number | null;

const rotr = (x: number, by: number): number => (x >>> by) | (x << (32 - by));
type Sigma = readonly [first: number, second: number, shift: number];
const SMALL_0: Sigma = [7, 18, 3];
const SMALL_1: Sigma = [17, 19, 10];

function sigmaOf(x: number, [a, b, shift]: Sigma): number {
  return rotr(x, a) ^ rotr(x, b) ^ (x >>> shift);
}

/** rotr(x, a) ^ rotr(x, b) ^ (x >>> shift), with one rotation inside the other: fewer copies. */
function smallSigma(code: Code, x: number, [a, b, shift]: Sigma): void {
  code
    .get(x)
    .i32(b - a)
    .op('i32Rotr')
    .get(x)
    .op('i32Xor')
    .i32(a)
    .op('i32Rotr');
  code.get(x).i32(shift).op('i32ShrU').op('i32Xor');
}

/** rotr(x, a) ^ rotr(x, b) ^ rotr(x, c), a < b < c. */
function bigSigma(code: Code, x: number, a: number, b: number, c: number): void {
  code.get(x).i32(a).op('i32Rotr').get(x).i32(b).op('i32Rotr').op('i32Xor');
  code.get(x).i32(c).op('i32Rotr').op('i32Xor');
}

/** Word `i` of the schedule takes the place of word `i` − 16. */
function extend(code: Code, words: Word[], i: number): void {
  const at = (n: number): number => n % WORDS;
  const terms: readonly (readonly [number, Sigma | null])[] = [
    [at(i), null],
    [at(i + 9), null],
    [at(i + 1), SMALL_0],
    [at(i + 14), SMALL_1],
  ];
  let known = 0;
  let count = 0;
  for (const [word, sigma] of terms) {
    const value = words[word]!;
    if (value !== null) known += sigma === null ? value : sigmaOf(value, sigma);
    else {
      if (sigma === null) code.get(WORD_LOCALS + word);
      else smallSigma(code, WORD_LOCALS + word, sigma);
      if (count++ > 0) code.op('i32Add');
    }
  }
  if (count === 0) words[at(i)] = known | 0;
  else {
    if ((known | 0) !== 0) code.i32(known | 0).op('i32Add');
    code.set(WORD_LOCALS + at(i));
    words[at(i)] = null;
  }
}

function round(code: Code, i: number, word: Word): void {
  const v = (n: number): number => VARS + ((n - i + ROUNDS) % 8);
  const [a, b, d, e, f, g, h] = [v(0), v(1), v(3), v(4), v(5), v(6), v(7)];
  // h + constant + word + ch(e, f, g) + Σ1(e)
  const constant = (ROUND_CONSTANTS[i]! + (word ?? 0)) | 0;
  code.get(h).i32(constant).op('i32Add');
  if (word === null) code.get(WORD_LOCALS + (i % WORDS)).op('i32Add');
  code.get(f).get(g).op('i32Xor').get(e).op('i32And').get(g).op('i32Xor').op('i32Add');
  bigSigma(code, e, 6, 11, 25);
  code.op('i32Add').tee(TEMP).get(d).op('i32Add').set(d);
  // Σ0(a) + maj(a, b, c); b ^ c is a ^ b of the round before.
  const [now, before] = [CHANGED[i % 2]!, CHANGED[(i + 1) % 2]!];
  code.get(a).get(b).op('i32Xor').tee(now).get(before).op('i32And').get(b).op('i32Xor');
  code.get(TEMP).op('i32Add');
  bigSigma(code, a, 2, 13, 22);
  code.op('i32Add').set(h);
}

/** All rounds on the variables; `words` says what is known of the block. */
function rounds(code: Code, words: Word[]): void {
  code
    .get(VARS + 1)
    .get(VARS + 2)
    .op('i32Xor')
    .set(CHANGED[1]);
  for (let i = 0; i < ROUNDS; i++) {
    if (i >= WORDS) extend(code, words, i);
    round(code, i, words[i % WORDS]!);
  }
}

/** Loads `count` words of the block at the address in local `from`. */
function loadWords(code: Code, from: number, count: number): void {
  for (let i = 0; i < count; i += 4) {
    code
      .get(from)
      .loadSwapped(i * 4)
      .set(VECTOR);
    for (let j = 0; j < 4; j++)
      code
        .get(VECTOR)
        .lane(j)
        .set(WORD_LOCALS + i + j);
  }
}

function initialVariables(code: Code): void {
  for (let i = 0; i < 8; i++) code.i32(INITIAL[i]!).set(VARS + i);
}

/** Adds the state before the rounds to the variables, and writes the digest. */
function writeDigest(code: Code, to: number, before: (i: number) => void): void {
  for (let i = 0; i < 8; i += 4) {
    code.get(to);
    for (let j = 0; j < 4; j++) {
      before(i + j);
      code.get(VARS + i + j).op('i32Add');
      if (j === 0) code.splat();
      else code.replaceLane(j);
    }
    code.storeSwapped(i * 4);
  }
}

/** compress(at): takes the block at an address into the state at `scratch`. */
export function sha256Compress(scratch: number): WasmFunction {
  const code = new Code(VECTOR);
  loadWords(code, 0, WORDS);
  for (let i = 0; i < 8; i++)
    code
      .i32(scratch)
      .load32(i * 4)
      .set(VARS + i);
  rounds(code, new Array(WORDS).fill(null));
  for (let i = 0; i < 8; i++) {
    code
      .i32(scratch)
      .i32(scratch)
      .load32(i * 4);
    code
      .get(VARS + i)
      .op('i32Add')
      .store32(i * 4);
  }
  return { params: [I32], results: [], locals: localTypes(1), body: code.body() };
}

/** Padding behind `bytes` bytes of a block; null where data is. */
function paddedWords(bytes: number, bits: number): Word[] {
  return Array.from({ length: WORDS }, (_, i): Word => {
    if (i * 4 < bytes) return null;
    if (i * 4 === bytes) return 0x8000_0000 | 0;
    return i === WORDS - 1 ? bits : 0;
  });
}

/** of32(from, to): the hash of 32 bytes, such as ids. */
export function sha256Of32(): WasmFunction {
  const code = new Code(VECTOR);
  loadWords(code, 0, 8);
  initialVariables(code);
  rounds(code, paddedWords(32, 256));
  writeDigest(code, 1, (i) => code.i32(INITIAL[i]!));
  return { params: [I32, I32], results: [], locals: localTypes(2), body: code.body() };
}

/** finish64(to): ends the hash of 64 bytes, whose block is in the state at `scratch`. */
export function sha256Finish64(scratch: number): WasmFunction {
  const code = new Code(VECTOR);
  for (let i = 0; i < 8; i++)
    code
      .i32(scratch)
      .load32(i * 4)
      .set(VARS + i);
  const words = paddedWords(0, 512);
  rounds(code, words);
  writeDigest(code, 0, (i) => code.i32(scratch).load32(i * 4));
  return { params: [I32], results: [], locals: localTypes(1), body: code.body() };
}

/** Indexes of the functions that the whole is made of. */
export type Sha256Parts = {
  readonly compress: number;
  readonly of32: number;
  readonly finish64: number;
};

/** sha256(from, length, to): writes 32 bytes. */
export function sha256Function(scratch: number, parts: Sha256Parts, name: string): WasmFunction {
  const code = new Code(VECTOR);
  const [from, length, to, left] = [0, 1, 2, 3];
  code.block(() => {
    code.get(length).i32(32).op('i32Ne').brIf(0);
    code.get(from).get(to).call(parts.of32).op('return');
  });
  for (let i = 0; i < 8; i++)
    code
      .i32(scratch)
      .i32(INITIAL[i]!)
      .store32(i * 4);
  code.get(length).set(left);
  code.block(() => {
    code.loop(() => {
      code.get(left).i32(BLOCK_BYTES).op('i32LtU').brIf(1);
      code.get(from).call(parts.compress);
      code.get(from).i32(BLOCK_BYTES).op('i32Add').set(from);
      code.get(left).i32(BLOCK_BYTES).op('i32Sub').set(left);
      code.br(0);
    });
  });
  code.block(() => {
    code.get(length).i32(BLOCK_BYTES).op('i32Ne').brIf(0);
    code.get(to).call(parts.finish64).op('return');
  });
  lastBlocks(code, scratch, parts.compress);
  for (let i = 0; i < 8; i++)
    code
      .i32(scratch)
      .load32(i * 4)
      .set(VARS + 8 + i);
  for (let i = 0; i < 8; i += 4) {
    code
      .get(to)
      .get(VARS + 8 + i)
      .splat();
    for (let j = 1; j < 4; j++) code.get(VARS + 8 + i + j).replaceLane(j);
    code.storeSwapped(i * 4);
  }
  return { params: [I32, I32, I32], results: [], locals: localTypes(3), body: code.body(), name };
}

/** What is left, padding and length. Locals as in `sha256Function`. */
function lastBlocks(code: Code, scratch: number, compress: number): void {
  const [from, length, left, temp, at] = [0, 1, 3, 4, 5];
  const tail = scratch + STATE_BYTES;
  const clear = (): void => {
    for (let i = 0; i < BLOCK_BYTES; i += 8) code.i32(tail).i64(0n).store64(i);
  };
  clear();
  code.i32(tail).set(at).copyShort(from, at, left).get(at).i32(0x80).store8(0);
  code.block(() => {
    code
      .get(at)
      .i32(tail + LENGTH_AT)
      .op('i32LtU')
      .brIf(0);
    code.i32(tail).call(compress);
    clear();
  });
  // Length in bits, big-endian; the memory is far below 2^29 bytes.
  code
    .get(length)
    .i32(3)
    .op('i32Shl')
    .set(temp)
    .i32(tail + LENGTH_AT + 4);
  code.get(temp).i32(8).op('i32Rotl').i32(0x00ff_00ff).op('i32And');
  code.get(temp).i32(8).op('i32Rotr').i32(-0x00ff_0100).op('i32And').op('i32Or');
  code.store32(0).i32(tail).call(compress);
}
