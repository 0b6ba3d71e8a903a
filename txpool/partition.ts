/**
 * Splits transactions by what they declare to touch.
 *
 * Two transactions conflict when they share a key that at least one of them writes; a barrier
 * conflicts with everybody, a blob barrier with everybody behind it. The disjoint sets are the
 * connected components of that relation (union–find). Inside a set, `predecessors` lists direct
 * conflicts only: whoever writes a key waits for its last writer and the readers since; what
 * follows from those by transitivity is left out. The sets are what is shown and counted; the
 * predecessors are what execution follows (`executor/schedule.ts`).
 *
 * Cost: one pass, linear in the number of declared keys.
 */
import { assert } from '../primitives/errors.ts';
import type { AccessList } from '../tx/access.ts';
import type { Partition } from './types.ts';

/** Who touched a key last. */
type KeyState = { writer: number; readers: number[] };

/**
 * @param accesses in canonical order of the block
 * @returns every index exactly once; depends on nothing but `accesses`
 */
export function partitionByAccess(accesses: readonly AccessList[]): Partition {
  const count = accesses.length;
  const parent = Int32Array.from({ length: count }, (_, i) => i);
  const predecessors: number[][] = [];
  /** Nobody behind it waits for it yet. */
  const isLeaf = new Uint8Array(count).fill(1);
  let keys = new Map<string, KeyState>();
  /** Latest barrier of either kind: everybody behind it waits for it, at least indirectly. */
  let floor = -1;
  let lastBarrier = -1;

  for (let i = 0; i < count; i += 1) {
    const access = accesses[i] as AccessList;
    const waitsFor = new Set<number>();
    for (const key of access.reads) touch(keys, key, i, false, waitsFor);
    for (const key of access.writes) touch(keys, key, i, true, waitsFor);
    if (access.barrier) {
      for (let j = Math.max(lastBarrier, 0); j < i; j += 1) if (isLeaf[j] === 1) waitsFor.add(j);
      keys = new Map();
      lastBarrier = i;
    }
    const found = [...waitsFor].sort((a, b) => a - b);
    const latest = found.at(-1) ?? -1;
    if (floor > latest) found.push(floor);
    if (access.barrier || access.blobBarrier) floor = i;
    for (const j of found) {
      isLeaf[j] = 0;
      parent[root(parent, j)] = root(parent, i);
    }
    predecessors.push(found);
  }
  return { sets: collectSets(parent), predecessors };
}

function touch(
  keys: Map<string, KeyState>,
  key: string,
  index: number,
  writes: boolean,
  waitsFor: Set<number>,
): void {
  const state = keys.get(key);
  if (state === undefined) {
    keys.set(key, writes ? { writer: index, readers: [] } : { writer: -1, readers: [index] });
    return;
  }
  assert(state.writer !== index && !state.readers.includes(index), 'access keys are unique');
  if (!writes) {
    if (state.writer >= 0) waitsFor.add(state.writer);
    state.readers.push(index);
    return;
  }
  // Readers since the last writer wait for it themselves.
  if (state.readers.length > 0) for (const reader of state.readers) waitsFor.add(reader);
  else waitsFor.add(state.writer);
  state.writer = index;
  state.readers = [];
}

function root(parent: Int32Array, index: number): number {
  let at = index;
  for (;;) {
    const up = parent[at] as number;
    if (up === at) return at;
    // Path halving keeps the trees flat.
    parent[at] = parent[up] as number;
    at = up;
  }
}

function collectSets(parent: Int32Array): number[][] {
  const byRoot = new Map<number, number[]>();
  for (let i = 0; i < parent.length; i += 1) {
    const r = root(parent, i);
    const set = byRoot.get(r);
    if (set === undefined) byRoot.set(r, [i]);
    else set.push(i);
  }
  return [...byRoot.values()];
}
