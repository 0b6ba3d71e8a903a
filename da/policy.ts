/** When a frame is sent: pure rules over what waits and what sending costs. */

/** Limits and wishes of a poster. Durations in ms, sizes in bytes of the frame. */
export type PostPolicy = {
  /** A frame of this size is worth sending. */
  readonly batchBytes: number;
  readonly batchBlocks: number;
  /** The oldest block waits no longer for company. */
  readonly batchAgeMs: number;
  /** So far behind, the price does not matter any more. */
  readonly behindBlocks: number;
  readonly behindAgeMs: number;
  /** A price per byte at which we always send, in the layer's unit times 10^6. */
  readonly cheapPerMegabyte: bigint;
  /** How far above the long average the price may be when we are almost too far behind. */
  readonly toleranceMax: number;
  /** Beyond these block production waits. */
  readonly backlogBlocksMax: number;
  readonly backlogBytesMax: number;
  /** A submission without an answer is looked for this long before it is sent again. */
  readonly resendAfterMs: number;
  readonly submitTimeoutMs: number;
  /** Pause after a failure, and between looks for finality. */
  readonly retryMs: number;
  readonly finalityPollMs: number;
};

export type Waiting = {
  readonly blocks: number;
  /** As a frame. */
  readonly bytes: number;
  readonly oldestAgeMs: number;
};

/** Whether there is enough for a frame. */
export function isWorthAFrame(waiting: Waiting, policy: PostPolicy): boolean {
  return (
    waiting.blocks > 0 &&
    (waiting.bytes >= policy.batchBytes ||
      waiting.blocks >= policy.batchBlocks ||
      waiting.oldestAgeMs >= policy.batchAgeMs)
  );
}

/** How much of the allowed delay is used up, 0 to 1. */
export function lagOf(waiting: Waiting, policy: PostPolicy): number {
  const byBlocks = waiting.blocks / policy.behindBlocks;
  const byAge = waiting.oldestAgeMs / policy.behindAgeMs;
  return Math.min(1, Math.max(byBlocks, byAge));
}

/**
 * Whether the price is right: always when nothing is paid, when it is below the cheap price, or
 * when we are too far behind; else when the short average of prices is not above the long one times
 * a tolerance that grows from 1 with the lag.
 */
export function isPriceRight(waiting: Waiting, prices: PriceWatch, policy: PostPolicy): boolean {
  const lag = lagOf(waiting, policy);
  if (lag >= 1 || prices.now === null) return true;
  if (prices.now <= policy.cheapPerMegabyte) return true;
  const tolerance = 1 + lag * (policy.toleranceMax - 1);
  return prices.short <= prices.long * tolerance;
}

/** Weights of a new price in the averages: about the last 4 and the last 60. */
const SHORT_WEIGHT = 0.4;
const LONG_WEIGHT = 1 / 30;

/** Prices per megabyte as they were seen, in the layer's unit. */
export class PriceWatch {
  /** null: nothing is paid, or nothing is known. */
  now: bigint | null = null;
  short: number = 0;
  long: number = 0;

  see(price: bigint): void {
    const isFirst = this.now === null;
    const value = Number(price);
    this.now = price;
    this.short = isFirst ? value : this.short + SHORT_WEIGHT * (value - this.short);
    this.long = isFirst ? value : this.long + LONG_WEIGHT * (value - this.long);
  }
}
