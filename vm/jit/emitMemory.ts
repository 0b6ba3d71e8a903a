/**
 * Loads, stores, copies, and the two ends of memory, as wasm. See `Emit` in frame.ts.
 */
import { ZERO } from '../machine.ts';
import { MEM_BYTES } from '../memory.ts';
import { type Emit, type Frame, GAS } from './frame.ts';

const WORD = 8;
const ADDRESS_BITS = 26;

/** Leaves when the register is no address; else leaves its value + offset in local `to`. */
export function address(f: Frame, register: number, offset: number, to: number): void {
  const { e } = f;
  f.push(register).e.i64(ADDRESS_BITS).op('i64ShrU').op('i64Eqz').op('i32Eqz');
  f.leaveIf();
  f.push(register).e.op('i32WrapI64');
  if (offset > 0) e.i32(offset).op('i32Add');
  e.set(to);
}

/** Pushes the end of a range. */
export type Length = number | { readonly local: number };
function pushEnd(f: Frame, at: number, length: Length): void {
  f.e.get(at);
  if (typeof length === 'number') f.e.i32(length);
  else f.e.get(length.local);
  f.e.op('i32Add');
}

/** Leaves unless the range exists: below the end of the stack, or inside the heap. */
export function mustExist(f: Frame, at: number, length: Length): void {
  const { e } = f;
  pushEnd(f, at, length);
  e.get(f.stackEnd).op('i32GtU');
  e.if();
  e.get(at).get(f.hp).op('i32LtU');
  pushEnd(f, at, length);
  e.i32(MEM_BYTES).op('i32GtU').op('i32Or');
  f.leaveIf();
  e.end();
}

/** Leaves unless the range is the running context's: between $ssp and $sp, or its heap. */
export function mustOwn(f: Frame, at: number, length: Length): void {
  const { e } = f;
  const owned = e.block();
  const other = e.block();
  e.get(at).get(f.ssp).op('i32LtU').brIf(other);
  pushEnd(f, at, length);
  e.get(f.sp).op('i32LeU').brIf(owned);
  e.end();
  e.get(at).get(f.hp).op('i32LtU');
  pushEnd(f, at, length);
  e.get(f.heapEnd).op('i32GtU').op('i32Or');
  f.leaveIf();
  e.end();
}

const load =
  (bytes: 1 | 2 | 4 | 8): Emit =>
  (f, a, b, offset) => {
    const { e } = f;
    address(f, b, offset * bytes, f.at);
    mustExist(f, f.at, bytes);
    e.get(f.at);
    switch (bytes) {
      case 1:
        e.mem('i64Load8U', 0);
        break;
      case 2:
        e.mem('i64Load16U', 0).swapWord().i64(48).op('i64ShrU');
        break;
      case 4:
        e.mem('i64Load32U', 0).swapWord().i64(32).op('i64ShrU');
        break;
      case 8:
        e.loadWord();
        break;
    }
    f.pop(a);
  };

const store =
  (bytes: 1 | 2 | 4 | 8): Emit =>
  (f, a, b, offset) => {
    const { e } = f;
    address(f, a, offset * bytes, f.at);
    mustOwn(f, f.at, bytes);
    e.get(f.at);
    f.push(b);
    switch (bytes) {
      case 1:
        e.mem('i64Store8', 0);
        break;
      case 2:
        e.swapWord().i64(48).op('i64ShrU').mem('i64Store16', 0);
        break;
      case 4:
        e.swapWord().i64(32).op('i64ShrU').mem('i64Store32', 0);
        break;
      case 8:
        e.storeWord();
        break;
    }
  };

/** Leaves when a value in `to` for $sp would pass the end of the stack or meet the heap. */
function setSp(f: Frame): void {
  const { e } = f;
  e.get(f.to).get(f.stackEnd).op('i32GtU');
  e.get(f.to).get(f.hp).op('i32GtU').op('i32Or');
  f.leaveIf();
  e.get(f.to).set(f.sp);
}

