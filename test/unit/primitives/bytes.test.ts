/** Bytes and hex, on Node's native path and on the table path that browsers take. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as native from '../../../primitives/bytes.ts';
import { AssertionError, CodedError } from '../../../primitives/errors.ts';
import { randomOf } from '../../support/chainMaker.ts';
import { seedOf } from '../../support/mutate.ts';

/** The same module, loaded where there is no Buffer. */
async function withoutBuffer(): Promise<typeof native> {
  const { Buffer: saved } = globalThis;
  try {
    Reflect.deleteProperty(globalThis, 'Buffer');
    const path: string = '../../../primitives/bytes.js?table';
    return (await import(path)) as typeof native;
  } finally {
    globalThis.Buffer = saved;
  }
}

const table = await withoutBuffer();
const PATHS = [
  ['native', native],
  ['table', table],
] as const;

function isBadHex(thrown: unknown): boolean {
  return thrown instanceof CodedError && thrown.code === 'BAD_HEX';
}

test('the two paths are different code', () => {
  assert.notEqual(table.bytesToHex, native.bytesToHex);
});

for (const [name, bytes] of PATHS) {
  test(`${name}: hex there and back, in every length and both cases`, () => {
    const random = randomOf(seedOf(`hex ${name}`, 3));
    for (let length = 0; length < 300; length++) {
      const data = Uint8Array.from({ length }, () => random(256));
      const hex = bytes.bytesToHex(data);
      assert.equal(hex, `0x${[...data].map((b) => b.toString(16).padStart(2, '0')).join('')}`);
      assert.deepEqual(bytes.hexToBytes(hex), data);
      assert.deepEqual(bytes.hexToBytes(hex.slice(2)), data);
      assert.deepEqual(bytes.hexToBytes(hex.slice(2).toUpperCase()), data);
    }
  });

  test(`${name}: hex of a view is that of its own part only`, () => {
    const whole = Uint8Array.from({ length: 200 }, (_, i) => i);
    assert.equal(bytes.bytesToHex(whole.subarray(3, 5)), '0x0304');
    assert.equal(bytes.bytesToHex(whole.subarray(10, 110)).slice(2, 6), '0a0b');
  });

  test(`${name}: a character that is no digit is refused wherever it is`, () => {
    // Beyond ASCII: the low byte of the second and third is that of a digit.
    const characters = ['g', ' ', '\u0161', '\uff11', '\u0000', 'x', '-', '\n', 'é', '\ud83d'];
    for (const digits of [2, 8, 128, 200]) {
      for (const character of characters) {
        for (let at = 0; at < digits; at += digits > 8 ? 7 : 1) {
          const text = `${'a'.repeat(at)}${character}${'a'.repeat(digits - at - 1)}`;
          assert.throws(() => bytes.hexToBytes(text), isBadHex, JSON.stringify(text));
          assert.throws(() => bytes.hexToBytes(`0x${text}`), isBadHex, JSON.stringify(text));
        }
      }
    }
  });

  test(`${name}: an odd number of digits is refused, and the message stays short`, () => {
    for (const text of ['0', '0x0', 'abc', 'a'.repeat(1001)]) {
      assert.throws(() => bytes.hexToBytes(text), isBadHex, text);
    }
    assert.deepEqual(bytes.hexToBytes('0x'), new Uint8Array(0));
    try {
      bytes.hexToBytes('a'.repeat(100_001));
    } catch (thrown) {
      assert.ok(String((thrown as CodedError).context['text']).length < 100);
    }
  });
}

test('big-endian words: limits and wrapping', () => {
  const data = new Uint8Array(12);
  native.writeU64(data, 2, 0x0102_0304_0506_0708n);
  assert.deepEqual([...data], [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0]);
  assert.equal(native.readU64(data, 2), 0x0102_0304_0506_0708n);
  assert.equal(native.readU32(data, 2), 0x0102_0304);
  assert.equal(native.readU16(data, 8), 0x0708);
  for (const value of [0n, 1n, (1n << 32n) - 1n, 1n << 32n, 1n << 63n, (1n << 64n) - 1n]) {
    native.writeU64(data, 4, value);
    assert.equal(native.readU64(data, 4), value);
  }
  native.writeU64(data, 0, (1n << 64n) + 5n);
  assert.equal(native.readU64(data, 0), 5n);
  native.writeU32(data, 0, 0xffff_ffff);
  assert.equal(native.readU32(data, 0), 0xffff_ffff);
  native.writeU16(data, 0, 0xffff);
  assert.equal(native.readU16(data, 0), 0xffff);
});

test('words outside the bytes are a broken invariant', () => {
  const data = new Uint8Array(8);
  const broken = (run: () => unknown): void => assert.throws(run, AssertionError);
  for (const offset of [1, 8, -1, 0.5, Number.NaN, 2 ** 32]) {
    broken(() => native.readU64(data, offset));
    broken(() => native.writeU64(data, offset, 0n));
  }
  broken(() => native.readU32(data, 5));
  broken(() => native.readU16(data, 7));
  broken(() => native.writeU32(data, 5, 0));
  broken(() => native.writeU16(data, 7, 0));
});

test('numbers of any length', () => {
  assert.equal(native.bytesToBigInt(new Uint8Array(0)), 0n);
  assert.equal(native.bytesToBigInt(Uint8Array.of(1, 0, 0)), 65_536n);
  assert.deepEqual(native.bigIntToBytes(258n, 4), Uint8Array.of(0, 0, 1, 2));
  assert.deepEqual(native.bigIntToBytes(255n, 1), Uint8Array.of(255));
  assert.throws(() => native.bigIntToBytes(256n, 1), AssertionError);
  assert.throws(() => native.bigIntToBytes(-1n, 1), AssertionError);
});

test('comparing and joining', () => {
  const of = (...values: number[]): Uint8Array => Uint8Array.of(...values);
  assert.ok(native.equalBytes(of(), of()));
  assert.ok(!native.equalBytes(of(1), of(1, 0)));
  assert.ok(!native.equalBytes(of(1), of(2)));
  assert.ok(native.compareBytes(of(1), of(2)) < 0);
  assert.ok(native.compareBytes(of(255), of(1, 1)) > 0);
  assert.ok(native.compareBytes(of(1), of(1, 0)) < 0);
  assert.equal(native.compareBytes(of(7, 8), of(7, 8)), 0);
  assert.deepEqual(native.concatBytes(), of());
  assert.deepEqual(native.concatBytes(of(1), of(), of(2, 3)), of(1, 2, 3));
});

test('an id is 0x and 64 lower-case digits', () => {
  const id = `0x${'0a'.repeat(32)}`;
  assert.ok(native.isB256(id));
  for (const text of [id.slice(2), id.toUpperCase(), `${id}0`, id.slice(0, -1), `${id}\n`, '']) {
    assert.ok(!native.isB256(text), JSON.stringify(text));
  }
  assert.ok(!native.isB256(`${id.slice(0, -1)}g`));
});

test('text as UTF-8', () => {
  assert.deepEqual(native.utf8('aé€'), Uint8Array.of(0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac));
});
