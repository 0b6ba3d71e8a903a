/**
 * Whether a range of a fixed length may be read or written, with as few comparisons as it takes: one
 * for a register that is no address at all, and then those for the heap or those for the stack.
 */
import { MEM_BYTES } from '../memory.ts';
import type { Frame } from './frame.ts';

/** Leaves unless a range at the address in a register ends inside the memory; `local`: the address. */
function addressed(f: Frame, register: number, bytes: number, local: number): void {
  f.push(register)
    .e.i64(MEM_BYTES - bytes)
    .op('i64GtU');
  f.leaveIf();
  f.push(register).e.op('i32WrapI64').set(local);
}

/** Leaves when a range at the address in `local` goes beyond the end in another local. */
function endsBy(f: Frame, local: number, bytes: number, end: number): void {
  f.e.get(local).i32(bytes).op('i32Add').get(end).op('i32GtU');
  f.leaveIf();
}

/** Puts the address in a register into `local`. Leaves unless the `bytes` bytes there exist. */
export function readable(f: Frame, register: number, bytes: number, local: number): void {
  addressed(f, register, bytes, local);
  f.e.get(local).get(f.hp).op('i32LtU').if();
  endsBy(f, local, bytes, f.stackEnd);
  f.e.end();
}

/** The same for bytes that the running context has to own: between $ssp and $sp, or its heap. */
export function writable(f: Frame, register: number, bytes: number, local: number): void {
  const { e } = f;
  addressed(f, register, bytes, local);
  e.get(local).get(f.hp).op('i32LtU').if();
  e.get(local).get(f.ssp).op('i32LtU');
  f.leaveIf();
  endsBy(f, local, bytes, f.sp);
  e.else();
  endsBy(f, local, bytes, f.heapEnd);
  e.end();
}
