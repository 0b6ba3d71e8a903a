/**
 * Keccak-256, with the padding from before SHA-3, as WebAssembly functions on a memory: unrolled,
 * state in locals.
 *
 * @source The Keccak reference, version 3.0
 */
import { Code } from './code.ts';
import { I32, I64, type ValueType, type WasmData, type WasmFunction } from './encode.ts';

const ROUNDS = 24;
const LANES = 25;
const STATE_BYTES = LANES * 8;
const RATE_BYTES = 136;
const DIGEST_BYTES = 32;

/** Scratch that both functions use. Unit: bytes. */
export const KECCAK256_SCRATCH: number = STATE_BYTES + RATE_BYTES + 8 * ROUNDS;

/** Round constants from the linear feedback shift register x^8 + x^6 + x^5 + x^4 + 1. */
function roundConstants(): bigint[] {
  let register = 1;
  const nextBit = (): boolean => {
    const bit = (register & 1) !== 0;
    register <<= 1;
    if ((register & 0x100) !== 0) register ^= 0x171;
    return bit;
  };
  return Array.from({ length: ROUNDS }, () => {
    let constant = 0n;
    for (let j = 0; j < 7; j++) if (nextBit()) constant |= 1n << BigInt((1 << j) - 1);
    return constant;
  });
}

/** By lane: how far it is rotated, and the lane that it then becomes. */
function rotations(): { readonly by: number; readonly to: number }[] {
  const out = Array.from({ length: LANES }, () => ({ by: 0, to: 0 }));
  let [x, y] = [1, 0];
  for (let t = 0; t < ROUNDS; t++) {
    const [nextX, nextY] = [y, (2 * x + 3 * y) % 5];
    out[x + 5 * y] = { by: (((t + 1) * (t + 2)) / 2) % 64, to: nextX + 5 * nextY };
    [x, y] = [nextX, nextY];
  }
  return out;
}

/**
 * Lanes that are kept complemented, so that a round needs five complements and not twenty-five.
 * @source Keccak implementation overview, version 3.2, "lane complementing transform"
 */
const COMPLEMENTED: ReadonlySet<number> = new Set([1, 2, 8, 12, 17, 20]);

/** (own lane, first and second neighbour): '~' complements an operand before it is used. */
type Chi = readonly [own: '' | '~', first: '' | '~', op: 'i64Or' | 'i64And', second: '' | '~'];
const OR: Chi = ['', '', 'i64Or', ''];
const AND: Chi = ['', '', 'i64And', ''];
/** By row and column of the result. */
const CHI: readonly (readonly Chi[])[] = [
  [OR, ['', '~', 'i64Or', ''], AND, OR, AND],
  [OR, AND, ['', '', 'i64Or', '~'], OR, AND],
  [OR, AND, ['', '~', 'i64And', ''], ['~', '', 'i64Or', ''], AND],
  [AND, OR, ['', '~', 'i64Or', ''], ['~', '', 'i64And', ''], OR],
  [['', '~', 'i64And', ''], ['~', '', 'i64Or', ''], AND, OR, AND],
];

/** Locals behind parameters: two sets of lanes by turns, column parities, column effects, one rotated row, and the
 * address of the next round constant. */
const FIRST_LANE = 2;
const SETS = [2, 27] as const;
const C = 52;
const D = 57;
const B = 62;
const NEXT = 67;

function read(code: Code, local: number, how: '' | '~'): Code {
  code.get(local);
  return how === '~' ? code.i64(-1n).op('i64Xor') : code;
}

/**
 * One round from the lanes at local `from` to those at `to`; parities of `to` are left in C.
 * `constant`: where that of the round lies, behind the address in NEXT.
 */
function round(code: Code, from: number, to: number, constant: number): void {
  for (let x = 0; x < 5; x++) {
    code
      .get(C + ((x + 1) % 5))
      .i64(1n)
      .op('i64Rotl')
      .get(C + ((x + 4) % 5))
      .op('i64Xor')
      .set(D + x);
  }
  const moves = rotations();
  for (let y = 0; y < 5; y++) {
    for (const [lane, { by, to: target }] of moves.entries()) {
      if (Math.floor(target / 5) !== y) continue;
      code
        .get(from + lane)
        .get(D + (lane % 5))
        .op('i64Xor');
      if (by !== 0) code.i64(BigInt(by)).op('i64Rotl');
      code.set(B + (target % 5));
    }
    for (let x = 0; x < 5; x++) {
      const [own, first, op, second] = CHI[y]![x]!;
      read(code, B + ((x + 1) % 5), first);
      read(code, B + ((x + 2) % 5), second).op(op);
      read(code, B + x, own).op('i64Xor');
      if (x + y === 0) code.get(NEXT).load64(constant).op('i64Xor');
      code.tee(to + 5 * y + x);
      if (y > 0) code.get(C + x).op('i64Xor');
      code.set(C + x);
    }
  }
}

