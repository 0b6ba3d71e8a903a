/** Who waits for whom, and why: the conflict graph of a list of transactions. Pure. */
import type { TxId } from '../../primitives/types.ts';
import { type AccessList, accessListOf } from '../../tx/access.ts';
import type { ChargeableTx } from '../../tx/types.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { ORDER_KEY } from './keys.ts';

/** `to` waits for `from`: positions in the list. */
export type Edge = {
  readonly from: number;
  readonly to: number;
  /** Keys that both touch and at least one writes; or {@link ORDER_KEY}. Never empty. */
  readonly keys: readonly string[];
};

export type Graph = {
  readonly accesses: readonly AccessList[];
  /** Disjoint sets, each ascending. */
  readonly sets: readonly (readonly number[])[];
  /** Direct conflicts only, ascending. */
  readonly predecessors: readonly (readonly number[])[];
  readonly successors: readonly (readonly number[])[];
};

/** A chain of dependent transactions. */
export type Path = { readonly txs: readonly number[]; readonly cost: number };

/**
 * What execution orders a transaction by: its declared list; a deployment is waited for by
 * everybody behind it (as in `executor/pool.ts`).
 */
export function executionAccess(tx: ChargeableTx, id: TxId): AccessList {
  const access = accessListOf(tx, id);
  return tx.type === 'create' ? { ...access, blobBarrier: true } : access;
}

/** @param accesses in block order */
export function graphOf(accesses: readonly AccessList[]): Graph {
  const { sets, predecessors } = partitionByAccess(accesses);
  const successors: number[][] = accesses.map(() => []);
  predecessors.forEach((list, to) => {
    for (const from of list) successors[from]?.push(to);
  });
  return { accesses, sets, predecessors, successors };
}

/** Keys for which `to` has to wait for `from`. */
export function sharedKeys(from: AccessList, to: AccessList): string[] {
  const writes = new Set(from.writes);
  const reads = new Set(from.reads);
  const keys = to.writes.filter((key) => writes.has(key) || reads.has(key));
  keys.push(...to.reads.filter((key) => writes.has(key)));
  return keys.length === 0 ? [ORDER_KEY] : keys;
}

/** At most `countMax` edges, in order of the waiting transaction. */
export function edgesOf(graph: Graph, countMax: number): { edges: Edge[]; total: number } {
  const edges: Edge[] = [];
  let total = 0;
  graph.predecessors.forEach((list, to) => {
    total += list.length;
    for (const from of list) {
      if (edges.length >= countMax) return;
      edges.push({ from, to, keys: keysOfEdge(graph, from, to) });
    }
  });
  return { edges, total };
}

export function keysOfEdge({ accesses }: Graph, from: number, to: number): string[] {
  return sharedKeys(accesses[from] as AccessList, accesses[to] as AccessList);
}

/** For each transaction: cost of the longest chain that has to be done before it starts. */
export function earliestStarts(graph: Graph, costs: readonly number[]): Float64Array {
  const starts = new Float64Array(costs.length);
  graph.predecessors.forEach((list, to) => {
    for (const from of list) {
      starts[to] = Math.max(starts[to] as number, (starts[from] as number) + (costs[from] ?? 0));
    }
  });
  return starts;
}

/** The longest chain by cost; of several the one that ends first in the block. */
export function criticalPath(graph: Graph, costs: readonly number[]): Path {
  const starts = earliestStarts(graph, costs);
  let last = -1;
  let cost = 0;
  costs.forEach((own, i) => {
    const end = (starts[i] as number) + own;
    if (last >= 0 && end <= cost) return;
    last = i;
    cost = end;
  });
  const txs: number[] = [];
  while (last >= 0) {
    txs.push(last);
    const before: readonly number[] = graph.predecessors[last] ?? [];
    const start = starts[last] as number;
    last = before.find((i) => (starts[i] as number) + (costs[i] ?? 0) === start) ?? -1;
  }
  return { txs: txs.reverse(), cost };
}

/** Set of each transaction. */
export function setNumbers({ sets, accesses }: Graph): Int32Array {
  const numbers = new Int32Array(accesses.length);
  sets.forEach((set, n) => {
    for (const i of set) numbers[i] = n;
  });
  return numbers;
}

/** A key and the transactions that touch it, when several do and one of them writes. */
export type HotKey = { readonly key: string; readonly txs: readonly number[] };

/** Disputed keys of `txs`, most touched first; ties by key. */
export function hotKeys({ accesses }: Graph, txs: readonly number[], countMax: number): HotKey[] {
  const touched = new Map<string, { txs: number[]; written: boolean }>();
  const touch = (key: string, i: number, writes: boolean): void => {
    const known = touched.get(key);
    if (known === undefined) touched.set(key, { txs: [i], written: writes });
    else {
      known.txs.push(i);
      known.written ||= writes;
    }
  };
  for (const i of txs) {
    for (const key of accesses[i]?.writes ?? []) touch(key, i, true);
    for (const key of accesses[i]?.reads ?? []) touch(key, i, false);
  }
  return [...touched]
    .filter(([, { txs: users, written }]) => written && users.length > 1)
    .map(([key, { txs: users }]) => ({ key, txs: users }))
    .sort((a, b) => b.txs.length - a.txs.length || (a.key < b.key ? -1 : 1))
    .slice(0, countMax);
}
