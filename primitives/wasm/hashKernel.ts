/**
 * SHA-256 and Keccak-256 in WebAssembly on a memory of the caller's choice: the VM's own, so that
 * nothing is copied, or a small one for short inputs from outside.
 */
import { wasmModule } from './encode.ts';
import type { WasmMemory, WasmModule, WebAssemblyHost } from './host.ts';
import {
  KECCAK256_SCRATCH,
  keccak256Function,
  keccakAbsorb,
  keccakData,
  keccakLast,
} from './keccak256.ts';
import {
  SHA256_SCRATCH,
  sha256Compress,
  sha256Data,
  sha256Function,
  sha256Of32,
} from './sha256.ts';

/** What the kernel needs for itself inside the memory. Unit: bytes. */
export const HASH_SCRATCH_BYTES: number = SHA256_SCRATCH + KECCAK256_SCRATCH;

/**
 * (address of the data, its length, where the 32 bytes go). Ranges lie inside the memory and
 * outside the scratch; they may overlap each other.
 */
export type HashAt = (from: number, length: number, to: number) => void;
export type HashKernel = {
  readonly sha256: HashAt;
  /** (address of 32 bytes, where the digest goes) */
  readonly sha256Of32: (from: number, to: number) => void;
  readonly keccak256: HashAt;
};

const modules: Map<number, WasmModule> = new Map();

/** The functions on `memory`; at the address `scratch`, HASH_SCRATCH_BYTES are theirs. */
export function hashKernel(host: WebAssemblyHost, memory: WasmMemory, scratch: number): HashKernel {
  const module = modules.get(scratch) ?? new host.Module(hashModule(scratch));
  modules.set(scratch, module);
  const { exports } = new host.Instance(module, { host: { memory } });
  return exports as HashKernel;
}

/** The bytes of the module. It imports the memory as `host.memory`. */
export function hashModule(scratch: number): Uint8Array<ArrayBuffer> {
  const keccakScratch = scratch + SHA256_SCRATCH;
  return wasmModule(
    [
      sha256Compress(scratch),
      sha256Of32(scratch, 'sha256Of32'),
      sha256Function(scratch, { compress: 0, of32: 1 }, 'sha256'),
      keccakAbsorb(keccakScratch),
      keccakLast(keccakScratch),
      keccak256Function(keccakScratch, { absorb: 3, last: 4 }, 'keccak256'),
    ],
    [sha256Data(scratch), keccakData(keccakScratch)],
  );
}
