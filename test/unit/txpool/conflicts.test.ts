import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConflictIndex } from '../../../txpool/conflicts.ts';
import { id } from '../../support/poolTx.ts';

function access(writes: string[], reads: string[] = []) {
  return { writes, reads, creates: [], barrier: false, blobBarrier: false };
}

test('names the shared keys, readers apart, and forgets what was removed', () => {
  const index = new ConflictIndex();
  index.add(id(1), access(['c:a', 'c:b'], ['c:r']));
  index.add(id(2), access(['c:b', 'c:a']));
  index.add(id(3), access([], ['c:a', 'c:r']));
  index.add(id(4), access(['c:z']));
  assert.deepEqual(index.conflictsOf(id(1)), [
    { with: id(2), keys: ['c:a', 'c:b'] },
    { with: id(3), keys: ['c:a'] },
  ]);
  assert.deepEqual(index.conflictsOf(id(3)), [
    { with: id(1), keys: ['c:a'] },
    { with: id(2), keys: ['c:a'] },
  ]);
  assert.deepEqual(index.conflictsOf(id(4)), []);
  assert.deepEqual(index.hottest(2), [
    { key: 'c:a', txCount: 3 },
    { key: 'c:b', txCount: 2 },
  ]);
  index.remove(id(2));
  index.remove(id(2));
  assert.deepEqual(index.conflictsOf(id(3)), [{ with: id(1), keys: ['c:a'] }]);
  assert.deepEqual(index.conflictsOf(id(2)), []);
  assert.equal(index.size, 3);
});
