/**
 * Products, quotients and rests of 128-bit and 256-bit integers in VM memory, in WebAssembly:
 * schoolbook on words of 64 bits. Compiled code may call these functions as the interpreter does.
 * For compiled code alone there are functions on single words, which are values: `oneWord.ts`.
 */
import { wasmModule } from '../../primitives/wasm/encode.ts';
import type { WasmMemory, WasmModule, WebAssemblyHost } from '../../primitives/wasm/host.ts';
import { divideAnyFunction, divideFunction, reciprocalFunction } from './divide.ts';
import { addModFunction, mulDivFunction, mulModFunction, quotientFunction } from './exports.ts';
import { WEIGHTS, WORDS_MAX } from './layout.ts';
import { weightBytes } from './modulus.ts';
import { logarithmFunction, powerFunction, rootFunction, scaledFunction } from './oneWord.ts';
import { productFunction } from './product.ts';

/**
 * Arguments: addresses of big-endian operands, where the result goes, number of 64-bit words (2 or
 * 4), and whether a result that does not fit is written all the same.
 */
export type WideKernel = {
  /** a · b */
  readonly product: (a: number, b: number, to: number, words: number, keep: number) => number;
  /** a / b */
  readonly quotient: (a: number, b: number, to: number, words: number) => number;
  /** a · b / c; divisor 0 counts as 2^width */
  readonly mulDiv: (
    a: number,
    b: number,
    c: number,
    to: number,
    words: number,
    keep: number,
  ) => number;
  /** (a + b) mod c */
  readonly addMod: (a: number, b: number, c: number, to: number, words: number) => number;
  /** (a · b) mod c */
  readonly mulMod: (a: number, b: number, c: number, to: number, words: number) => number;
  /** base ^ exponent and 0n, or 0n and 1n when it does not fit */
  readonly power: (base: bigint, exponent: bigint) => [value: bigint, overflow: bigint];
  /** Whole part of the logarithm of a value > 0 to a base > 1 */
  readonly logarithm: (value: bigint, base: bigint) => bigint;
  /** Whole part of the n-th root, n > 0 */
  readonly root: (value: bigint, n: bigint) => bigint;
  /** a · b / c; divisor 0 counts as 2^64 */
  readonly scaled: (a: bigint, b: bigint, c: bigint) => [low: bigint, high: bigint];
};

const modules: Map<number, WasmModule> = new Map();

/** The functions on `memory`; at the address `scratch`, WIDE_SCRATCH_BYTES are theirs. */
export function wideKernel(host: WebAssemblyHost, memory: WasmMemory, scratch: number): WideKernel {
  const module = modules.get(scratch) ?? new host.Module(wideModule(scratch));
  modules.set(scratch, module);
  return new host.Instance(module, { host: { memory } }).exports as WideKernel;
}

/** The bytes of the module. It imports the memory as `host.memory`. */
export function wideModule(scratch: number): Uint8Array<ArrayBuffer> {
  return wasmModule(
    [
      reciprocalFunction(),
      ...Array.from({ length: WORDS_MAX }, (_, i) => divideFunction(scratch, i + 1)),
      divideAnyFunction(scratch),
      productFunction(scratch),
      quotientFunction(scratch),
      mulDivFunction(scratch),
      addModFunction(scratch),
      mulModFunction(scratch),
      powerFunction(),
      logarithmFunction(),
      rootFunction(),
      scaledFunction(),
    ],
    [{ at: scratch + WEIGHTS, bytes: weightBytes() }],
  );
}
