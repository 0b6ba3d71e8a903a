/**
 * Frames made in a thread beside the main one. It has the registry; where that has forgotten, it
 * asks once per frame for the transactions that are missing. A node with little to post has no
 * thread, and one that dies is not missed: frames are then made here.
 */
import { Worker } from 'node:worker_threads';
import type { BlockToWrite } from '../da/compact/encode.ts';
import type { ChainHistory } from '../da/compact/history.ts';
import { type FrameMaker, type FrameMakerOptions, frameMaker } from '../da/maker.ts';
import { CodedError } from '../primitives/errors.ts';
import type { B256 } from '../primitives/types.ts';
import { encodeTx } from '../tx/codec/transaction.ts';
import type { FrameAnswer, FrameTask, PackedBlock, Place, PlacedBytes } from './daFrameMessages.ts';

/** Transactions in a frame with which the thread starts. */
export const FRAME_THREAD_TXS_MIN = 256;

function packed({ block, ids }: BlockToWrite): PackedBlock {
  const { transactions, ...rest } = block;
  const lengths = Uint32Array.from(transactions, ({ length }) => length);
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const raw of transactions) {
    bytes.set(raw, at);
    at += raw.length;
  }
  return { ...rest, bytes, lengths, ids };
}

class FrameThread implements FrameMaker {
  readonly #worker: Worker;
  readonly #history: ChainHistory;
  /** The frame that is being made; one at a time. */
  #asked: { resolve: (bytes: Uint8Array) => void; reject: (why: Error) => void } | null = null;
  isDead = false;

  constructor(workerUrl: URL, options: FrameMakerOptions, history: ChainHistory) {
    this.#history = history;
    this.#worker = new Worker(workerUrl, { workerData: options });
    this.#worker.unref();
    this.#worker.on('message', (answer: FrameAnswer) => this.#answered(answer));
    this.#worker.once('error', (error) => this.#ended(error));
    this.#worker.once('exit', () => this.#ended(null));
  }

  make(previous: B256, blocks: readonly BlockToWrite[]): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      if (this.isDead) return reject(died(null));
      this.#asked = { resolve, reject };
      // Somebody waits for the answer: the process does not end before it.
      this.#worker.ref();
      const made = blocks.map(packed);
      const buffers = made.map(({ bytes }) => bytes.buffer as ArrayBuffer);
      this.#post({ kind: 'make', previous, blocks: made }, buffers);
    });
  }

  forget(): void {
    this.#post({ kind: 'forget' });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #post(task: FrameTask, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(task, transfer);
  }

  #answered(answer: FrameAnswer): void {
    if (answer.kind === 'places') {
      this.#post({ kind: 'places', placed: answer.places.map((place) => this.#placed(place)) });
      return;
    }
    const asked = this.#asked;
    this.#asked = null;
    this.#worker.unref();
    if (answer.kind === 'frame') asked?.resolve(answer.bytes);
    else asked?.reject(new CodedError('DA_FRAME_FAILED', `no frame was made: ${answer.reason}`));
  }

  #placed({ height, txIndex }: Place): PlacedBytes {
    const found = this.#history.transactionAt(height, txIndex);
    return found === null ? null : { id: found.id, raw: encodeTx(found.tx) };
  }

  #ended(cause: Error | null): void {
    this.isDead = true;
    this.#asked?.reject(died(cause));
    this.#asked = null;
  }
}

function died(cause: Error | null): CodedError {
  const text = 'the thread that makes frames has ended; frames are made on the main thread now';
  return new CodedError('DA_FRAME_THREAD_DIED', text, {}, cause ?? undefined);
}

/** @param workerUrl null: frames are made on the calling thread */
export function threadedFrames(
  options: FrameMakerOptions,
  history: ChainHistory,
  workerUrl: URL | null,
): FrameMaker {
  let here: FrameMaker | null = frameMaker(options, history);
  let thread: FrameThread | null = null;
  return {
    async make(previous, blocks) {
      if (thread?.isDead) {
        thread = null;
        workerUrl = null;
        here = frameMaker(options, history);
      }
      const txCount = blocks.reduce((sum, { block }) => sum + block.transactions.length, 0);
      if (thread === null && workerUrl !== null && txCount >= FRAME_THREAD_TXS_MIN) {
        thread = new FrameThread(workerUrl, options, history);
        here = null;
      }
      return await (thread ?? here!).make(previous, blocks);
    },
    forget() {
      (thread ?? here!).forget();
    },
    async close() {
      await (thread ?? here!).close();
    },
  };
}
