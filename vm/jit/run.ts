/**
 * Runs a program with compiled code and the interpreter by turns.
 *
 * Compiled code is entered at the start of a block, and left at words that need the
 * interpreter. Code for $flag 0 is entered with $of and $err zero. Both work on the same registers and memory, so any point is
 * good for a change.
 */
import { assert } from '../../primitives/errors.ts';
import { HOT_BUDGET_MAX } from '../gas.ts';
import { runHot } from '../gen/dispatch.ts';
import { ERR, FLAG, GGAS, HP, IS, type Machine, OF, PC, SSP } from '../machine.ts';
import type { Step } from '../row.ts';
import type { CodeCache, CodeEntry } from './cache.ts';
import { type CompiledFunction, instantiate } from './code.ts';
import { DYNAMIC_WORD } from './translate.ts';

/** Gas of the first stay in compiled code, doubled with every stay that uses it up. */
const SLICE_GAS_FIRST = 1 << 16;
/**
 * The host exchanges code for a faster version only when it is entered anew: stays are bounded.
 */
const SLICE_GAS_MAX = 1 << 27;
/** Gas after which an interpreted program is looked at again. */
const LOOK_GAS = 20_000;

/** Draws for the setting `random`; from 0 to 2^32 − 1. */
export type Draw = () => number;

export type RunPlan = {
  readonly cache: CodeCache;
  readonly setting: 'auto' | 'jit' | 'random';
  readonly draw: Draw;
  /** One instruction by the interpreter. */
  readonly step: (m: Machine) => Step;
};

/** A running frame's code, as far as it can be compiled. */
type Running = {
  readonly entry: CodeEntry | null;
  /** Length of the code that was there when the frame was entered. Unit: bytes. */
  readonly bytes: number;
  /** $flag that the code is made for. */
  readonly flag: number;
  functions: readonly CompiledFunction[] | null;
};

/**
 * Gas that the interpreter spends in a code before it is compiled: four times what compiling takes,
 * so that no program is much slower for it.
 */
export function compileAtGas(codeBytes: number): number {
  return 120_000 + codeBytes * 1_000;
}

/** The code of the running frame. Scripts and predicates end before the rest of the transaction. */
function codeBytesOf(m: Machine): number {
  if (m.frames.length > 0) return m.lo[SSP]! - m.lo[IS]!;
  const { tx, predicateIndex } = m.ctx;
  if (predicateIndex === null) return tx.type === 'script' ? tx.script.length : 0;
  const input = tx.inputs[predicateIndex];
  return input === undefined || input.type === 'contract' ? 0 : input.predicate.length;
}

function enter(m: Machine, plan: RunPlan): Running {
  const start = m.lo[IS]!;
  const flag = m.lo[FLAG]!;
  const bytes = codeBytesOf(m) & ~3;
  if (bytes === 0 || m.memory.memory === null) {
    return { entry: null, bytes: 0, flag, functions: null };
  }
  const { cache } = plan;
  const entry = cache.entryOf(m.mem.subarray(start, start + bytes), m.gas!, flag);
  const running: Running = { entry, bytes, flag, functions: null };
  if (plan.setting !== 'auto' && entry.compiled === null && !entry.refused) cache.compile(entry);
  bind(m, running);
  return running;
}

/** Compiled functions on this machine's memory. */
function bind(m: Machine, running: Running): void {
  const { entry } = running;
  if (entry === null || entry.compiled === null) return;
  let functions = m.functions.get(entry.compiled);
  if (functions === undefined) {
    const made = instantiate(entry.compiled, m);
    if (made === null) return;
    functions = made;
    m.functions.set(entry.compiled, functions);
  }
  running.functions = functions;
}

/** Whether compiled code did something; the program may have to be stepped all the same. */
type Stay = 'none' | 'went on' | 'step';

class Runner {
  readonly #m: Machine;
  readonly #plan: RunPlan;
  readonly #below: Running[] = [];
  #running: Running;
  #slice = SLICE_GAS_FIRST;

  constructor(m: Machine, plan: RunPlan) {
    this.#m = m;
    this.#plan = plan;
    this.#running = enter(m, plan);
  }

