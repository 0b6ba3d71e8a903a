/** One execution thread: a piscina of one, with the line on which it asks for state. */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { CodedError } from '../primitives/errors.ts';
import type { ContractId } from '../primitives/types.ts';
import { engineReport } from '../vm/engine.ts';
import type { LaneJob, LaneResult, LaneTask } from './laneMessages.ts';
import { type LaneWorld, serveReads } from './laneReads.ts';

export type LaneThreadOptions = {
  /** Compiled entry file of the thread. */
  readonly workerUrl: URL;
  /** A lane that takes longer counts as hanging. */
  readonly laneTimeoutMs: number;
  /** How long a lane waits for an answer of the main thread. */
  readonly readTimeoutMs: number;
};

/** A thread that takes longer to start counts as not starting. */
const THREAD_START_MS_MAX = 30_000;

type Line = { readonly pool: Piscina<LaneTask, LaneResult | null>; readonly port: MessagePort };

/** Started by its first job; after a failure the next job starts a new thread. */
export class LaneThread {
  readonly #options: LaneThreadOptions;
  #line: Line | null = null;
  #world: LaneWorld | null = null;
  /** The block whose reads the thread remembers; 0: none. */
  blockNumber: number = 0;
  /** How much of each contract's list of writes the thread has. */
  seen: Map<ContractId, number> = new Map();

  constructor(options: LaneThreadOptions) {
    this.#options = options;
  }

  /**
   * @throws CodedError EXECUTION_WORKER_START when there is no thread to run on; else whatever ended
   *   the lane: the thread died, hung, or met a broken invariant
   */
  async run(job: LaneJob, world: LaneWorld): Promise<LaneResult> {
    this.#line ??= await this.#start();
    this.#world = world;
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), this.#options.laneTimeoutMs);
    try {
      const transferList = [job.raws.bytes.buffer as ArrayBuffer];
      const result = await this.#line.pool.run(job, { transferList, signal: abort.signal });
      if (result === null) {
        throw new CodedError('EXECUTION_WORKER_DIED', 'a lane worker gave no result');
      }
      return result;
    } finally {
      clearTimeout(timer);
      this.#world = null;
    }
  }

  /** Ends the thread, and with it everything it remembers. */
  async stop(): Promise<void> {
    const line = this.#line;
    this.#line = null;
    this.blockNumber = 0;
    this.seen = new Map();
    if (line === null) return;
    line.port.close();
    await line.pool.destroy();
  }

  async #start(): Promise<Line> {
    const pool = new Piscina<LaneTask, LaneResult | null>({
      filename: this.#options.workerUrl.href,
      minThreads: 1,
      maxThreads: 1,
    });
    // The failure of a lane is seen where it is awaited.
    pool.on('error', () => {});
    const { port1, port2 } = new MessageChannel();
    const answered = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
    serveReads(port1, answered, () => this.#world);
    const { readTimeoutMs } = this.#options;
    const { setting, seed } = engineReport();
    const hello: LaneTask = {
      kind: 'hello',
      port: port2,
      answered,
      readTimeoutMs,
      engine: { setting, seed },
    };
    try {
      const signal = AbortSignal.timeout(THREAD_START_MS_MAX);
      await pool.run(hello, { transferList: [port2], signal });
    } catch (error) {
      port1.close();
      await pool.destroy();
      throw new CodedError(
        'EXECUTION_WORKER_START',
        'an execution thread did not start; check that the package is complete',
        { file: this.#options.workerUrl.href },
        error,
      );
    }
    return { pool, port: port1 };
  }
}
