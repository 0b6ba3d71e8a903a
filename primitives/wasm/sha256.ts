/**
 * SHA-256 as WebAssembly functions on a memory: unrolled, state in locals. Words of a block that
 * are known in advance (padding) are folded into the constants.
 *
 * @source FIPS 180-4
 */
import { Code } from './code.ts';
import { I32, V128, type ValueType, type WasmData, type WasmFunction } from './encode.ts';

const ROUNDS = 64;
const WORDS = 16;
/** Words of a vector. */
const LANES = 4;
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

/** Round constants, as signed numbers. */
export const ROUND_CONSTANTS: readonly number[] = primes(ROUNDS).map((p) => rootBits(p, 3n));
/** The state before the first block. */
export const INITIAL: readonly number[] = primes(8).map((p) => rootBits(p, 2n));

/** Places in the scratch: state, last block, words of the schedule, constants. Unit: bytes. */
const TAIL_AT = STATE_BYTES;
const SCHEDULE_AT = TAIL_AT + BLOCK_BYTES;
const CONSTANTS_AT = SCHEDULE_AT + 4 * ROUNDS;
/** Scratch that the functions use. Unit: bytes. */
export const SHA256_SCRATCH: number = CONSTANTS_AT + 4 * ROUNDS;

/** What has to lie in the scratch before the first use. */
export function sha256Data(scratch: number): WasmData {
  const bytes = new Uint8Array(4 * ROUNDS);
  const view = new DataView(bytes.buffer);
  for (const [i, constant] of ROUND_CONSTANTS.entries()) view.setInt32(i * 4, constant, true);
  return { at: scratch + CONSTANTS_AT, bytes };
}

/** Locals behind one or two parameters, which lie first. */
const VARS = 2;
const TEMP = 10;
/** Exclusive or of the first two variables, and of the round before. */
const CHANGED = [11, 12] as const;
/** The last sixteen words of the schedule, and steps on them. */
const GROUPS = 13;
const [SUM, STEP] = [17, 18];
/** Types of the locals behind `params` parameters. */
function localTypes(params: number): ValueType[] {
  const vectors = new Array<ValueType>(STEP + 1 - GROUPS).fill(V128);
  return [...new Array<ValueType>(GROUPS - params).fill(I32), ...vectors];
}

type Sigma = readonly [first: number, second: number, shift: number];
const SMALL_0: Sigma = [7, 18, 3];
const SMALL_1: Sigma = [17, 19, 10];

/** SUM = SUM + the first sigma of STEP, in each lane. */
function addSigma0(code: Code): void {
  const [a, b, shift] = SMALL_0;
  code.get(SUM).get(STEP).i32(shift).lanes('shr32');
  for (const by of [a, b]) {
    code.get(STEP).i32(by).lanes('shr32').lanes('xor');
    code
      .get(STEP)
      .i32(32 - by)
      .lanes('shl32')
      .lanes('xor');
  }
  code.lanes('add32').set(SUM);
}

type Lanes = readonly [number, number, number, number];
type Back = readonly (0 | 2 | null)[];

/**
 * Adds the second sigma of two words to two lanes of SUM. Each word stands twice in a lane of 64
 * bits, where a shift is a rotation.
 * @param twice lanes of `from`; `back`: where the results go from lanes 0 and 2
 */
function addSigma1(code: Code, from: number, twice: Lanes, back: Back): void {
  const [a, b, shift] = SMALL_1;
  code
    .get(from)
    .get(from)
    .fourOf(...twice)
    .set(STEP);
  code.get(STEP).i32(a).lanes('shr64').get(STEP).i32(b).lanes('shr64').lanes('xor');
  code.get(STEP).i32(shift).lanes('shr32').lanes('xor').set(STEP);
  code.get(SUM).get(STEP).lanesOf(back).lanes('add32').set(SUM);
}

/** rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25), one rotation inside another: fewer copies. */
function bigSigma1(code: Code, x: number): void {
  code.get(x).i32(6).op('i32Rotr').get(x).i32(11).op('i32Rotr').op('i32Xor');
  code.get(x).i32(25).op('i32Rotr').op('i32Xor');
}

/** Stores a group of four words with their constants added, for the rounds. */
function storeGroup(code: Code, scratch: number, group: number): void {
  code.i32(scratch).get(GROUPS + (group % 4));
  code.i32(scratch).loadVector(CONSTANTS_AT + group * 16);
  code.lanes('add32').storeVector(SCHEDULE_AT + group * 16);
}

/** A word of the block that is known in advance; null: it is not. */
type Known = (i: number) => number | null;

function sigmaOf(x: number, [a, b, shift]: Sigma): number {
  const rotated = (by: number): number => (x >>> by) | (x << (32 - by));
  return rotated(a) ^ rotated(b) ^ (x >>> shift);
}

/** Which parts of a sum are known as a whole, and what they add up to. */
type KnownSum = {
  /** The four words sixteen before, and those seven before. */
  readonly first: boolean;
  readonly seven: boolean;
  /** The first sigma of those fifteen before, and the second one of the two words before. */
  readonly early: boolean;
  readonly tail: boolean;
  readonly sum: readonly number[];
};

/** What known words add to the next four of the schedule, and whether they are all of some part. */
function knownSum(group: number, known: Known): KnownSum {
  const sum = [0, 0, 0, 0];
  const add = (from: number, count: number, of: (word: number) => number): boolean => {
    const words = Array.from({ length: count }, (_, i) => known(from + i));
    if (words.includes(null)) return false;
    for (const [i, word] of words.entries()) sum[i] = (sum[i]! + of(word!)) | 0;
    return true;
  };
  const at = group * LANES;
  const first = add(at - WORDS, LANES, (word) => word);
  const seven = add(at - 7, LANES, (word) => word);
  const early = add(at - WORDS + 1, LANES, (word) => sigmaOf(word, SMALL_0));
  const tail = add(at - 2, 2, (word) => sigmaOf(word, SMALL_1));
  return { first, seven, early, tail, sum };
}

/** The next four words of the schedule take the place of those sixteen words before. */
function extend(code: Code, scratch: number, group: number, known: Known): void {
  const at = (n: number): number => GROUPS + (n % 4);
  const [first, second, third, last] = [at(group), at(group + 1), at(group + 2), at(group + 3)];
  const is = knownSum(group, known);
  const parts = [is.first, is.seven, is.early, is.tail];
  if (parts.includes(true)) code.constants(is.sum);
  if (!is.first) code.get(first);
  if (parts.includes(true) && !is.first) code.lanes('add32');
  if (!is.seven) code.get(third).get(last).fourFrom(1).lanes('add32');
  code.set(SUM);
  if (!is.early) {
    code.get(first).get(second).fourFrom(1).set(STEP);
    addSigma0(code);
  }
  // The last two words make the first two, and these the others.
  if (!is.tail) addSigma1(code, last, [2, 2, 3, 3], [0, 2, null, null]);
  addSigma1(code, SUM, [0, 0, 1, 1], [null, null, 0, 2]);
  code.get(SUM).set(first);
  storeGroup(code, scratch, group);
}

/** rotr(x, 2) ^ rotr(x, 13) ^ rotr(x, 22), one rotation inside the other: fewer copies. */
function bigSigma0(code: Code, x: number): void {
  code.get(x).i32(2).op('i32Rotr').get(x).i32(13).op('i32Rotr').op('i32Xor');
  code.get(x).i32(22).op('i32Rotr').op('i32Xor');
}

