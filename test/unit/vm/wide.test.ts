/** Wide integers against plain bigints, with limbs at their edges. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERR, FLAG, Machine, OF, SP } from '../../../vm/machine.ts';
import * as wide from '../../../vm/ops/wide.ts';
import { PANIC } from '../../../vm/panic.ts';
import type { Run } from '../../../vm/row.ts';
import { emptyContext } from './machineSupport.ts';

const SEED = 77;
const ROUNDS = 3000;
const INDIRECT = 48;
const LIMBS: readonly bigint[] = [0n, 1n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0xffff_fffen];

function machineWithOperands(): Machine {
  const m = new Machine();
  m.start(emptyContext());
  m.growStack(256);
  m.setNum(SP, 256);
  m.setNum(16, 0);
  m.setNum(17, 64);
  m.setNum(18, 128);
  return m;
}

function write(m: Machine, at: number, bytes: number, value: bigint): void {
  for (let i = bytes - 1, rest = value; i >= 0; i--, rest >>= 8n) {
    m.mem[at + i] = Number(rest & 0xffn);
  }
}

function read(m: Machine, at: number, bytes: number): bigint {
  let value = 0n;
  for (let i = 0; i < bytes; i++) value = (value << 8n) | BigInt(m.mem[at + i]!);
  return value;
}

type Case = {
  readonly run: Run;
  readonly bytes: number;
  readonly imm: number;
  readonly meaning: (x: bigint, y: bigint) => bigint;
};

const CASES: readonly Case[] = [16, 32].flatMap((bytes) => [
  { run: bytes === 16 ? wide.wdml : wide.wqml, bytes, imm: INDIRECT, meaning: (x, y) => x * y },
  { run: bytes === 16 ? wide.wdop : wide.wqop, bytes, imm: 32, meaning: (x, y) => x + y },
  { run: bytes === 16 ? wide.wdop : wide.wqop, bytes, imm: 33, meaning: (x, y) => x - y },
]);

test(`sums, differences and products, wrapping and not (seed ${SEED})`, () => {
  let state = SEED;
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 8;
  };
  const random = (bytes: number): bigint => {
    let value = 0n;
    const limbs = 1 + (next() % (bytes / 4));
    for (let i = 0; i < limbs; i++) {
      const limb = next() % 3 === 0 ? BigInt(next()) * 251n : LIMBS[next() % LIMBS.length]!;
      value = (value << 32n) | (limb & 0xffff_ffffn);
    }
    return value;
  };
  const m = machineWithOperands();
  for (let round = 0; round < ROUNDS; round++) {
    const { run, bytes, imm, meaning } = CASES[round % CASES.length]!;
    const x = random(bytes);
    const y = random(bytes);
    const exact = meaning(x, y);
    const kept = BigInt.asUintN(bytes * 8, exact);
    write(m, 64, bytes, x);
    write(m, 128, bytes, y);
    m.setNum(FLAG, 0);
    const step = run(m, 16, 17, 18, imm);
    assert.equal(step, kept === exact ? 0 : PANIC.ArithmeticOverflow, `${x} ${y} ${imm}`);
    m.setNum(FLAG, 2);
    assert.equal(run(m, 16, 17, 18, imm), 0);
    assert.equal(read(m, 0, bytes), kept, `${x} ${y} ${imm}`);
    assert.equal(m.num(OF), kept === exact ? 0 : 1);
  }
});

test('a divisor of zero is undefined, or 0 with $err under unsafe maths', () => {
  const m = machineWithOperands();
  write(m, 64, 32, 9n);
  write(m, 128, 32, 0n);
  assert.equal(wide.wqdv(m, 16, 17, 18, 32), PANIC.ArithmeticError);
  m.setNum(FLAG, 1);
  assert.equal(wide.wqdv(m, 16, 17, 18, 32), 0);
  assert.deepEqual([m.num(ERR), read(m, 0, 32)], [1, 0n]);
});

test('immediates with unknown bits are refused before anything else', () => {
  const m = machineWithOperands();
  for (const [run, imm] of [
    [wide.wdcm, 7],
    [wide.wqcm, 8],
    [wide.wqop, 16],
    [wide.wqml, 1],
    [wide.wddv, 16],
  ] as const) {
    assert.equal(run(m, 8, 63, 63, imm), PANIC.InvalidImmediateValue);
  }
});

test('the number of leading zeros, and comparisons by the first limb that differs', () => {
  const m = machineWithOperands();
  write(m, 64, 32, 1n << 100n);
  write(m, 128, 32, (1n << 100n) + 1n);
  const compare = (mode: number): number => {
    assert.equal(wide.wqcm(m, 20, 17, 18, mode), 0);
    return m.num(20);
  };
  assert.deepEqual([32, 33, 34, 35, 36, 37, 38].map(compare), [0, 1, 1, 0, 1, 0, 155]);
});
