import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccessList } from '../../../tx/access.ts';
import { ConflictGraph, type Conflicting, type Place } from '../../../txpool/conflictGraph.ts';
import { partitionByAccess } from '../../../txpool/partition.ts';
import { id } from '../../support/poolTx.ts';
import { mulberry } from '../../support/random.ts';

const SEED_COUNT = 600;
const FIRST_SEED = 40_700;

function access(
  writes: readonly string[],
  reads: readonly string[] = [],
  kind: 'plain' | 'barrier' | 'blob' = 'plain',
): AccessList {
  return {
    writes,
    reads,
    creates: [],
    barrier: kind === 'barrier',
    blobBarrier: kind === 'blob',
  };
}

function tx(n: number, list: AccessList): Conflicting {
  return { entry: { id: id(n), access: list, maxGas: 1n } };
}

function ids(items: readonly Conflicting[]): string[] {
  return items.map(({ entry }) => entry.id);
}

type Graph = ConflictGraph<Conflicting>;

/** Everything that the graph says against what is computed from scratch. */
function compare(graph: Graph, live: readonly Place<Conflicting>[], hasBarrier: boolean): void {
  const accesses = live.map((place) => place.access);
  const named = accesses.map((list) => ({ ...list, numbers: undefined }));
  const { sets, predecessors } = partitionByAccess(named);
  const byNumber = partitionByAccess(accesses);
  assert.deepEqual(byNumber.sets, sets, 'by number as by name');
  assert.deepEqual(byNumber.predecessors, predecessors, 'by number as by name');
  const expected = sets.map((set) => set.map((i) => (live[i] as Place<Conflicting>).item));
  assert.deepEqual(graph.sets().map(ids), expected.map(ids));
  assert.equal(graph.setCount(), expected.length);
  assert.deepEqual(
    [...graph.setSizes()].sort((a, b) => a - b),
    expected.map((set) => set.length).sort((a, b) => a - b),
  );
  assert.equal(graph.size, live.length);
  if (hasBarrier) return;
  live.forEach((place, i) => {
    const before = (predecessors[i] as readonly number[]).map((j) => id(numberOf(live[j])));
    assert.deepEqual(ids(graph.predecessorsOf(place)).sort(), before.sort());
  });
}

function numberOf(place: Place<Conflicting> | undefined): number {
  return Number(place?.item.entry.id);
}

/** A life of arrivals, departures, takings and returns; compared now and then. */
function life(seed: number): { comparisons: number; splits: number } {
  const next = mulberry(seed);
  const pick = (count: number): number => Math.floor(next() * count);
  const keyCount = 2 + pick(14);
  const readShare = next() < 0.5 ? 0 : 0.5;
  const barrierShare = next() < 0.3 ? 0.05 : 0;
  const graph: Graph = new ConflictGraph();
  let live: Place<Conflicting>[] = [];
  const taken: Place<Conflicting>[] = [];
  let comparisons = 0;
  let splits = 0;
  for (let step = 0; step < 40; step += 1) {
    const what = next();
    if (what < 0.55 || live.length === 0) {
      const names = new Set(Array.from({ length: pick(4) }, () => `k${pick(keyCount)}`));
      const writes = [...names].filter(() => next() >= readShare);
      const reads = [...names].filter((name) => !writes.includes(name));
      const kind = next() >= barrierShare ? 'plain' : next() < 0.3 ? 'barrier' : 'blob';
      live.push(graph.add(tx(seed * 1_000 + step, access(writes, reads, kind))));
    } else if (what < 0.75) graph.drop(live.splice(pick(live.length), 1)[0] as Place<Conflicting>);
    else if (what < 0.9) {
      // A block: several leave at once, in any order.
      const chosen = new Set(live.filter(() => next() < 0.3));
      for (const place of chosen) graph.take(place);
      taken.push(...chosen);
      live = live.filter((place) => !chosen.has(place));
    } else for (const place of taken.splice(0)) graph.drop(place);
    if (next() < 0.3) {
      const before = graph.setCount();
      const hasBarrier = live.some((place) => place.access.barrier || place.access.blobBarrier);
      compare(graph, live, hasBarrier);
      comparisons += 1;
      if (before > 1) splits += 1;
    }
  }
  for (const place of [...live, ...taken]) graph.drop(place);
  assert.equal(graph.keyCount, 0, 'no key is left behind');
  assert.equal(graph.setCount(), 0);
  return { comparisons, splits };
}

