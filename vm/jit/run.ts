/**
 * Runs a program with compiled code and the interpreter by turns.
 *
 * Compiled code is entered at the start of a block, and left at words that need the interpreter.
 * Code for $flag 0 is entered with $of and $err zero. Both work on the same registers and memory,
 * so any point is good for a change.
 *
 * Code cannot change while it runs: a context may write from its own $ssp upwards and into its
 * heap only, the code of all contexts lies below their $ssp, and what the host itself writes
 * (outputs of the transaction) is no code. LDC appends; what it appended is code of its own.
 */
import { assert } from '../../primitives/errors.ts';
import { HOT_BUDGET_MAX } from '../gas.ts';
import { runHot } from '../gen/dispatch.ts';
import { ERR, FLAG, GGAS, IS, type Machine, OF, PC, SSP } from '../machine.ts';
import type { Step } from '../row.ts';
import type { CodeCache, CodeEntry, CodeKind } from './cache.ts';
import { type CompiledFunction, instantiate } from './code.ts';
import type { Stepper } from './imports.ts';
import { DYNAMIC_WORD } from './translate.ts';

/** Gas of the first stay in compiled code, doubled with every stay that uses it up. */
const SLICE_GAS_FIRST = 1 << 16;
/**
 * The host exchanges code for a faster version only when it is entered anew: stays are bounded.
 */
const SLICE_GAS_MAX = 1 << 27;
/** Gas after which an interpreted program is looked at again. */
const LOOK_GAS = 10_000;
/** Code is compiled at once when it was interpreted for this many times what that will take. */
const INTERPRETED_SHARE = 4;
/** One short stretch in so many is timed; a prime, as stretches come in turns. */
const TIMED_ONE_IN = 17;
/** Gas of a stay from which on it is counted which code it was. */
const NOTE_GAS = 1_000;
/** Gas of a stretch that the interpreter takes until $of and $err are zero again. */
const UNCLEAR_GAS = 64;
/** Values of $flag. */
const FLAGS = 4;

/** Draws for the setting `random`; from 0 to 2^32 − 1. */
export type Draw = () => number;

/** Counts of one thread. */
export type RunCounts = {
  /** Stays in compiled code. */
  stays: number;
  /** Stays that ended because a word needs the interpreter. */
  steps: number;
  /** Stays that ended because gas ran short, or after a slice. */
  slices: number;
};

export type RunPlan = {
  readonly cache: CodeCache;
  readonly counts: RunCounts;
  readonly setting: 'auto' | 'jit' | 'random';
  readonly draw: Draw;
  /** One instruction by the interpreter. */
  readonly step: (m: Machine) => Step;
};

/** A stretch of a frame's code: its own, or what one LDC appended. */
type Segment = {
  /** Distances from $is. Unit: bytes. */
  readonly from: number;
  readonly to: number;
  readonly kind: CodeKind;
  /** null: the cache does not keep it yet. */
  entry: CodeEntry | null;
  /** Gas that the interpreter spent in it since the cache was told. */
  gas: number;
  run: CompiledFunction | null;
};

/** Code of a frame for one value of $flag. */
type Code = {
  readonly flag: number;
  readonly segments: readonly Segment[];
  /** Segments that are not compiled yet. */
  unbound: number;
  /** $ssp − $is: more was appended when it differs. */
  readonly end: number;
  /** The same code for other values of $flag, as far as it was needed. */
  readonly variants: (Code | undefined)[];
  /** What it called last, under $flag 0: it often calls the same again. */
  called: { readonly contract: string | null; readonly code: Code } | null;
};

/** Gas that the interpreter spends in a code before it is compiled in the background. */
export function compileSoonAtGas(codeBytes: number): number {
  return 20_000 + codeBytes * 50;
}

/** The own code of the running frame. Scripts and predicates end before the transaction does. */
function ownBytes(m: Machine): number {
  if (m.frames.length > 0) return m.lo[SSP]! - m.lo[IS]!;
  const { tx, predicateIndex } = m.ctx;
  if (predicateIndex === null) return tx.type === 'script' ? tx.script.length : 0;
  const input = tx.inputs[predicateIndex];
  return input === undefined || input.type === 'contract' ? 0 : input.predicate.length;
}

class Runner implements Stepper {
  readonly #m: Machine;
  readonly #plan: RunPlan;
  readonly #isRandom: boolean;
  /** Code of the frames below. */
  readonly #below: Code[] = [];
  /** Code of contracts as they stand when they are called; null: the script or predicate. */
  readonly #known: Map<string | null, Code> = new Map();
  #code: Code;
  #slice = SLICE_GAS_FIRST;
  /** Of the present stay: gas that it was given last, and what is left of its slice. */
  #given = 0;
  #sliceLeft = 0;
  /** Whether a step inside the stay ended it, and the program with it. */
  #isOver = false;
  #ended: Step = 0;
  #stretches = 0;
  /** Whether the last stretch was a long one. */
  #isLong = true;

