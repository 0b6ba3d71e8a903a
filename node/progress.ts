/** How fast a long derivation goes, and when it will be done. */

/** Rates are of about this time, so that they follow what happens now. Unit: ms. */
const WINDOW_MS = 10_000;

export class ProgressMeter {
  readonly #nowMs: () => number;
  #startedAtMs: number;
  #startHeight = 0n;
  #totals = { blocks: 0, bytes: 0 };
  /** Totals at earlier times, oldest first. */
  #marks: { atMs: number; blocks: number; bytes: number }[] = [];

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#startedAtMs = nowMs();
  }

  /** @param layerHeight where reading begins */
  begin(layerHeight: bigint): void {
    this.#startedAtMs = this.#nowMs();
    this.#startHeight = layerHeight;
    this.#marks = [{ atMs: this.#startedAtMs, blocks: 0, bytes: 0 }];
  }

  add(blocks: number, bytes: number): void {
    this.#totals.blocks += blocks;
    this.#totals.bytes += bytes;
    const atMs = this.#nowMs();
    const last = this.#marks.at(-1);
    if (last !== undefined && atMs - last.atMs < WINDOW_MS / 10) return;
    this.#marks.push({ atMs, ...this.#totals });
    while (this.#marks.length > 2 && atMs - this.#marks[0]!.atMs > WINDOW_MS) this.#marks.shift();
  }

  rates(): { blocksPerSecond: number; bytesPerSecond: number } {
    const first = this.#marks[0] ?? { atMs: this.#startedAtMs, blocks: 0, bytes: 0 };
    const seconds = Math.max(0.001, (this.#nowMs() - first.atMs) / 1000);
    return {
      blocksPerSecond: (this.#totals.blocks - first.blocks) / seconds,
      bytesPerSecond: (this.#totals.bytes - first.bytes) / seconds,
    };
  }

  /** From the share of the layer that is read; null before anything is. */
  etaSeconds(layerHeight: bigint, layerTip: bigint): number | null {
    const done = Number(layerHeight - this.#startHeight);
    const left = Number(layerTip - layerHeight);
    if (done <= 0 || left < 0) return null;
    const seconds = (this.#nowMs() - this.#startedAtMs) / 1000;
    return Math.ceil((seconds * left) / done);
  }

  line(at: {
    readonly height: number;
    readonly layerHeight: bigint;
    readonly layerTip: bigint;
    readonly etaSeconds: number | null;
  }): string {
    const { blocksPerSecond, bytesPerSecond } = this.rates();
    const span = Number(at.layerTip - this.#startHeight);
    const share = span <= 0 ? 1 : Number(at.layerHeight - this.#startHeight) / span;
    const eta = at.etaSeconds === null ? '' : `, about ${duration(at.etaSeconds)} left`;
    return (
      `${bar(share)} ${(100 * share).toFixed(0)} %, block ${at.height}, ` +
      `${blocksPerSecond.toFixed(0)} blocks/s, ${(bytesPerSecond / 1e6).toFixed(2)} MB/s${eta}`
    );
  }
}

/**
 * `block 300 of 1000, 120 blocks/s, about 6 s left`
 * @param since where it stood before `ms`
 */
export function blocksLine(height: number, tip: number, since: number, ms: number): string {
  const rate = (1000 * (height - since)) / Math.max(1, ms);
  const left = rate > 0 ? `, about ${duration(Math.ceil((tip - height) / rate))} left` : '';
  return `block ${height} of ${tip}, ${rate.toFixed(rate < 10 ? 1 : 0)} blocks/s${left}`;
}

const BAR_CELLS = 20;

/** `[####....]` */
export function bar(share: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_CELLS - full)}]`;
}

/** `1 h 3 min`, `2 min 5 s`, `7 s`. @param seconds whole */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
