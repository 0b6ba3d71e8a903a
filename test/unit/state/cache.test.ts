import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordCache } from '../../../state/cache.ts';
import { mulberry } from '../../support/random.ts';

const SEED = 77;

test(`never an old value, never more than the bound (seed ${SEED})`, () => {
  const next = mulberry(SEED);
  const cache = new RecordCache<number, number>(20);
  const truth = new Map<number, number>();
  let hits = 0;
  for (let step = 0; step < 20_000; step += 1) {
    const key = Math.floor(next() * 40);
    const dice = next();
    if (dice < 0.4) {
      cache.set(key, step);
      truth.set(key, step);
    } else if (dice < 0.5) {
      cache.delete(key);
      truth.delete(key);
    } else {
      const found = cache.get(key);
      if (found === undefined) continue;
      hits += 1;
      assert.equal(found, truth.get(key));
    }
    assert.ok(cache.size <= 20);
  }
  assert.ok(hits > 2_000, `${hits}`);
});

test('what is used stays, what is not goes', () => {
  const cache = new RecordCache<string, number>(10);
  cache.set('used', 1);
  cache.set('unused', 2);
  for (let i = 0; i < 50; i += 1) {
    cache.set(`other ${i}`, i);
    assert.equal(cache.get('used'), 1);
  }
  assert.equal(cache.get('unused'), undefined);
});
