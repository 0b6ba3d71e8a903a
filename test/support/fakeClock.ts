/** A clock that stands still until it is told to move. */
export class FakeClock {
  #nowMs: number;
  #serial = 0;
  readonly #tasks = new Map<number, { atMs: number; task: () => void }>();

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, task: () => void): () => void {
    this.#serial += 1;
    const key = this.#serial;
    this.#tasks.set(key, { atMs: this.#nowMs + delayMs, task });
    return () => this.#tasks.delete(key);
  }

  get taskCount(): number {
    return this.#tasks.size;
  }

  /** Moves on, running what falls due in order of time. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (;;) {
      const due = [...this.#tasks]
        .filter(([, { atMs }]) => atMs <= end)
        .sort((a, b) => a[1].atMs - b[1].atMs || a[0] - b[0])[0];
      if (due === undefined) break;
      this.#tasks.delete(due[0]);
      this.#nowMs = Math.max(this.#nowMs, due[1].atMs);
      due[1].task();
    }
    this.#nowMs = end;
  }
}