export const cfei: Emit = (f, length) => {
  f.e.get(f.sp).i32(length).op('i32Add').set(f.to);
  setSp(f);
};
export const cfsi: Emit = (f, length) => {
  const { e } = f;
  e.get(f.sp).i32(length).op('i32Sub').tee(f.to).get(f.ssp).op('i32LtS');
  f.leaveIf();
  setSp(f);
};

export const cfe: Emit = (f, a, _b, _c, _d, perUnit) => {
  const length = lengthOf(f, a, perUnit);
  f.e.get(f.sp).get(length.local).op('i32Add').set(f.to);
  setSp(f);
  chargeUnits(f, length, perUnit);
};
export const cfs: Emit = (f, a) => {
  const { e } = f;
  address(f, a, 0, f.at);
  e.get(f.sp).get(f.at).op('i32Sub').tee(f.to).get(f.ssp).op('i32LtS');
  f.leaveIf();
  setSp(f);
};

/** New heap is zero already, unless stack memory was there. */
export const aloc: Emit = (f, a, _b, _c, _d, perUnit) => {
  const { e } = f;
  // Compiled Sway asks for nothing at all when it wants to know where the heap is.
  if (a === ZERO) return;
  const length = lengthOf(f, a, perUnit);
  e.get(f.hp).get(length.local).op('i32Sub').tee(f.to).get(f.sp).op('i32LtS');
  e.get(f.to).get(f.stackEnd).op('i32LtS').op('i32Or');
  f.leaveIf();
  chargeUnits(f, length, perUnit);
  e.get(f.to);
  f.popHeap();
};

/** Registers of a mask whose lowest bit stands for `first`. */
function masked(mask: number, first: number): number[] {
  const registers: number[] = [];
  for (let i = 0; i < 24; i++) if (((mask >>> i) & 1) === 1) registers.push(first + i);
  return registers;
}

const pushMany =
  (first: number): Emit =>
  (f, mask) => {
    const { e } = f;
    const registers = masked(mask, first);
    e.get(f.sp).set(f.at);
    e.get(f.sp)
      .i32(registers.length * WORD)
      .op('i32Add')
      .set(f.to);
    setSp(f);
    for (const [i, register] of registers.entries()) {
      e.get(f.at);
      if (i > 0) e.i32(i * WORD).op('i32Add');
      f.push(register).e.storeWord();
    }
  };
const popMany =
  (first: number): Emit =>
  (f, mask) => {
    const { e } = f;
    const registers = masked(mask, first);
    e.get(f.sp)
      .i32(registers.length * WORD)
      .op('i32Sub')
      .tee(f.at)
      .get(f.ssp)
      .op('i32LtS');
    f.leaveIf();
    e.get(f.at).set(f.sp);
    for (const [i, register] of registers.entries()) {
      e.get(f.at);
      if (i > 0) e.i32(i * WORD).op('i32Add');
      e.loadWord();
      f.pop(register);
    }
  };

/** Leaves when the ranges at `at` and `to` meet. */
function mustBeApart(f: Frame, length: Length): void {
  const { e } = f;
  pushEnd(f, f.at, length);
  e.get(f.to).op('i32GtU');
  pushEnd(f, f.to, length);
  e.get(f.at).op('i32GtU').op('i32And');
  f.leaveIf();
}

const SHORT_COPY = 64;
export const mcpi: Emit = (f, a, b, length) => {
  const { e } = f;
  if (length === 0) {
    f.leave();
    return;
  }
  address(f, a, 0, f.to);
  address(f, b, 0, f.at);
  mustOwn(f, f.to, length);
  mustExist(f, f.at, length);
  mustBeApart(f, length);
  if (length > SHORT_COPY || length % WORD !== 0) {
    e.get(f.to).get(f.at).i32(length).copyMemory();
    return;
  }
  for (let i = 0; i < length; i += WORD) {
    e.get(f.to).get(f.at).mem('i64Load', i).mem('i64Store', i);
  }
};

