/** TAI64 labels, as they are in headers and in GraphQL. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tai64ToUnix, unixSecondsToTai64 } from '../../../primitives/tai64.ts';

test('the Unix epoch is 2^62 + 10', () => {
  assert.equal(unixSecondsToTai64(0), 4_611_686_018_427_387_914n);
  assert.equal(tai64ToUnix(4_611_686_018_427_387_914n), 0n);
});

test('there and back; fractions are cut, also before 1970', () => {
  assert.equal(tai64ToUnix(unixSecondsToTai64(1_700_000_000)), 1_700_000_000n);
  assert.equal(tai64ToUnix(unixSecondsToTai64(1_700_000_000.999)), 1_700_000_000n);
  assert.equal(tai64ToUnix(unixSecondsToTai64(-0.5)), -1n);
  assert.equal(tai64ToUnix(unixSecondsToTai64(-5n)), -5n);
  assert.equal(tai64ToUnix(0n), -4_611_686_018_427_387_914n);
});
