/**
 * What the pieces of a random program share.
 *
 * Registers: 16 script data, 17 own heap (1 KiB), 18 own stack (512 bytes), 20–39 values, 40–45
 * loop counters by depth, 46 subroutine in the script data, 47 subroutine loaded at run time,
 * 48–55 pointers and small numbers, 56–61 links of functions by depth, 62 anything, 63 link of
 * subroutines.
 */
import type { Random } from './random.ts';
import type { ProgramWriter } from './writer.ts';

/** Contracts of a request. */
export const CONTRACTS_MAX = 3;
const CALL_BYTES = 48;
/** Offsets in the script data. Unit: bytes. */
export const DATA: Readonly<
  Record<'calls' | 'assets' | 'keys' | 'blob' | 'code' | 'noise', number>
> = {
  calls: 0,
  assets: CALL_BYTES * CONTRACTS_MAX,
  keys: CALL_BYTES * CONTRACTS_MAX + 64,
  blob: CALL_BYTES * CONTRACTS_MAX + 64 + 128,
  code: CALL_BYTES * CONTRACTS_MAX + 64 + 128 + 32,
  noise: CALL_BYTES * CONTRACTS_MAX + 64 + 128 + 32 + 64,
};

export type Scene = {
  readonly random: Random;
  readonly w: ProgramWriter;
  /** Contracts that may be called, by their place in the script data. */
  readonly contracts: readonly number[];
  readonly isScript: boolean;
  /** $flag. Not 3: unlucky arithmetic ends the program. */
  readonly flags: number;
  /** Pieces on the outermost level. */
  readonly size: number;
  /** About how many instructions may run. */
  readonly steps: number;
  /** Length of the subroutine. Unit: bytes. */
  readonly codeBytes: number;
};

/** Where a piece stands: loops around it, and how often it runs. */
export type Place = { readonly depth: number; readonly times: number; readonly level: number };
export type Functions = { readonly labels: readonly number[]; readonly level: number };

/** Appends a few instructions. */
export type Piece = (scene: Scene, functions: Functions, place: Place) => void;

export const RD = 16;
export const RH = 17;
export const RS = 18;
export const COUNTER = 40;
export const DATA_CODE = 46;
export const LOADED = 47;
export const LINK = 56;
export const SUB_LINK = 63;
/** Unit: bytes. */
export const HEAP_BYTES = 1024;
export const STACK_BYTES = 512;
/** Share of operands that are chosen to fail, or to be odd. */
export const ODD = 0.0006;

/** Operations on three registers that do not fail by their operands, but DIV and MOD. */
export const RRR: readonly string[] = [
  'ADD',
  'SUB',
  'MUL',
  'AND',
  'OR',
  'XOR',
  'EQ',
  'LT',
  'GT',
  'SLL',
  'SRL',
  'DIV',
  'MOD',
];

/** A register for a result. */
export function result({ random }: Scene): number {
  return random.chance(ODD) ? random.below(16) : 20 + random.below(20);
}

/** A register to be read. */
export function operand({ random }: Scene): number {
  if (random.chance(0.05)) return random.below(16);
  return random.chance(0.06) ? COUNTER + random.below(2) : 20 + random.below(20);
}

/** A register that points into an own range, `room` bytes before its end. */
export function target(scene: Scene, room: number): number {
  const { w, random } = scene;
  const into = 48 + random.below(8);
  if (random.chance(ODD)) {
    w.op('ADDI', into, random.pick([0, 4, 5, 7, RD, 12, 20]), random.below(64));
    return into;
  }
  const isHeap = random.chance(0.6);
  const bytes = isHeap ? HEAP_BYTES : STACK_BYTES;
  if (random.chance(0.3)) {
    // An address that depends on a value.
    w.op('ANDI', into, operand(scene), random.pick([0xf8, 0xff, 0x7f]));
    w.op('ADD', into, into, isHeap ? RH : RS);
  } else w.op('ADDI', into, isHeap ? RH : RS, random.below(bytes - room));
  return into;
}

/** A register that points into a readable range. */
export function source(scene: Scene, room: number): number {
  const { w, random } = scene;
  if (random.chance(0.6)) return target(scene, room);
  const into = 48 + random.below(8);
  w.op('ADDI', into, RD, random.below(DATA.noise + 512 - room));
  return into;
}
