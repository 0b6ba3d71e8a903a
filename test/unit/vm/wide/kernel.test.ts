import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WIDE_OVERFLOW, WIDE_SCRATCH_BYTES, WIDE_ZERO } from '../../../../vm/wide/layout.ts';
import { Random } from '../../../diff/long/random.ts';
import { A, B, bytesOfMemory, C, get, kernel, operand, put, SCRATCH, TO } from './support.ts';

const UNTOUCHED = 77n;
const ROUNDS = 4_000;
const SEED = 5;

for (const bytes of [16, 32]) {
  test(`${bytes * 8}-bit results are those of big integers (seed ${SEED})`, () => {
    const random = new Random(SEED + bytes);
    const words = bytes / 8;
    const bits = bytes * 8;
    const max = (1n << BigInt(bits)) - 1n;
    const is = (status: number, what: string, wanted: number, value: bigint): void => {
      assert.equal(status, wanted, `${what}: status`);
      assert.equal(get(TO, bytes), value, what);
      put(TO, bytes, UNTOUCHED);
    };
    put(TO, bytes, UNTOUCHED);
    for (let i = 0; i < ROUNDS; i++) {
      const [a, b] = [operand(random, bits), operand(random, bits)];
      const c = random.chance(0.02) ? 0n : operand(random, bits);
      put(A, bytes, a);
      put(B, bytes, b);
      put(C, bytes, c);
      const what = `${a} ${b} ${c}`;
      const lost = a * b > max ? WIDE_OVERFLOW : 0;
      is(kernel.product(A, B, TO, words, 1), `product ${what}`, lost, (a * b) & max);
      const kept = lost === 0 ? a * b : UNTOUCHED;
      is(kernel.product(A, B, TO, words, 0), `product or nothing ${what}`, lost, kept);
      const quotient = b === 0n ? UNTOUCHED : a / b;
      is(kernel.quotient(A, B, TO, words), `quotient ${what}`, b === 0n ? WIDE_ZERO : 0, quotient);
      const part = c === 0n ? (a * b) >> BigInt(bits) : (a * b) / c;
      const status = part > max ? WIDE_OVERFLOW : 0;
      is(kernel.mulDiv(A, B, C, TO, words, 1), `mulDiv ${what}`, status, part & max);
      const zero = c === 0n ? WIDE_ZERO : 0;
      const sum = c === 0n ? UNTOUCHED : (a + b) % c;
      is(kernel.addMod(A, B, C, TO, words), `addMod ${what}`, zero, sum);
      const product = c === 0n ? UNTOUCHED : (a * b) % c;
      is(kernel.mulMod(A, B, C, TO, words), `mulMod ${what}`, zero, product);
    }
  });
}

test('the result may lie on its operands, and nothing else is written', () => {
  put(A, 32, 7n);
  put(B, 32, 5n);
  put(C, 32, 6n);
  kernel.mulMod(A, B, C, A, 4);
  assert.equal(get(A, 32), 5n);
  const bytes = bytesOfMemory;
  bytes.fill(0xee, 0, SCRATCH);
  bytes.fill(0xee, SCRATCH + WIDE_SCRATCH_BYTES);
  kernel.mulDiv(A, B, C, TO, 4, 1);
  bytes.fill(0xee, TO, TO + 32);
  bytes.fill(0xee, SCRATCH, SCRATCH + WIDE_SCRATCH_BYTES);
  assert.ok(bytes.every((byte) => byte === 0xee));
});
