/** Lanes that workers have, oldest first, and results that wait to be taken in. */

export type LaneOut = {
  readonly lane: readonly number[];
  /** Since the start of the block. */
  readonly startMs: number;
  readonly expectedMs: number;
};

/**
 * A worker gets the next lane when the one that runs is expected to take so much longer: soon enough
 * not to wait, late enough to be given what it will have time for. Unit: ms.
 */
export const READY_BEFORE_MS = 1.5;

type Of = {
  lanes: LaneOut[];
  /** Results that came while the main thread ran something. */
  results: Uint8Array[];
  /** When the lane that runs can have begun. */
  begunMs: number;
};

/** Times are ms since the start of the block. */
export class LanesOut {
  readonly #workers: readonly Of[];

  constructor(workerCount: number) {
    this.#workers = Array.from({ length: workerCount }, () => ({
      lanes: [],
      results: [],
      begunMs: 0,
    }));
  }

  get isAnyOut(): boolean {
    return this.#workers.some(({ lanes }) => lanes.length > 0);
  }

  get hasResults(): boolean {
    return this.#workers.some(({ results }) => results.length > 0);
  }

  add(worker: number, lane: LaneOut): void {
    const of = this.#workers[worker]!;
    if (of.lanes.length === 0) of.begunMs = lane.startMs;
    of.lanes.push(lane);
  }

  arrived(worker: number, result: Uint8Array, nowMs: number): void {
    const of = this.#workers[worker]!;
    of.results.push(result);
    of.begunMs = nowMs;
  }

  isOut(worker: number): boolean {
    return this.#workers[worker]!.lanes.length > 0;
  }

  takeResult(worker: number): Uint8Array | null {
    return this.#workers[worker]!.results.shift() ?? null;
  }

  /** The oldest lane of a worker, which it has no longer. */
  takeLane(worker: number): LaneOut | null {
    return this.#workers[worker]!.lanes.shift() ?? null;
  }

  /** The worker is gone. */
  drop(worker: number): void {
    const of = this.#workers[worker]!;
    of.lanes = [];
    of.results = [];
  }

  /** Whether a worker has nothing to run, or nearly so. */
  isWanting(worker: number, nowMs: number): boolean {
    const { lanes, begunMs } = this.#workers[worker]!;
    const [running, ready] = lanes;
    if (running === undefined) return true;
    return ready === undefined && nowMs - begunMs >= running.expectedMs - READY_BEFORE_MS;
  }
}
