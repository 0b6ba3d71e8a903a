/**
 * Who depends on whom inside the pool. A transaction depends on another one when it spends a coin
 * or uses a contract that the other creates. The graph has no diamonds: from one transaction to
 * an ancestor leads at most one path. So a sum over descendants is kept by adding and subtracting.
 *
 * Who creates a coin or a contract is read from the conflict graph, which knows every declared key.
 */
import { contractKey, messageKey, utxoAccessKey } from '../tx/accessKeys.ts';
import type { Output } from '../tx/types.ts';
import type { ConflictGraph, Place } from './conflictGraph.ts';
import { refusal } from './errors.ts';
import type { ExecutedOutput } from './inFlight.ts';
import type { KeyState } from './keyTable.ts';
import type { PooledTx } from './types.ts';

/** A transaction in the pool. Sums run over it and everything that depends on it. */
export type PoolNode = {
  readonly entry: PooledTx;
  /** Order of entering the pool, unique. */
  readonly order: number;
  /** Clock on entering the pool. */
  readonly insertedAtMs: number;
  /** (tip + 1) / max gas as a double, for quick comparisons. */
  readonly tipRatio: number;
  readonly parents: ReadonlySet<PoolNode>;
  readonly children: ReadonlySet<PoolNode>;
  tipSum: bigint;
  gasSum: bigint;
  bytesSum: number;
  countSum: number;
  /** Its place among those who declare the same keys. */
  place: Place<PoolNode> | null;
  /** Outputs as executed, while it is in flight. */
  executed: ExecutedOutput[] | null;
  /** Neighbours by age, see `ages.ts`. */
  older: PoolNode | null;
  younger: PoolNode | null;
};

/** A key as the pool's indexes see it. */
export type PoolKey = KeyState<PoolNode>;

/** Where a new transaction would hang. */
export type Placement = {
  readonly parents: ReadonlySet<PoolNode>;
  readonly ancestors: ReadonlySet<PoolNode>;
};

/** Shared by all who have no relatives: most. Never changed. */
const NOBODY: ReadonlySet<PoolNode> = new Set();
const NOWHERE: Placement = { parents: NOBODY, ancestors: NOBODY };

type Family = { parents: ReadonlySet<PoolNode>; children: ReadonlySet<PoolNode> };

function link(parent: PoolNode, child: PoolNode): void {
  const family: Family = parent;
  if (family.children === NOBODY) family.children = new Set([child]);
  else (family.children as Set<PoolNode>).add(child);
}

/** The key that input `index` of `entry` declares, among all of its keys. */
export function keyOfInput(
  { access, tx }: PooledTx,
  keys: readonly PoolKey[],
  index: number,
): PoolKey {
  const isAligned = access.writes.length === tx.inputs.length + access.creates.length;
  if (isAligned) return keys[index] as PoolKey;
  const input = tx.inputs[index] as PooledTx['tx']['inputs'][number];
  const name = nameOfInput(input);
  return keys.find((key) => key.name === name) as PoolKey;
}

/** The keys that `entry` creates, in the order of its `creates`. */
export function createdKeys({ access, tx }: PooledTx, keys: readonly PoolKey[]): PoolKey[] {
  const { writes, creates } = access;
  const isAligned = writes.length === tx.inputs.length + creates.length;
  if (isAligned) return keys.slice(tx.inputs.length, writes.length);
  return creates.map((name) => keys.find((key) => key.name === name) as PoolKey);
}

function nameOfInput(input: PooledTx['tx']['inputs'][number]): string {
  if (input.type === 'message') return messageKey(input.nonce);
  if (input.type === 'contract') return contractKey(input.contractId);
  return utxoAccessKey(input.utxoId.txId, input.utxoId.outputIndex);
}

/** Who in the pool makes the coin of this key: one with an amount that is known before it runs. */
export function coinCreator(key: PoolKey, outputIndex: number): PoolNode | null {
  const { creator } = key;
  return creator !== null && outputOf(creator, outputIndex)?.type === 'coin' ? creator : null;
}

function outputOf(node: PoolNode, outputIndex: number): Output | undefined {
  return node.entry.tx.outputs[outputIndex];
}

