/**
 * The line between the main thread and one worker: a port for contents, shared counters for waking.
 *
 * Both ends take messages off the port synchronously, so neither needs its event loop: the worker
 * sleeps on a counter, the main thread looks at a bell between the transactions that it runs
 * itself and whenever those read state. A message costs about as much as a short transfer takes
 * to run; a lane is one message each way.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { assert, CodedError } from '../primitives/errors.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import { decodeJob, encodeJob, encodeResult } from './laneCodec.ts';
import type {
  LaneJob,
  LaneParcel,
  LaneResult,
  LineEnd,
  ReadAnswer,
  ReadRequest,
  ToMain,
  ToWorker,
} from './laneMessages.ts';
import type { BlockOverlay } from './overlay.ts';
import type { BlockEnv } from './ports.ts';

/** Places in the signals of a line. */
export const SIGNAL = {
  /** Messages that the main thread has sent; the worker sleeps on it. */
  sent: 0,
  /** 1: the worker takes lanes. */
  serving: 1,
} as const;
const SIGNAL_COUNT = 2;
/** A waiting worker gives its event loop a turn so often. */
const TURN_EVERY_MS = 4;

/** What a running lane may see. */
export type LaneWorld = {
  readonly overlay: BlockOverlay;
  /** Provisional index of who created code or a blob in this round; -1: nobody. */
  readonly createdAt: (kind: 'code' | 'blob', id: `0x${string}`) => number;
  /** Hears which slots and balances lanes ask for. */
  readonly onAsked?: (request: ReadRequest) => void;
};

/** How a lane asks. */
export type AskMain = (request: ReadRequest) => ReadAnswer;

export function newSignals(): SharedArrayBuffer {
  return new SharedArrayBuffer(SIGNAL_COUNT * Int32Array.BYTES_PER_ELEMENT);
}

/** Rung by all workers of a runner. */
export class Bell {
  readonly shared: SharedArrayBuffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #rung: Int32Array = new Int32Array(this.shared);
  #heard: number = 0;

