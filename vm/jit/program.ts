/**
 * Bytecode as the translator sees it: decoded words, basic blocks, and loops that nest.
 *
 * A block begins at the start, at the target of a jump that is known beforehand, and behind every
 * instruction that may leave the block. It ends with a jump, with an instruction that the
 * interpreter has to do, or where the next one begins.
 */
import { decodeInstruction } from '../asm.ts';
import { HOT_BUDGET_MAX } from '../gas.ts';
import { CGAS, FIRST_WRITABLE, GGAS, ONE, PC, ZERO } from '../machine.ts';
import { type OpRow, RESULTS } from '../row.ts';
import type { CodeKind } from './cache.ts';
import type { Emit } from './frame.ts';

/** How a jump finds its target. */
export type Jump = {
  /** Registers that are compared: none, one (with zero), or two (with each other). */
  readonly unequal: readonly number[];
  /** Word number; null: only known when it runs. */
  readonly target: number | null;
  /**
   * Where a target that is not known comes from: a distance in words from $is, forwards or
   * backwards, or an address.
   */
  readonly by: 'word' | 'forwards' | 'backwards' | 'address';
  readonly register: number;
  /** Added to what the register holds. Unit: words. */
  readonly offset: number;
  /** Register that keeps the address behind the jump; null: none. */
  readonly link: number | null;
};

/** A word that is translated. */
export type Instruction = {
  readonly args: readonly number[];
  /** Price that is known beforehand. Unit: gas. */
  readonly price: number;
  /** Units per gas of the part that grows with a register; Infinity: none. */
  readonly perUnit: number;
  readonly jump: Jump | null;
  /** null: a jump. */
  readonly emit: Emit | null;
  /** A step by the interpreter: it ends its block, as what gas is left is only known then. */
  readonly isStep: boolean;
};

/** Words `start` to `end` (excluded). */
export type Block = { readonly start: number; readonly end: number };

/** A loop, or the whole: blocks and loops in the order of their words. */
export type Region = {
  readonly start: number;
  readonly end: number;
  readonly children: readonly (Region | Block)[];
};

export function isRegion(part: Region | Block): part is Region {
  return 'children' in part;
}

/** Loops inside loops that become structure; deeper ones go through the table of the outer one. */
const LOOP_DEPTH_MAX = 6;
/** Gas of one block at most; longer ones are cut. */
const BLOCK_GAS_MAX = 1 << 24;

/** `isFirst`: the code begins at $is, so that distances from there are word numbers. */
function jumpOf(
  name: string,
  args: readonly number[],
  word: number,
  isFirst: boolean,
): Jump | null {
  const [a = 0, b = 0, c = 0, d = 0] = args;
  const plain = { by: 'word', register: ZERO, offset: 0, link: null } as const;
  const to = (target: number, ...unequal: number[]): Jump =>
    isFirst ? { unequal, target, ...plain } : { unequal, target: null, ...plain, offset: target };
  const by = (register: number, offset: number, sign: 1 | -1, unequal: number[]): Jump => {
    const fixed = register === ZERO ? 0 : register === ONE ? 1 : null;
    const target = fixed === null ? null : word + sign * (fixed + offset + 1);
    const kind = sign === 1 ? 'forwards' : 'backwards';
    return { unequal, target, by: kind, register, offset, link: null };
  };
  switch (name) {
    case 'JI':
      return to(a);
    case 'JNZI':
      return to(b, a);
    case 'JNEI':
      return to(c, a, b);
    case 'JMP':
      return { ...plain, unequal: [], target: null, register: a };
    case 'JNE':
      return { ...plain, unequal: [a, b], target: null, register: c };
    case 'JMPF':
      return by(a, b, 1, []);
    case 'JMPB':
      return by(a, b, -1, []);
    case 'JNZF':
      return by(b, c, 1, [a]);
    case 'JNZB':
      return by(b, c, -1, [a]);
    case 'JNEF':
      return by(c, d, 1, [a, b]);
    case 'JNEB':
      return by(c, d, -1, [a, b]);
    case 'JAL': {
      const target = b === PC ? word + c : null;
      const link = a === ZERO ? null : a;
      return { unequal: [], target, by: 'address', register: b, offset: c, link };
    }
    default:
      return null;
  }
}

