/** Compiled sums, differences, logic and shifts of wide integers against big integers. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { encodeInstruction } from '../../../vm/asm.ts';
import { configureEngine, engineReport } from '../../../vm/engine.ts';
import { interpret } from '../../../vm/interpret.ts';
import { CGAS, FLAG, GGAS, IS, Machine, OF, PC, SP, SSP } from '../../../vm/machine.ts';
import { Random } from '../../diff/long/random.ts';
import { emptyContext } from './machineSupport.ts';
import { words } from './support.ts';
import { operand } from './wide/support.ts';

const SEED = 17;
const ROUNDS = 400;
const CODE_AT = 1_024;
const WRAPPING = 2;
const GAS = 1_000n;
const NOOP = 0x4700_0000;
const RVRT_ZERO = 0x3600_0000;
/** Registers with the addresses of result and operands. */
const [TO, LEFT, RIGHT] = [16, 17, 18] as const;

const m = new Machine();
const EMPTY = emptyContext();

after(() => configureEngine({ setting: 'interpreter' }));

type Operation = (x: bigint, y: bigint, bits: number) => bigint;
const OPERATIONS: readonly Operation[] = [
  (x, y) => x + y,
  (x, y) => x - y,
  (x, _y, bits) => BigInt.asUintN(bits, ~x),
  (x, y) => x | y,
  (x, y) => x ^ y,
  (x, y) => x & y,
  (x, y, bits) => (y >= BigInt(bits) ? 0n : BigInt.asUintN(bits, x << y)),
  (x, y, bits) => (y >= BigInt(bits) ? 0n : x >> y),
];

function put(at: number, bytes: number, value: bigint): void {
  for (let i = bytes - 8, rest = value; i >= 0; i -= 8, rest >>= 64n) {
    m.view.setBigUint64(at + i, BigInt.asUintN(64, rest));
  }
}

function get(at: number, bytes: number): bigint {
  let value = 0n;
  for (let i = 0; i < bytes; i += 8) value = (value << 64n) | m.view.getBigUint64(at + i);
  return value;
}

/** Runs the code; the operands are behind it, and `to` counts from the first one. */
function run(code: Uint8Array, bytes: number, x: bigint, y: bigint, to: number): bigint {
  assert(EMPTY.tx.type === 'script');
  m.start({ ...EMPTY, tx: { ...EMPTY.tx, script: code } });
  const ssp = CODE_AT + code.length;
  m.growStack(ssp + 256);
  m.mem.set(code, CODE_AT);
  for (const [register, value] of [
    [SSP, ssp],
    [SP, ssp + 256],
    [PC, CODE_AT],
    [IS, CODE_AT],
    [FLAG, WRAPPING],
    [TO, ssp + to],
    [LEFT, ssp],
    [RIGHT, ssp + 64],
  ] as const) {
    m.setNum(register, value);
  }
  m.setReg(GGAS, GAS);
  m.setReg(CGAS, GAS);
  put(ssp, bytes, x);
  put(ssp + 64, bytes, y);
  interpret(m);
  return get(ssp + to, bytes);
}

/** Words of the one that have carries running through them when the other is added. */
function nearly(random: Random, x: bigint, bits: number): bigint {
  const max = (1n << BigInt(bits)) - 1n;
  const near = random.pick([max - x, x, 0n, max]) + BigInt(random.below(3)) - 1n;
  const word = BigInt(random.below(bits / 64)) * 64n;
  return BigInt.asUintN(bits, random.chance(0.5) ? near : near + (1n << word));
}

for (const [name, bytes] of [
  ['WDOP', 16],
  ['WQOP', 32],
] as const) {
  test(`${name}: compiled results are those of big integers (seed ${SEED})`, () => {
    configureEngine({ setting: 'jit' });
    const before = engineReport().stays;
    const random = new Random(SEED + bytes);
    const bits = bytes * 8;
    for (const [op, operation] of OPERATIONS.entries()) {
      const word = encodeInstruction(name, [TO, LEFT, RIGHT, op | 32]);
      const code = words(NOOP, word, RVRT_ZERO, NOOP);
      for (let i = 0; i < ROUNDS; i++) {
        const x = operand(random, bits);
        const isShift = op >= 6 && random.chance(0.9);
        const y = isShift
          ? BigInt(random.below(bits + 2))
          : random.pick([() => operand(random, bits), () => nearly(random, x, bits)])();
        const wanted = operation(x, y, bits);
        const what = `${x} (${op}) ${y}`;
        const result = run(code, bytes, x, y, random.pick([0, 64, 128]));
        assert.equal(result, BigInt.asUintN(bits, wanted), what);
        assert.equal(m.lo[OF], wanted === BigInt.asUintN(bits, wanted) ? 0 : 1, `${what}: $of`);
      }
    }
    assert.ok(engineReport().stays - before >= ROUNDS * OPERATIONS.length);
  });
}
