/**
 * What a compiled function keeps in locals, and how it meets the machine.
 *
 * Program registers and $bal, $ret, $retl are 64-bit locals, loaded at entry and written back at
 * every exit. $ssp, $sp, $fp and $hp are below 2^26: 32-bit locals. $is is a parameter;
 * $cgas and $ggas are never read: instructions that read them leave.
 *
 * A function is made for one value of $flag. For 0, $of and $err are zero: it is entered only then,
 * and nothing that it does changes them (an overflow leaves to the interpreter). For other values
 * they are locals, as program registers are.
 */
import {
  BAL,
  CGAS,
  ERR,
  FIRST_WRITABLE,
  FLAG,
  FLAG_UNSAFE_MATH,
  FLAG_WRAPPING,
  FP,
  GGAS,
  HP,
  IS,
  OF,
  ONE,
  PC,
  RET,
  RETL,
  SP,
  SSP,
} from '../machine.ts';
import { GAS_LEFT_AT, HIGH_AT, LOW_AT, WORDS_AT } from '../memory.ts';
import { Emitter, I32, I64, type Label, V128 } from './emitter.ts';
import type { Imports, KernelName } from './imports.ts';

/**
 * Parameters: address of the code, first word to run, end of the stack, end of the own heap, gas to
 * spend, $is.
 */
export const PARAM_COUNT = 6;
const BASE = 0;
export const NEXT = 1;
const STACK_END = 2;
const HEAP_END = 3;
export const GAS = 4;
const START = 5;

/** What a function returns instead of the number of an exit: see `Frame.cross`. */
export const CROSSING = -1;

/** Why and where a function was left. */
export type Exit = {
  /** Word to go on with. -1: it is in the register {@link NEXT} of the function. */
  readonly word: number;
  /** Gas of the block that was not used up. */
  readonly refund: number;
  /** true: the interpreter has to do that word. */
  readonly step: boolean;
};

/**
 * The translation of one instruction: the column `emit` of the instruction table.
 *
 * It changes nothing before it is sure to succeed: in any other case (overflow, bad access,
 * undefined result) it leaves, and the interpreter gives the verdict. The destination is a program
 * register, no operand is $cgas or $ggas, and the price, or its base, is paid: `program.ts` and
 * `translate.ts` have seen to that.
 *
 * a…d: registers and immediates in packing order; `perUnit`: units per gas of a price that grows
 * with a register, which the translation has to charge; Infinity: it does not grow.
 */
export type Emit = (f: Frame, a: number, b: number, c: number, d: number, perUnit: number) => void;

/** Pushes a register as it lies in memory. */
function pushStored(e: Emitter, register: number): void {
  e.i32(0).mem('i64Load32U', LOW_AT + register * 4);
  e.i32(0).mem('i64Load32U', HIGH_AT + register * 4);
  e.i64(32).op('i64Shl').op('i64Or');
}

/** Whether a register may be in a local that was changed. */
function isLocal(register: number): boolean {
  return register >= FIRST_WRITABLE || register === OF || register === ERR;
}

/** State of the translation of one function. */
export class Frame {
  readonly e: Emitter = new Emitter(PARAM_COUNT);
  readonly exits: Exit[] = [];
  readonly #registers: Map<number, number> = new Map();
  readonly #written: Set<number> = new Set();
  readonly sp: number;
  readonly ssp: number;
  readonly hp: number;
  readonly fp: number;
  readonly site: number;
  readonly at: number;
  readonly to: number;
  readonly long: number;
  readonly length: number;
  readonly third: number;
  #leave: Label = { depth: 0 };
  /** The word under translation, and what its block has charged for it and what follows. */
  word = 0;
  refund = 0;

  /** $flag while the function runs. */
  readonly flag: number;
  readonly #longs: number[] = [];
  readonly #vectors: number[] = [];

  readonly #imports: Imports;
  /** Number of the first exit: those of one module are numbered through. */
  readonly #firstExit: number;

  /** Whether program registers come and go as whole words: the code has several functions. */
  readonly #isPart: boolean;

