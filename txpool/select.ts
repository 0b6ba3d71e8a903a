/**
 * Which executable transactions a block takes: best tip per gas first, then older ones, then by
 * id. The list is kept sorted as transactions come and go, so building a block does not sort.
 */
import type { Gas } from '../primitives/types.ts';
import type { PoolNode } from './graph.ts';
import { compareRatios } from './ratio.ts';

/** What is left of a block. */
export type TakeLimits = {
  /** By max gas. */
  readonly gasLimit: Gas;
  /** By metered size. */
  readonly bytesLimit: bigint;
  readonly countLimit: number;
  /** Transactions whose max gas price is lower stay in the pool. */
  readonly gasPrice: bigint;
};

/** Negative: `a` is taken before `b`. */
export function compareForBlock(a: PoolNode, b: PoolNode): number {
  const byRatio = compareRatios(b.entry.tip + 1n, b.entry.maxGas, a.entry.tip + 1n, a.entry.maxGas);
  if (byRatio !== 0) return byRatio;
  if (a.order !== b.order) return a.order - b.order;
  return a.entry.id < b.entry.id ? -1 : a.entry.id > b.entry.id ? 1 : 0;
}

/** Transactions that depend on nothing in the pool, in the order in which a block takes them. */
export class ExecutableList {
  #sorted: PoolNode[] = [];

  get length(): number {
    return this.#sorted.length;
  }

  /** Worst first. */
  *worstFirst(): IterableIterator<PoolNode> {
    for (let i = this.#sorted.length - 1; i >= 0; i -= 1) yield this.#sorted[i] as PoolNode;
  }

  has(node: PoolNode): boolean {
    return this.#sorted[this.#position(node)] === node;
  }

  /** No effect when it is in already. */
  add(node: PoolNode): void {
    const at = this.#position(node);
    if (this.#sorted[at] !== node) this.#sorted.splice(at, 0, node);
  }

  /** No effect when it is not in. */
  remove(node: PoolNode): void {
    const at = this.#position(node);
    if (this.#sorted[at] === node) this.#sorted.splice(at, 1);
  }

  /**
   * Takes what fits. `take` is called for each chosen transaction and returns the dependents that
   * became executable: they compete in the next pass of the same call.
   */
  gather(limits: TakeLimits, take: (node: PoolNode) => PoolNode[]): PoolNode[] {
    let { gasLimit, bytesLimit, countLimit } = limits;
    const chosen: PoolNode[] = [];
    for (;;) {
      const promoted: PoolNode[] = [];
      const kept: PoolNode[] = [];
      let index = 0;
      for (; index < this.#sorted.length; index += 1) {
        if (gasLimit <= 0n || bytesLimit <= 0n || countLimit <= 0) break;
        const node = this.#sorted[index] as PoolNode;
        const { maxGas, maxGasPrice } = node.entry;
        const sizeBytes = BigInt(node.entry.sizeBytes);
        if (maxGasPrice < limits.gasPrice || maxGas > gasLimit || sizeBytes > bytesLimit) {
          kept.push(node);
          continue;
        }
        gasLimit -= maxGas;
        bytesLimit -= sizeBytes;
        countLimit -= 1;
        chosen.push(node);
        promoted.push(...take(node));
      }
      if (index < this.#sorted.length) kept.push(...this.#sorted.slice(index));
      this.#sorted = kept;
      for (const node of promoted) this.add(node);
      if (promoted.length === 0) return chosen;
    }
  }

  /** Whether `gather` with these limits would take anything. */
  hasFor({ gasLimit, bytesLimit, countLimit, gasPrice }: TakeLimits): boolean {
    if (countLimit <= 0) return false;
    return this.#sorted.some(
      ({ entry }) =>
        entry.maxGasPrice >= gasPrice &&
        entry.maxGas <= gasLimit &&
        BigInt(entry.sizeBytes) <= bytesLimit,
    );
  }

  /** Index of `node`, or where it would stand. */
  #position(node: PoolNode): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareForBlock(this.#sorted[middle] as PoolNode, node) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
