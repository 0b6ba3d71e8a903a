/**
 * Frames made in a thread beside the main one. It has the registry; where that has forgotten, it
 * asks once per frame for the transactions that are missing. A node with little to post has no
 * thread. One that dies is replaced, a few times; then frames are made here. A registry that is new
 * (after a start, a death, a frame that was not sent) is filled from the newest blocks of the chain.
 */
import { Worker } from 'node:worker_threads';
import type { BlockToWrite } from '../da/compact/encode.ts';
import type { ChainHistory } from '../da/compact/history.ts';
import { type FrameMaker, type FrameMakerOptions, frameMaker } from '../da/maker.ts';
import { CodedError } from '../primitives/errors.ts';
import type { B256, BlockHeight } from '../primitives/types.ts';
import { encodeTx } from '../tx/codec/transaction.ts';
import type { FrameAnswer, FrameTask, PackedBlock, Place, PlacedBytes } from './daFrameMessages.ts';

/** Transactions in a frame with which the thread starts. */
export const FRAME_THREAD_TXS_MIN = 256;
/** Threads that may die before frames are made on the calling thread. */
export const FRAME_THREAD_DEATHS_MAX = 3;
/** Of the chain, what fills a new registry at most. */
export const RECALLED_TXS_MAX = 10_000;
export const RECALLED_BLOCKS_MAX = 1_000;

/** Blocks of the chain below a height, newest first; read as far as they are wanted. */
export type EarlierBlocks = (below: BlockHeight) => Iterable<BlockToWrite>;

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

const buffersOf = (blocks: readonly PackedBlock[]): ArrayBuffer[] =>
  blocks.map(({ bytes }) => bytes.buffer as ArrayBuffer);

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
      this.#post({ kind: 'make', previous, blocks: made }, buffersOf(made));
    });
  }

  recall(blocks: readonly BlockToWrite[]): void {
    const earlier = blocks.map(packed);
    this.#post({ kind: 'recall', blocks: earlier }, buffersOf(earlier));
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
  const text = 'the thread that makes frames has ended; the frame is made again';
  return new CodedError('DA_FRAME_THREAD_DIED', text, {}, cause ?? undefined);
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What a new registry is filled from, heights ascending; other work goes on meanwhile. */
async function newest(earlier: Iterable<BlockToWrite>): Promise<BlockToWrite[]> {
  const found: BlockToWrite[] = [];
  let txCount = 0;
  for (const each of earlier) {
    found.push(each);
    txCount += each.block.transactions.length;
    if (txCount >= RECALLED_TXS_MAX || found.length >= RECALLED_BLOCKS_MAX) break;
    await turn();
  }
  return found.reverse();
}

/**
 * @param workerUrl null: frames are made on the calling thread
 * @param earlier default: a new registry stays empty
 */
export function threadedFrames(
  options: FrameMakerOptions,
  history: ChainHistory,
  workerUrl: URL | null,
  earlier: EarlierBlocks = () => [],
): FrameMaker {
  let maker: FrameMaker = frameMaker(options, history);
  let isNew = true;
  let deaths = 0;
  const change = (to: FrameMaker): void => {
    maker = to;
    isNew = true;
  };
  return {
    async make(previous, blocks) {
      if (maker instanceof FrameThread && maker.isDead) {
        deaths += 1;
        change(frameMaker(options, history));
      }
      const txCount = blocks.reduce((sum, { block }) => sum + block.transactions.length, 0);
      const mayStart = workerUrl !== null && deaths < FRAME_THREAD_DEATHS_MAX;
      if (mayStart && !(maker instanceof FrameThread) && txCount >= FRAME_THREAD_TXS_MIN) {
        change(new FrameThread(workerUrl, options, history));
      }
      if (isNew) {
        isNew = false;
        for (const each of await newest(earlier(blocks[0]?.block.header.height ?? 0))) {
          maker.recall([each]);
          await turn();
        }
      }
      return await maker.make(previous, blocks);
    },
    forget() {
      maker.forget();
      isNew = true;
    },
    recall(blocks) {
      maker.recall(blocks);
    },
    async close() {
      await maker.close();
    },
  };
}
