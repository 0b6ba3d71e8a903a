/**
 * The hot loop against the table's effects: random programs on random machines must end in the
 * same state, whatever path their instructions take.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '../../../primitives/hash.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { encodeTx } from '../../../tx/codec/transaction.ts';
import { txOffsets } from '../../../tx/offsets.ts';
import { encodeInstruction } from '../../../vm/asm.ts';
import { RuntimeBalances } from '../../../vm/balances.ts';
import { initialise, newContext } from '../../../vm/initialise.ts';
import { interpret } from '../../../vm/interpret.ts';
import { ISA } from '../../../vm/isa.ts';
import {
  acquireMachine,
  HP,
  type Machine,
  MEM_BYTES,
  releaseMachine,
} from '../../../vm/machine.ts';
import { PANIC } from '../../../vm/panic.ts';
import { HALT, type OpRow } from '../../../vm/row.ts';
import { HostStorage } from '../../vectors/host.ts';
import { PARAMS, script, words } from './support.ts';

const SEED = Number(process.env['SEED'] ?? 20260721);
const PROGRAMS = 1500;
const WORDS = 60;

/** mulberry32 */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = { below(n: number): number; pick<T>(items: readonly T[]): T };

function randomOf(seed: number): Random {
  const next = randomFrom(seed);
  const below = (n: number): number => Math.floor(next() * n);
  return { below, pick: (items) => items[below(items.length)]! };
}

/** What needs no contract, crypto or transaction. */
const LOCAL: readonly OpRow[] = ISA.filter(
  ({ code, name }) =>
    (code < 0x24 ||
      code >= 0x50 ||
      ['ALOC', 'MCL', 'MCP', 'MEQ', 'NOOP', 'FLAG', 'JMP', 'JNE'].includes(name)) &&
    code < 0xb0 &&
    !['GTF', 'GM'].includes(name),
);

function randomArg(spec: string, name: string, random: Random): number {
  if (spec.endsWith(':R')) return random.below(8) === 0 ? random.below(64) : 16 + random.below(24);
  const bits = Number(spec.slice(spec.indexOf(':I') + 2));
  if (name.startsWith('J')) return random.below(name === 'JAL' ? 4 : WORDS);
  if (name === 'CFEI' || name === 'CFSI') return random.below(400);
  return random.below(3) === 0 ? random.below(2 ** bits) : random.below(Math.min(64, 2 ** bits));
}

function randomWord(random: Random): number {
  if (random.below(60) === 0)
    return Math.floor(random.below(2 ** 16) * 2 ** 16 + random.below(2 ** 16));
  const row = random.pick(LOCAL);
  return encodeInstruction(
    row.name,
    row.args.map((spec) => randomArg(spec, row.name, random)),
  );
}

const EDGES: readonly bigint[] = [
  0n,
  1n,
  2n,
  8n,
  63n,
  64n,
  0x7fff_ffffn,
  0xffff_ffffn,
  0x1_0000_0000n,
  (1n << 63n) - 1n,
  (1n << 64n) - 1n,
];

function startMachine(code: Uint8Array, gas: bigint): Machine {
  const tx = script(code, { scriptGasLimit: gas });
  const balances = new RuntimeBalances(new Map());
  const ctx = newContext({
    tx,
    txId: ZERO_B256,
    params: PARAMS,
    gasPrice: 0n,
    rules: '0.66',
    storage: new HostStorage(1),
    balances,
    txOffsets: txOffsets(tx),
    missingContracts: null,
    predicateIndex: null,
  });
  const m = acquireMachine(ctx);
  initialise(m, balances, encodeTx(tx), ctx.txAddress + ctx.txOffsets.scriptOffset!, gas);
  return m;
}

/** Registers and memory such that many accesses succeed. */
function scatter(m: Machine, random: Random): void {
  const sp = m.num(5);
  m.growStack(sp + 4096);
  m.setNum(5, sp + 2048);
  m.growHeap(4096);
  for (let i = 0; i < 4096; i++) {
    m.mem[sp + (i % 2048)] = random.below(256);
    m.mem[MEM_BYTES - 1 - i] = random.below(256);
  }
  for (let r = 16; r < 64; r++) {
    const kind = random.below(5);
    if (kind === 0) m.setReg(r, random.pick(EDGES));
    else if (kind === 1) m.setNum(r, sp + random.below(2100));
    else if (kind === 2) m.setNum(r, MEM_BYTES - random.below(4200));
    else if (kind === 3) m.setNum(r, random.below(300));
    else m.setReg(r, (BigInt(random.below(2 ** 32)) << 32n) | BigInt(random.below(2 ** 32)));
  }
  m.setNum(15, random.below(4));
}

