/** Short ways end where an operand is one more or one less: both sides of each such border. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WIDE_OVERFLOW } from '../../../../vm/wide/layout.ts';
import { Random } from '../../../diff/long/random.ts';
import { A, B, C, get, kernel, operand, put, TO } from './support.ts';

const SEED = 11;
const ROUNDS = 3_000;
const AROUND: readonly bigint[] = [-2n, -1n, 0n, 1n, 2n];

const least = (x: bigint, y: bigint): bigint => (x < y ? x : y);
const bitLength = (x: bigint): number => (x === 0n ? 0 : x.toString(2).length);

for (const bytes of [16, 32]) {
  const bits = bytes * 8;
  const words = bytes / 8;
  const max = (1n << BigInt(bits)) - 1n;
  const fits = (x: bigint): boolean => x >= 0n && x <= max;

  test(`${bits}-bit products that just fit, or just do not (seed ${SEED})`, () => {
    const random = new Random(SEED + bytes);
    // Where factors have one bit more than the double of the range, their sizes do not decide.
    const seen = { fitting: 0, lost: 0, muchLost: 0 };
    for (let i = 0; i < ROUNDS; i++) {
      const a = operand(random, bits) | BigInt(random.below(2));
      if (a === 0n) continue;
      const factor = random.pick([1n, 1n, 3n]);
      const b =
        least(max, (max * factor) / (a * 2n ** BigInt(random.below(2)))) + random.pick(AROUND);
      if (!fits(b)) continue;
      put(A, bytes, a);
      put(B, bytes, b);
      const product = a * b;
      const status = product > max ? WIDE_OVERFLOW : 0;
      assert.equal(kernel.product(A, B, TO, words, 1), status, `${a} ${b}`);
      assert.equal(get(TO, bytes), product & max, `${a} ${b}`);
      if (bitLength(a) + bitLength(b) !== bits + 1) continue;
      if (product <= max) seen.fitting += 1;
      else if (product >> BigInt(bits - 1) === 3n) seen.muchLost += 1;
      else seen.lost += 1;
    }
    for (const [kind, count] of Object.entries(seen)) assert.ok(count > 20, `${kind}: ${count}`);
  });

  test(`${bits}-bit quotients and sums next to multiples of the divisor (seed ${SEED})`, () => {
    const random = new Random(SEED + bytes);
    for (let i = 0; i < ROUNDS; i++) {
      const b = operand(random, bits);
      if (b === 0n) continue;
      const most = max / b;
      const times = random.pick([
        () => most,
        () => BigInt(random.below(3)),
        () => operand(random, bits) % (most + 1n),
      ])();
      const a = times * b + random.pick(AROUND);
      if (!fits(a)) continue;
      put(A, bytes, a);
      put(B, bytes, b);
      assert.equal(kernel.quotient(A, B, TO, words), 0);
      assert.equal(get(TO, bytes), a / b, `${a} / ${b}`);
      // The same dividend as a sum, which may be longer than an operand.
      const part = random.pick([b, least(a, max), operand(random, bits)]);
      const other = least(max, a + b > part ? a + b - part : 0n);
      put(A, bytes, part);
      put(C, bytes, other);
      assert.equal(kernel.addMod(A, C, B, TO, words), 0);
      assert.equal(get(TO, bytes), (part + other) % b, `${part} + ${other} mod ${b}`);
    }
  });
}
