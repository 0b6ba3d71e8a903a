/** The handle of a node in a worker thread: the thread of the tests stays free. */
import { Worker } from 'node:worker_threads';
import { CodedError } from '../../primitives/errors.ts';
import type { ApiHandler, ApiResponse } from '../inProcessFetch.ts';
import type { EmbeddedOptions } from './compose.ts';
import { type Account, type FromThread, nodeDied, type ToThread } from './messages.ts';

export type ThreadNode = ApiHandler & {
  readonly origin: string | null;
  readonly accounts: readonly Account[];
  close(): Promise<void>;
};

type Waiting = { resolve(answer: ApiResponse): void; reject(error: Error): void };

/** What has arrived of a stream and was not read yet. */
class Stream implements AsyncIterableIterator<string> {
  readonly #parts: string[] = [];
  readonly #cancel: () => void;
  #wake: () => void = () => {};
  #ended = false;

  constructor(cancel: () => void) {
    this.#cancel = cancel;
  }
  [Symbol.asyncIterator](): this {
    return this;
  }
  push(text: string): void {
    this.#parts.push(text);
    this.#wake();
  }
  end(): void {
    this.#ended = true;
    this.#wake();
  }
  async next(): Promise<IteratorResult<string>> {
    while (this.#parts.length === 0) {
      if (this.#ended) return { value: undefined, done: true };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return { value: this.#parts.shift() as string, done: false };
  }
  async return(): Promise<IteratorResult<string>> {
    if (!this.#ended) this.#cancel();
    this.end();
    return { value: undefined, done: true };
  }
}

class Handle implements ThreadNode {
  readonly origin: string | null;
  readonly accounts: readonly Account[];
  readonly #worker: Worker;
  readonly #waiting: Map<number, Waiting> = new Map();
  readonly #streams: Map<number, Stream> = new Map();
  readonly #gone: Promise<void>;
  #lastId = 0;
  #isGone = false;
  #why = 'it was closed';

  constructor(worker: Worker, greeting: Extract<FromThread, { type: 'ready' }>) {
    this.#worker = worker;
    this.origin = greeting.origin;
    this.accounts = greeting.accounts;
    worker.on('message', (message: FromThread) => this.#hear(message));
    worker.on('error', (error) => {
      this.#why = String(error);
    });
    this.#gone = new Promise((resolve) => worker.once('exit', () => resolve(this.#end())));
  }

  handle(request: Parameters<ApiHandler['handle']>[0]): Promise<ApiResponse> {
    if (this.#isGone) return Promise.reject(nodeDied('a thread', this.#why));
    this.#lastId += 1;
    const id = this.#lastId;
    this.#say({ type: 'request', id, ...request });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  async close(): Promise<void> {
    if (!this.#isGone) this.#say({ type: 'close' });
    await this.#gone;
  }

  #say(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #hear(message: FromThread): void {
    if (message.type === 'part') this.#streams.get(message.id)?.push(message.text);
    else if (message.type === 'end') {
      this.#streams.get(message.id)?.end();
      this.#streams.delete(message.id);
    } else if (message.type === 'answer') this.#answer(message);
  }

  #answer({ id, status, headers, text }: Extract<FromThread, { type: 'answer' }>): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (text !== null) {
      waiting?.resolve({ status, headers, body: text });
      return;
    }
    const stream = new Stream(() => this.#say({ type: 'cancel', id }));
    this.#streams.set(id, stream);
    waiting?.resolve({ status, headers, body: stream });
  }

  #end(): void {
    this.#isGone = true;
    for (const { reject } of this.#waiting.values()) reject(nodeDied('a thread', this.#why));
    this.#waiting.clear();
    for (const stream of this.#streams.values()) stream.end();
    this.#streams.clear();
  }
}

/** @throws CodedError what the node cannot start for, NODE_DIED */
export function startThread(options: EmbeddedOptions): Promise<ThreadNode> {
  const worker = new Worker(new URL('./threadEntry.js', import.meta.url), {
    workerData: options,
    // Nothing of the caller's flags (a test runner's, say) is meant for the node.
    execArgv: [],
  });
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void => reject(nodeDied('a thread', String(error)));
    const exited = (): void => failed('before it was ready');
    worker.once('error', failed);
    worker.once('exit', exited);
    worker.once('message', (greeting: FromThread) => {
      worker.off('error', failed);
      worker.off('exit', exited);
      if (greeting.type === 'ready') resolve(new Handle(worker, greeting));
      else if (greeting.type === 'failed') {
        const { code, message } = greeting.error;
        worker.once('exit', () => reject(new CodedError(code, message)));
      }
    });
  });
}
