import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webAssembly } from '../../../../primitives/wasm/host.ts';
import { wideKernel } from '../../../../vm/wide/kernel.ts';
import { Random } from '../../../diff/long/random.ts';

const ROUNDS = 20_000;
const SEED = 7;
const U64_MAX = (1n << 64n) - 1n;

const kernel = wideKernel(webAssembly!, new webAssembly!.Memory({ initial: 1 }), 4_096);
const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);

/** Words of any length, at and beside powers of two, and of two random halves. */
function word(random: Random): bigint {
  const power = 1n << BigInt(random.below(64));
  const halves = (BigInt(random.next()) << 32n) | BigInt(random.next());
  const any = halves >> BigInt(random.below(64));
  return random.pick([power, power - 1n, u64(-power), any, any, halves, BigInt(random.below(70))]);
}

test(`powers are those of big integers, or do not fit (seed ${SEED})`, () => {
  const random = new Random(SEED);
  for (let i = 0; i < ROUNDS; i++) {
    const base = random.chance(0.5) ? BigInt(random.below(70)) : word(random);
    const exponent = random.chance(0.8) ? BigInt(random.below(70)) : word(random);
    // No more than 64 products: what is above 2^64 by then stays above.
    const wanted = base < 2n ? (exponent === 0n ? 1n : base) : base ** (exponent & 127n);
    const fits = base < 2n || (exponent < 64n && wanted <= U64_MAX);
    const [value, overflow] = kernel.power(base, exponent);
    assert.deepEqual([u64(value), overflow], fits ? [wanted, 0n] : [0n, 1n], `${base}^${exponent}`);
  }
});

test(`the logarithm is the last power that is not above the value (seed ${SEED})`, () => {
  const random = new Random(SEED + 1);
  for (let i = 0; i < ROUNDS; i++) {
    const value = word(random) || 1n;
    const base = [word(random), BigInt(2 + random.below(20))].find((b) => b > 1n)!;
    const log = kernel.logarithm(value, base);
    assert(base ** log <= value && value < base ** (log + 1n), `log ${value} to ${base}: ${log}`);
  }
});

test(`the root is the last number whose power is not above the value (seed ${SEED})`, () => {
  const random = new Random(SEED + 2);
  for (let i = 0; i < ROUNDS; i++) {
    const n = BigInt(1 + random.below(70));
    const exact = BigInt(2 + random.below(1_000)) ** n;
    const value =
      exact <= U64_MAX && random.chance(0.5) ? exact - BigInt(random.below(2)) : word(random);
    const root = u64(kernel.root(value, n));
    assert(root ** n <= value && value < (root + 1n) ** n, `root ${n} of ${value}: ${root}`);
  }
  assert.equal(kernel.root(5n, u64(-1n)), 1n);
  assert.equal(kernel.root(0n, u64(-1n)), 0n);
});

test(`a product over a divisor has 128 bits in between (seed ${SEED})`, () => {
  const random = new Random(SEED + 3);
  for (let i = 0; i < ROUNDS; i++) {
    const [a, b, c] = [word(random), word(random), random.chance(0.05) ? 0n : word(random)];
    const wanted = (a * b) / (c === 0n ? 1n << 64n : c);
    const [low, high] = kernel.scaled(a, b, c).map(u64);
    assert.deepEqual([low, high], [wanted & U64_MAX, wanted >> 64n], `${a} · ${b} / ${c}`);
  }
});