/** A round; `known`: its word and constant, where they are known in advance. */
function round(code: Code, scratch: number, i: number, known: number | null): void {
  const v = (n: number): number => VARS + ((n - i + ROUNDS) % 8);
  const [a, b, d, e, f, g, h] = [v(0), v(1), v(3), v(4), v(5), v(6), v(7)];
  // h + constant + word + ch(e, f, g) + Σ1(e)
  code.get(h);
  if (known === null) code.i32(scratch).load32(SCHEDULE_AT + i * 4);
  else code.i32(known);
  code.op('i32Add');
  code.get(f).get(g).op('i32Xor').get(e).op('i32And').get(g).op('i32Xor').op('i32Add');
  bigSigma1(code, e);
  code.op('i32Add').tee(TEMP).get(d).op('i32Add').set(d);
  // Σ0(a) + maj(a, b, c); b ^ c is a ^ b of the round before.
  const [now, before] = [CHANGED[i % 2]!, CHANGED[(i + 1) % 2]!];
  code.get(a).get(b).op('i32Xor').tee(now).get(before).op('i32And').get(b).op('i32Xor');
  code.get(TEMP).op('i32Add');
  bigSigma0(code, a);
  code.op('i32Add').set(h);
}

/**
 * All rounds on the variables. The schedule is a group ahead.
 */
function rounds(code: Code, known: Known, scratch: number): void {
  code
    .get(VARS + 1)
    .get(VARS + 2)
    .op('i32Xor')
    .set(CHANGED[1]);
  for (let i = 0; i < ROUNDS; i++) {
    const group = i / LANES + 1;
    const isDue = i % LANES === 0 && group >= WORDS / LANES && group < ROUNDS / LANES;
    if (isDue) extend(code, scratch, group, known);
    const word = known(i);
    round(code, scratch, i, word === null ? null : (word + ROUND_CONSTANTS[i]!) | 0);
  }
}

/** Loads the first `count` words of the block at the address in local `from`. */
function loadWords(code: Code, scratch: number, from: number, count: number): void {
  for (let group = 0; group < count / LANES; group++) {
    code
      .get(from)
      .loadSwapped(group * LANES * 4)
      .set(GROUPS + group);
    storeGroup(code, scratch, group);
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
  const code = new Code();
  loadWords(code, scratch, 0, WORDS);
  for (let i = 0; i < 8; i++)
    code
      .i32(scratch)
      .load32(i * 4)
      .set(VARS + i);
  rounds(code, () => null, scratch);
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

/** The second half of a block of 32 bytes: padding and length. */
const PADDING_OF_32: readonly number[] = [0x8000_0000 | 0, 0, 0, 0, 0, 0, 0, 256];

/** of32(from, to): the hash of 32 bytes, such as ids. */
export function sha256Of32(scratch: number, name: string): WasmFunction {
  const code = new Code();
  const loaded = WORDS / 2;
  loadWords(code, scratch, 0, loaded);
  for (let i = 0; i < loaded; i += LANES) {
    code.constants(PADDING_OF_32.slice(i, i + LANES)).set(GROUPS + (loaded + i) / LANES);
  }
  initialVariables(code);
  const known: Known = (i) => (i < loaded || i >= WORDS ? null : PADDING_OF_32[i - loaded]!);
  rounds(code, known, scratch);
  writeDigest(code, 1, (i) => code.i32(INITIAL[i]!));
  return { params: [I32, I32], results: [], locals: localTypes(2), body: code.body(), name };
}

/** Indexes of the functions that the whole is made of. */
export type Sha256Parts = {
  readonly compress: number;
  readonly of32: number;
};

/** sha256(from, length, to): writes 32 bytes. */
export function sha256Function(scratch: number, parts: Sha256Parts, name: string): WasmFunction {
  const code = new Code();
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
  lastBlocks(code, scratch, parts.compress);
  for (let at = 0; at < STATE_BYTES; at += 16) {
    code.get(to).i32(scratch).loadVector(at).storeSwapped(at);
  }
  return { params: [I32, I32, I32], results: [], locals: localTypes(3), body: code.body(), name };
}

/** What is left, padding and length. Locals as in `sha256Function`. */
function lastBlocks(code: Code, scratch: number, compress: number): void {
  const [from, length, left, temp, at] = [0, 1, 3, 4, 5];
  const tail = scratch + TAIL_AT;
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
