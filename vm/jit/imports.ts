/**
 * Functions on VM memory that compiled code calls: the hash kernel's and those for wide integers. A
 * module imports the ones that it needs.
 */
import { I32, I64, type ValueType, type WasmImport } from '../../primitives/wasm/encode.ts';
import type { HashKernel } from '../../primitives/wasm/hashKernel.ts';
import type { WasmMemory } from '../../primitives/wasm/host.ts';
import type { WideKernel } from '../wide/kernel.ts';

/** Name of a function that compiled code calls; `step`: see {@link Kernels}. */
export type KernelName = keyof HashKernel | keyof WideKernel | 'step';

type Signature = { readonly params: readonly ValueType[]; readonly results: readonly ValueType[] };

const words32 = (count: number): ValueType[] => new Array<ValueType>(count).fill(I32);
const on32 = (params: number, results: number): Signature => ({
  params: words32(params),
  results: words32(results),
});

const SIGNATURE: Readonly<Record<KernelName, Signature>> = {
  step: on32(2, 1),
  sha256: on32(3, 0),
  sha256Of32: on32(2, 0),
  keccak256: on32(3, 0),
  product: on32(5, 1),
  quotient: on32(4, 1),
  mulDiv: on32(6, 1),
  addMod: on32(5, 1),
  mulMod: on32(5, 1),
  power: { params: [I64, I64], results: [I64, I64] },
  logarithm: { params: [I64, I64], results: [I64] },
  root: { params: [I64, I64], results: [I64] },
  scaled: { params: [I64, I64, I64], results: [I64, I64] },
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
  /** Takes the steps of the present run; null: nothing runs. */
  readonly stepper: Stepper | null;
};

/** Does an instruction for compiled code. */
export type Stepper = {
  /**
   * @param pc address of the instruction
   * @param gas what compiled code has left of what it was given
   * @returns what it has from now on; below 0: it has to end its stay, all is said already
   */
  stepInside(pc: number, gas: number): number;
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
    return this.#names.map((name) => ({ name, ...SIGNATURE[name] }));
  }

  names(): readonly KernelName[] {
    return this.#names;
  }
}

/** What a module that imports `names` is instantiated with; null: the host has no WebAssembly. */
export function importsOf(
  names: readonly KernelName[],
  kernels: Kernels,
): Readonly<Record<string, unknown>> | null {
  const { memory, hashes, wide } = kernels;
  const host: Record<string, unknown> = { memory: memory.memory };
  for (const name of names) {
    if (name === 'step') {
      host[name] = (pc: number, gas: number) => kernels.stepper!.stepInside(pc, gas);
      continue;
    }
    if (hashes === null || wide === null) return null;
    host[name] = name in hashes ? hashes[name as keyof HashKernel] : wide[name as keyof WideKernel];
  }
  return host;
}
