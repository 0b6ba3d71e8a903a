/**
 * Who depends on whom inside the pool. A transaction depends on another one when it spends a coin
 * or uses a contract that the other creates. The graph has no diamonds: from one transaction to
 * an ancestor leads at most one path. So a sum over descendants is kept by adding and subtracting.
 */
import type { ContractId, UtxoKey } from '../primitives/types.ts';
import { utxoKeyOf } from '../tx/accessKeys.ts';
import { refusal } from './errors.ts';
import type { PooledTx } from './types.ts';

/** A transaction in the pool. Sums run over it and everything that depends on it. */
export type PoolNode = {
  readonly entry: PooledTx;
  /** Order of entering the pool, unique. */
  readonly order: number;
  /** Clock on entering the pool. */
  readonly insertedAtMs: number;
  readonly parents: Set<PoolNode>;
  readonly children: Set<PoolNode>;
  tipSum: bigint;
  gasSum: bigint;
  bytesSum: number;
  countSum: number;
};

/** Where a new transaction would hang. */
export type Placement = {
  readonly parents: ReadonlySet<PoolNode>;
  readonly ancestors: ReadonlySet<PoolNode>;
};

/** The dependency graph, with its indexes by created coin and contract. */
export class DependencyGraph {
  readonly #depthMax: number;
  readonly #coinCreators = new Map<UtxoKey, PoolNode>();
  readonly #contractCreators = new Map<ContractId, PoolNode>();

  constructor(depthMax: number) {
    this.#depthMax = depthMax;
  }

  coinCreator(key: UtxoKey): PoolNode | undefined {
    return this.#coinCreators.get(key);
  }
  contractCreator(id: ContractId): PoolNode | undefined {
    return this.#contractCreators.get(id);
  }

  /** @throws CodedError POOL_DEPENDENCY: too deep, a diamond, or below a blob */
  place(entry: PooledTx): Placement {
    const parents = new Set<PoolNode>();
    for (const input of entry.tx.inputs) {
      const parent = this.#creatorOf(input);
      if (parent === undefined) continue;
      parents.add(parent);
      if (parents.size >= this.#depthMax) throw refusal.chainTooBig();
    }
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

  #creatorOf(input: PooledTx['tx']['inputs'][number]): PoolNode | undefined {
    if (input.type === 'coin') {
      return this.#coinCreators.get(utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex));
    }
    return input.type === 'contract' ? this.#contractCreators.get(input.contractId) : undefined;
  }

  add(entry: PooledTx, placement: Placement, order: number, nowMs: number): PoolNode {
    const node: PoolNode = {
      entry,
      order,
      insertedAtMs: nowMs,
      parents: new Set(placement.parents),
      children: new Set(),
      tipSum: entry.tip,
      gasSum: entry.maxGas,
      bytesSum: entry.sizeBytes,
      countSum: 1,
    };
    for (const ancestor of placement.ancestors) {
      ancestor.tipSum += entry.tip;
      ancestor.gasSum += entry.maxGas;
      ancestor.bytesSum += entry.sizeBytes;
      ancestor.countSum += 1;
    }
    for (const parent of placement.parents) parent.children.add(node);
    entry.tx.outputs.forEach((output, index) => {
      if (output.type === 'coin') this.#coinCreators.set(utxoKeyOf(entry.id, index), node);
      else if (output.type === 'contractCreated') {
        this.#contractCreators.set(output.contractId, node);
      }
    });
    return node;
  }

  /** Takes out one node; those that depended on it stay. @returns them */
  remove(node: PoolNode): PoolNode[] {
    for (const ancestor of ancestorsOf(node)) {
      ancestor.tipSum -= node.entry.tip;
      ancestor.gasSum -= node.entry.maxGas;
      ancestor.bytesSum -= node.entry.sizeBytes;
      ancestor.countSum -= 1;
    }
    for (const parent of node.parents) parent.children.delete(node);
    for (const child of node.children) child.parents.delete(node);
    node.entry.tx.outputs.forEach((output, index) => {
      if (output.type === 'coin') this.#coinCreators.delete(utxoKeyOf(node.entry.id, index));
      else if (output.type === 'contractCreated') {
        this.#contractCreators.delete(output.contractId);
      }
    });
    return [...node.children];
  }
}

/** A node and everything that depends on it, parents before children. */
export function subtreeOf(root: PoolNode): PoolNode[] {
  const found = new Set([root]);
  for (const node of found) for (const child of node.children) found.add(child);
  return [...found].sort((a, b) => a.order - b.order);
}

function ancestorsOf(node: PoolNode): Set<PoolNode> {
  const found = new Set(node.parents);
  for (const ancestor of found) for (const parent of ancestor.parents) found.add(parent);
  return found;
}
