/**
 * When blocks are made, and with which time.
 *
 * One production at a time. Automatic blocks take the clock's time unless a manual block was set
 * ahead of it; then they go on from the last block by what has elapsed. Time never goes back.
 *
 * @source behaviour of fuel-core 0.48.2's proof-of-authority service
 */
import { CodedError } from '../primitives/errors.ts';
import { unixSecondsToTai64 } from '../primitives/tai64.ts';
import type { BlockHeight, Tai64 } from '../primitives/types.ts';
import type { Trigger } from './config.ts';
import type { Log } from './log.ts';

/** Manual blocks in one request. */
export const MANUAL_BLOCK_COUNT_MAX = 100_000;
const RETRY_AFTER_MS = 1_000;

export type ProducerDeps = {
  readonly nowMs: () => number;
  readonly log: Log;
  /** Height and time of the newest block, readable or not yet. */
  readonly latest: () => { height: BlockHeight; time: Tai64 };
  /** The pool has something that can run. */
  readonly hasWork: () => boolean;
  /**
   * Makes one block; resolves when the next may be made on top of it. With `deadlineMs` it keeps
   * taking what arrives until then.
   */
  readonly makeBlock: (time: Tai64, deadlineMs: number | null) => Promise<void>;
  /** Resolves when every block made so far is readable. */
  readonly settled: () => Promise<void>;
  /** How long an automatic block waits after one that failed. Default: a second. */
  readonly retryAfterMs?: number;
  /** Time that development controls want for a block on top of `latest`; null: as usual. */
  readonly clockTime?: (latest: Tai64) => Tai64 | null;
};

export class BlockProducer {
  private readonly trigger: Trigger;
  private readonly deps: ProducerDeps;
  private queue: Promise<unknown> = Promise.resolve();
  private running = false;
  private stopped = false;
  private timer: NodeJS.Timeout | null = null;
  private pause: NodeJS.Timeout | null = null;
  private wake: () => void = () => {};
  private lastMadeAtMs: number;
  /** Blocks come by themselves, as the trigger says. */
  private isAutomatic = true;
  private resume: () => void = () => {};

  constructor(trigger: Trigger, deps: ProducerDeps) {
    this.trigger = trigger;
    this.deps = deps;
    this.lastMadeAtMs = deps.nowMs();
  }

  start(): void {
    if (this.trigger.type === 'interval') this.armInterval(this.trigger.blockTimeMs);
    if (this.trigger.type === 'open') void this.runOpen(this.trigger.periodMs);
    this.workArrived();
  }

  /** Lets a block in the making finish, starts no other. */
  async stop(): Promise<void> {
    this.halt();
    await this.queue.catch(() => {});
    await this.deps.settled().catch(() => {});
  }

  /** Starts no other block; manual ones fail as long as the maker of blocks does. */
  halt(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    if (this.pause) clearTimeout(this.pause);
    this.wake();
    this.resume();
  }

  /** Whether blocks come by themselves; manual ones always can be made. */
  get automaticIsOn(): boolean {
    return this.isAutomatic;
  }
  setAutomatic(on: boolean): void {
    this.isAutomatic = on;
    if (!on) return;
    this.resume();
    this.workArrived();
  }

  /** Runs `job` while no block is being made. */
  async betweenBlocks<T>(job: () => Promise<T>): Promise<T> {
    const result = this.queue.then(job);
    this.queue = result.catch(() => {});
    return await result;
  }

  /** The pool says that something can run. */
  workArrived(): void {
    if (this.trigger.type !== 'instant' || this.running || this.stopped) return;
    if (!this.isAutomatic) return;
    this.running = true;
    void this.automatic(() => this.drain()).then(() => {
      this.running = false;
      if (this.deps.hasWork()) setImmediate(() => this.workArrived());
    });
  }