  constructor(m: Machine, plan: RunPlan) {
    this.#m = m;
    this.#plan = plan;
    this.#isRandom = plan.setting === 'random';
    this.#code = this.#enter();
  }

  run(): Step {
    const m = this.#m;
    const { step, draw } = this.#plan;
    for (;;) {
      if (this.#isRandom && (draw() & 3) === 0) {
        const ended = this.#wander();
        if (ended !== 0) return ended;
        continue;
      }
      const at = m.lo[PC]! - m.lo[IS]!;
      const segment = this.#segmentAt(at);
      if (segment === null) runHot(m, HOT_BUDGET_MAX);
      else if (segment.run === null) this.#interpreted(segment);
      else if (this.#code.flag === 0 && (m.lo[OF]! | m.hi[OF]! | m.lo[ERR]!) !== 0) {
        runHot(m, UNCLEAR_GAS);
      } else if (this.#compiled(segment, segment.run, at)) {
        if (this.#ended !== 0) return this.#ended;
        continue;
      }
      const ended = step(m);
      if (ended !== 0) return ended;
      this.#follow();
    }
  }

  #segmentAt(at: number): Segment | null {
    const { segments } = this.#code;
    for (let i = 0; i < segments.length; i++) {
      const segment = segments[i]!;
      if (at >= segment.from && at < segment.to) return segment;
    }
    return null;
  }

