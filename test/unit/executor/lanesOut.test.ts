import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LanesOut } from '../../../executor/lanesOut.ts';

const lane = (startMs: number) => ({ lane: [0], startMs });

test('results belong to the oldest lane of their worker', () => {
  const out = new LanesOut(2);
  const [first, second] = [lane(0), lane(4)];
  assert.deepEqual([out.isAnyOut, out.isOut(0)], [false, false]);
  out.add(0, first);
  out.add(0, second);
  assert.deepEqual([out.isAnyOut, out.hasResults], [true, false]);
  assert.deepEqual([out.isOut(0), out.isOut(1)], [true, false]);
  out.arrived(0, Uint8Array.of(1));
  assert.equal(out.hasResults, true);
  assert.equal(out.takeResult(1), null);
  assert.deepEqual(out.takeResult(0), Uint8Array.of(1));
  assert.equal(out.takeLane(0), first);
  assert.equal(out.takeResult(0), null);
  out.arrived(0, Uint8Array.of(2));
  out.drop(0);
  assert.deepEqual([out.isAnyOut, out.isOut(0), out.takeLane(0)], [false, false, null]);
  assert.deepEqual([out.hasResults, out.takeResult(0)], [false, null]);
});
