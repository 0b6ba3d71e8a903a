/**
 * Commits block ids to Fuel's FuelChainState: the block at each multiple of the contract's interval.
 * After a pause only the newest is committed: it proves all before it.
 *
 * @source FuelChainState of @fuel-bridge/solidity-contracts 1.0.0
 */

import type { B256, BlockHeight, BlockId } from '../primitives/types.ts';
import type { SettlementLog } from './l1/ports.ts';
import type { LaneCall, TxLane } from './lane.ts';

/** Settings of the contract, fixed at its deployment. */
export type ChainStateTerms = {
  /** Blocks of this chain per commit. */
  readonly interval: number;
  readonly timeToFinalizeS: number;
  /** A slot is written again no sooner. */
  readonly cooldownS: number;
  /** Commits that are kept: number `c` goes into slot `c mod slots`. */
  readonly slots: number;
};

/** What a commit would do now. */
export type CommitVerdict =
  | { readonly type: 'ok'; readonly call: Omit<LaneCall, 'id'> }
  /** The slot was written less than the cooldown ago. */
  | { readonly type: 'cooldown' }
  | { readonly type: 'refused'; readonly reason: string };

/** The contract, as the committer sees it. */
export interface ChainStateContract {
  terms(): Promise<ChainStateTerms>;
  /** Hash in the slot of that commit; zero: none yet. */
  hashAt(commit: number): Promise<B256>;
  verdict(hash: BlockId, commit: number): Promise<CommitVerdict>;
}

export type CommitterDeps = {
  readonly contract: ChainStateContract;
  readonly lane: TxLane;
  readonly log: SettlementLog;
  /** Newest height, and ids of committed blocks. */
  readonly latestHeight: () => BlockHeight;
  readonly blockId: (height: BlockHeight) => BlockId | null;
};

export type CommitterProgress = {
  /** Newest commit that is on Ethereum, not necessarily final; null: none. */
  readonly committed: { readonly commit: number; readonly height: BlockHeight } | null;
  readonly pending: number | null;
  /** Why nothing is committed at the moment; null: nothing in the way. */
  readonly obstacle: string | null;
};

const commitIdOf = (commit: number): string => `commit ${commit}`;

export class Committer {
  private readonly deps: CommitterDeps;
  private terms: ChainStateTerms | null = null;
  private newest: number | null = null;
  private obstacle: string | null = null;

  constructor(deps: CommitterDeps) {
    this.deps = deps;
  }

  progress(): CommitterProgress {
    const { lane } = this.deps;
    const pending = lane.open().find(({ state }) => state === 'pending');
    const commit = this.newest;
    const interval = this.terms?.interval ?? 0;
    return {
      committed: commit === null ? null : { commit, height: commit * interval },
      pending: pending === undefined ? null : pending.nonce,
      obstacle: this.obstacle,
    };
  }

  /** Blocks per commit; null before the first round. */
  interval(): number | null {
    return this.terms?.interval ?? null;
  }

  /** One round: look at Ethereum, then commit what is due. @throws CodedError L1_… */
  async step(): Promise<void> {
    const { contract, lane, latestHeight, blockId } = this.deps;
    await lane.step();
    this.terms ??= await contract.terms();
    if (!lane.isFree()) return;
    const { interval } = this.terms;
    const commit = Math.floor(latestHeight() / interval);
    const id = blockId(commit * interval);
    if (commit === 0 || id === null) return;
    const there = await contract.hashAt(commit);
    if (there === id) {
      this.newest = commit;
      this.tell(null);
      return;
    }
    const verdict = await contract.verdict(id, commit);
    if (verdict.type === 'ok') {
      this.tell(null);
      await lane.submit({ ...verdict.call, id: commitIdOf(commit) });
    } else if (verdict.type === 'refused') {
      this.tell(`FuelChainState refuses commit ${commit}: ${verdict.reason}`);
    } else {
      this.tell(this.isOurs(there, commit) ? null : this.conflict(there, commit));
    }
  }

  /** A hash that this chain has, in the slot for a good reason: an earlier round of the slots. */
  private isOurs(hash: B256, commit: number): boolean {
    const { slots, interval } = this.terms!;
    for (let before = commit - slots; before >= 0; before -= slots) {
      if (this.deps.blockId(before * interval) === hash) return true;
    }
    return false;
  }

  private conflict(hash: B256, commit: number): string {
    return (
      `FuelChainState holds ${hash} for commit ${commit}, which is no block of this chain: somebody ` +
      'else has the committer role, or this node follows another chain. Withdrawals against that ' +
      'block must be stopped by the pauser'
    );
  }

  private tell(obstacle: string | null): void {
    if (obstacle !== null && obstacle !== this.obstacle) this.deps.log.error(obstacle);
    this.obstacle = obstacle;
  }
}
