/**
 * Translations of single instructions, by name. An instruction without one leaves to the
 * interpreter for that one step. Jumps are `translate.ts`'s.
 *
 * A translation changes nothing before it is sure to succeed: in any other case (overflow, bad
 * access, undefined result) it leaves, and the interpreter gives the verdict. The destination is a
 * program register and no operand is $cgas or $ggas: `program.ts` has seen to that.
 */
import { EMIT_ALU } from './emitAlu.ts';
import { EMIT_MEMORY } from './emitMemory.ts';
import { EMIT_WIDE } from './emitWide.ts';
import type { Emit } from './frame.ts';

export const EMIT: ReadonlyMap<string, Emit> = new Map<string, Emit>([
  ...EMIT_ALU,
  ...EMIT_MEMORY,
  ...EMIT_WIDE,
]);