function stateOf(m: Machine, step: number): unknown {
  return {
    step,
    word: m.word,
    regs: Array.from({ length: 64 }, (_, i) => m.reg(i)),
    high: m.stackHigh,
    stack: sha256Hex(m.mem.subarray(0, m.stackHigh)),
    heap: sha256Hex(m.mem.subarray(m.num(HP), MEM_BYTES)),
  };
}

function outcome(seed: number, observe: ((m: Machine) => void) | undefined): unknown {
  const random = randomOf(seed);
  const code = words(...Array.from({ length: WORDS }, () => randomWord(random)));
  const gas = BigInt(random.pick([50, 1000, 20_000])) + random.pick([0n, 0n, 0n, 0xffff_fff0n]);
  const m = startMachine(code, gas > 0xffff_fff0n ? 30_000n : gas);
  scatter(m, random);
  const state = stateOf(m, interpret(m, observe));
  releaseMachine(m);
  return state;
}

test(`both loops agree on random programs (SEED=${SEED})`, () => {
  for (let i = 0; i < PROGRAMS; i++) {
    const seed = SEED + i;
    assert.deepEqual(
      outcome(seed, undefined),
      outcome(seed, () => {}),
      `program of seed ${seed}`,
    );
  }
});

test('gas above 2^53 is exact in the hot loop', () => {
  const gas = (1n << 63n) + 12_345n;
  const loop = words(
    encodeInstruction('MOVI', [16, 100_000]),
    encodeInstruction('SUBI', [16, 16, 1]),
    encodeInstruction('JNZI', [16, 1]),
    encodeInstruction('RET', [1]),
  );
  const run = (observe?: (m: Machine) => void): [number, bigint, bigint] => {
    const m = startMachine(loop, gas);
    const step = interpret(m, observe);
    const state: [number, bigint, bigint] = [step, m.reg(9), m.reg(10)];
    releaseMachine(m);
    return state;
  };
  const hot = run();
  assert.equal(hot[0], HALT.return);
  assert.ok(hot[1] < gas && gas - hot[1] < 1_000_000n);
  assert.deepEqual(
    hot,
    run(() => {}),
  );
});

test('the panic stays at its instruction', () => {
  const cases: readonly (readonly [number, number])[] = [
    [encodeInstruction('ADD', [8, 1, 1]), PANIC.ReservedRegisterNotWritable],
    [0x0000_0000, PANIC.InvalidInstruction],
    [encodeInstruction('ADD', [16, 1, 1]) + 1, PANIC.InvalidInstruction],
    [encodeInstruction('DIV', [16, 1, 0]), PANIC.ArithmeticError],
    [encodeInstruction('SUB', [16, 0, 1]), PANIC.ArithmeticOverflow],
    [encodeInstruction('LW', [16, 7, 0]), PANIC.MemoryOverflow],
    [encodeInstruction('LW', [16, 5, 0]), PANIC.UninitalizedMemoryAccess],
    [encodeInstruction('SW', [12, 1, 0]), PANIC.MemoryOwnership],
    [encodeInstruction('ECAL', [0, 0, 0, 0]), PANIC.EcalError],
  ];
  for (const [word, reason] of cases) {
    const m = startMachine(words(encodeInstruction('NOOP', []), word), 1000n);
    assert.equal(interpret(m), reason);
    assert.equal(m.word, word);
    assert.equal(m.num(3) - m.num(12), 4);
    releaseMachine(m);
  }
});

test('running past the code is not executable, and running off memory cannot be fetched', () => {
  const past = startMachine(words(encodeInstruction('JMPF', [0, 1000])), 1000n);
  assert.equal(interpret(past), PANIC.UninitalizedMemoryAccess);
  assert.equal(past.word, 0);
  releaseMachine(past);
  const before = startMachine(words(encodeInstruction('JAL', [0, 0, 8])), 1000n);
  assert.equal(interpret(before), PANIC.MemoryNotExecutable);
  releaseMachine(before);
});
