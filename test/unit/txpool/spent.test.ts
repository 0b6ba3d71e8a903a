import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentlySpent, spentNames, spentNamesOf } from '../../../txpool/spent.ts';
import {
  coinInput,
  coinOutput,
  contractInput,
  id,
  messageInput,
  poolTx,
} from '../../support/poolTx.ts';

test('the memory of committed inputs is bounded, the latest stay', () => {
  const spent = new RecentlySpent(4);
  for (let n = 1; n <= 10; n += 1) spent.add(spentNames(id(n), [coinInput(id(100 + n))]));
  assert.ok(spent.size >= 4 && spent.size <= 8);
  // Two names for each: at least the last two are remembered.
  assert.deepEqual(
    [5, 6, 9, 10].map((n) => [spent.has(id(n)), spent.has(`u:${id(100 + n)}0000`)]),
    [
      [false, false],
      [false, false],
      [true, true],
      [true, true],
    ],
  );
});

test('given back: neither the transaction nor its inputs are spent', () => {
  const spent = new RecentlySpent(4);
  const names = spentNames(id(1), [coinInput(id(2), 7), messageInput(id(3))]);
  assert.deepEqual(names, [id(1), `u:${id(2)}0007`, `m:${id(3)}`]);
  spent.add(names);
  assert.ok(names.every((name) => spent.has(name)));
  spent.remove(names);
  assert.equal(spent.size, 0);
});

test('the names of a transaction are those of its access list', () => {
  const inputs = [contractInput(id(9)), coinInput(id(2), 7), messageInput(id(3))];
  const entry = poolTx(1, { inputs, outputs: [coinOutput()] });
  assert.deepEqual(spentNamesOf(entry), spentNames(entry.id, inputs));
  // An access list of another origin need not be in the order of the inputs.
  const access = { ...entry.access, writes: [...entry.access.writes, 'c:more'] };
  assert.deepEqual(spentNamesOf({ ...entry, access }), spentNames(entry.id, inputs));
});
