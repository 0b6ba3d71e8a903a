/** What the functions of the wide kernel share: places in its scratch, and small steps. */
import type { Code } from '../../primitives/wasm/code.ts';
import { I32, type ValueType, type WasmFunction } from '../../primitives/wasm/encode.ts';

/** The result was written. */
export const WIDE_OK = 0;
/** The result does not fit; its low part was written when `keep` was not 0. */
export const WIDE_OVERFLOW = 1;
/** The divisor is 0; nothing was written. */
export const WIDE_ZERO = 2;

/** Limbs, the least significant first, from the start of the scratch on. Unit: bytes. */
export const A = 0;
export const B = 32;
/** Dividend, then rest: seventeen limbs and one of room. */
export const U = 64;
export const V = 136;
export const Q = 168;
/** Two places for operands that are registers, big-endian. */
export const WIDE_OPERANDS = 240;
export const WIDE_SCRATCH_BYTES = 304;

/** Places of the functions in the module. */
export const F: Readonly<Record<'load' | 'store' | 'significant' | 'multiply' | 'divide', number>> =
  { load: 0, store: 1, significant: 2, multiply: 3, divide: 4 };

/** Locals of a function by what they hold. */
export type Locals = Readonly<Record<string, number>>;

/** `params` and `results`: numbers of 32-bit values. */
export function functionOf(
  params: number,
  results: number,
  locals: readonly ValueType[],
  code: Code,
  name?: string,
): WasmFunction {
  return {
    params: new Array<ValueType>(params).fill(I32),
    results: new Array<ValueType>(results).fill(I32),
    locals,
    body: code.body(),
    ...(name === undefined ? {} : { name }),
  };
}

/** Clears `bytes` bytes, a multiple of 8, at an address. */
export function clear(code: Code, at: number, bytes: number): void {
  for (let i = 0; i < bytes; i += 8)
    code
      .i32(at + i)
      .i64(0n)
      .store64(0);
}