/** null: no instruction, or one that the interpreter has to do. */
export function instructionAt(word: number, bits: number, kind: CodeKind): Instruction | null {
  const { gas } = kind;
  const decoded = decodeInstruction(bits);
  if (!decoded.ok) return null;
  const { row, args } = decoded;
  if (row.emit === 'step') return stepOf(row, args);
  const base = gas.hot[row.code] as number;
  if (base > HOT_BUDGET_MAX) return null;
  const jump = jumpOf(row.name, args, word, kind.isFirst);
  const emit = row.emit ?? null;
  if (jump === null && emit === null) return null;
  let price = base;
  let perUnit = gas.unitsPerGas[row.code] as number;
  for (const [i, spec] of row.args.entries()) {
    const value = args[i] as number;
    const isRegister = spec.endsWith(':R');
    if (isRegister && (value === CGAS || value === GGAS)) return null;
    if (spec.startsWith('dst:') && value < FIRST_WRITABLE) return null;
    const isUnits = typeof row.gas === 'object' && spec.startsWith(`${row.gas.units}:`);
    if (isUnits && !isRegister) {
      price += Math.floor(value / perUnit);
      perUnit = Number.POSITIVE_INFINITY;
    }
  }
  if (price > BLOCK_GAS_MAX) return null;
  const link = jump?.link ?? null;
  // A link that is the target as well: the interpreter knows the order.
  if (link !== null && (link < FIRST_WRITABLE || link === jump?.register)) return null;
  return { args, price, perUnit, jump, emit, isStep: false };
}

/** An instruction that the interpreter does while compiled code stays entered. */
function stepOf(row: OpRow, args: readonly number[]): Instruction {
  const read: number[] = [];
  const results: number[] = [];
  for (const [i, spec] of row.args.entries()) {
    if (!spec.endsWith(':R')) continue;
    read.push(args[i]!);
    if (RESULTS.includes(spec)) results.push(args[i]!);
  }
  const emit: Emit = (f) => f.step(read, results);
  return { args, price: 0, perUnit: Infinity, jump: null, emit, isStep: true };
}

/** All words of a code. */
export type Decoded = {
  readonly words: readonly (Instruction | null)[];
  /** By word: 1 when a jump that is known beforehand leads there. */
  readonly targets: Uint8Array;
};

/** Decodes whole words. */
export function decodeWords(code: Uint8Array, kind: CodeKind): Decoded {
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  const count = code.length >>> 2;
  const words: (Instruction | null)[] = [];
  const targets = new Uint8Array(count);
  for (let word = 0; word < count; word++) {
    const instruction = instructionAt(word, view.getUint32(word * 4), kind);
    words.push(instruction);
    const target = instruction?.jump?.target ?? null;
    if (target !== null && target >= 0 && target < count) targets[target] = 1;
  }
  return { words, targets };
}

/**
 * Cuts words `from` and behind into blocks. Untranslated words are in no block.
 * @param targets of the whole code
 */
export function blocksOf(
  words: readonly (Instruction | null)[],
  from: number,
  targets: Uint8Array,
): Block[] {
  const to = from + words.length;
  const leads = new Uint8Array(words.length + 1);
  leads[0] = 1;
  for (const [i, word] of words.entries()) {
    if (targets[from + i] === 1) leads[i] = 1;
    if (word === null || word.jump !== null || word.isStep) leads[i + 1] = 1;
  }
  const blocks: Block[] = [];
  let start = -1;
  let gas = 0;
  const close = (end: number): void => {
    if (start >= 0) blocks.push({ start, end });
    start = -1;
    gas = 0;
  };
  for (const [i, word] of words.entries()) {
    if (leads[i] === 1 || gas > BLOCK_GAS_MAX) close(from + i);
    if (word === null) {
      close(from + i);
      continue;
    }
    if (start < 0) start = from + i;
    gas += word.price;
  }
  close(to);
  return blocks;
}

/** Finds loops: from the target of a jump backwards to the last block that jumps there. */
export function regionsOf(
  blocks: readonly Block[],
  words: readonly (Instruction | null)[],
  from: number,
): Region {
  const indexOf = new Map(blocks.map(({ start }, i) => [start, i]));
  /** Last block of the loop that begins with this one; -1: none begins here. */
  const lastOf = new Int32Array(blocks.length).fill(-1);
  for (const [i, { end }] of blocks.entries()) {
    const target = words[end - 1 - from]?.jump?.target ?? null;
    const header = target === null ? undefined : indexOf.get(target);
    if (header !== undefined && header <= i) lastOf[header] = Math.max(lastOf[header] as number, i);
  }
  // Loops that overlap become one inside the other.
  for (let i = blocks.length - 1; i >= 0; i--) {
    for (let j = i + 1; j <= (lastOf[i] as number); j++) {
      if ((lastOf[j] as number) > (lastOf[i] as number)) lastOf[i] = lastOf[j] as number;
    }
  }
  const part = (first: number, last: number, depth: number, isWhole: boolean): Region => {
    const children: (Region | Block)[] = [];
    for (let i = first; i <= last; ) {
      const end = i === first && !isWhole ? -1 : (lastOf[i] as number);
      if (end < 0 || depth >= LOOP_DEPTH_MAX) {
        children.push(blocks[i] as Block);
        i += 1;
        continue;
      }
      children.push(part(i, end, depth + 1, false));
      i = end + 1;
    }
    return {
      start: (blocks[first] as Block).start,
      end: (blocks[last] as Block).end,
      children,
    };
  };
  return part(0, blocks.length - 1, 0, true);
}
