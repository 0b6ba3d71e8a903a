/** Lanes that workers have, oldest first, and results that wait to be taken in. */

export type LaneOut = {
  readonly lane: readonly number[];
  /** Since the start of the block. */
  readonly startMs: number;
};

type Of = {
  lanes: LaneOut[];
  /** Results that came while the main thread ran something. */
  results: Uint8Array[];
};

export class LanesOut {
  readonly #workers: readonly Of[];

  constructor(workerCount: number) {
    this.#workers = Array.from({ length: workerCount }, () => ({
      lanes: [],
      results: [],
    }));
  }

  get isAnyOut(): boolean {
    return this.#workers.some(({ lanes }) => lanes.length > 0);
  }

  get hasResults(): boolean {
    return this.#workers.some(({ results }) => results.length > 0);
  }

  add(worker: number, lane: LaneOut): void {
    this.#workers[worker]!.lanes.push(lane);
  }

  arrived(worker: number, result: Uint8Array): void {
    this.#workers[worker]!.results.push(result);
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
}