  /** The code of a frame that was just entered. */
  #enter(): Code {
    const m = this.#m;
    const flag = m.lo[FLAG]!;
    const known = this.#known.get(m.contract);
    if (known !== undefined) {
      if (known.flag !== flag) return this.#variant(known, flag);
      this.#bindAll(known);
      return known;
    }
    const end = m.lo[SSP]! - m.lo[IS]!;
    const code = this.#codeOf([[0, ownBytes(m)]], end, flag, []);
    this.#known.set(m.contract, code);
    return code;
  }

  #codeOf(
    ranges: readonly (readonly [from: number, to: number])[],
    end: number,
    flag: number,
    variants: (Code | undefined)[],
  ): Code {
    const segments: Segment[] = [];
    for (const [from, to] of ranges) {
      const segment = this.#segment(from, to, flag);
      if (segment !== null) segments.push(segment);
    }
    const unbound = segments.filter(({ run }) => run === null).length;
    const code: Code = { flag, segments, unbound, end, variants, called: null };
    if (flag < FLAGS) variants[flag] = code;
    return code;
  }

  #segment(from: number, to: number, flag: number): Segment | null {
    const m = this.#m;
    const bytes = (to - from) & ~3;
    if (bytes <= 0 || m.memory.memory === null) return null;
    const { cache, setting } = this.#plan;
    const kind = { gas: m.gas!, flag, isFirst: from === 0 };
    const end = from + bytes;
    const code = this.#bytes(from, end);
    const entry = setting === 'auto' ? cache.find(code, kind) : cache.entryOf(code, kind);
    if (setting !== 'auto' && entry !== null) cache.compile(entry);
    const segment: Segment = { from, to: end, kind, entry, gas: 0, run: null };
    this.#bind(segment);
    return segment;
  }

  /** A stretch of the running code. */
  #bytes(from: number, to: number): Uint8Array {
    const start = this.#m.lo[IS]!;
    return this.#m.mem.subarray(start + from, start + to);
  }

  /** The present code after $flag changed. */
  #variant(code: Code, flag: number): Code {
    const known = code.variants[flag];
    if (known !== undefined) return known;
    const ranges = code.segments.map(({ from, to }) => [from, to] as const);
    return this.#codeOf(ranges, code.end, flag, code.variants);
  }

  /** Compiled code on this machine's memory. */
  #bind(segment: Segment): void {
    const m = this.#m;
    const compiled = segment.entry?.compiled ?? null;
    if (compiled === null) return;
    let run: CompiledFunction | null | undefined = m.functions.get(compiled);
    if (run === undefined) {
      run = instantiate(compiled, m);
      if (run !== null) m.functions.set(compiled, run);
    }
    segment.run = run;
  }

  /** What was compiled meanwhile. */
  #bindAll(code: Code): void {
    if (code.unbound === 0) return;
    let unbound = 0;
    for (const segment of code.segments) {
      if (segment.run === null) this.#bind(segment);
      if (segment.run === null) unbound += 1;
    }
    code.unbound = unbound;
  }

  /** The code after one step: a call, a return, FLAG or LDC may have changed it. */
  #follow(): void {
    const m = this.#m;
    const depth = m.frames.length;
    const code = this.#code;
    if (depth > this.#below.length) {
      this.#below.push(code);
      const { called } = code;
      if (called !== null && called.contract === m.contract && called.code.unbound === 0) {
        this.#code = called.code;
      } else {
        this.#code = this.#enter();
        code.called = { contract: m.contract, code: this.#code };
      }
    } else if (depth < this.#below.length) {
      const below = this.#below.pop();
      assert(below !== undefined, 'every frame returns to the one below');
      this.#bindAll(below);
      this.#code = below;
    } else if (m.lo[SSP]! - m.lo[IS]! !== code.end) {
      const end = m.lo[SSP]! - m.lo[IS]!;
      const ranges = code.segments.map(({ from, to }) => [from, to] as const);
      this.#code = this.#codeOf([...ranges, [code.end, end]], end, m.lo[FLAG]!, []);
    } else if (m.lo[FLAG] !== code.flag) this.#code = this.#variant(code, m.lo[FLAG]!);
  }

  /**
   * A stay in compiled code. @returns whether it may be entered again; else the interpreter has to
   * do the next instruction.
   */
  #compiled(segment: Segment, run: CompiledFunction, at: number): boolean {
    const m = this.#m;
    const { lo } = m;
    const compiled = segment.entry?.compiled ?? null;
    const first = at - segment.from;
    // In the middle of a block: a few steps lead to where it can be entered.
    if (compiled === null || (first & 3) !== 0) return false;
    if (compiled.entries[first >> 2] !== 1) return false;
    const slice = this.#isRandom ? this.#plan.draw() & 0xff : this.#slice;
    this.#sliceLeft = slice;
    this.#given = Math.min(m.hotBudget(), slice);
    this.#isOver = false;
    const start = lo[IS]!;
    const base = start + segment.from;
    const exit = run(base, first >> 2, m.stackHigh, m.heapEnd(), this.#given, start) * 3;
    const { counts } = this.#plan;
    counts.stays += 1;
    if (this.#isOver) return true;
    const given = this.#given;
    const table = compiled.exits;
    const word = table[exit]!;
    const used = given - m.engine[0]! - table[exit + 1]!;
    const next = word === DYNAMIC_WORD ? m.engine[1]! : word;
    lo[PC] = base + next * 4;
    if (used > 0) assert(m.chargeGas(used) === 0, 'compiled code stays within its gas');
    if (table[exit + 2] === 1) {
      counts.steps += 1;
      return false;
    }
    if (used === 0 && lo[PC] === base + first) return false;
    counts.slices += 1;
    if (slice < SLICE_GAS_MAX && given === this.#sliceLeft && !this.#isRandom) {
      this.#slice = slice * 2;
    }
    return true;
  }

  /** See {@link Stepper}. */
  stepInside(pc: number, gas: number): number {
    const m = this.#m;
    m.lo[PC] = pc;
    const used = this.#given - gas;
    if (used > 0) assert(m.chargeGas(used) === 0, 'compiled code stays within its gas');
    this.#sliceLeft -= used;
    this.#ended = this.#plan.step(m);
    const isUnclear = this.#code.flag === 0 && (m.lo[OF]! | m.hi[OF]! | m.lo[ERR]!) !== 0;
    const isTurn = this.#isRandom && (this.#plan.draw() & 7) === 0;
    if (this.#ended !== 0 || isUnclear || isTurn) {
      this.#isOver = true;
      return -1;
    }
    this.#given = Math.min(m.hotBudget(), this.#sliceLeft);
    return this.#given;
  }

  /** A stretch of interpretation; the code is compiled once that is worth it. */
  #interpreted(segment: Segment): void {
    const m = this.#m;
    const { entry } = segment;
    if (this.#plan.setting !== 'auto' || entry?.state === 'refused') {
      runHot(m, HOT_BUDGET_MAX);
      return;
    }
    const before = m.lo[GGAS]!;
    // Stretches may be as short as asking for the time: of short ones, one stands for many.
    this.#stretches = (this.#stretches + 1) % TIMED_ONE_IN;
    const weight = this.#isLong ? 1 : this.#stretches === 0 ? TIMED_ONE_IN : 0;
    const startedMs = weight > 0 ? performance.now() : 0;
    runHot(m, LOOK_GAS);
    const tookMs = weight > 0 ? (performance.now() - startedMs) * weight : 0;
    const spent = (before - m.lo[GGAS]!) >>> 0;
    this.#isLong = spent >= NOTE_GAS;
    segment.gas += spent;
    if (entry !== null) {
      if (weight > 0 || segment.gas >= LOOK_GAS) this.#consider(segment, entry, tookMs);
    } else if (segment.gas >= NOTE_GAS) {
      const code = this.#bytes(segment.from, segment.to);
      segment.entry = this.#plan.cache.noteRun(code, segment.kind, segment.gas);
      segment.gas = 0;
    }
  }

  /** Compiles what was interpreted for long enough. */
  #consider(segment: Segment, entry: CodeEntry, tookMs: number): void {
    const { cache } = this.#plan;
    const { length } = entry.bytes;
    entry.interpretedGas += segment.gas;
    segment.gas = 0;
    entry.interpretedMs += tookMs;
    if (entry.interpretedMs >= INTERPRETED_SHARE * cache.expectedMs(length)) cache.compile(entry);
    else if (entry.interpretedGas < compileSoonAtGas(length)) return;
    else cache.compileSoon(entry);
    this.#bind(segment);
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
  const runner = new Runner(m, plan);
  m.stepper = runner;
  try {
    return runner.run();
  } finally {
    m.stepper = null;
  }
}
