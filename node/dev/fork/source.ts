/**
 * Where a fork gets its answers: memory, then the cache on disk, then the remote chain. The state is
 * read synchronously, so the thread that asks stands still while another one fetches.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { CodedError } from '../../../primitives/errors.ts';
import type { ForkStatus } from '../types.ts';
import type { RemoteAmount, RemoteChain } from './questions.ts';
import { fetchChain } from './remote.ts';
import type { Fetched, FetchJob } from './thread.ts';

/** How a fork is asked for. */
export type ForkSettings = {
  /** GraphQL URL of the chain. */
  readonly url: string;
  /** null: the newest, or what the cache was recorded at. */
  readonly height: number | null;
  /** Directory that keeps what was fetched; null: nowhere. */
  readonly cacheDir: string | null;
  /** Nothing is fetched: everything has to be in the cache. */
  readonly offline: boolean;
};

/** One answer takes no longer. */
const WAIT_MS = 60_000;
/** Number of the table of slots where reads are told; its keys are contract and slot. */
const SLOTS = 2;
const SLOT_KEY_CHARS = 2 + 128;

type Run = {
  readonly storageReads: readonly {
    readonly column: string | number;
    readonly key: string;
    readonly value: string | null;
  }[];
};

const CACHE_FILE = 'fork.jsonl';

/** Answers of a recorded fork to what was not asked when it was recorded; others are refused. */
const NOTHING: Readonly<Record<string, unknown>> = {
  coin: null,
  coins: [],
  balance: { amount: '0' },
  balances: [],
  message: null,
  messageStatus: { state: 'NOT_FOUND' },
  messages: [],
  salt: null,
};

export class ForkSource {
  readonly chain: RemoteChain;
  readonly #settings: ForkSettings;
  readonly #known: Map<string, unknown>;
  #fetcher: { worker: Worker; port: MessagePort; signal: Int32Array } | null = null;
  #fetched = 0;
  #cached = 0;

  private constructor(settings: ForkSettings, chain: RemoteChain, known: Map<string, unknown>) {
    this.#settings = settings;
    this.chain = chain;
    this.#known = known;
  }

  /** @throws CodedError FORK_REMOTE, FORK_HEIGHT, FORK_CACHE, FORK_OFFLINE */
  static async open(settings: ForkSettings): Promise<ForkSource> {
    const known = readCache(settings);
    const recorded = known.get('chain') as RemoteChain | undefined;
    if (recorded === undefined && settings.offline) {
      throw new CodedError(
        'FORK_OFFLINE',
        `there is no recorded fork in ${settings.cacheDir ?? 'memory'}: run once without --fork-offline`,
      );
    }
    if (recorded !== undefined && settings.height !== null && recorded.height !== settings.height) {
      throw new CodedError(
        'FORK_CACHE',
        `the cache in ${settings.cacheDir} was recorded at ${recorded.height}, not ${settings.height}: use another --fork-cache`,
      );
    }
    const chain = recorded ?? (await fetchChain(settings.url, settings.height));
    const source = new ForkSource(settings, chain, known);
    if (recorded === undefined) source.#record('chain', chain);
    return source;
  }