/** A length in a register: below the size of memory and not 0, then in a new local; or leaves. */
export function lengthOf(f: Frame, register: number, perUnit: number): { local: number } {
  const { e } = f;
  const local = f.length;
  f.push(register).e.i64(1).op('i64Sub').i64(MEM_BYTES).op('i64GeU');
  f.leaveIf();
  f.push(register).e.op('i32WrapI64').set(local);
  if (perUnit !== Number.POSITIVE_INFINITY) {
    // The growing part of the price; when it does not fit, the interpreter charges.
    if (perUnit > 0x7fff_ffff) return { local };
    e.get(local).i32(perUnit).op('i32DivU').get(GAS).op('i32GtS');
    f.leaveIf();
  }
  return { local };
}
export function chargeUnits(f: Frame, { local }: { local: number }, perUnit: number): void {
  if (perUnit > 0x7fff_ffff) return;
  f.e.get(GAS).get(local).i32(perUnit).op('i32DivU').op('i32Sub').set(GAS);
}

export const mcp: Emit = (f, a, b, c, _d, perUnit) => {
  const length = lengthOf(f, c, perUnit);
  address(f, a, 0, f.to);
  address(f, b, 0, f.at);
  mustOwn(f, f.to, length);
  mustExist(f, f.at, length);
  mustBeApart(f, length);
  chargeUnits(f, length, perUnit);
  f.e.get(f.to).get(f.at).get(length.local).copyMemory();
};
export const mcl: Emit = (f, a, b, _c, _d, perUnit) => {
  const length = lengthOf(f, b, perUnit);
  address(f, a, 0, f.at);
  mustOwn(f, f.at, length);
  chargeUnits(f, length, perUnit);
  f.e.get(f.at).i32(0).get(length.local).fillMemory();
};
export const mcli: Emit = (f, a, length) => {
  if (length === 0) {
    f.leave();
    return;
  }
  address(f, a, 0, f.at);
  mustOwn(f, f.at, length);
  f.e.get(f.at).i32(0).i32(length).fillMemory();
};

/** Words first, then bytes; ends at the first difference. */
export const meq: Emit = (f, a, b, c, d, perUnit) => {
  const { e } = f;
  const length = lengthOf(f, d, perUnit);
  address(f, b, 0, f.at);
  address(f, c, 0, f.to);
  mustExist(f, f.at, length);
  mustExist(f, f.to, length);
  chargeUnits(f, length, perUnit);
  e.i64(1).set(f.long);
  const done = e.block();
  for (const bytes of [WORD, 1]) {
    const load = bytes === WORD ? 'i64Load' : 'i64Load8U';
    const rest = e.block();
    const again = e.loop();
    e.get(length.local).i32(bytes).op('i32LtU').brIf(rest);
    e.get(f.at).mem(load, 0).get(f.to).mem(load, 0).op('i64Ne');
    e.if();
    e.i64(0).set(f.long).br(done);
    e.end();
    for (const local of [f.at, f.to]) e.get(local).i32(bytes).op('i32Add').set(local);
    e.get(length.local).i32(bytes).op('i32Sub').set(length.local).br(again);
    e.end();
    e.end();
  }
  e.end();
  e.get(f.long);
  f.pop(a);
};

export const lb: Emit = load(1);
export const lqw: Emit = load(2);
export const lhw: Emit = load(4);
export const lw: Emit = load(8);
export const sb: Emit = store(1);
export const sqw: Emit = store(2);
export const shw: Emit = store(4);
export const sw: Emit = store(8);
export const pshl: Emit = pushMany(16);
export const pshh: Emit = pushMany(40);
export const popl: Emit = popMany(16);
export const poph: Emit = popMany(40);
