/**
 * What the pool's disjoint sets look like: for people, for metrics, for building blocks. The sets
 * are there already; only those that are shown are looked into.
 */
import type { Gas, TxId } from '../primitives/types.ts';
import type { ConflictGraph, Conflicting, Place } from './conflictGraph.ts';
import type { KeyState } from './keyTable.ts';

/** How much of it is wanted. Counts. */
export type ViewLimits = {
  /** Sets to look into, the biggest. */
  readonly setCountMax: number;
  /** Hottest keys, of the pool and of each set. */
  readonly keyCountMax: number;
};

/** A declared key and how many transactions wait at it: its chain. */
export type HotKey = { readonly key: string; readonly txCount: number };

/** One disjoint set. */
export type SetView = {
  /** In order of entering. */
  readonly txIds: readonly TxId[];
  /** Sum of max gas. */
  readonly gas: Gas;
  /** Transactions on the longest path of conflicts: so many steps it takes at least. */
  readonly chainTxCount: number;
  /** Keys that several of them touch, hottest first. */
  readonly keys: readonly HotKey[];
};

export type PartitionView = {
  readonly txCount: number;
  readonly setCount: number;
  /** How many sets there are of each size, small first. */
  readonly sizes: readonly { readonly txCount: number; readonly setCount: number }[];
  /** Biggest first; among equals the older one. */
  readonly sets: readonly SetView[];
  /** Keys that several transactions touch, hottest first. */
  readonly keys: readonly HotKey[];
};

/** Cost: O(sets + shared keys), and O(declared keys) of the sets that are shown. */
export function partitionView<T extends Conflicting>(
  graph: ConflictGraph<T>,
  { setCountMax, keyCountMax }: ViewLimits,
): PartitionView {
  const bySize = new Map<number, number>();
  for (const size of graph.setSizes()) bySize.set(size, (bySize.get(size) ?? 0) + 1);
  const sizes = [...bySize]
    .map(([txCount, setCount]) => ({ txCount, setCount }))
    .sort((a, b) => a.txCount - b.txCount);
  const sets = biggest(graph, sizes, setCountMax).map((set) => viewOf(set, keyCountMax));
  return {
    txCount: graph.size,
    setCount: graph.setCount(),
    sizes,
    sets,
    keys: hottest(graph.shared(), keyCountMax),
  };
}

function biggest<T extends Conflicting>(
  graph: ConflictGraph<T>,
  sizes: PartitionView['sizes'],
  setCountMax: number,
): Place<T>[][] {
  // The smallest size of which some are shown.
  let left = setCountMax;
  let from = Number.POSITIVE_INFINITY;
  for (let i = sizes.length - 1; i >= 0 && left > 0; i -= 1) {
    from = sizes[i]?.txCount ?? 0;
    left -= sizes[i]?.setCount ?? 0;
  }
  const found: Place<T>[][] = [];
  for (const set of graph.components(from)) found.push(set.sort((a, b) => a.order - b.order));
  const firstOf = (set: readonly Place<T>[]): number => set[0]?.order ?? 0;
  found.sort((a, b) => b.length - a.length || firstOf(a) - firstOf(b));
  return found.slice(0, setCountMax);
}

function viewOf<T extends Conflicting>(set: readonly Place<T>[], keyCountMax: number): SetView {
  const shared = new Set<KeyState<T>>();
  let gas = 0n;
  for (const { item, links } of set) {
    gas += item.entry.maxGas;
    for (const { key } of links) if (key.txCount > 1) shared.add(key);
  }
  return {
    txIds: set.map(({ item }) => item.entry.id),
    gas,
    chainTxCount: longestPath(set),
    keys: hottest(shared, keyCountMax),
  };
}

/** The keys with the longest chains, longest first; ties by name. Cost: O(keys · countMax). */
export function hottest<T>(keys: Iterable<KeyState<T>>, countMax: number): HotKey[] {
  const best: KeyState<T>[] = [];
  for (const key of keys) {
    let at = best.length;
    while (at > 0 && isHotter(key, best[at - 1] as KeyState<T>)) at -= 1;
    if (at >= countMax) continue;
    best.splice(at, 0, key);
    if (best.length > countMax) best.pop();
  }
  return best.map(({ name, txCount }) => ({ key: name, txCount }));
}

function isHotter<T>(a: KeyState<T>, b: KeyState<T>): boolean {
  return a.txCount !== b.txCount ? a.txCount > b.txCount : a.name < b.name;
}

/** Depth of the last writer of a key, and of the deepest reader since. */
type Depths = { written: number; read: number };

/** @param set in order of entering */
function longestPath<T>(set: readonly Place<T>[]): number {
  const depths = new Map<KeyState<T>, Depths>();
  let longest = 0;
  /** Nobody may stand higher: depth of the last barrier. */
  let floor = 0;
  for (const { access, links } of set) {
    let depth = access.barrier ? longest : floor;
    const shared: { readonly at: Depths; readonly writes: boolean }[] = [];
    for (const { key, writes } of links) {
      if (key.txCount < 2) continue;
      let at = depths.get(key);
      if (at === undefined) depths.set(key, (at = { written: 0, read: 0 }));
      else depth = Math.max(depth, at.written, writes ? at.read : 0);
      shared.push({ at, writes });
    }
    depth += 1;
    for (const { at, writes } of shared) {
      if (writes) at.written = depth;
      at.read = writes ? 0 : Math.max(at.read, depth);
    }
    if (access.barrier || access.blobBarrier) floor = Math.max(floor, depth);
    longest = Math.max(longest, depth);
  }
  return longest;
}