  /**
   * @throws CodedError MANUAL_BLOCKS_REFUSED in open mode, BLOCK_TIME_NOT_MONOTONIC
   */
  async produceBlocks(count: number, startTime: Tai64 | null): Promise<BlockHeight> {
    if (this.trigger.type === 'open') {
      throw new CodedError(
        'MANUAL_BLOCKS_REFUSED',
        'Manual block production is not allowed with trigger `Open`',
      );
    }
    if (count > MANUAL_BLOCK_COUNT_MAX) {
      throw new CodedError(
        'MANUAL_BLOCKS_REFUSED',
        `At most ${MANUAL_BLOCK_COUNT_MAX} blocks can be made in one request`,
        { count },
      );
    }
    return await this.exclusive(async () => {
      let time = startTime ?? this.manualTime();
      for (let made = 0; made < count; made += 1) {
        if (time < this.deps.latest().time) {
          throw new CodedError(
            'BLOCK_TIME_NOT_MONOTONIC',
            'The block timestamp should monotonically increase',
          );
        }
        await this.make(time, null);
        time = this.manualTime();
      }
      await this.deps.settled();
      return this.deps.latest().height;
    });
  }

  private async drain(): Promise<void> {
    while (!this.stopped && this.isAutomatic && this.deps.hasWork()) {
      // What already lies in the sockets shall be in this block too: a block costs more than a
      // transaction.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.stopped || !this.isAutomatic) return;
      await this.make(this.automaticTime(), null);
    }
  }

  private armInterval(blockTimeMs: number): void {
    if (this.stopped) return;
    const dueInMs = Math.max(0, this.lastMadeAtMs + blockTimeMs - this.deps.nowMs());
    this.timer = setTimeout(() => {
      void this.automatic(async () => {
        if (this.stopped || !this.isAutomatic) return;
        // A manual block may have been made meanwhile: the period counts from the last block.
        if (this.deps.nowMs() - this.lastMadeAtMs < blockTimeMs) return;
        await this.make(this.automaticTime(), null);
      }).then(() => this.armInterval(blockTimeMs));
    }, dueInMs);
  }

  private async runOpen(periodMs: number): Promise<void> {
    while (!this.stopped) {
      if (!this.isAutomatic) {
        await new Promise<void>((resolve) => {
          this.resume = resolve;
        });
        this.lastMadeAtMs = this.deps.nowMs();
        continue;
      }
      const deadlineMs = this.lastMadeAtMs + periodMs;
      await this.automatic(() => this.make(this.openTime(periodMs), deadlineMs));
    }
  }

  private async make(time: Tai64, deadlineMs: number | null): Promise<void> {
    const startedAtMs = this.deps.nowMs();
    await this.deps.makeBlock(time, deadlineMs);
    this.lastMadeAtMs = deadlineMs ?? startedAtMs;
  }

  private now(): Tai64 {
    return unixSecondsToTai64(Math.floor(this.deps.nowMs() / 1000));
  }

  private manualTime(): Tai64 {
    const last = this.deps.latest().time;
    const told = this.told();
    if (told !== null) return told;
    if (this.trigger.type === 'interval') {
      return last + BigInt(Math.floor(this.trigger.blockTimeMs / 1000));
    }
    const elapsedMs = Math.max(0, this.deps.nowMs() - this.lastMadeAtMs);
    return last + BigInt(Math.floor(elapsedMs / 1000));
  }

  private told(): Tai64 | null {
    return this.deps.clockTime?.(this.deps.latest().time) ?? null;
  }

  private automaticTime(): Tai64 {
    const told = this.told();
    if (told !== null) return told;
    const now = this.now();
    return now > this.deps.latest().time ? now : this.manualTime();
  }

  private openTime(periodMs: number): Tai64 {
    const told = this.told();
    if (told !== null) return told;
    const expected = this.deps.latest().time + BigInt(Math.floor(periodMs / 1000));
    const now = this.now();
    return now > expected ? now : expected;
  }

  /** Never rejects: nobody asked for this block. A failure is logged, and not repeated at once. */
  private async automatic(job: () => Promise<void>): Promise<void> {
    try {
      await this.exclusive(job);
    } catch {
      const pauseMs = this.deps.retryAfterMs ?? RETRY_AFTER_MS;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        this.pause = setTimeout(resolve, pauseMs);
      });
    }
  }

  private exclusive<T>(job: () => Promise<T>): Promise<T> {
    const result = this.queue.then(job);
    this.queue = result.catch((reason: unknown) => {
      this.deps.log.error(`Block production failed: ${String(reason)}`);
    });
    return result;
  }
}
