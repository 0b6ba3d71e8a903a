/**
 * The memory behind a machine. Where the host has WebAssembly it is a WebAssembly memory, so that
 * compiled code and the hash kernel work on the same bytes as the interpreter. Behind the guest's
 * 64 MiB lies a part that no guest can name:
 *
 *     MEM_BYTES                    scratch of the hash kernel
 *     WIDE_AT                      scratch of the kernel for wide integers
 *     LOW_AT, HIGH_AT              low and high halves of the 64 registers
 *     GAS_LEFT_AT                  what compiled code leaves: gas left, word to go on with
 *     RING_NEXT_AT, RING_COUNT_AT  where the next receipt goes; how many lie there
 *     ZERO_ID_AT                   an id of zeros
 *     RING_AT                      receipts as bytes, up to RING_END
 *     WORDS_AT                     registers as compiled code hands them over
 *     DIGEST_AT                    a digest on its way to a receipt
 */
import { type HashKernel, hashKernel } from '../primitives/wasm/hashKernel.ts';
import { WASM_PAGE_BYTES, type WasmMemory, webAssembly } from '../primitives/wasm/host.ts';
import { type CallKernel, callKernel } from './jit/callKernel.ts';
import { type WideKernel, wideKernel } from './wide/kernel.ts';

/** What the guest sees. Unit: bytes. */
export const MEM_BYTES: number = 1 << 26;
const WIDE_OFFSET = 2048;
/** Address of the scratch of the wide kernel. */
export const WIDE_AT: number = MEM_BYTES + WIDE_OFFSET;
const ENGINE_OFFSET = 4096;
/** Low halves of the registers, a 32-bit word each. */
export const LOW_AT: number = MEM_BYTES + ENGINE_OFFSET;
/** High halves. */
export const HIGH_AT: number = LOW_AT + 256;
/** Two 32-bit words; see above. */
export const GAS_LEFT_AT: number = HIGH_AT + 256;
/** Address of the next receipt, and how many lie there: 32-bit words. */
export const RING_NEXT_AT: number = GAS_LEFT_AT + 8;
export const RING_COUNT_AT: number = RING_NEXT_AT + 4;
/** 32 bytes that are zero. */
export const ZERO_ID_AT: number = RING_COUNT_AT + 4;
/** Receipts as bytes, until the list of receipts takes them. */
export const RING_AT: number = MEM_BYTES + WASM_PAGE_BYTES;
export const RING_END: number = RING_AT + 16_384;
/** The registers as words of 64 bits, while functions of one code hand over to each other. */
export const WORDS_AT: number = RING_END;
/** A digest on its way to a receipt. */
export const DIGEST_AT: number = WORDS_AT + 512;
/** Everything behind the guest's memory. Unit: bytes. */
export const HOST_BYTES: number = 2 * WASM_PAGE_BYTES;

export type VmMemory = {
  /** At least MEM_BYTES + HOST_BYTES; zero. */
  readonly buffer: ArrayBuffer;
  /** null: the host has no WebAssembly. */
  readonly memory: WasmMemory | null;
};

export function newVmMemory(): VmMemory {
  const bytes = MEM_BYTES + HOST_BYTES;
  if (webAssembly === undefined) return { buffer: new ArrayBuffer(bytes), memory: null };
  const pages = bytes / WASM_PAGE_BYTES;
  const memory = new webAssembly.Memory({ initial: pages, maximum: pages });
  return { buffer: memory.buffer, memory };
}

/** Wide integers on the memory; null: the host has no WebAssembly. */
export function wideOf({ memory }: VmMemory): WideKernel | null {
  if (memory === null || webAssembly === undefined) return null;
  return wideKernel(webAssembly, memory, WIDE_AT);
}

/** Calls on the memory; null: the host has no WebAssembly. */
export function callsOf({ memory }: VmMemory): CallKernel | null {
  if (memory === null || webAssembly === undefined) return null;
  return callKernel(webAssembly, memory);
}

/** Hash functions on the memory; null: the host has no WebAssembly. */
export function hashesOf({ memory }: VmMemory): HashKernel | null {
  if (memory === null || webAssembly === undefined) return null;
  return hashKernel(webAssembly, memory, MEM_BYTES);
}
