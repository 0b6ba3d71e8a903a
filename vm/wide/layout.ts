/** Places in the scratch of the wide kernel, and what its functions answer. */
import { I32, type WasmFunction } from '../../primitives/wasm/encode.ts';
import type { Words } from './words.ts';

/** The result was written. */
export const WIDE_OK = 0;
/** The result does not fit; its low part was written when `keep` was not 0. */
export const WIDE_OVERFLOW = 1;
/** The divisor is 0; nothing was written. */
export const WIDE_ZERO = 2;

/** Words of 64 bits, the least significant first. Unit: bytes. */
export const DIVISOR = 0;
/** A word that is 0 while a division runs: the dividend goes on with zeros. */
export const BELOW_DIVIDEND = 32;
/** Eight words; then the rest, in four. */
export const DIVIDEND = 40;
export const QUOTIENT = 104;
/** Words that a quotient may have. */
export const QUOTIENT_WORDS = 8;
/** The upper two words of the divisor before and their reciprocal, by words of the divisor. */
export const RECIPROCALS = 168;
/** Two places for operands that are registers, big-endian. */
export const WIDE_OPERANDS = 288;
/** Doubles 1.5 · 2^52 times the weight of every limb of 24 bits of a product. */
export const WEIGHTS = 352;
/** Limbs of the longest product, and two. */
export const WEIGHT_COUNT = 24;
/** The 256-bit modulus before: its bytes as they came, and how often it came in a row. */
export const KEPT_MODULUS = 544;
export const KEPT_COUNT = 576;
/** Its highest word. */
export const KEPT_TOP = 584;
/** What the weights of the upper limbs of a product are modulo it, as limbs; then itself. */
export const KEPT_TABLE = 592;
/** Limbs of a factor. No division runs meanwhile. */
export const LEFT = 48;
/** Limbs of a product. */
export const PRODUCT = 1744;
/** What a limb of a product adds to the quotient: doubles for the upper limbs and some below. */
export const KEPT_SHARES = 1936;
export const WIDE_SCRATCH_BYTES = 2048;

/** Words of the longest operand. */
export const WORDS_MAX = 4;
export const WORD = 8;

/** Places of functions in their module: `divide` + words of the divisor, less one. */
export const FUNCTION: Readonly<
  Record<'reciprocal' | 'divide' | 'divideAny' | 'wholeProduct' | 'makeTable' | 'byTable', number>
> = {
  reciprocal: 0,
  divide: 1,
  divideAny: 5,
  wholeProduct: 6,
  makeTable: 7,
  byTable: 8,
};

/** `params` and `results`: numbers of 32-bit values. */
export function functionOf(
  params: number,
  results: number,
  { e }: Words,
  name?: string,
): WasmFunction {
  return {
    params: new Array<typeof I32>(params).fill(I32),
    results: new Array<typeof I32>(results).fill(I32),
    locals: e.locals,
    body: e.body(),
    ...(name === undefined ? {} : { name }),
  };
}