/** Takes the state at `scratch`, and the block at the address in local `block`, into the lanes. */
function loadLanes(code: Code, scratch: number, block: number): void {
  for (let i = 0; i < LANES; i++) {
    code.i32(scratch).load64(i * 8);
    if (i * 8 < RATE_BYTES)
      code
        .get(block)
        .load64(i * 8)
        .op('i64Xor');
    code.tee(SETS[0] + i);
    if (i >= 5) code.get(C + (i % 5)).op('i64Xor');
    code.set(C + (i % 5));
  }
}

/**
 * All rounds, in a loop: unrolled, they would not fit into the processor's cache of decoded
 * instructions. The result is in the first set of lanes.
 */
function permute(code: Code, scratch: number): void {
  const constants = scratch + STATE_BYTES + RATE_BYTES;
  code.i32(constants).set(NEXT);
  code.loop(() => {
    round(code, SETS[0], SETS[1], 0);
    round(code, SETS[1], SETS[0], 8);
    code.get(NEXT).i32(16).op('i32Add').tee(NEXT);
    code
      .i32(constants + 8 * ROUNDS)
      .op('i32LtU')
      .brIf(0);
  });
}

/** What must be in the memory from the start. */
export function keccakData(scratch: number): WasmData {
  const bytes = new Uint8Array(8 * ROUNDS);
  const view = new DataView(bytes.buffer);
  roundConstants().forEach((constant, i) => view.setBigUint64(8 * i, constant, true));
  return { at: scratch + STATE_BYTES + RATE_BYTES, bytes };
}

const LANE_LOCALS: readonly ValueType[] = [
  ...new Array<ValueType>(NEXT - FIRST_LANE).fill(I64),
  I32,
];

/** absorb(at): takes the block at an address into the state at `scratch`. */
export function keccakAbsorb(scratch: number): WasmFunction {
  const code = new Code();
  loadLanes(code, scratch, 0);
  permute(code, scratch);
  for (let i = 0; i < LANES; i++)
    code
      .i32(scratch)
      .get(SETS[0] + i)
      .store64(i * 8);
  return { params: [I32], results: [], locals: [I32, ...LANE_LOCALS], body: code.body() };
}

/** last(at, to): as absorb, and writes the digest instead of the state. */
export function keccakLast(scratch: number): WasmFunction {
  const code = new Code();
  loadLanes(code, scratch, 0);
  permute(code, scratch);
  for (let i = 0; i < DIGEST_BYTES / 8; i++) {
    read(code.get(1), SETS[0] + i, COMPLEMENTED.has(i) ? '~' : '').store64(i * 8);
  }
  return { params: [I32, I32], results: [], locals: LANE_LOCALS, body: code.body() };
}

/** keccak256(from, length, to): writes 32 bytes. The other two: indexes of those functions. */
export function keccak256Function(
  scratch: number,
  { absorb, last }: { readonly absorb: number; readonly last: number },
  name: string,
): WasmFunction {
  const code = new Code();
  const [from, left, to, at] = [0, 1, 2, 3];
  const tail = scratch + STATE_BYTES;
  for (let i = 0; i < LANES; i++) {
    code
      .i32(scratch)
      .i64(COMPLEMENTED.has(i) ? -1n : 0n)
      .store64(i * 8);
  }
  code.block(() => {
    code.loop(() => {
      code.get(left).i32(RATE_BYTES).op('i32LtU').brIf(1);
      code.get(from).call(absorb);
      code.get(from).i32(RATE_BYTES).op('i32Add').set(from);
      code.get(left).i32(RATE_BYTES).op('i32Sub').set(left);
      code.br(0);
    });
  });
  for (let i = 0; i < RATE_BYTES; i += 8) code.i32(tail).i64(0n).store64(i);
  code.i32(tail).set(at).copyShort(from, at, left).get(at).i32(1).store8(0);
  // The last bit of the block; the first one of the padding may be in the same byte.
  code
    .i32(tail)
    .i32(tail)
    .load64(RATE_BYTES - 8)
    .i64(1n << 63n)
    .op('i64Xor');
  code.store64(RATE_BYTES - 8);
  code.i32(tail).get(to).call(last);
  return { params: [I32, I32, I32], results: [], locals: [I32], body: code.body(), name };
}
