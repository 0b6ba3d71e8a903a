/** The shape of one instruction: `isa.ts` is a table of these. */
import type { Emit } from './jit/frame.ts';
import type { Machine } from './machine.ts';

/** 0 = next instruction, 1..255 = PanicReason byte, 256.. = {@link HALT}. Nothing throws. */
export type Step = number;

/** Ends of a program that are no panic. */
export const HALT: {
  readonly return: 256;
  readonly returnData: 257;
  readonly revert: 258;
  /** The VM gives no result; `Machine.refused` says why. */
  readonly refused: 259;
} = { return: 256, returnData: 257, revert: 258, refused: 259 };

export const HALT_REFUSED: 259 = HALT.refused;

/** Effect of an instruction; a…d are register indexes or immediates, in packing order. */
export type Run = (m: Machine, a: number, b: number, c: number, d: number) => Step;

/** `name:R` is a register, `name:I6` … `name:I24` an immediate of that many bits. */
export type ArgSpec = `${string}:${'R' | 'I6' | 'I12' | 'I18' | 'I24'}`;

/** Key of `GasCosts.costs`. */
export type GasKey = string;

/**
 * What the dispatcher charges before the effect: a fixed price, a price by `units` (the name of an
 * argument: its immediate or the value of its register), or nothing, as the effect charges.
 */
export type GasRule = GasKey | { readonly key: GasKey; readonly units: string } | 'inside';

/** Names of arguments that are written. */
export const RESULTS: readonly string[] = ['dst:R', 'status:R', 'got:R'];

/** One instruction. */
export type OpRow = {
  /** 8-bit opcode. */
  readonly code: number;
  /** Mnemonic of the specification. */
  readonly name: string;
  /** Arguments in packing order, from the high bits down. */
  readonly args: readonly ArgSpec[];
  readonly gas: GasRule;
  /** The meaning. */
  readonly run: Run;
  /**
   * The same as WebAssembly, for the plain case. 'step': compiled code has the interpreter do it
   * without being left; such a row moves no end of memory, no code and no frame, and the registers
   * that it writes are those of {@link RESULTS}, $of and $err. Absent: a jump, which the translator
   * knows, or compiled code is left.
   */
  readonly emit?: Emit | 'step';
  /** 'block': `run` sets $pc itself. 'frame': it also enters or leaves a contract. */
  readonly ends?: 'block' | 'frame';
  /** false: contracts and scripts only. */
  readonly predicateAllowed: boolean;
  /** One line: what it does. */
  readonly doc: string;
};
