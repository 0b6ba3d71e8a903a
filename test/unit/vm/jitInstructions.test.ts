/**
 * Each translated instruction, compiled and interpreted, on random operands: the same registers,
 * memory, gas and verdict.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decodeInstruction } from '../../../vm/asm.ts';
import { configureEngine, engineReport } from '../../../vm/engine.ts';
import { interpret } from '../../../vm/interpret.ts';
import { ISA } from '../../../vm/isa.ts';
import { CGAS, FLAG, GGAS, IS, Machine, MEM_BYTES, PC, SP, SSP } from '../../../vm/machine.ts';
import type { OpRow } from '../../../vm/row.ts';
import { Random } from '../../diff/long/random.ts';
import { emptyContext } from './machineSupport.ts';
import { words } from './support.ts';

const SEED = 41;
const ROUNDS = 20;
/** Runs of each program, with other operands. */
const RUNS = 4;
const NOOP = 0x4700_0000;
const RVRT_ZERO = 0x3600_0000;
const STACK_BYTES = 4_096;
const HEAP_BYTES = 4_096;
const CODE_AT = 1_024;

/** One for all: its memory is large. */
const m = new Machine();
const EMPTY = emptyContext();

after(() => configureEngine({ setting: 'interpreter' }));

type Setup = { readonly code: Uint8Array; readonly registers: readonly bigint[]; flag: number };

/** Runs a program in a state made by hand. */
function outcome({ code, registers, flag }: Setup, gas: bigint): string {
  assert(EMPTY.tx.type === 'script');
  m.start({ ...EMPTY, tx: { ...EMPTY.tx, script: code } });
  const ssp = CODE_AT + code.length;
  const sp = ssp + STACK_BYTES;
  m.growStack(sp);
  m.growHeap(HEAP_BYTES);
  for (let i = ssp; i < sp; i++) m.mem[i] = (i * 31) & 0xff;
  for (let i = MEM_BYTES - HEAP_BYTES; i < MEM_BYTES; i++) m.mem[i] = (i * 17) & 0xff;
  m.mem.set(code, CODE_AT);
  m.setNum(SSP, ssp);
  m.setNum(SP, ssp + STACK_BYTES / 2);
  m.setNum(PC, CODE_AT);
  m.setNum(IS, CODE_AT);
  m.setReg(GGAS, gas);
  m.setReg(CGAS, gas);
  m.setNum(FLAG, flag);
  for (const [i, value] of registers.entries()) m.setReg(16 + i, value);
  const step = interpret(m);
  const stack = Buffer.from(m.mem.subarray(0, m.stackHigh)).toString('base64');
  const heap = Buffer.from(m.mem.subarray(m.lo[7]!)).toString('base64');
  return `${step} ${m.lo.join()} ${m.hi.join()} ${m.stackHigh} ${m.word} ${stack} ${heap}`;
}

/** Numbers that instructions like to stumble over. */
function operand(random: Random): bigint {
  const stack = BigInt(CODE_AT + random.below(STACK_BYTES + 64));
  const heap = BigInt(MEM_BYTES - random.below(HEAP_BYTES + 64));
  const edges = [0n, 1n, 2n, 8n, 63n, 64n, 0xffff_ffffn, 1n << 32n, 1n << 63n, (1n << 64n) - 1n];
  switch (random.below(6)) {
    case 0:
      return stack;
    case 1:
      return heap;
    case 2:
      return BigInt(random.below(200));
    case 3:
      return (BigInt(random.below(0x4000_0000)) << 34n) | BigInt(random.below(0x4000_0000));
    case 4:
      return BigInt(random.below(0x4000_0000));
    default:
      return random.pick(edges);
  }
}

/** A word of the instruction with registers 16 to 27, sometimes others. */
function wordOf(row: OpRow, random: Random): number {
  let at = 24;
  let word = row.code << 24;
  for (const arg of row.args) {
    const isRegister = arg.endsWith(':R');
    const bits = isRegister ? 6 : Number(arg.split(':I')[1]);
    at -= bits;
    const odd = random.below(12) === 0;
    const small = random.below(2) === 0 ? 128 : 2 ** bits;
    const value = isRegister
      ? odd
        ? random.below(64)
        : 16 + random.below(12)
      : random.below(Math.min(2 ** bits, small));
    word |= value << at;
  }
  return word >>> 0;
}

for (const row of ISA.filter(({ emit }) => emit !== undefined)) {
  test(`${row.name}: compiled as interpreted (seed ${SEED})`, () => {
    const random = new Random(SEED + row.code);
    for (let round = 0; round < ROUNDS; round++) {
      const body = [NOOP, wordOf(row, random), wordOf(row, random), wordOf(row, random)];
      const code = words(...body, RVRT_ZERO, NOOP);
      const text = body.map((word) => JSON.stringify(decodeInstruction(word))).join(' ');
      for (let run = 0; run < RUNS; run++) {
        const registers = Array.from({ length: 12 }, () => operand(random));
        const setup: Setup = { code, registers, flag: round % 4 };
        const gas = run === 0 ? BigInt(random.below(60)) : 100_000n;
        configureEngine({ setting: 'interpreter' });
        const expected = outcome(setup, gas);
        configureEngine({ setting: 'jit' });
        assert.equal(outcome(setup, gas), expected, `round ${round}, gas ${gas}: ${text}`);
      }
    }
  });
}

test('compiled code did run', () => {
  const report = engineReport();
  assert.ok(report.stays > ROUNDS, `${report.stays} stays`);
  assert.equal(report.refused, 0);
});