/** The dependency graph. */
export class DependencyGraph {
  readonly #depthMax: number;
  readonly #conflicts: ConflictGraph<PoolNode>;

  constructor(depthMax: number, conflicts: ConflictGraph<PoolNode>) {
    this.#depthMax = depthMax;
    this.#conflicts = conflicts;
  }

  /**
   * @param keys what `entry` declares, as held
   * @throws CodedError POOL_DEPENDENCY: too deep, a diamond, or below a blob
   */
  place(entry: PooledTx, keys: readonly PoolKey[]): Placement {
    const parents = this.#parentsOf(entry, keys);
    if (parents === null) return NOWHERE;
    const ancestors = new Set<PoolNode>();
    const toVisit = [...parents];
    for (let node = toVisit.pop(); node !== undefined; node = toVisit.pop()) {
      if (ancestors.has(node)) throw refusal.diamond();
      ancestors.add(node);
      if (ancestors.size >= this.#depthMax) throw refusal.chainTooBig();
      if (node.countSum >= this.#depthMax) throw refusal.chainTooBig();
      if (node.entry.tx.type === 'blob') throw refusal.dependsOnBlob();
      toVisit.push(...node.parents);
    }
    return { parents, ancestors };
  }

  #parentsOf(entry: PooledTx, keys: readonly PoolKey[]): Set<PoolNode> | null {
    let parents: Set<PoolNode> | null = null;
    entry.tx.inputs.forEach((input, index) => {
      if (input.type === 'message') return;
      const key = keyOfInput(entry, keys, index);
      const parent =
        input.type === 'coin' ? coinCreator(key, input.utxoId.outputIndex) : key.creator;
      if (parent === null) return;
      parents ??= new Set();
      parents.add(parent);
      if (parents.size >= this.#depthMax) throw refusal.chainTooBig();
    });
    return parents;
  }

  add(
    entry: PooledTx,
    placement: Placement,
    at: { readonly order: number; readonly nowMs: number },
    keys: readonly PoolKey[],
  ): PoolNode {
    const node: PoolNode = {
      entry,
      order: at.order,
      insertedAtMs: at.nowMs,
      tipRatio: (Number(entry.tip) + 1) / Number(entry.maxGas),
      parents: placement.parents,
      children: NOBODY,
      tipSum: entry.tip,
      gasSum: entry.maxGas,
      bytesSum: entry.sizeBytes,
      countSum: 1,
      place: null,
      executed: null,
      older: null,
      younger: null,
    };
    node.place = this.#conflicts.add(node, keys);
    for (const ancestor of placement.ancestors) {
      ancestor.tipSum += entry.tip;
      ancestor.gasSum += entry.maxGas;
      ancestor.bytesSum += entry.sizeBytes;
      ancestor.countSum += 1;
    }
    for (const parent of placement.parents) link(parent, node);
    return node;
  }

  /**
   * Takes out one node; those that depended on it stay.
   * @param how `take`: its keys stay known, until the conflict graph drops it
   * @returns those that depended on it
   */
  remove(node: PoolNode, how: 'take' | 'drop'): PoolNode[] {
    if (node.parents.size > 0) {
      for (const ancestor of ancestorsOf(node)) {
        ancestor.tipSum -= node.entry.tip;
        ancestor.gasSum -= node.entry.maxGas;
        ancestor.bytesSum -= node.entry.sizeBytes;
        ancestor.countSum -= 1;
      }
      for (const parent of node.parents) (parent.children as Set<PoolNode>).delete(node);
    }
    for (const child of node.children) (child.parents as Set<PoolNode>).delete(node);
    this.#conflicts[how](node.place as Place<PoolNode>);
    return node.children === NOBODY ? [] : [...node.children];
  }
}

/** A node and everything that depends on it, parents before children. */
export function subtreeOf(root: PoolNode): PoolNode[] {
  if (root.children.size === 0) return [root];
  const found = new Set([root]);
  for (const node of found) for (const child of node.children) found.add(child);
  return [...found].sort((a, b) => a.order - b.order);
}

function ancestorsOf(node: PoolNode): Set<PoolNode> {
  const found = new Set(node.parents);
  for (const ancestor of found) for (const parent of ancestor.parents) found.add(parent);
  return found;
}
