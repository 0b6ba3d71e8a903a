import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedBytes } from '../../../executor/boundedBytes.ts';

test('keeps up to the bound and lets the least recently used go', () => {
  const kept = new BoundedBytes(10);
  kept.set('a', new Uint8Array(4));
  kept.set('b', new Uint8Array(6));
  assert.equal(kept.bytes, 10);
  kept.get('a');
  kept.set('c', new Uint8Array(1));
  assert.equal(kept.get('b'), null);
  assert.equal(kept.get('a')?.length, 4);
  assert.equal(kept.bytes, 5);
});

test('a value above the bound is not kept, a replaced one is not counted twice', () => {
  const kept = new BoundedBytes(10);
  kept.set('a', new Uint8Array(11));
  assert.equal(kept.get('a'), null);
  kept.set('a', new Uint8Array(10));
  kept.set('a', new Uint8Array(3));
  assert.equal(kept.bytes, 3);
});
