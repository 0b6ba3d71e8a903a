/**
 * Sends sealed blocks to the data-availability layer, in order and off the critical path.
 *
 * After a crash the layer may be behind the chain: `catchUp` posts what is missing. A frame holds
 * whatever has gathered while the one before was written.
 */
import type { BlockHeight } from '../primitives/types.ts';
import type { Log } from './log.ts';

/** Blocks that may wait for the layer before block production is held back. */
export const DA_BACKLOG_BLOCKS_MAX = 1_000;

/** Blocks in one frame. */
export const DA_FRAME_BLOCKS_MAX = 100;

export type DaPosterDeps<Payload> = {
  /** The first block that the layer lacks. */
  readonly firstHeight: BlockHeight;
  /** Payload of a committed block. */
  readonly payloadOf: (height: BlockHeight) => Payload;
  /** Appends a run of blocks as one frame; resolves when the layer keeps it. */
  readonly append: (payloads: readonly Payload[]) => Promise<void>;
  readonly log: Log;
};

export class DaPoster<Payload> {
  private readonly deps: DaPosterDeps<Payload>;
  private nextHeight: BlockHeight;
  private tip: BlockHeight = -1;
  private working: Promise<void> | null = null;
  private readonly roomWaiters: (() => void)[] = [];
  private failed = false;

  constructor(deps: DaPosterDeps<Payload>) {
    this.deps = deps;
    this.nextHeight = deps.firstHeight;
  }

  /** The chain has reached `height`; returns at once unless the backlog is full. */
  async reached(height: BlockHeight): Promise<void> {
    this.tip = Math.max(this.tip, height);
    this.work();
    while (!this.failed && this.tip - this.nextHeight >= DA_BACKLOG_BLOCKS_MAX) {
      await new Promise<void>((resolve) => this.roomWaiters.push(resolve));
    }
  }

  /** Resolves when everything that was reached is on the layer, or the layer has failed. */
  async drained(): Promise<void> {
    this.work();
    while (this.working) await this.working;
  }

  /** Height of the last block on the layer, and of the chain. */
  progress(): { posted: BlockHeight; tip: BlockHeight; failed: boolean } {
    return { posted: this.nextHeight - 1, tip: this.tip, failed: this.failed };
  }

  private work(): void {
    if (this.working || this.nextHeight > this.tip) return;
    this.working = this.postAll().finally(() => {
      this.working = null;
      for (const wake of this.roomWaiters.splice(0)) wake();
    });
  }

  private async postAll(): Promise<void> {
    while (this.nextHeight <= this.tip) {
      const last = Math.min(this.tip, this.nextHeight + DA_FRAME_BLOCKS_MAX - 1);
      const payloads: Payload[] = [];
      for (let height = this.nextHeight; height <= last; height += 1) {
        payloads.push(this.deps.payloadOf(height));
      }
      try {
        await this.deps.append(payloads);
        this.failed = false;
      } catch (reason) {
        this.failed = true;
        this.deps.log.error(
          `Blocks ${this.nextHeight} to ${last} are not on the DA layer: ${reason}`,
        );
        return;
      }
      this.nextHeight = last + 1;
      for (const wake of this.roomWaiters.splice(0)) wake();
    }
  }
}
