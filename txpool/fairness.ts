/**
 * Who goes first although others tip more, and who stays although there is room.
 *
 * Tips decide the order of a block. So that nobody waits for ever behind others who keep tipping
 * more, a transaction that has waited `maxWaitMs` goes before everybody who has not, oldest first.
 * From then on only older ones go before it: it is in the block that has room for all of those.
 * Shares of contracts: `share.ts`.
 */
import type { ContractId, Gas, TxId } from '../primitives/types.ts';
import type { PoolContents } from './contents.ts';
import type { PoolKey, PoolNode } from './graph.ts';
import { hottest } from './partitionView.ts';
import type { GatherHooks, TakeLimits } from './select.ts';
import { ContractShares } from './share.ts';

/** How fair the pool is at the moment, and was since it exists. */
export type Fairness = {
  /** Waiting time of the oldest transaction in the pool, ms; 0: it is empty. */
  readonly oldestAgeMs: number;
  /** Transactions that went first because they had waited too long. */
  readonly overdueTakenCount: number;
  /** Times that a contract's share of block gas held a transaction back. */
  readonly heldBackCount: number;
  /** Contracts for which several transactions wait, most first. */
  readonly hotContracts: readonly { readonly contractId: ContractId; readonly txCount: number }[];
};

/** Contracts in `Fairness.hotContracts`. */
export const HOT_CONTRACT_COUNT_MAX = 10;

export class FairPlay {
  readonly #maxWaitMs: number;
  readonly #shares: ContractShares;
  readonly #contents: PoolContents;
  #overdueTakenCount = 0;

  constructor(
    config: { readonly maxWaitMs: number; readonly contractGasPercentMax: number },
    contents: PoolContents,
  ) {
    this.#maxWaitMs = config.maxWaitMs;
    this.#shares = new ContractShares(config.contractGasPercentMax);
    this.#contents = contents;
  }

  /**
   * A selection for a block begins.
   * @param nowMs clock, for those that waited too long; absent: nobody did
   */
  hooks(limits: TakeLimits, nowMs: number | undefined): GatherHooks {
    const contents = this.#contents;
    const overdue = nowMs === undefined ? {} : { overdue: this.#overdue(nowMs) };
    const shares = this.#shares;
    if (!shares.isOn) return { take: (node) => contents.take(node), ...overdue };
    shares.begin(limits.gasLimit, limits.height ?? null);
    return {
      take: (node) => {
        shares.take(node.entry);
        return contents.take(node);
      },
      holdsBack: ({ entry }) => shares.holdsBack(entry),
      ...overdue,
    };
  }

  /** A transaction in flight ran and used so much gas, min gas included. */
  ran(id: TxId, gas: Gas): void {
    this.#shares.ran(id, gas);
  }

  blockIsOver(): void {
    this.#shares.blockIsOver();
  }

  report(nowMs: number): Fairness {
    const { oldest } = this.#contents.ages;
    return {
      oldestAgeMs: oldest === null ? 0 : Math.max(0, nowMs - oldest.entry.arrivedAtMs),
      overdueTakenCount: this.#overdueTakenCount,
      heldBackCount: this.#shares.heldCount,
      hotContracts: hottest(this.#sharedContracts(), HOT_CONTRACT_COUNT_MAX).map(
        ({ key, txCount }) => ({ contractId: key.slice(2) as ContractId, txCount }),
      ),
    };
  }

  *#sharedContracts(): Generator<PoolKey> {
    for (const key of this.#contents.conflicts.shared()) if (key.name.startsWith('c:')) yield key;
  }

  /** Those that waited too long, oldest first; each may leave while it is looked at. */
  *#overdue(nowMs: number): Generator<PoolNode> {
    if (this.#maxWaitMs <= 0) return;
    let node = this.#contents.ages.oldest;
    while (node !== null && nowMs - node.entry.arrivedAtMs >= this.#maxWaitMs) {
      const next: PoolNode | null = node.younger;
      yield node;
      if (node.place?.state === 'taken') this.#overdueTakenCount += 1;
      node = next;
    }
  }
}
