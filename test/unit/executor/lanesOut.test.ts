import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LanesOut, READY_BEFORE_MS } from '../../../executor/lanesOut.ts';

const lane = (startMs: number, expectedMs: number) => ({ lane: [0], startMs, expectedMs });

test('the next lane is sent shortly before the one that runs will be done', () => {
  const out = new LanesOut(2);
  assert.equal(out.isWanting(0, 0), true);
  out.add(0, lane(1, 10));
  assert.equal(out.isWanting(0, 1), false);
  assert.equal(out.isWanting(0, 11 - READY_BEFORE_MS - 0.1), false);
  assert.equal(out.isWanting(0, 11 - READY_BEFORE_MS), true);
  out.add(0, lane(9, 4));
  assert.equal(out.isWanting(0, 20), false, 'two are enough');
  assert.equal(out.isWanting(1, 0), true);
});

test('the lane behind begins when the one before is done; results belong to the oldest', () => {
  const out = new LanesOut(1);
  const [first, second] = [lane(0, 5), lane(4, 5)];
  out.add(0, first);
  out.add(0, second);
  assert.deepEqual([out.isAnyOut, out.hasResults], [true, false]);
  out.arrived(0, Uint8Array.of(1), 6);
  assert.equal(out.hasResults, true);
  assert.deepEqual(out.takeResult(0), Uint8Array.of(1));
  assert.equal(out.takeLane(0), first);
  assert.equal(out.takeResult(0), null);
  assert.equal(out.isWanting(0, 6), false);
  assert.equal(out.isWanting(0, 11 - READY_BEFORE_MS), true);
  out.drop(0);
  assert.deepEqual([out.isAnyOut, out.isOut(0), out.takeLane(0)], [false, false, null]);
});