  constructor(flag: number, imports: Imports, firstExit: number, isPart: boolean) {
    this.#isPart = isPart;
    this.#firstExit = firstExit;
    this.flag = flag;
    this.#imports = imports;
    const i32 = (): number => this.e.newLocal(I32);
    this.sp = i32();
    this.ssp = i32();
    this.hp = i32();
    this.fp = i32();
    this.site = i32();
    this.at = i32();
    this.to = i32();
    this.length = i32();
    this.third = i32();
    this.long = this.e.newLocal(I64);
  }

  get base(): number {
    return BASE;
  }
  /** $is, which differs from `base` in code that LDC appended. */
  get start(): number {
    return START;
  }
  get stackEnd(): number {
    return STACK_END;
  }
  get heapEnd(): number {
    return HEAP_END;
  }

  #local(register: number): number {
    let local = this.#registers.get(register);
    if (local === undefined) {
      local = this.e.newLocal(I64);
      this.#registers.set(register, local);
    }
    return local;
  }

  /** Pushes a register as 64 bits. */
  push(register: number): this {
    const small = this.#small(register);
    if (small !== null) this.e.get(small).op('i64ExtendU');
    else if (register === PC)
      this.e
        .get(BASE)
        .i32(this.word * 4)
        .op('i32Add')
        .op('i64ExtendU');
    else if (register === ONE) this.e.i64(1);
    else if (
      register >= FIRST_WRITABLE ||
      register === BAL ||
      register === RET ||
      register === RETL ||
      (this.flag !== 0 && (register === OF || register === ERR))
    )
      this.e.get(this.#local(register));
    else if (register === FLAG) this.e.i64(this.flag);
    else this.e.i64(0);
    return this;
  }

  #small(register: number): number | null {
    switch (register) {
      case SP:
        return this.sp;
      case SSP:
        return this.ssp;
      case HP:
        return this.hp;
      case FP:
        return this.fp;
      case IS:
        return START;
      default:
        return null;
    }
  }

  /** Whether overflow goes to $of instead of a panic. */
  get wraps(): boolean {
    return (this.flag & FLAG_WRAPPING) !== 0;
  }
  /** Whether undefined results go to $err instead of a panic. */
  get isUnsafe(): boolean {
    return (this.flag & FLAG_UNSAFE_MATH) !== 0;
  }

  /** A local of 64 bits for use inside one instruction; `place` counts from 0. */
  long64(place: number): number {
    while (this.#longs.length <= place) this.#longs.push(this.e.newLocal(I64));
    return this.#longs[place]!;
  }

  /** A local of 128 bits for use inside one instruction; `place` counts from 0. */
  vector(place: number): number {
    while (this.#vectors.length <= place) this.#vectors.push(this.e.newLocal(V128));
    return this.#vectors[place]!;
  }

  /** Calls a function of a kernel with what is on the stack. */
  call(name: KernelName): void {
    this.e.call(this.#imports.indexOf(name));
  }

  /** $of = $err = 0. */
  clear(): void {
    if (this.flag === 0) return;
    this.e.i64(0);
    this.pop(OF);
    this.e.i64(0);
    this.pop(ERR);
  }

  /** $of = 0, $err = the 0 or 1 in a 32-bit local. Only where $flag is not 0. */
  setUndefined(local: number): void {
    this.e.i64(0);
    this.pop(OF);
    this.e.get(local).op('i64ExtendU');
    this.pop(ERR);
  }

  /** Takes $of from the stack; $err = 0. Only where $flag is not 0. */
  popOverflow(): void {
    this.pop(OF);
    this.e.i64(0);
    this.pop(ERR);
  }

  /** Takes $hp, 32 bits, from the stack. */
  popHeap(): void {
    this.e.set(this.hp);
  }

  /** Takes 64 bits from the stack into a program register, $of or $err. */
  pop(register: number): this {
    this.#written.add(register);
    this.e.set(this.#local(register));
    return this;
  }

  /** Registers whose value only the interpreter has. */
  static isHidden(register: number): boolean {
    return register === CGAS || register === GGAS;
  }

  exit(exit: Exit): number {
    this.exits.push(exit);
    return this.#firstExit + this.exits.length - 1;
  }

  /** Leaves for the interpreter to do the present word; the rest of the block is given back. */
  leave(): void {
    const site = this.exit({ word: this.word, refund: this.refund, step: true });
    this.e.i32(site).set(this.site).br(this.#leave);
  }

  /** Takes a condition from the stack: when it holds, {@link leave}. */
  leaveIf(): void {
    this.e.if();
    this.leave();
    this.e.end();
  }

  /** Leaves for another word. `step`: the interpreter has to do it. */
  goTo(word: number, step: boolean, refund = 0): void {
    this.e.i32(this.exit({ word, refund, step })).set(this.site).br(this.#leave);
  }

  /** Leaves for a word of another function of this code; null: `NEXT` has its number. */
  cross(word: number | null): void {
    if (word !== null) this.e.i32(word).set(NEXT);
    this.e.i32(CROSSING).set(this.site).br(this.#leave);
  }

  /**
   * Has the interpreter do the present word. It reads the registers `read`, the ends of memory and
   * gas, and may write `results`, $of and $err. The block ends here.
   */
  step(read: readonly number[], results: readonly number[]): void {
    const { e } = this;
    const flags = this.flag === 0 ? [] : [OF, ERR];
    for (const register of [...read, ...flags]) if (isLocal(register)) this.#store(register);
    this.#storeEnds();
    e.get(BASE)
      .i32(this.word * 4)
      .op('i32Add')
      .get(GAS);
    this.call('step');
    e.set(GAS);
    for (const register of [...results.filter((each) => each >= FIRST_WRITABLE), ...flags]) {
      pushStored(e, register);
      this.pop(register);
    }
    e.get(GAS).i32(0).op('i32LtS').if();
    this.goTo(this.word, false);
    e.end();
  }

  #store(register: number): void {
    const local = this.#local(register);
    const { e } = this;
    e.i32(0)
      .get(local)
      .op('i32WrapI64')
      .mem('i32Store', LOW_AT + register * 4);
    e.i32(0).get(local).i64(32).op('i64ShrU').op('i32WrapI64');
    e.mem('i32Store', HIGH_AT + register * 4);
  }

  #isWhole(register: number): boolean {
    return this.#isPart && register >= FIRST_WRITABLE;
  }

  /** Registers that the function uses, and those of them that it writes. */
  get used(): Iterable<number> {
    return this.#registers.keys();
  }
  get written(): Iterable<number> {
    return this.#written;
  }

  #storeEnds(): void {
    for (const [register, local] of [
      [SP, this.sp],
      [HP, this.hp],
    ] as const) {
      this.e
        .i32(0)
        .get(local)
        .mem('i32Store', LOW_AT + register * 4);
    }
  }

  begin(): void {
    this.#leave = this.e.block();
  }

  /** Ends the body: everything is written back, the number of the exit is the result. */
  finish(): { body: Uint8Array; locals: Emitter['locals'] } {
    this.e.end();
    const { e } = this;
    for (const register of this.#written) {
      if (this.#isWhole(register)) {
        e.i32(0)
          .get(this.#local(register))
          .mem('i64Store', WORDS_AT + register * 8);
      } else this.#store(register);
    }
    this.#storeEnds();
    e.i32(0).get(GAS).mem('i32Store', GAS_LEFT_AT);
    e.i32(0)
      .get(NEXT)
      .mem('i32Store', GAS_LEFT_AT + 4);
    e.get(this.site);
    const inside = e.body();
    const head = new Emitter(PARAM_COUNT);
    for (const [register, local] of this.#registers) {
      if (this.#isWhole(register)) head.i32(0).mem('i64Load', WORDS_AT + register * 8);
      else pushStored(head, register);
      head.set(local);
    }
    for (const [register, local] of [
      [SP, this.sp],
      [SSP, this.ssp],
      [HP, this.hp],
      [FP, this.fp],
    ] as const) {
      head
        .i32(0)
        .mem('i32Load', LOW_AT + register * 4)
        .set(local);
    }
    head.sink.append(inside);
    return { body: head.body(), locals: e.locals };
  }
}
