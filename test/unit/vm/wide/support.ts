/** The wide kernel on a memory of its own, and operands for which carries and estimates go wrong. */
import { webAssembly } from '../../../../primitives/wasm/host.ts';
import { type WideKernel, wideKernel } from '../../../../vm/wide/kernel.ts';
import type { Random } from '../../../diff/long/random.ts';

/** Address of the kernel's scratch. */
export const SCRATCH = 4096;
/** Addresses of operands and of the result. */
export const A = 0;
export const B = 64;
export const C = 128;
export const TO = 192;

const memory = new webAssembly!.Memory({ initial: 1 });
export const bytesOfMemory: Uint8Array = new Uint8Array(memory.buffer);
export const view: DataView = new DataView(memory.buffer);
export const kernel: WideKernel = wideKernel(webAssembly!, memory, SCRATCH);

export function put(at: number, bytes: number, value: bigint): void {
  for (let i = bytes - 8, rest = value; i >= 0; i -= 8, rest >>= 64n) {
    view.setBigUint64(at + i, BigInt.asUintN(64, rest));
  }
}

export function get(at: number, bytes: number): bigint {
  let value = 0n;
  for (let i = 0; i < bytes; i += 8) value = (value << 64n) | view.getBigUint64(at + i);
  return value;
}

/** A word that is a power of two, or all ones above or below one, or nothing. */
function edgeWord(random: Random): bigint {
  const power = 1n << BigInt(random.below(64));
  return random.pick([power, power - 1n, (1n << 64n) - power, 0n]);
}

/** Limbs at the edges are frequent: they are where carries and estimates go wrong. */
export function operand(random: Random, bits: number): bigint {
  let value = 0n;
  if (random.chance(0.5)) {
    const words = 1 + random.below(bits / 64);
    for (let i = 0; i < words; i++) value = (value << 64n) | edgeWord(random);
    return value;
  }
  for (let i = 0; i < bits / 32; i++) {
    const edge = random.pick([0, 0xffff_ffff, 0x8000_0000, null, null, null]);
    value = (value << 32n) | BigInt(edge ?? random.next());
  }
  return random.chance(0.5) ? value : value >> BigInt(random.below(bits));
}

/** Limbs of 24 bits at the edges of their range, as signed ones too. */
export function edgeLimbs(random: Random, bits: number): bigint {
  let value = 0n;
  for (let i = 0; i < bits; i += 24) {
    const edge = random.pick([0, 0xff_ffff, 0x80_0000, 0x7f_ffff, 0x80_0001, null, null]);
    value = (value << 24n) | BigInt(edge ?? random.below(1 << 24));
  }
  return BigInt.asUintN(bits, value);
}