test(`equals the partition from scratch (${SEED_COUNT} seeds from ${FIRST_SEED})`, () => {
  let comparisons = 0;
  let splits = 0;
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEED_COUNT; seed += 1) {
    try {
      const one = life(seed);
      comparisons += one.comparisons;
      splits += one.splits;
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error });
    }
  }
  assert.ok(comparisons > 5_000 && splits > 2_500, `it was tried: ${comparisons}, ${splits}`);
});

test('coming and going costs steps for the declared keys, whatever the size of the pool', () => {
  for (const size of [100, 10_000]) {
    const graph: Graph = new ConflictGraph();
    const places: Place<Conflicting>[] = [];
    const keys = (n: number): string[] => ['hot', `own${n}`, `pair${n >> 1}`];
    for (let n = 0; n < size; n += 1) {
      const before = graph.steps;
      places.push(graph.add(tx(n, access(keys(n)))));
      assert.equal(graph.steps - before, 3);
    }
    assert.equal(graph.setCount(), 1);
    for (const place of places.filter((_, n) => n % 3 !== 0)) {
      const before = graph.steps;
      graph.take(place);
      graph.drop(place);
      assert.equal(graph.steps - before, 3);
    }
    // Asked once it splits once; asked again it does nothing.
    const before = graph.steps;
    const left = places.filter((_, n) => n % 3 === 0).length;
    assert.equal(graph.setCount(), 1);
    assert.ok(graph.steps - before <= 3 * left, `${graph.steps - before} for ${left}`);
    const settled = graph.steps;
    assert.equal([...graph.setSizes()].length, 1);
    assert.equal(graph.steps, settled);
  }
});

test('readers before their first writer are joined when the sets are asked for', () => {
  const graph: Graph = new ConflictGraph();
  const readers = Array.from({ length: 1_000 }, (_, n) => graph.add(tx(n, access([], ['hot']))));
  assert.equal(graph.setCount(), 1_000);
  const before = graph.steps;
  const writer = graph.add(tx(5_000, access(['hot'])));
  assert.equal(graph.steps - before, 1);
  assert.equal(graph.setCount(), 1);
  graph.drop(writer);
  assert.equal(graph.setCount(), 1_000);
  assert.equal(graph.predecessorsOf(readers[7] as Place<Conflicting>).length, 0);
});

test('key numbers: equal for equal keys, kept in flight, gone and reused afterwards', () => {
  const graph: Graph = new ConflictGraph();
  const first = graph.add(tx(1, access(['a', 'b'], ['r'])));
  const second = graph.add(tx(2, access(['b'])));
  assert.deepEqual(first.access.numbers?.list, [0, 1, 2]);
  assert.deepEqual(second.access.numbers?.list, [1]);
  assert.equal(first.access.numbers?.space, second.access.numbers?.space);
  graph.take(first);
  assert.deepEqual(first.access.numbers?.list, [0, 1, 2]);
  // In flight it holds its keys: a newcomer gets the same numbers.
  assert.deepEqual(graph.add(tx(3, access(['r', 'c']))).access.numbers?.list, [2, 3]);
  graph.drop(first);
  assert.equal(first.access.numbers, undefined);
  assert.deepEqual(graph.add(tx(4, access(['d', 'a']))).access.numbers?.list.at(0), 0);
});

test('names the shared keys, readers apart, and forgets what was removed', () => {
  const graph: Graph = new ConflictGraph();
  const one = graph.add(tx(1, access(['c:a', 'c:b'], ['c:r'])));
  const two = graph.add(tx(2, access(['c:b', 'c:a'])));
  const three = graph.add(tx(3, access([], ['c:a', 'c:r'])));
  const four = graph.add(tx(4, access(['c:z'])));
  assert.deepEqual(graph.conflictsOf(one), [
    { with: id(2), keys: ['c:a', 'c:b'] },
    { with: id(3), keys: ['c:a'] },
  ]);
  assert.deepEqual(graph.conflictsOf(three), [
    { with: id(1), keys: ['c:a'] },
    { with: id(2), keys: ['c:a'] },
  ]);
  assert.deepEqual(graph.conflictsOf(four), []);
  graph.drop(two);
  assert.deepEqual(graph.conflictsOf(three), [{ with: id(1), keys: ['c:a'] }]);
});