  run(): Step {
    const m = this.#m;
    const { step, setting } = this.#plan;
    for (;;) {
      if (setting === 'random' && (this.#plan.draw() & 3) === 0) {
        const ended = this.#wander();
        if (ended !== 0) return ended;
        continue;
      }
      const stay = this.#compiled();
      if (stay === 'went on') continue;
      if (stay === 'none' && !this.#isBetweenBlocks()) this.#interpreted();
      const ended = step(m);
      if (ended !== 0) return ended;
      this.#follow();
    }
  }

  /** Inside the own code, at a word that cannot be entered: a few steps lead to one that can. */
  #isBetweenBlocks(): boolean {
    const m = this.#m;
    if (this.#running.functions === null) return false;
    const at = m.lo[PC]! - m.lo[IS]!;
    return at >= 0 && at < this.#running.bytes;
  }

  /** The frame after one step: a call or a return may have changed it. */
  #follow(): void {
    const depth = this.#m.frames.length;
    if (depth === this.#below.length) {
      if (this.#m.lo[FLAG] !== this.#running.flag) this.#running = enter(this.#m, this.#plan);
      return;
    }
    if (depth > this.#below.length) {
      this.#below.push(this.#running);
      this.#running = enter(this.#m, this.#plan);
    } else {
      const below = this.#below.pop();
      assert(below !== undefined, 'every frame returns to the one below');
      this.#running = below;
      // It may have been compiled meanwhile.
      if (below.functions === null) bind(this.#m, below);
    }
  }

  #compiled(): Stay {
    const m = this.#m;
    const { lo, hi } = m;
    const { entry, functions } = this.#running;
    if (functions === null || entry === null || entry.compiled === null) return 'none';
    if (lo[FLAG] === 0 && (lo[OF]! | hi[OF]! | lo[ERR]!) !== 0) return 'none';
    const { entries, exits } = entry.compiled;
    const pc = lo[PC]!;
    const start = lo[IS]!;
    const at = pc - start;
    if ((at & 3) !== 0) return 'none';
    const number = entries[at >> 2];
    if (number === undefined || number === 0) return 'none';
    const budget = m.hotBudget();
    const random = this.#plan.setting === 'random';
    const slice = random ? this.#plan.draw() & 0xff : this.#slice;
    const given = Math.min(budget, slice);
    const frameHp = m.heapEnd();
    const heapEnd = lo[HP] === frameHp ? 0 : frameHp;
    const exit = functions[number - 1]!(start, at >> 2, m.stackHigh, heapEnd, given) * 3;
    const table = exits[number - 1]!;
    const word = table[exit]!;
    const used = given - m.engine[0]! - table[exit + 1]!;
    const now = start + (word === DYNAMIC_WORD ? m.engine[1]! : word) * 4;
    lo[PC] = now;
    if (used > 0) assert(m.chargeGas(used) === 0, 'compiled code stays within its gas');
    if (table[exit + 2] === 1) return 'step';
    if (used === 0 && now === pc) return 'step';
    if (slice < SLICE_GAS_MAX && given === slice && !random) this.#slice = slice * 2;
    return 'went on';
  }

  /** A stretch of interpretation; the code is compiled once that is worth it. */
  #interpreted(): void {
    const m = this.#m;
    const { entry } = this.#running;
    if (this.#plan.setting !== 'auto' || entry === null || entry.refused) {
      runHot(m, HOT_BUDGET_MAX);
      return;
    }
    if (entry.compiled !== null) {
      runHot(m, HOT_BUDGET_MAX);
      return;
    }
    const before = m.lo[GGAS]!;
    runHot(m, LOOK_GAS);
    entry.interpretedGas += (before - m.lo[GGAS]!) >>> 0;
    if (entry.interpretedGas < compileAtGas(entry.bytes.length)) return;
    this.#plan.cache.compile(entry);
    bind(m, this.#running);
  }

  /** For tests: some steps, or a stretch, by the interpreter. */
  #wander(): Step {
    const m = this.#m;
    const { draw, step } = this.#plan;
    if ((draw() & 1) === 0) runHot(m, draw() & 0x3f);
    for (let left = draw() & 7; left >= 0; left--) {
      const ended = step(m);
      if (ended !== 0) return ended;
      this.#follow();
    }
    return 0;
  }
}

/** Runs until the end. @returns as `interpret` */
export function runWithEngine(m: Machine, plan: RunPlan): Step {
  return new Runner(m, plan).run();
}
