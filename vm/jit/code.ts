/**
 * Compiled code: one wasm module for the bytecode of a script, a predicate or a contract, cut into
 * functions of bounded size.
 */
import { assert } from '../../primitives/errors.ts';
import { I32, type WasmFunction, wasmModule } from '../../primitives/wasm/encode.ts';
import { type WasmModule, type WebAssemblyHost, webAssembly } from '../../primitives/wasm/host.ts';
import type { CodeKind } from './cache.ts';
import { Emitter } from './emitter.ts';
import { type Exit, PARAM_COUNT } from './frame.ts';
import { hubBody } from './hub.ts';
import { Imports, importsOf, type KernelName, type Kernels } from './imports.ts';
import { decodeWords } from './program.ts';
import { DYNAMIC_WORD, translate } from './translate.ts';

/** Words of one function, a power of two; longer code becomes several. */
export const FUNCTION_WORDS_MAX = 1_024;
/** Longer code is never compiled. Unit: bytes. */
export const CODE_BYTES_MAX: number = 1 << 20;

/**
 * Compiled code: address of the code, first word, end of stack, end of own heap, gas, $is → number of
 * the exit.
 */
export type CompiledFunction = (
  base: number,
  word: number,
  stackEnd: number,
  heapEnd: number,
  gas: number,
  start: number,
) => number;

/** What is known of compiled code besides the module. */
type Plan = {
  /** Functions of kernels that the module needs. */
  readonly imports: readonly KernelName[];
  /** By word: 1 when the code can be entered there, else 0. */
  readonly entries: Uint8Array;
  /** Word, gas to give back, whether to step; three numbers an exit. */
  readonly exits: Int32Array;
};

/** Code on its way to a module. */
export type Translated = { readonly wasm: Uint8Array<ArrayBuffer>; readonly plan: Plan };

export type CompiledCode = Plan & {
  readonly module: WasmModule;
  /** Length of the module. Unit: bytes. */
  readonly moduleBytes: number;
};

/** null: there is nothing to compile, or too much. Only the first 2^20 bytes may be a program. */
export function translated({
  bytes,
  ...kind
}: CodeKind & { readonly bytes: Uint8Array }): Translated | null {
  const words = bytes.length >>> 2;
  if (words === 0 || bytes.length > CODE_BYTES_MAX) return null;
  const functions: WasmFunction[] = [];
  const exits: Exit[] = [];
  const entries = new Uint8Array(words);
  /** By stretch of words: number of its function; -1: none. */
  const stretches: number[] = [];
  const registers = { used: new Set<number>(), written: new Set<number>() };
  const imports = new Imports();
  const decoded = decodeWords(bytes.subarray(0, words * 4), kind);
  const params = new Array(PARAM_COUNT).fill(I32);
  for (let from = 0; from < words; from += FUNCTION_WORDS_MAX) {
    const to = Math.min(words, from + FUNCTION_WORDS_MAX);
    const translation = translate(decoded, from, to, kind, imports, exits.length);
    stretches.push(translation === null ? -1 : functions.length);
    if (translation === null) continue;
    const { locals, body } = translation;
    for (const register of translation.used) registers.used.add(register);
    for (const register of translation.written) registers.written.add(register);
    functions.push({ params, results: [I32], locals, body });
    for (const word of translation.entries) entries[word] = 1;
    exits.push(...translation.exits);
  }
  if (functions.length === 0) return null;
  const unknown = exits.push({ word: DYNAMIC_WORD, refund: 0, step: true }) - 1;
  const firstFunction = imports.names().length;
  functions.push({
    params,
    results: [I32],
    locals: [I32],
    body: hubBody(
      stretches.map((number) => (number < 0 ? -1 : firstFunction + number)),
      Math.log2(FUNCTION_WORDS_MAX),
      unknown,
      words > FUNCTION_WORDS_MAX ? registers : null,
    ),
    name: 'run',
  });
  const wasm = wasmModule(functions, [], imports.list());
  return { wasm, plan: { imports: imports.names(), entries, exits: exitTable(exits) } };
}

function exitTable(exits: readonly Exit[]): Int32Array {
  const table = new Int32Array(exits.length * 3);
  for (const [i, { word, refund, step }] of exits.entries()) {
    table[i * 3] = word;
    table[i * 3 + 1] = refund;
    table[i * 3 + 2] = step ? 1 : 0;
  }
  return table;
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

/** null: no WebAssembly, or one without vectors. */
function capableHost(): WebAssemblyHost | null {
  if (webAssembly === undefined) return null;
  hasVectors ??= probeVectors(webAssembly);
  return hasVectors ? webAssembly : null;
}

function refusal(cause: unknown): null {
  const why = cause instanceof Error ? cause.message : String(cause);
  assert(cause instanceof RangeError, `the engine makes modules that compile: ${why}`);
  return null;
}

/** null: the host cannot, or will not: a browser's main thread compiles small modules only. */
export function compileNow({ wasm, plan }: Translated): CompiledCode | null {
  const host = capableHost();
  if (host === null) return null;
  try {
    return { ...plan, module: new host.Module(wasm), moduleBytes: wasm.length };
  } catch (cause) {
    return refusal(cause);
  }
}

/** As {@link compileNow}, in the host's threads. */
export async function compileLater({ wasm, plan }: Translated): Promise<CompiledCode | null> {
  const host = capableHost();
  if (host === null) return null;
  try {
    return { ...plan, module: await host.compile(wasm), moduleBytes: wasm.length };
  } catch (cause) {
    return refusal(cause);
  }
}

/** A module on the memory of `kernels`; null: the host has no WebAssembly. */
export function instantiate(code: CompiledCode, kernels: Kernels): CompiledFunction | null {
  const host = importsOf(code.imports, kernels);
  if (webAssembly === undefined || host === null) return null;
  const { exports } = new webAssembly.Instance(code.module, { host });
  return exports['run'] as CompiledFunction;
}
