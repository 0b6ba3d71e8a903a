import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moreToTake } from '../../../node/blockMaker.ts';

function pool(executable: number) {
  return { gauges: () => ({ verifying: 0, pending: 0, inFlight: 0, executable }) };
}

test('an open block with something that does not fit leaves the thread to others', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  let asked = 0;
  const deadlineMs = Date.now() + 60;
  while (await moreToTake(deadlineMs, { nowMs: Date.now, pool: pool(1) })) asked += 1;
  clearInterval(timer);
  assert.ok(asked > 1 && asked < 60, `asked ${asked} times`);
  assert.ok(turns > 1, 'timers ran meanwhile');
});

test('nothing came until the block is closed', async () => {
  assert.equal(await moreToTake(Date.now() + 12, { nowMs: Date.now, pool: pool(0) }), false);
  assert.equal(await moreToTake(Date.now() - 1, { nowMs: Date.now, pool: pool(9) }), false);
});
