import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AccessList } from '../../../tx/access.ts';
import { partitionByAccess } from '../../../txpool/partition.ts';

const SEED = 7_041_776;

function access(
  writes: readonly string[],
  reads: readonly string[] = [],
  kind: 'plain' | 'barrier' | 'blob' = 'plain',
): AccessList {
  return {
    writes,
    reads: reads.filter((key) => !writes.includes(key)),
    creates: [],
    barrier: kind === 'barrier',
    blobBarrier: kind === 'blob',
  };
}

/** The definition, pair by pair. */
function conflict(before: AccessList, after: AccessList): boolean {
  if (before.barrier || after.barrier || before.blobBarrier) return true;
  const touches = (list: AccessList, key: string): boolean =>
    list.writes.includes(key) || list.reads.includes(key);
  return (
    before.writes.some((key) => touches(after, key)) ||
    after.writes.some((key) => touches(before, key))
  );
}

/** For each index, everything that must run before it. */
function closure(predecessors: readonly (readonly number[])[]): Set<number>[] {
  const all: Set<number>[] = [];
  for (const list of predecessors) {
    const mine = new Set<number>();
    for (const j of list) {
      mine.add(j);
      for (const k of all[j] as Set<number>) mine.add(k);
    }
    all.push(mine);
  }
  return all;
}

function bruteForce(list: readonly AccessList[]) {
  const pairs = list.map((after, i) =>
    list.slice(0, i).flatMap((before, j) => (conflict(before, after) ? [j] : [])),
  );
  const label = list.map((_, i) => i);
  for (let changed = true; changed; ) {
    changed = false;
    pairs.forEach((before, i) => {
      for (const j of before) {
        const low = Math.min(label[i] as number, label[j] as number);
        if (label[i] !== low || label[j] !== low) changed = true;
        label[i] = low;
        label[j] = low;
      }
    });
  }
  const sets = new Map<number, number[]>();
  label.forEach((l, i) => {
    sets.set(l, [...(sets.get(l) ?? []), i]);
  });
  return { pairs, sets: [...sets.values()] };
}

const keys = fc.uniqueArray(fc.constantFrom(...'abcdefghijklmnop'), { maxLength: 3 });
const kind = fc.oneof(
  { weight: 30, arbitrary: fc.constant('plain' as const) },
  { weight: 1, arbitrary: fc.constant('barrier' as const) },
  { weight: 1, arbitrary: fc.constant('blob' as const) },
);
const accessList = fc.tuple(keys, keys, kind).map(([w, r, k]) => access(w, r, k));

test(`equals the brute force (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.array(accessList, { maxLength: 24 }), (list) => {
      const { sets, predecessors } = partitionByAccess(list);
      const brute = bruteForce(list);
      assert.deepEqual(sets, brute.sets);
      assert.deepEqual(closure(predecessors), closure(brute.pairs));
      predecessors.forEach((before, i) => {
        assert.deepEqual(
          before,
          [...before].sort((a, b) => a - b),
        );
        // Direct conflicts only.
        for (const j of before) assert.ok((brute.pairs[i] as number[]).includes(j));
      });
    }),
    { seed: SEED, numRuns: 3000 },
  );
});

function pick(list: readonly AccessList[]) {
  const { sets, predecessors } = partitionByAccess(list);
  return { sets, predecessors };
}

test('written keys that others declare too, also across a barrier', () => {
  const list = [access(['a', 'b']), access(['c'], ['b']), access([], [], 'barrier'), access(['a'])];
  const { sharedWrites } = partitionByAccess(list);
  const [first, second, third, fourth] = sharedWrites;
  assert.equal(first?.length, 2);
  assert.deepEqual(second, []);
  assert.deepEqual(third, []);
  assert.deepEqual(fourth, first?.slice(0, 1));
  // Nothing is left over from one call to the next.
  assert.deepEqual(partitionByAccess([access(['a'])]).sharedWrites, [[]]);
});

test('disjoint transactions are sets of one', () => {
  const { sets, predecessors } = partitionByAccess([access(['a']), access(['b']), access(['c'])]);
  assert.deepEqual(sets, [[0], [1], [2]]);
  assert.deepEqual(predecessors, [[], [], []]);
});

test('readers do not wait for each other, a writer waits for all of them', () => {
  const list = [access(['a']), access([], ['a']), access([], ['a']), access(['a'])];
  assert.deepEqual(partitionByAccess(list).predecessors, [[], [0], [0], [1, 2]]);
  const readers = [access([], ['a']), access([], ['a'])];
  assert.deepEqual(partitionByAccess(readers).sets, [[0], [1]]);
});

test('only the last writer is waited for', () => {
  const list = [access(['a']), access(['a']), access(['a'])];
  assert.deepEqual(partitionByAccess(list).predecessors, [[], [0], [1]]);
});

test('a barrier separates, a blob holds back those behind it only', () => {
  const barrier = [access(['a']), access(['b']), access([], [], 'barrier'), access(['a'])];
  assert.deepEqual(pick(barrier), {
    sets: [[0, 1, 2, 3]],
    predecessors: [[], [], [0, 1], [2]],
  });
  const blob = [access(['a']), access(['x'], [], 'blob'), access(['b']), access(['a'])];
  assert.deepEqual(pick(blob), {
    sets: [[0, 1, 2, 3]],
    predecessors: [[], [], [1], [0, 1]],
  });
});

test('nothing', () => {
  assert.deepEqual(partitionByAccess([]), { sets: [], predecessors: [], sharedWrites: [] });
});