  /** Whether somebody rang since the last call. */
  heard(): boolean {
    const rung = Atomics.load(this.#rung, 0);
    if (rung === this.#heard) return false;
    this.#heard = rung;
    return true;
  }

  /** Sleeps until somebody rings, at most `ms`; not at all when somebody did. */
  sleep(ms: number): void {
    Atomics.wait(this.#rung, 0, this.#heard, ms);
  }
}

/** The main thread's end. */
export class MainLine {
  readonly #port: MessagePort;
  readonly #signals: Int32Array;
  /** Those that the worker has. */
  #params: ConsensusParameters | null = null;

  constructor(port: MessagePort, signals: SharedArrayBuffer) {
    this.#port = port;
    this.#signals = new Int32Array(signals);
    // A line nobody uses must not keep the process alive.
    port.unref();
  }

  get isServed(): boolean {
    return Atomics.load(this.#signals, SIGNAL.serving) === 1;
  }

  send(job: LaneJob): void {
    const bytes = encodeJob(job);
    this.#post({ kind: 'lane', ...this.#envOf(job), bytes }, [bytes.buffer]);
  }

  #envOf({ env: whole }: LaneJob): Pick<LaneParcel, 'env' | 'params'> {
    if (whole === null) return { env: null, params: null };
    const { params, ...env } = whole;
    if (params === this.#params) return { env, params: null };
    this.#params = params;
    return { env, params };
  }

  rest(): void {
    this.#post({ kind: 'rest' });
  }

  /**
   * Answers what was asked, from `world`.
   * @returns the bytes of a finished lane when there are any
   */
  take(world: LaneWorld): Uint8Array | null {
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return null;
      const message = received.message as ToMain;
      if (message.kind === 'result') return message.bytes;
      world.onAsked?.(message.request);
      this.#post({ kind: 'answer', answer: answerOf(message.request, world) });
    }
  }

  close(): void {
    this.#port.close();
  }

  #post(message: ToWorker, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
    Atomics.add(this.#signals, SIGNAL.sent, 1);
    Atomics.notify(this.#signals, SIGNAL.sent);
  }
}

/** The worker's end. */
export class WorkerLine {
  readonly #port: MessagePort;
  readonly #signals: Int32Array;
  readonly #bell: Int32Array;
  readonly #readTimeoutMs: number;
  /** A lane that came while an answer was waited for. */
  #early: ToWorker | null = null;
  #params: ConsensusParameters | null = null;

  constructor(end: LineEnd & { readonly readTimeoutMs: number }) {
    this.#port = end.port;
    this.#signals = new Int32Array(end.signals);
    this.#bell = new Int32Array(end.bell);
    this.#readTimeoutMs = end.readTimeoutMs;
  }

  /**
   * Asks the main thread; it looks at its bell often.
   * @throws CodedError EXECUTION_READ_TIMEOUT
   */
  ask(request: ReadRequest): ReadAnswer {
    this.#post({ kind: 'ask', request });
    let message = this.#next(this.#readTimeoutMs);
    if (message?.kind === 'lane') {
      this.#early = message;
      message = this.#next(this.#readTimeoutMs);
    }
    if (message?.kind !== 'answer') {
      throw new CodedError(
        'EXECUTION_READ_TIMEOUT',
        'the main thread did not answer a state read in time; it is blocked by something else',
        { kind: request.kind, timeoutMs: this.#readTimeoutMs },
      );
    }
    return message.answer;
  }

  /**
   * Runs lanes until it is told to rest, or nobody came for `idleMs`. Between lanes, and now and then
   * while it waits, the event loop of the thread gets a turn: the engine compiles there.
   */
  async serve(idleMs: number, run: (job: LaneJob) => LaneResult): Promise<void> {
    Atomics.store(this.#signals, SIGNAL.serving, 1);
    try {
      for (let idleSinceMs = performance.now(); ; ) {
        await new Promise((resolve) => setImmediate(resolve));
        const message = this.#early ?? this.#next(Math.min(idleMs, TURN_EVERY_MS));
        this.#early = null;
        if (message === null && performance.now() - idleSinceMs < idleMs) continue;
        if (message?.kind !== 'lane') return;
        const bytes = encodeResult(run(decodeJob(message.bytes, this.#envOf(message))));
        this.#post({ kind: 'result', bytes }, [bytes.buffer]);
        idleSinceMs = performance.now();
      }
    } finally {
      Atomics.store(this.#signals, SIGNAL.serving, 0);
    }
  }

  #envOf({ env, params }: LaneParcel): BlockEnv | null {
    this.#params = params ?? this.#params;
    if (env === null) return null;
    assert(this.#params !== null, 'parameters come with the first block');
    return { ...env, params: this.#params };
  }

  /** null: nothing came in time. */
  #next(timeoutMs: number): ToWorker | null {
    for (;;) {
      // Read before looking: whoever sends afterwards changes it, and the wait ends at once.
      const sent = Atomics.load(this.#signals, SIGNAL.sent);
      const received = receiveMessageOnPort(this.#port);
      if (received !== undefined) return received.message as ToWorker;
      if (Atomics.wait(this.#signals, SIGNAL.sent, sent, timeoutMs) === 'timed-out') return null;
    }
  }

  #post(message: ToMain, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
    Atomics.add(this.#bell, 0, 1);
    Atomics.notify(this.#bell, 0);
  }
}

function answerOf(request: ReadRequest, world: LaneWorld): ReadAnswer {
  const { overlay } = world;
  switch (request.kind) {
    case 'slot':
      return overlay.base.slot(request.id, request.key);
    case 'balance':
      return overlay.base.balance(request.id, request.key);
    case 'code':
    case 'blob': {
      const bytes =
        request.kind === 'code' ? overlay.contractCode(request.id) : overlay.blob(request.id);
      const createdAt = world.createdAt(request.kind, request.id);
      // It was created out of turn: in block order it does not exist yet.
      if (bytes === null || createdAt >= request.txIndex) return null;
      return { bytes: request.have ? null : bytes, createdAt };
    }
    case 'blockId':
      return overlay.base.blockId(request.height);
    case 'blockTime':
      return overlay.base.blockTime(request.height);
  }
}
