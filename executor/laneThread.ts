/**
 * One worker thread as the main thread sees it: started when first needed, told apart from a dead
 * or hanging one, ended and replaced. piscina keeps the thread alive and notices its death; lanes
 * go over a line of their own (`laneLine.ts`).
 */
import { MessageChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { CodedError } from '../primitives/errors.ts';
import type { ContractId } from '../primitives/types.ts';
import { engineChoice } from '../vm/engine.ts';
import { type Bell, type LaneWorld, MainLine, newSignals } from './laneLine.ts';
import type { LaneJob, LaneTask } from './laneMessages.ts';

export type LaneThreadOptions = {
  /** Compiled entry file of the thread. */
  readonly workerUrl: URL;
  /** Directory of the database that it may read; null: none. */
  readonly statePath: string | null;
  /** A lane that takes longer counts as hanging. */
  readonly laneTimeoutMs: number;
  /** How long a lane waits for an answer of the main thread. */
  readonly readTimeoutMs: number;
  /** Pause after a failed start; twice as long after each further one, up to a minute. */
  readonly startRetryMs: number;
  /** Hears why the thread did not start. */
  readonly onStartFailed: (fault: unknown, retryInMs: number) => void;
};

/** A thread that takes longer to start counts as not starting. */
const THREAD_START_MS_MAX = 30_000;
/** Longest pause between two attempts to start a thread. */
export const START_RETRY_MS_MAX: number = 60_000;
/** A thread without work goes to sleep after so long, and no longer keeps the process alive. */
const IDLE_MS = 200;
/**
 * Room for new objects of a thread (V8 gives 48): what a lane leaves behind is dead before it is full
 * twice. 1–4 % of the time of a block. Unit: MiB.
 */
const YOUNG_GENERATION_MIB = 96;
/** One lane runs, one lies ready. */
const LANES_AT_ONCE = 2;

type Started = { readonly pool: Piscina<LaneTask, null>; readonly line: MainLine };

/** Started by {@link LaneThread.start}; after a failure it can be started again. */
export class LaneThread {
  readonly #options: LaneThreadOptions;
  readonly #bell: Bell;
  #started: Started | null = null;
  #starting: Promise<void> | null = null;
  #isServing: boolean = false;
  /** Lanes that it has. */
  #laneCount: number = 0;
  /** Since when the first of them may have run. */
  #runsSinceMs: number = 0;
  /** Why the thread is of no use any more. */
  #fault: unknown = null;
  /** Failed starts since the last good one. */
  #startFailures: number = 0;
  /** It could not be started, and is not tried again before this time. */
  #retryAtMs: number = 0;
  /** The block whose reads the thread remembers; 0: none. */
  blockNumber: number = 0;
  /** Contracts of that block of which it knows that they exist. */
  told: Set<ContractId> = new Set();
  /** Contracts whose code it was sent. */
  readonly codes: Set<ContractId> = new Set();
  /** How much of each contract's list of writes the thread has. */
  seen: Map<ContractId, number> = new Map();

  constructor(options: LaneThreadOptions, bell: Bell) {
    this.#options = options;
    this.#bell = bell;
  }

  /** `ready`: takes a lane, and another. `broken`: it could not be started a moment ago. */
  get state(): 'none' | 'starting' | 'ready' | 'busy' | 'broken' {
    if (this.#isBroken) return 'broken';
    if (this.#starting !== null) return 'starting';
    if (this.#started === null) return 'none';
    return this.#laneCount < LANES_AT_ONCE ? 'ready' : 'busy';
  }

  get #isBroken(): boolean {
    return this.#startFailures > 0 && performance.now() < this.#retryAtMs;
  }

  /** Resolves when the thread is ready or broken. */
  start(): Promise<void> {
    if (this.#started !== null || this.#isBroken) return Promise.resolve();
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    return this.#starting;
  }

  send(job: LaneJob): void {
    if (this.#laneCount === 0) this.#runsSinceMs = performance.now();
    this.#laneCount += 1;
    this.#started?.line.send(job);
    this.#serve();
  }

  /**
   * Answers what the lane asked.
   * @returns the result when a lane is done; else null, or the fault when none will ever come
   */
  take(world: LaneWorld): Uint8Array | { readonly fault: unknown } | null {
    if (this.#laneCount === 0 || this.#started === null) return null;
    const bytes = this.#started.line.take(world);
    if (bytes !== null) {
      this.#laneCount -= 1;
      this.#runsSinceMs = performance.now();
      return bytes;
    }
    return this.seemsLost ? { fault: this.#fault ?? this.#hangs() } : null;
  }

  /** Whether the lane will probably never be done: the thread died, or has been at it too long. */
  get seemsLost(): boolean {
    if (this.#laneCount === 0) return false;
    if (this.#fault !== null) return true;
    return performance.now() - this.#runsSinceMs >= this.#options.laneTimeoutMs;
  }

  #hangs(): CodedError {
    const { laneTimeoutMs } = this.#options;
    return new CodedError('EXECUTION_WORKER_HANGS', 'a lane took longer than it may', {
      laneTimeoutMs,
    });
  }

  /** Ends the thread, and with it everything it remembers. */
  async stop(): Promise<void> {
    await this.#starting;
    const started = this.#started;
    this.#started = null;
    this.#laneCount = 0;
    this.#fault = null;
    this.#isServing = false;
    this.blockNumber = 0;
    this.codes.clear();
    this.seen = new Map();
    if (started === null) return;
    started.line.close();
    await started.pool.destroy();
  }

  /** A thread that went to sleep is woken; one that died leaves its fault. */
  #serve(): void {
    const started = this.#started;
    if (started === null || this.#isServing) return;
    this.#isServing = true;
    const ended = (fault: unknown): void => {
      if (this.#started !== started) return;
      this.#isServing = false;
      if (fault !== null) this.#fault = fault;
      else if (this.#laneCount > 0) this.#serve();
    };
    started.pool.run({ kind: 'serve', idleMs: IDLE_MS }).then(
      () => ended(null),
      (error: unknown) => ended(error ?? new Error('the thread ended')),
    );
  }

  async #start(): Promise<void> {
    const pool = new Piscina<LaneTask, null>({
      filename: this.#options.workerUrl.href,
      minThreads: 1,
      maxThreads: 1,
      // Else an idle thread blocks its event loop, where the engine compiles.
      atomics: 'disabled',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    });
    // The failure of a lane is seen where it is taken.
    pool.on('error', () => {});
    const { port1, port2 } = new MessageChannel();
    const signals = newSignals();
    const { readTimeoutMs } = this.#options;
    const hello: LaneTask = {
      kind: 'hello',
      port: port2,
      signals,
      bell: this.#bell.shared,
      readTimeoutMs,
      engine: engineChoice(),
      statePath: this.#options.statePath,
    };
    try {
      const signal = AbortSignal.timeout(THREAD_START_MS_MAX);
      await pool.run(hello, { transferList: [port2], signal });
      this.#started = { pool, line: new MainLine(port1, signals) };
      this.#startFailures = 0;
    } catch (fault) {
      // Whoever wants a lane runs it itself.
      const { onStartFailed, startRetryMs } = this.#options;
      const retryInMs = Math.min(startRetryMs * 2 ** this.#startFailures, START_RETRY_MS_MAX);
      this.#startFailures += 1;
      this.#retryAtMs = performance.now() + retryInMs;
      onStartFailed(fault, retryInMs);
      port1.close();
      await pool.destroy();
    }
  }
}
