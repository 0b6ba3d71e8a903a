import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpentInputs } from '../../../txpool/spent.ts';
import { coinInput, id, messageInput } from '../../support/poolTx.ts';

test('the memory of committed inputs is bounded, that of those in flight is not', () => {
  const spent = new SpentInputs(4);
  for (let n = 1; n <= 10; n += 1) spent.take(id(n), [coinInput(id(100 + n))]);
  for (let n = 1; n <= 10; n += 1) assert.ok(spent.isSpentCoin(`${id(100 + n)}0000`));
  for (let n = 1; n <= 10; n += 1) spent.commit(id(n), []);
  // Two keys for each: the last two are remembered.
  assert.deepEqual(
    [7, 8, 9, 10].map((n) => [spent.isSpentTx(id(n)), spent.isSpentCoin(`${id(100 + n)}0000`)]),
    [
      [false, false],
      [false, false],
      [true, true],
      [true, true],
    ],
  );
});

test('given back: neither the transaction nor its inputs are spent', () => {
  const spent = new SpentInputs(4);
  spent.take(id(1), [coinInput(id(2), 7), messageInput(id(3))]);
  assert.ok(spent.isSpentTx(id(1)));
  assert.ok(spent.isSpentCoin(`${id(2)}0007`));
  assert.ok(spent.isSpentMessage(id(3)));
  spent.giveBack(id(1));
  assert.ok(!spent.isSpentTx(id(1)));
  assert.ok(!spent.isSpentCoin(`${id(2)}0007`));
  assert.ok(!spent.isSpentMessage(id(3)));
});
