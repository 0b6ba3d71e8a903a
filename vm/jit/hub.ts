/**
 * The function by which compiled code is entered: it calls that of a word, and the next one as long
 * as they cross over. Functions of one code hand program registers on as words of 64 bits, one
 * instruction each; halves, as the interpreter has them, become words and come back here.
 */
import { FIRST_WRITABLE } from '../machine.ts';
import { GAS_LEFT_AT, HIGH_AT, LOW_AT, WORDS_AT } from '../memory.ts';
import { Emitter } from './emitter.ts';
import { CROSSING, GAS, NEXT, PARAM_COUNT } from './frame.ts';

const WORD = 8;
/** Registers of a vector of halves. */
const LANES = 4;
/** Words of 32 bits out of two vectors, as bytes. */
const lanes = (...numbers: readonly number[]): number[] =>
  numbers.flatMap((n) => [0, 1, 2, 3].map((byte) => n * 4 + byte));
const LOWER_PAIR = lanes(0, 4, 1, 5);
const UPPER_PAIR = lanes(2, 6, 3, 7);
const LOW_HALVES = lanes(0, 2, 4, 6);
const HIGH_HALVES = lanes(1, 3, 5, 7);

/** First registers of the groups of four that hold some of `registers`. */
function groupsOf(registers: Iterable<number>): number[] {
  const groups = new Set<number>();
  for (const register of registers) {
    if (register >= FIRST_WRITABLE) groups.add(register - (register % LANES));
  }
  return [...groups].sort((a, b) => a - b);
}

function toWords(e: Emitter, registers: Iterable<number>): void {
  for (const group of groupsOf(registers)) {
    for (const [i, order] of [LOWER_PAIR, UPPER_PAIR].entries()) {
      e.i32(0);
      for (const halves of [LOW_AT, HIGH_AT]) e.i32(0).vector('load', 0, halves + group * 4);
      e.vector('shuffle', ...order).vector('store', 0, WORDS_AT + (group + i * 2) * WORD);
    }
  }
}

function toHalves(e: Emitter, registers: Iterable<number>): void {
  for (const group of groupsOf(registers)) {
    for (const [halves, order] of [
      [LOW_AT, LOW_HALVES],
      [HIGH_AT, HIGH_HALVES],
    ] as const) {
      e.i32(0);
      for (const i of [0, 2]) e.i32(0).vector('load', 0, WORDS_AT + (group + i) * WORD);
      e.vector('shuffle', ...order).vector('store', 0, halves + group * 4);
    }
  }
}

/** Program registers that the functions use, and those of them that they write. */
export type UsedRegisters = {
  readonly used: Iterable<number>;
  readonly written: Iterable<number>;
};

/**
 * The body; one local behind the parameters.
 * @param functions by stretch of words; -1: none
 * @param stretch words of one, as a power of two
 * @param unknown exit for words of no function
 * @param registers null: there is one function, which takes halves itself
 */
export function hubBody(
  functions: readonly number[],
  stretch: number,
  unknown: number,
  registers: UsedRegisters | null,
): Uint8Array {
  const e = new Emitter(PARAM_COUNT);
  const site = PARAM_COUNT;
  if (registers !== null) toWords(e, registers.used);
  const again = e.loop();
  const nobody = e.block();
  const called = e.block();
  const labels = functions.map(() => ({ depth: 0 }));
  for (let i = functions.length - 1; i >= 0; i--) labels[i] = e.block();
  const targets = functions.map((number, i) => (number < 0 ? nobody : labels[i]!));
  e.get(NEXT).i32(stretch).op('i32ShrU').brTable(targets, nobody);
  for (const number of functions) {
    e.end();
    if (number < 0) continue;
    for (let i = 0; i < PARAM_COUNT; i++) e.get(i);
    e.call(number).set(site).br(called);
  }
  e.end();
  e.get(site).i32(CROSSING).op('i32Ne').if();
  if (registers !== null) toHalves(e, registers.written);
  e.get(site).op('return');
  e.end();
  e.i32(0).mem('i32Load', GAS_LEFT_AT).set(GAS);
  e.i32(0)
    .mem('i32Load', GAS_LEFT_AT + 4)
    .set(NEXT)
    .br(again);
  e.end();
  if (registers !== null) toHalves(e, registers.written);
  e.i32(0).get(GAS).mem('i32Store', GAS_LEFT_AT);
  e.i32(0)
    .get(NEXT)
    .mem('i32Store', GAS_LEFT_AT + 4);
  e.i32(unknown).op('return');
  e.end();
  return e.op('unreachable').body();
}
