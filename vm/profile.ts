/**
 * Where a transaction spends gas and time: by program (the script, each contract), by basic block,
 * by instruction.
 *
 * Counts and gas are exact. Time is that of the interpreter under observation: the clock is read
 * around every instruction, and its own cost is taken off. It says what is dear in relation to
 * what, not how long the program takes.
 */
import type { ContractId } from '../primitives/types.ts';
import { decodeInstruction, formatInstruction } from './asm.ts';
import { FRAME_CODE_SIZE } from './frameLayout.ts';
import { FP, GGAS, IS, type Machine, PC } from './machine.ts';
import { type TransactInput, transact, type VmResult } from './transact.ts';

/** One instruction that ran. */
export type ProfiledInstruction = {
  /** Distance from the start of the program. Unit: bytes. */
  readonly offset: number;
  readonly word: number;
  /** Disassembly. */
  readonly text: string;
  readonly count: number;
  readonly gas: number;
  /** Share of the whole, 0…1. */
  readonly timeShare: number;
};

/** Instructions that always run one after the other. */
export type ProfiledBlock = {
  readonly offset: number;
  /** Times that it was entered. */
  readonly count: number;
  readonly gas: number;
  readonly timeShare: number;
  readonly instructions: readonly ProfiledInstruction[];
};

export type ProfiledProgram = {
  /** null: the script. */
  readonly contract: ContractId | null;
  readonly calls: number;
  /** Unit: bytes. The script: with what follows it in the transaction. */
  readonly codeBytes: number;
  readonly instructions: number;
  readonly gas: number;
  readonly timeShare: number;
  /** In the order of the code. */
  readonly blocks: readonly ProfiledBlock[];
};

export type Profile = {
  readonly result: VmResult;
  readonly instructions: number;
  readonly gas: number;
  /** Dearest first. */
  readonly programs: readonly ProfiledProgram[];
};

type Spot = {
  readonly offset: number;
  word: number;
  count: number;
  gas: number;
  ms: number;
  /** It was reached otherwise than from the instruction before it. */
  isEntered: boolean;
};

type Region = {
  readonly contract: ContractId | null;
  readonly spots: Map<number, Spot>;
  calls: number;
  codeBytes: number;
};

const INSTRUCTION_BYTES = 4;
const CALIBRATION_ROUNDS = 2_000;
const SCRIPT = 'script';

/** What reading the clock itself costs. Unit: ms. */
function clockCost(clock: () => number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < CALIBRATION_ROUNDS; i++) {
    const before = clock();
    least = Math.min(least, clock() - before);
  }
  return least;
}

/** Watches one execution. */
class Recorder {
  readonly regions: Map<string, Region> = new Map();
  instructions = 0;
  readonly #clock: () => number;
  readonly #cost: number;
  #last: Spot | null = null;
  #lastRegion: Region | null = null;
  #lastPc = 0;
  #lastGas = 0;
  #since = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#cost = clockCost(clock);
  }

  step(m: Machine): void {
    const now = this.#clock();
    const gas = m.num(GGAS);
    this.#close(now, gas);
    const pc = m.num(PC);
    const region = this.#regionOf(m);
    const spot = spotOf(region, pc - m.num(IS));
    spot.word = pc + INSTRUCTION_BYTES <= m.stackHigh ? m.view.getUint32(pc) : 0;
    spot.count += 1;
    if (region !== this.#lastRegion || pc !== this.#lastPc + INSTRUCTION_BYTES) {
      spot.isEntered = true;
    }
    this.instructions += 1;
    this.#last = spot;
    this.#lastRegion = region;
    this.#lastPc = pc;
    this.#lastGas = gas;
    this.#since = this.#clock();
  }

  end(m: Machine): void {
    this.#close(this.#clock(), m.num(GGAS));
    this.#last = null;
  }

  #close(now: number, gas: number): void {
    const last = this.#last;
    if (last === null) return;
    last.gas += this.#lastGas - gas;
    last.ms += Math.max(0, now - this.#since - this.#cost);
  }

  #regionOf(m: Machine): Region {
    const key = m.contract ?? SCRIPT;
    let region = this.regions.get(key);
    if (region === undefined) {
      region = { contract: m.contract, spots: new Map(), calls: 0, codeBytes: 0 };
      this.regions.set(key, region);
    }
    if (m.num(PC) === m.num(IS)) region.calls += 1;
    if (region.codeBytes === 0) region.codeBytes = codeBytesOf(m);
    return region;
  }
}

function codeBytesOf(m: Machine): number {
  if (m.contract !== null) return m.view.getUint32(m.num(FP) + FRAME_CODE_SIZE + 4);
  return m.ctx.tx.type === 'script' ? m.ctx.tx.script.length : 0;
}

function spotOf(region: Region, offset: number): Spot {
  let spot = region.spots.get(offset);
  if (spot === undefined) {
    spot = { offset, word: 0, count: 0, gas: 0, ms: 0, isEntered: false };
    region.spots.set(offset, spot);
  }
  return spot;
}

/** Runs the transaction under observation. `clock`: in ms; for tests. */
export function profile(
  input: TransactInput,
  clock: () => number = () => performance.now(),
): Profile {
  const recorder = new Recorder(clock);
  const observe = {
    step: (m: Machine): void => recorder.step(m),
    end: (m: Machine): void => recorder.end(m),
  };
  const result = transact({ ...input, observe });
  const regions = [...recorder.regions.values()];
  const allMs = regions.reduce((sum, { spots }) => sum + total([...spots.values()], 'ms'), 0);
  const programs = regions.map((region) => programOf(region, allMs || 1));
  programs.sort((a, b) => b.gas - a.gas);
  return {
    result,
    instructions: recorder.instructions,
    gas: programs.reduce((sum, { gas }) => sum + gas, 0),
    programs,
  };
}

function total(spots: readonly Spot[], what: 'gas' | 'ms' | 'count'): number {
  return spots.reduce((sum, spot) => sum + spot[what], 0);
}

function programOf(region: Region, allMs: number): ProfiledProgram {
  const spots = [...region.spots.values()].sort((a, b) => a.offset - b.offset);
  return {
    contract: region.contract,
    calls: region.calls,
    codeBytes: region.codeBytes,
    instructions: total(spots, 'count'),
    gas: total(spots, 'gas'),
    timeShare: total(spots, 'ms') / allMs,
    blocks: cutBlocks(spots).map((block) => blockOf(block, allMs)),
  };
}

/** A block ends before a place that is jumped to, behind a jump, and where the count changes. */
function cutBlocks(spots: readonly Spot[]): Spot[][] {
  const blocks: Spot[][] = [];
  let before: Spot | null = null;
  for (const spot of spots) {
    const follows =
      before !== null &&
      spot.offset === before.offset + INSTRUCTION_BYTES &&
      spot.count === before.count &&
      !spot.isEntered &&
      !endsBlock(before.word);
    if (follows) blocks.at(-1)!.push(spot);
    else blocks.push([spot]);
    before = spot;
  }
  return blocks;
}

function endsBlock(word: number): boolean {
  const decoded = decodeInstruction(word);
  return decoded.ok && decoded.row.ends !== undefined;
}

function blockOf(spots: readonly Spot[], allMs: number): ProfiledBlock {
  return {
    offset: spots[0]!.offset,
    count: spots[0]!.count,
    gas: total(spots, 'gas'),
    timeShare: total(spots, 'ms') / allMs,
    instructions: spots.map(({ offset, word, count, gas, ms }) => ({
      offset,
      word,
      text: formatInstruction(word),
      count,
      gas,
      timeShare: ms / allMs,
    })),
  };
}
