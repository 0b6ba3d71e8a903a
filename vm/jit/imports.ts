/**
 * Functions on VM memory that compiled code calls: the hash kernel's and those for wide integers. A
 * module imports the ones that it needs.
 */
import { I32, type ValueType, type WasmImport } from '../../primitives/wasm/encode.ts';
import type { HashKernel } from '../../primitives/wasm/hashKernel.ts';
import type { WasmMemory } from '../../primitives/wasm/host.ts';
import type { WideKernel } from '../wide/kernel.ts';

/** Name of a kernel's function. */
export type KernelName = keyof HashKernel | keyof WideKernel;

/** Numbers of parameters and results, all of them 32-bit. */
const SIGNATURE: Readonly<Record<KernelName, readonly [params: number, results: number]>> = {
  sha256: [3, 0],
  sha256Of32: [2, 0],
  keccak256: [3, 0],
  product: [5, 1],
  quotient: [4, 1],
  mulDiv: [6, 1],
  addMod: [5, 1],
  mulMod: [5, 1],
};

/** Whether a text names a kernel's function. */
export function isKernelName(text: string): text is KernelName {
  return Object.hasOwn(SIGNATURE, text);
}

/** Where the functions of a module come from: the memory and the kernels on it. */
export type Kernels = {
  readonly memory: { readonly memory: WasmMemory | null };
  readonly hashes: HashKernel | null;
  readonly wide: WideKernel | null;
};

/** The functions that one module imports, in the order of their first use. */
export class Imports {
  readonly #names: KernelName[] = [];

  /** Number of a function for a call. */
  indexOf(name: KernelName): number {
    const known = this.#names.indexOf(name);
    if (known >= 0) return known;
    this.#names.push(name);
    return this.#names.length - 1;
  }

  list(): readonly WasmImport[] {
    return this.#names.map((name) => {
      const [params, results] = SIGNATURE[name];
      const words = (count: number): ValueType[] => new Array<ValueType>(count).fill(I32);
      return { name, params: words(params), results: words(results) };
    });
  }

  names(): readonly KernelName[] {
    return this.#names;
  }
}

/** What a module that imports `names` is instantiated with; null: the host has no WebAssembly. */
export function importsOf(
  names: readonly KernelName[],
  { memory, hashes, wide }: Kernels,
): Readonly<Record<string, unknown>> | null {
  const host: Record<string, unknown> = { memory: memory.memory };
  for (const name of names) {
    if (hashes === null || wide === null) return null;
    host[name] = name in hashes ? hashes[name as keyof HashKernel] : wide[name as keyof WideKernel];
  }
  return host;
}
