import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToHex } from '../../../primitives/bytes.ts';
import { RuntimeBalances, spendable } from '../../../vm/balances.ts';
import { id } from './support.ts';

test('entries lie in memory sorted by asset, and subtraction updates them', () => {
  const balances = new RuntimeBalances(
    new Map([
      [id(7), 10n],
      [id(3), 5n],
    ]),
  );
  const memory = new Uint8Array(200);
  const view = new DataView(memory.buffer);
  balances.write(memory, view);
  assert.equal(bytesToHex(memory.subarray(64, 96)), id(3));
  assert.equal(view.getBigUint64(96), 5n);
  assert.equal(bytesToHex(memory.subarray(104, 136)), id(7));
  assert.equal(view.getBigUint64(136), 10n);
  assert.equal(balances.subtract(view, id(7), 4n), true);
  assert.equal(view.getBigUint64(104 + 32), 6n);
  assert.equal(balances.amount(id(7)), 6n);
});

test('more than there is cannot be taken; nothing of an unknown asset can', () => {
  const balances = new RuntimeBalances(new Map([[id(3), 5n]]));
  const view = new DataView(new ArrayBuffer(200));
  assert.equal(balances.subtract(view, id(3), 6n), false);
  assert.equal(balances.amount(id(3)), 5n);
  assert.equal(balances.subtract(view, id(4), 1n), false);
  assert.equal(balances.subtract(view, id(4), 0n), true);
  assert.equal(balances.amount(id(4)), null);
});

test('data messages are spendable by the script, unless the sum leaves 64 bits', () => {
  const base = id(0);
  const sum = spendable(
    { nonRetryable: new Map([[base, 1n]]), retryableBase: 2n, maxFee: 0n },
    base,
  );
  assert.equal(sum?.get(base), 3n);
  const tooMuch = {
    nonRetryable: new Map([[base, 1n]]),
    retryableBase: (1n << 64n) - 1n,
    maxFee: 0n,
  };
  assert.equal(spendable(tooMuch, base), null);
});
