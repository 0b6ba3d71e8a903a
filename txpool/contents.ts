/**
 * What is in the pool and in flight, in all of its indexes at once: by id, by declared key
 * (`conflictGraph.ts`), by dependency (`graph.ts`), in the order of a block (`select.ts`), by age
 * (`ages.ts`), by expiration. No rules of admission here: they are in `pool.ts`.
 */
import { assert } from '../primitives/errors.ts';
import type { BlockHeight, Gas, TxId } from '../primitives/types.ts';
import { AgeList } from './ages.ts';
import { usersOf } from './collide.ts';
import { ConflictGraph, type Place } from './conflictGraph.ts';
import {
  createdKeys,
  DependencyGraph,
  type Placement,
  type PoolKey,
  type PoolNode,
  subtreeOf,
} from './graph.ts';
import { InFlight } from './inFlight.ts';
import { ExecutableList } from './select.ts';
import type { PooledTx } from './types.ts';

/** In the pool, not in flight and not gone. */
export function isIn({ place }: PoolNode): boolean {
  return place?.state === 'in';
}

export class PoolContents {
  readonly conflicts: ConflictGraph<PoolNode> = new ConflictGraph();
  readonly graph: DependencyGraph;
  readonly executable: ExecutableList = new ExecutableList();
  readonly ages: AgeList = new AgeList();
  readonly inFlight: InFlight;
  /** In the pool or in flight. */
  readonly #nodes: Map<TxId, PoolNode> = new Map();
  readonly #byExpiration: Map<BlockHeight, Set<TxId>> = new Map();
  #gas = 0n;
  #bytes = 0;
  #order = 0;

  constructor(depthMax: number) {
    this.graph = new DependencyGraph(depthMax, this.conflicts);
    this.inFlight = new InFlight(this.#nodes);
  }

  /** Sums over what is in the pool. */
  stats(): { readonly txCount: number; readonly totalGas: Gas; readonly totalSizeBytes: number } {
    return { txCount: this.conflicts.size, totalGas: this.#gas, totalSizeBytes: this.#bytes };
  }

  /** In the pool or in flight. */
  get(id: TxId): PoolNode | undefined {
    return this.#nodes.get(id);
  }

  /** In the pool only. */
  inPool(id: TxId): PoolNode | null {
    const node = this.#nodes.get(id);
    return node !== undefined && isIn(node) ? node : null;
  }

  /** In order of entering; in flight excluded. */
  *nodes(): Generator<PoolNode> {
    for (const { item } of this.conflicts.places()) yield item;
  }

  /** Those that must be in the block at `height` or before. */
  expiredAt(height: BlockHeight): TxId[] {
    const expired: TxId[] = [];
    for (const [expiration, ids] of this.#byExpiration) {
      if (expiration <= height) expired.push(...ids);
    }
    return expired;
  }

  /** @param keys what `entry` declares, as held; they belong to the contents now */
  add(
    entry: PooledTx,
    placement: Placement,
    nowMs: number,
    keys: readonly PoolKey[],
  ): { readonly isExecutable: boolean } {
    const node = this.graph.add(entry, placement, { order: this.#order, nowMs }, keys);
    this.#order += 1;
    this.#nodes.set(entry.id, node);
    this.ages.add(node);
    this.#gas += entry.maxGas;
    this.#bytes += entry.sizeBytes;
    const { expiration } = entry.tx.policies;
    if (expiration !== undefined) {
      const ids = this.#byExpiration.get(Number(expiration));
      if (ids === undefined) this.#byExpiration.set(Number(expiration), new Set([entry.id]));
      else ids.add(entry.id);
    }
    const isExecutable = node.parents.size === 0;
    if (isExecutable) this.executable.add(node);
    return { isExecutable };
  }

  /**
   * From the pool into flight; the caller takes it out of `executable`.
   * @returns those that wait for nothing in the pool any more
   */
  take(node: PoolNode): PoolNode[] {
    this.inFlight.take(node);
    const children = this.#remove(node, 'take');
    return children.length === 0 ? children : children.filter(({ parents }) => parents.size === 0);
  }

  /** Out of the pool for good; those that depend on it stay. @returns whether some became free */
  drop(node: PoolNode): boolean {
    this.executable.remove(node);
    let isSomeoneFree = false;
    for (const child of this.#remove(node, 'drop')) {
      if (child.parents.size > 0) continue;
      this.executable.add(child);
      isSomeoneFree = true;
    }
    return isSomeoneFree;
  }

  /** A node and everything that depends on it. @returns them, parents first */
  dropSubtree(root: PoolNode): PoolNode[] {
    const subtree = subtreeOf(root);
    for (let i = subtree.length - 1; i >= 0; i -= 1) {
      const node = subtree[i] as PoolNode;
      this.executable.remove(node);
      this.#remove(node, 'drop');
    }
    return subtree;
  }

  /** No longer in flight. @returns what was, null when it was not taken from here */
  endFlight(id: TxId): PoolNode | null {
    const node = this.inFlight.forget(id);
    if (node === null) return null;
    this.#nodes.delete(id);
    this.conflicts.drop(node.place as Place<PoolNode>);
    return node;
  }

  /** In the pool, made possible by a transaction in flight. */
  dependentsOnFlight({ entry, place }: PoolNode): PoolNode[] {
    const keys = (place as Place<PoolNode>).links.map(({ key }) => key);
    return createdKeys(entry, keys).flatMap((key) => (key.creator === null ? usersOf(key) : []));
  }

  #remove(node: PoolNode, how: 'take' | 'drop'): PoolNode[] {
    const { entry } = node;
    assert(isIn(node), 'a removed transaction is in the pool');
    if (how === 'drop') this.#nodes.delete(entry.id);
    this.ages.remove(node);
    this.#gas -= entry.maxGas;
    this.#bytes -= entry.sizeBytes;
    const { expiration } = entry.tx.policies;
    if (expiration !== undefined) {
      const ids = this.#byExpiration.get(Number(expiration));
      ids?.delete(entry.id);
      if (ids?.size === 0) this.#byExpiration.delete(Number(expiration));
    }
    return this.graph.remove(node, how);
  }
}
