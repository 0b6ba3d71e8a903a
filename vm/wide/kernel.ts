/**
 * Products, quotients and rests of 128-bit and 256-bit integers in VM memory, in WebAssembly:
 * schoolbook on words of 64 bits. Compiled code may call these functions as the interpreter does.
 * For compiled code alone there are functions on single words, which are values: `oneWord.ts`.
 */
import { wasmModule } from '../../primitives/wasm/encode.ts';
import type { WasmMemory, WasmModule, WebAssemblyHost } from '../../primitives/wasm/host.ts';
import { divideAnyFunction, divideFunction, reciprocalFunction } from './divide.ts';
import {
  addModFunction,
  mulDivFunction,
  mulModFunction,
  quotientFunction,
  wholeProductFunction,
} from './exports.ts';
import { WEIGHTS, WORDS_MAX } from './layout.ts';
import { byTableFunction, makeTableFunction, weightBytes } from './modulus.ts';
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

/** Functions that are a module together, which is made when the first one is needed. */
type Part = (scratch: number) => Uint8Array<ArrayBuffer>;

const products: Part = (scratch) => wasmModule([productFunction(scratch)]);

/** In the order of `FUNCTION`. */
const divisions: Part = (scratch) =>
  wasmModule(
    [
      reciprocalFunction(),
      ...Array.from({ length: WORDS_MAX }, (_, i) => divideFunction(scratch, i + 1)),
      divideAnyFunction(scratch),
      wholeProductFunction(scratch),
      makeTableFunction(scratch),
      byTableFunction(scratch),
      quotientFunction(scratch),
      mulDivFunction(scratch),
      addModFunction(scratch),
      mulModFunction(scratch),
    ],
    [{ at: scratch + WEIGHTS, bytes: weightBytes() }],
  );

const singleWords: Part = () =>
  wasmModule([
    reciprocalFunction(),
    powerFunction(),
    logarithmFunction(),
    rootFunction(),
    scaledFunction(),
  ]);

/** The bytes of the modules. They import the memory as `host.memory`. */
export function wideModules(scratch: number): Uint8Array<ArrayBuffer>[] {
  return [products, divisions, singleWords].map((part) => part(scratch));
}

const modules: Map<Part, Map<number, WasmModule>> = new Map();

function moduleOf(host: WebAssemblyHost, part: Part, scratch: number): WasmModule {
  const made = modules.get(part) ?? new Map<number, WasmModule>();
  modules.set(part, made);
  const module = made.get(scratch) ?? new host.Module(part(scratch));
  made.set(scratch, module);
  return module;
}

/** The functions on `memory`; at the address `scratch`, WIDE_SCRATCH_BYTES are theirs. */
export function wideKernel(host: WebAssemblyHost, memory: WasmMemory, scratch: number): WideKernel {
  const instances: Map<Part, WideKernel> = new Map();
  const of = (part: Part): WideKernel => {
    let exports = instances.get(part);
    if (exports === undefined) {
      const instance = new host.Instance(moduleOf(host, part, scratch), { host: { memory } });
      exports = instance.exports as WideKernel;
      instances.set(part, exports);
    }
    return exports;
  };
  return {
    get product() {
      return of(products).product;
    },
    get quotient() {
      return of(divisions).quotient;
    },
    get mulDiv() {
      return of(divisions).mulDiv;
    },
    get addMod() {
      return of(divisions).addMod;
    },
    get mulMod() {
      return of(divisions).mulMod;
    },
    get power() {
      return of(singleWords).power;
    },
    get logarithm() {
      return of(singleWords).logarithm;
    },
    get root() {
      return of(singleWords).root;
    },
    get scaled() {
      return of(singleWords).scaled;
    },
  };
}
