/**
 * Compiled code: one wasm module for the bytecode of a script, a predicate or a contract, cut into
 * functions of bounded size.
 */

import { assert } from '../../primitives/errors.ts';
import { I32, type WasmFunction, wasmModule } from '../../primitives/wasm/encode.ts';
import { type WasmModule, type WebAssemblyHost, webAssembly } from '../../primitives/wasm/host.ts';
import type { GasTable } from '../gas.ts';
import { Emitter } from './emitter.ts';
import { PARAM_COUNT } from './frame.ts';
import { Imports, importsOf, type KernelName, type Kernels } from './imports.ts';
import { translate } from './translate.ts';

/** Words of one function; longer code becomes several. */
export const FUNCTION_WORDS_MAX = 1_024;
/** Longer code is never compiled. Unit: bytes. */
export const CODE_BYTES_MAX: number = 1 << 20;
/** Changes whenever the meaning of compiled modules does. */
export const ENGINE_VERSION = 1;

/** A function: $is, first word, end of stack, end of own heap, gas → number of the exit. */
export type CompiledFunction = (
  base: number,
  word: number,
  stackEnd: number,
  heapEnd: number,
  gas: number,
) => number;

export type CompiledCode = {
  /** The bytecode, whole words. */
  readonly bytes: Uint8Array;
  readonly gas: GasTable;
  readonly module: WasmModule;
  /** Functions of kernels that the module needs. */
  readonly imports: readonly KernelName[];
  /** Bytes of the module; with the bytecode, what the code counts for in the cache. */
  readonly moduleBytes: number;
  /** By word: number of the function that can be entered there, plus one; 0: none. */
  readonly entries: Uint16Array;
  /** By function: word, gas to give back, whether to step; three numbers an exit. */
  readonly exits: readonly Int32Array[];
};

/** null: the host has no WebAssembly, it refuses the module, or there is nothing to compile. */
export function compileCode(bytes: Uint8Array, gas: GasTable, flag: number): CompiledCode | null {
  const words = bytes.length >>> 2;
  if (webAssembly === undefined || words === 0 || bytes.length > CODE_BYTES_MAX) return null;
  const functions: WasmFunction[] = [];
  const exits: Int32Array[] = [];
  const entries = new Uint16Array(words);
  const imports = new Imports();
  const params = new Array(PARAM_COUNT).fill(I32);
  for (let from = 0; from < words; from += FUNCTION_WORDS_MAX) {
    const to = Math.min(words, from + FUNCTION_WORDS_MAX);
    const translation = translate(bytes, from, to, gas, flag, imports);
    if (translation === null) continue;
    const { locals, body } = translation;
    functions.push({ params, results: [I32], locals, body, name: `f${functions.length}` });
    for (const word of translation.entries) entries[word] = functions.length;
    exits.push(
      Int32Array.from(
        translation.exits.flatMap(({ word, refund, step }) => [word, refund, step ? 1 : 0]),
      ),
    );
  }
  if (functions.length === 0) return null;
  const wasm = wasmModule(functions, [], imports.list());
  const module = moduleOf(wasm);
  if (module === null) return null;
  return {
    bytes,
    gas,
    module,
    imports: imports.names(),
    moduleBytes: wasm.length,
    entries,
    exits,
  };
}

let hasVectors: boolean | null = null;

/** Whether the host knows the vector instructions that loads and stores use. */
function probeVectors(host: WebAssemblyHost): boolean {
  const e = new Emitter(0);
  const body = e.i32(0).loadWord().op('i32WrapI64').body();
  try {
    new host.Module(wasmModule([{ params: [], results: [I32], locals: e.locals, body }]));
    return true;
  } catch {
    return false;
  }
}

/** null: a host without vectors, or a browser's main thread, which compiles small modules only. */
function moduleOf(wasm: Uint8Array<ArrayBuffer>): WasmModule | null {
  if (webAssembly === undefined) return null;
  hasVectors ??= probeVectors(webAssembly);
  if (!hasVectors) return null;
  try {
    return new webAssembly.Module(wasm);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    assert(cause instanceof RangeError, `the engine makes modules that compile: ${why}`);
    return null;
  }
}

/** The functions of a module on the memory of `kernels`; null: the host has no WebAssembly. */
export function instantiate(code: CompiledCode, kernels: Kernels): CompiledFunction[] | null {
  const host = importsOf(code.imports, kernels);
  if (webAssembly === undefined || host === null) return null;
  const { exports } = new webAssembly.Instance(code.module, { host });
  return code.exits.map((_, i) => exports[`f${i}`] as CompiledFunction);
}
