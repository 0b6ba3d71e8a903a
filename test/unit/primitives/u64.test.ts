/** Arithmetic at the edges of u64. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkedAdd,
  checkedMul,
  checkedSub,
  isU64,
  saturatingAdd,
  saturatingMul,
  saturatingSub,
  U32_MAX,
  U64_MAX,
} from '../../../primitives/u64.ts';

test('the limits', () => {
  assert.equal(U64_MAX, 18_446_744_073_709_551_615n);
  assert.equal(U32_MAX, 4_294_967_295);
  assert.ok(isU64(0n) && isU64(U64_MAX));
  assert.ok(!isU64(-1n) && !isU64(U64_MAX + 1n));
});

test('saturating: stops at both ends', () => {
  assert.equal(saturatingAdd(U64_MAX - 1n, 1n), U64_MAX);
  assert.equal(saturatingAdd(U64_MAX, 1n), U64_MAX);
  assert.equal(saturatingAdd(1n, 2n), 3n);
  assert.equal(saturatingSub(1n, 2n), 0n);
  assert.equal(saturatingSub(2n, 1n), 1n);
  assert.equal(saturatingSub(2n, 2n), 0n);
  assert.equal(saturatingMul(1n << 32n, 1n << 32n), U64_MAX);
  assert.equal(saturatingMul(1n << 32n, (1n << 32n) - 1n), U64_MAX - (1n << 32n) + 1n);
  assert.equal(saturatingMul(0n, U64_MAX), 0n);
});

test('checked: null beyond either end', () => {
  assert.equal(checkedAdd(U64_MAX, 0n), U64_MAX);
  assert.equal(checkedAdd(U64_MAX, 1n), null);
  assert.equal(checkedSub(0n, 1n), null);
  assert.equal(checkedSub(1n, 1n), 0n);
  assert.equal(checkedMul(U64_MAX, 1n), U64_MAX);
  assert.equal(checkedMul(U64_MAX, 2n), null);
});
