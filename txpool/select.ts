/**
 * Which executable transactions a block takes: those that waited too long, oldest first; then best
 * tip per gas, then older ones, then by id. The list is kept sorted as transactions come and go, so
 * building a block does not sort.
 */
import type { BlockHeight, Gas } from '../primitives/types.ts';
import type { PoolNode } from './graph.ts';
import { compareRatios } from './ratio.ts';
import { SortedList, type Verdict } from './sortedList.ts';
import type { PooledTx } from './types.ts';

/** What is left of a block. */
export type TakeLimits = {
  /** By max gas. */
  readonly gasLimit: Gas;
  /** By metered size. */
  readonly bytesLimit: bigint;
  readonly countLimit: number;
  /** Transactions whose max gas price is lower stay in the pool. */
  readonly gasPrice: bigint;
  /** Of the block that is being filled; absent: the one after the last `onBlock` or `release`. */
  readonly height?: BlockHeight;
};

/** What the pool decides beside the limits. */
export type GatherHooks = {
  /** It is chosen. @returns dependents that became executable */
  readonly take: (node: PoolNode) => PoolNode[];
  /** It fits, but has to stay for another reason. */
  readonly holdsBack?: (node: PoolNode) => boolean;
  /** Those that waited too long, in the order in which they go first; not only executable ones. */
  readonly overdue?: Iterable<PoolNode>;
};

/** Bound of the relative error of `tipRatio`: three roundings of 2^-53. */
const RATIO_ERROR = 2 ** -51;

/** Negative: `a` is taken before `b`. */
export function compareForBlock(a: PoolNode, b: PoolNode): number {
  const difference = b.tipRatio - a.tipRatio;
  if (Math.abs(difference) > (a.tipRatio + b.tipRatio) * RATIO_ERROR) return difference;
  const one = a.entry;
  const two = b.entry;
  if (one.tip !== two.tip || one.maxGas !== two.maxGas) {
    const byRatio = compareRatios(two.tip + 1n, two.maxGas, one.tip + 1n, one.maxGas);
    if (byRatio !== 0) return byRatio;
  }
  if (a.order !== b.order) return a.order - b.order;
  return one.id < two.id ? -1 : one.id > two.id ? 1 : 0;
}

/** The limits as they are used up. */
class BlockRoom {
  readonly #gasPrice: bigint;
  #gas: bigint;
  #bytes: number;
  #count: number;

  constructor({ gasLimit, bytesLimit, countLimit, gasPrice }: TakeLimits) {
    this.#gas = gasLimit;
    // Sizes are numbers; what a number cannot hold is no limit.
    this.#bytes = Number(bytesLimit);
    this.#count = countLimit;
    this.#gasPrice = gasPrice;
  }

  isFull(): boolean {
    return this.#gas <= 0n || this.#bytes <= 0 || this.#count <= 0;
  }

  /** What does not fit now will not fit later: room only shrinks. */
  fits({ maxGas, maxGasPrice, sizeBytes }: PooledTx): boolean {
    return maxGasPrice >= this.#gasPrice && maxGas <= this.#gas && sizeBytes <= this.#bytes;
  }

  use({ maxGas, sizeBytes }: PooledTx): void {
    this.#gas -= maxGas;
    this.#bytes -= sizeBytes;
    this.#count -= 1;
  }
}

/** Transactions that depend on nothing in the pool, in the order in which a block takes them. */
export class ExecutableList {
  readonly #sorted: SortedList<PoolNode> = new SortedList(compareForBlock);

  get length(): number {
    return this.#sorted.length;
  }

  /** Worst first. */
  worstFirst(): IterableIterator<PoolNode> {
    return this.#sorted.backwards();
  }

  has(node: PoolNode): boolean {
    return this.#sorted.has(node);
  }

  /** No effect when it is in already. */
  add(node: PoolNode): void {
    this.#sorted.add(node);
  }

  /** No effect when it is not in. */
  remove(node: PoolNode): void {
    this.#sorted.remove(node);
  }

  /**
   * Takes what fits. Dependents that became executable compete in the next pass of the same call;
   * overdue ones in the same.
   */
  gather(limits: TakeLimits, hooks: GatherHooks): PoolNode[] {
    const room = new BlockRoom(limits);
    const chosen: PoolNode[] = [];
    let promoted: PoolNode[] = [];
    const judge = (node: PoolNode): Verdict => {
      if (room.isFull()) return 'stop';
      if (!room.fits(node.entry) || hooks.holdsBack?.(node) === true) return 'keep';
      room.use(node.entry);
      chosen.push(node);
      for (const child of hooks.take(node)) promoted.push(child);
      return 'take';
    };
    if (hooks.overdue !== undefined) {
      this.#gatherOverdue(hooks.overdue, judge);
      if (promoted.length > 0) {
        const taken = new Set(chosen);
        for (const node of promoted) if (!taken.has(node)) this.add(node);
        promoted = [];
      }
    }
    this.#sorted.sweep(judge);
    while (promoted.length > 0) {
      const next = promoted.sort(compareForBlock);
      promoted = [];
      for (const node of next) if (judge(node) !== 'take') this.add(node);
    }
    return chosen;
  }

  #gatherOverdue(overdue: Iterable<PoolNode>, judge: (node: PoolNode) => Verdict): void {
    for (const node of overdue) {
      if (node.parents.size > 0) continue;
      const verdict = judge(node);
      if (verdict === 'stop') return;
      if (verdict === 'take') this.remove(node);
    }
  }

  /** Whether `gather` with these limits would take anything. */
  hasFor(limits: TakeLimits): boolean {
    const room = new BlockRoom(limits);
    if (limits.countLimit <= 0) return false;
    for (const { entry } of this.#sorted) if (room.fits(entry)) return true;
    return false;
  }
}