  status(): ForkStatus {
    const { url, offline } = this.#settings;
    const { height, storage } = this.chain;
    return { url, height, storage, offline, fetched: this.#fetched, cached: this.#cached };
  }

  /** @throws CodedError FORK_REMOTE, FORK_OFFLINE */
  ask(question: string): unknown {
    if (this.#known.has(question)) {
      this.#cached += 1;
      return this.#known.get(question);
    }
    const listed = this.#fromList(question);
    if (listed !== undefined) return listed;
    const { offline, cacheDir } = this.#settings;
    if (offline) {
      const [kind] = question.split(':');
      // Owners and outputs that are new in this run: nobody asked for them when it was recorded.
      if (Object.hasOwn(NOTHING, kind as string)) return NOTHING[kind as string];
      throw new CodedError(
        'FORK_OFFLINE',
        `the fork recorded in ${cacheDir} does not know '${question}': run once without --fork-offline`,
        { question },
      );
    }
    const answer = this.#fetch(question);
    this.#fetched += 1;
    this.#record(question, answer);
    return answer;
  }

  /**
   * Learns the storage that a transaction reads, where it is shown in no other way. What the other
   * chain says of a transaction that it cannot try is nothing.
   * @param raw canonical bytes as hex
   */
  learn(raw: `0x${string}`): void {
    if (this.chain.storage !== 'runs' || this.#settings.offline) return;
    let run: Run;
    try {
      run = this.#fetch(`run:${raw}`) as Run;
    } catch {
      return;
    }
    this.#fetched += 1;
    for (const { column, key, value } of run.storageReads) {
      if (Number(column) !== SLOTS || key.length !== SLOT_KEY_CHARS) continue;
      const question = `slot:${key.slice(0, 66)}:0x${key.slice(66)}`;
      if (!this.#known.has(question)) this.#record(question, value === null ? [] : [{ value }]);
    }
  }

  /** The balance of an owner whose balances are all known; undefined: not known. */
  #fromList(question: string): { readonly amount: string } | undefined {
    const [kind, owner, assetId] = question.split(':');
    const all = kind === 'balance' ? this.#known.get(`balances:${owner}`) : undefined;
    if (all === undefined) return undefined;
    const found = (all as readonly RemoteAmount[]).find((each) => each.assetId === assetId);
    return { amount: found?.amount ?? '0' };
  }

  async close(): Promise<void> {
    this.#fetcher?.port.close();
    await this.#fetcher?.worker.terminate();
    this.#fetcher = null;
  }

  #fetch(question: string): unknown {
    this.#fetcher ??= this.#startFetcher();
    const { port, signal } = this.#fetcher;
    Atomics.store(signal, 0, 0);
    port.postMessage(question);
    Atomics.wait(signal, 0, 0, WAIT_MS);
    const received = receiveMessageOnPort(port) as { message: Fetched } | undefined;
    if (received?.message.ok) return received.message.answer;
    const why = received?.message.ok === false ? received.message.message : 'no answer in time';
    throw new CodedError('FORK_REMOTE', `'${question}' could not be fetched: ${why}`, { question });
  }

  #startFetcher(): { worker: Worker; port: MessagePort; signal: Int32Array } {
    const { port1, port2 } = new MessageChannel();
    const signal = new Int32Array(new SharedArrayBuffer(4));
    const { storage, height } = this.chain;
    const at = storage === 'history' ? height : null;
    const workerData: FetchJob = { url: this.#settings.url, at, signal, port: port2 };
    const worker = new Worker(new URL('./thread.js', import.meta.url), {
      workerData,
      transferList: [port2],
      execArgv: [],
    });
    worker.unref();
    port1.unref();
    return { worker, port: port1, signal };
  }

  #record(question: string, answer: unknown): void {
    this.#known.set(question, answer);
    const { cacheDir } = this.#settings;
    if (cacheDir === null) return;
    mkdirSync(cacheDir, { recursive: true });
    appendFileSync(join(cacheDir, CACHE_FILE), `${JSON.stringify([question, answer])}\n`);
  }
}

/** A last line that a killed process left half is not there. @throws CodedError FORK_CACHE */
function readCache({ cacheDir }: ForkSettings): Map<string, unknown> {
  const known = new Map<string, unknown>();
  const file = cacheDir === null ? null : join(cacheDir, CACHE_FILE);
  if (file === null || !existsSync(file)) return known;
  const lines = readFileSync(file, 'utf8').split('\n');
  lines.forEach((line, i) => {
    if (line === '') return;
    try {
      const [question, answer] = JSON.parse(line) as [string, unknown];
      known.set(question, answer);
    } catch (cause) {
      if (i === lines.length - 1) {
        // What follows is appended, and must not be appended to this.
        writeFileSync(
          file,
          lines
            .slice(0, i)
            .map((whole) => `${whole}\n`)
            .join(''),
        );
        return;
      }
      throw new CodedError('FORK_CACHE', `line ${i + 1} of ${file} is damaged`, { file }, cause);
    }
  });
  return known;
}
