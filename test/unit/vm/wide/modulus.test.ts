import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KEPT_COUNT, WIDE_ZERO } from '../../../../vm/wide/layout.ts';
import { Random } from '../../../diff/long/random.ts';
import { A, B, C, edgeLimbs, get, kernel, operand, put, SCRATCH, TO, view } from './support.ts';

const SEED = 28;
const MODULI = 60;
const PRODUCTS = 60;
/** Products by one modulus after which the table is there. */
const ENOUGH = 17;

/** How often the kernel saw its modulus; the number stays when the table is made. */
const seen = (): number => view.getUint32(SCRATCH + KEPT_COUNT, true);

function mulMod(bytes: number, a: bigint, b: bigint, modulus: bigint): bigint {
  put(A, bytes, a);
  put(B, bytes, b);
  put(C, bytes, modulus);
  assert.equal(kernel.mulMod(A, B, C, TO, bytes / 8), 0);
  return get(TO, bytes);
}

/** Makes the table: products of something else by the same modulus. */
function warm(bytes: number, modulus: bigint): void {
  for (let i = 0; i < ENOUGH; i++) assert.equal(mulMod(bytes, 3n, 5n, modulus), 15n % modulus);
}

for (const bytes of [16, 32]) {
  const bits = bytes * 8;
  const max = (1n << BigInt(bits)) - 1n;
  const lowest = 1n << BigInt(bits - 8);

  test(`${bits}-bit products by a modulus that stays are those of big integers (seed ${SEED})`, () => {
    const random = new Random(SEED + bytes);
    const number = (): bigint =>
      random.chance(0.5) ? edgeLimbs(random, bits) : operand(random, bits);
    for (let i = 0; i < MODULI; i++) {
      const high = BigInt(1 + random.below(255)) << BigInt(bits - 8);
      const modulus = random.pick([
        () => lowest + BigInt(random.below(3)),
        () => max - BigInt(random.below(3)),
        () => high | (number() & (lowest - 1n)),
        () => high | (number() & (lowest - 1n)),
      ])();
      warm(bytes, modulus);
      for (let j = 0; j < PRODUCTS; j++) {
        const near = modulus + BigInt(random.below(5)) - 2n;
        const a = random.chance(0.2) ? near & max : number();
        const b = random.chance(0.2) ? near & max : number();
        assert.equal(mulMod(bytes, a, b, modulus), (a * b) % modulus, `${a} ${b} ${modulus}`);
      }
      if (bytes === 32) assert.equal(seen(), 16);
    }
  });

  test(`${bits} bits: what is left is one modulus too much, or nearly`, () => {
    for (const modulus of [max, max - 1n, lowest, lowest + 1n, max / 3n]) {
      warm(bytes, modulus);
      // A multiple of the modulus is estimated one below, so the modulus itself is left …
      for (const a of [0n, modulus]) assert.equal(mulMod(bytes, a, max, modulus), 0n);
      // … or a bit more, which for the greatest modulus does not fit.
      const half = 1n << BigInt(bits / 2);
      assert.equal(mulMod(bytes, half, half, modulus), (half * half) % modulus);
      assert.equal(mulMod(bytes, modulus - 1n, 1n, modulus), modulus - 1n);
      assert.equal(mulMod(bytes, modulus - 1n, modulus - 1n, modulus), 1n);
      assert.equal(mulMod(bytes, max, max, modulus), (max * max) % modulus);
    }
  });

  test(`${bits} bits: the table is of the modulus that came last, and of its size`, () => {
    const moduli = [max, lowest + 7n, lowest, (1n << BigInt(bits - 9)) + 1n, 1n, max - 4n];
    for (let i = 0; i < 600; i++) {
      const modulus = moduli[Math.floor(i / 23) % moduli.length]!;
      const [a, b] = [max - BigInt(i), max / BigInt(i + 2)];
      assert.equal(mulMod(bytes, a, b, modulus), (a * b) % modulus);
      // Divisions use the same scratch.
      put(A, bytes, a);
      put(B, bytes, b);
      kernel.quotient(A, B, TO, bytes / 8);
      assert.equal(get(TO, bytes), a / b);
    }
    warm(bytes, (1n << BigInt(bits - 9)) + 1n);
    if (bytes === 32) assert.equal(seen(), 15);
    put(C, bytes, 0n);
    for (let i = 0; i < 2 * ENOUGH; i++) {
      assert.equal(kernel.mulMod(A, B, C, TO, bytes / 8), WIDE_ZERO);
    }
  });

  test(`${bits} bits: the result may lie on each operand`, () => {
    for (const at of [A, B, C]) {
      warm(bytes, max - 58n);
      put(A, bytes, max - 100n);
      put(B, bytes, max - 200n);
      kernel.mulMod(A, B, C, at, bytes / 8);
      assert.equal(get(at, bytes), ((max - 100n) * (max - 200n)) % (max - 58n));
    }
  });
}

test('the same bytes as a modulus of the other size are another modulus', () => {
  const half = (1n << 127n) + 5n;
  const whole = (half << 128n) | half;
  warm(16, half);
  for (let i = 0; i < 2 * ENOUGH; i++) {
    put(C, 32, whole);
    put(A, 32, whole + 9n);
    put(B, 32, 1n << 200n);
    kernel.mulMod(A, B, C, TO, i % 2 === 0 ? 2 : 4);
    const wanted = i % 2 === 0 ? 0n : ((whole + 9n) << 200n) % whole;
    if (i % 2 === 1) assert.equal(get(TO, 32), wanted);
    else assert.equal(get(TO, 16), 0n);
  }
  warm(32, whole);
  put(A, 16, 7n);
  kernel.mulMod(A, A, C, TO, 2);
  assert.equal(get(TO, 16), 49n);
});
