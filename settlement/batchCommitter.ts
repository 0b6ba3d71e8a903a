/**
 * Commits batches of blocks to the project's own contract, each with its bond: when enough blocks
 * have gathered, or when they have waited long enough. With another key than the operator's it
 * stands by, and takes over after the operator's silence.
 */

import type { B256, BlockHeight } from '../primitives/types.ts';
import { ZERO_B256 } from '../primitives/types.ts';
import { batchOf, type CommittedBlock, commitArguments } from './batches.ts';
import type { CommitterProgress } from './committer.ts';
import type { SettlementLog } from './l1/ports.ts';
import type { SettlementContract, SettlementTerms, StoredBatch } from './l1/settlementContract.ts';
import type { TxLane } from './lane.ts';

export type BatchSettings = {
  /** Blocks that make a batch due. */
  readonly blocksPerBatch: number;
  /** A block waits no longer. */
  readonly maxWaitMs: number;
};

export type BatchCommitterDeps = {
  readonly contract: SettlementContract;
  readonly lane: TxLane;
  readonly log: SettlementLog;
  readonly nowMs: () => number;
  readonly latestHeight: () => BlockHeight;
  readonly blockId: (height: BlockHeight) => B256 | null;
  /** A block of this chain as it is committed. */
  readonly blockAt: (height: BlockHeight) => Promise<CommittedBlock>;
};

/** What the contract says to everybody but the operator. */
const NOT_YOUR_TURN = 'NotYourTurn';

/** Where the batch's data is: nothing more than "at the operator", until a DA layer is named. */
const NO_POINTER = new Uint8Array(0);

export class BatchCommitter {
  private readonly settings: BatchSettings;
  private readonly deps: BatchCommitterDeps;
  private terms: SettlementTerms | null = null;
  private tip: StoredBatch | null = null;
  private obstacle: string | null = null;
  /** The newest batch is somebody else's and wrong: until it is gone. */
  private isBlocked = false;
  /** Since when blocks wait. */
  private waitingSinceMs: number | null = null;

  constructor(settings: BatchSettings, deps: BatchCommitterDeps) {
    this.settings = settings;
    this.deps = deps;
  }

  /** How often a new block is a reason to look. */
  interval(): number | null {
    return this.terms === null ? null : this.settings.blocksPerBatch;
  }

  progress(): CommitterProgress {
    const pending = this.deps.lane.open().find(({ state }) => state === 'pending');
    return {
      committed: this.tip === null ? null : { commit: 0, height: this.tip.last },
      pending: pending?.nonce ?? null,
      obstacle: this.obstacle,
    };
  }

  /** One round. @throws CodedError L1_… */
  async step(): Promise<void> {
    const { contract, lane, blockId, latestHeight } = this.deps;
    await lane.step();
    this.terms ??= await contract.terms();
    if (!lane.isFree()) return;
    const count = await contract.batchCount();
    this.tip = count === 0 ? null : await contract.batchAt(count - 1);
    if (this.tip !== null && blockId(this.tip.last) !== this.tip.lastBlockId) {
      this.tell(
        `the newest batch on Ethereum ends with ${this.tip.lastBlockId}, which is no block of this ` +
          'chain: nothing is committed on top of it; run fuelrail watch to dispute it',
      );
      this.isBlocked = true;
      return;
    }
    if (this.isBlocked) this.tell(null);
    this.isBlocked = false;
    const first = this.tip === null ? this.terms.firstHeight : this.tip.last + 1;
    const last = Math.min(latestHeight(), first + this.terms.blocksMax - 1);
    if (last < first || !this.isDue(last - first + 1)) return;
    await this.commit(first, last, this.tip?.lastBlockId ?? ZERO_B256, this.terms);
  }

  private isDue(blocks: number): boolean {
    const now = this.deps.nowMs();
    this.waitingSinceMs ??= now;
    const { blocksPerBatch, maxWaitMs } = this.settings;
    return blocks >= blocksPerBatch || now - this.waitingSinceMs >= maxWaitMs;
  }

  private async commit(
    first: number,
    last: number,
    parent: B256,
    terms: SettlementTerms,
  ): Promise<void> {
    const { contract, lane, blockAt } = this.deps;
    const blocks: CommittedBlock[] = [];
    for (let height = first; height <= last; height++) blocks.push(await blockAt(height));
    const args = commitArguments(batchOf(blocks), parent, NO_POINTER);
    const verdict = await contract.verdict('commitBatch', args, terms.bond);
    if (verdict.type === 'refused' && verdict.reason === NOT_YOUR_TURN) {
      this.standBy();
      return;
    }
    if (verdict.type === 'refused') {
      this.tell(`Ethereum refuses blocks ${first} to ${last}: ${verdict.reason}`);
      return;
    }
    this.tell(null);
    this.waitingSinceMs = null;
    await lane.submit({ ...verdict.call, id: `batch ${first} to ${last}` });
  }

  /** Another proposer: nothing is wrong as long as the operator commits. */
  private standBy(): void {
    const text = 'the operator commits; this node takes over when it has been silent for too long';
    if (this.obstacle !== text) this.deps.log.info(`Standing by: ${text}`);
    this.obstacle = text;
  }

  private tell(obstacle: string | null): void {
    if (obstacle !== null && obstacle !== this.obstacle) this.deps.log.error(obstacle);
    this.obstacle = obstacle;
  }
}
