/**
 * Signatures and predicates of what is submitted, in threads beside the main one.
 *
 * Signatures that arrive in one turn of the event loop go out as one batch: a message costs about
 * as much as one of them. Few are not worth the way and are recovered here, as everything is while
 * no thread runs. A thread starts with the first turn that is worth it, so a node that is hardly
 * used has none. One that dies is not missed: what it had is done here.
 */
import { Worker } from 'node:worker_threads';
import type { PredicateVerdict } from '../predicates/verify.ts';
import { bytesToHex, hexToBytes } from '../primitives/bytes.ts';
import { addressOfPublicKey, recoverPublicKey } from '../primitives/secp256k1.ts';
import type { Address, TxId } from '../primitives/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import { encodeParamsPostcard } from '../tx/paramsPostcard.ts';
import {
  type CheckAnswer,
  type CheckHello,
  type CheckTask,
  SIGNED_BYTES,
  SIGNER_BYTES,
} from './checkMessages.ts';

/** Jobs that may be out with one thread; more are done here, which slows the intake down. */
export const CHECKS_PER_THREAD_MAX = 1_024;
/** Signatures in one turn below which the way to a thread costs more than it saves. */
export const BATCH_MIN = 4;
/**
 * Batches that a thread has at once: it works on one while the next lies ready. What comes
 * meanwhile gathers for the one after, so batches grow with the load; waking a thread is dear.
 */
export const BATCHES_PER_THREAD = 2;
/** Signatures that gather at most before they go out, or are done here. */
export const GATHERED_MAX = 256;
/** Jobs that are done here before the first thread starts: a quiet node has none. */
export const THREADS_AFTER_JOBS = 64;
/** A thread that dies this often is not started again. */
export const THREAD_DEATHS_MAX = 3;

const SIGNATURE_BYTES = 64;

type SignerJob = {
  readonly signature: Uint8Array;
  readonly txId: TxId;
  readonly done: (signer: Address | null) => void;
};
type PredicateJob = {
  readonly task: { readonly txId: TxId; readonly raw: Uint8Array };
  readonly params: ConsensusParameters;
  readonly done: (verdict: PredicateVerdict | null) => void;
};
type Batch =
  | { readonly kind: 'signers'; readonly jobs: readonly SignerJob[] }
  | { readonly kind: 'predicates'; readonly job: PredicateJob };

type Thread = {
  readonly worker: Worker;
  readonly batches: Map<number, Batch>;
  readonly params: Set<number>;
  jobs: number;
};

export type CheckThreadsOptions = CheckHello & {
  /** 0: everything is done on the calling thread. */
  readonly threadCount: number;
  readonly workerUrl: URL;
};

/** What became of the jobs so far, and what is out now. */
export type CheckStats = {
  readonly here: number;
  readonly inThreads: number;
  readonly batches: number;
  readonly waiting: number;
  readonly threads: number;
  /** Time that all threads together were at work. */
  readonly busyMs: number;
};

/** Address that made `signature` over the id, on the calling thread; null: nobody can have. */
export function signerOf(signature: Uint8Array, txId: TxId): Address | null {
  const key = recoverPublicKey(signature, hexToBytes(txId));
  return key === null ? null : addressOfPublicKey(key);
}

export class CheckThreads {
  readonly #options: CheckThreadsOptions;
  readonly #threads: Thread[] = [];
  readonly #paramsKeys: WeakMap<ConsensusParameters, number> = new WeakMap();
  #gathered: SignerJob[] = [];
  #nextBatch = 0;
  #nextParamsKey = 0;
  #deaths = 0;
  #closed = false;
  #scheduled = false;
  #here = 0;
  #inThreads = 0;
  #batches = 0;
  #busyMs = 0;

  constructor(options: CheckThreadsOptions) {
    this.#options = options;
  }

  /** @param signature 64 bytes; the caller does not change them */
  signer(signature: Uint8Array, txId: TxId): Promise<Address | null> {
    return new Promise((done) => {
      this.#gathered.push({ signature, txId, done });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(this.#flush);
    });
  }

  /** null: it has to be verified on the calling thread. */
  predicates(
    task: PredicateJob['task'],
    params: ConsensusParameters,
  ): Promise<PredicateVerdict | null> {
    const thread = this.#threadFor(1);
    if (thread === null) {
      this.#here += 1;
      return Promise.resolve(null);
    }
    return new Promise((done) => {
      const job = { task, params, done };
      const { key, bytes } = this.#paramsFor(thread, params);
      const message = { kind: 'predicates', ...task, paramsKey: key, params: bytes } as const;
      this.#send(thread, { kind: 'predicates', job }, 1, message);
    });
  }

  stats(): CheckStats {
    let waiting = this.#gathered.length;
    for (const { jobs } of this.#threads) waiting += jobs;
    return {
      here: this.#here,
      inThreads: this.#inThreads,
      batches: this.#batches,
      waiting,
      threads: this.#threads.length,
      busyMs: this.#busyMs,
    };
  }

  /** Ends the threads; what they have is done here. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    const jobs = this.#gathered;
    if (jobs.length < GATHERED_MAX && this.#allAreBusy()) return;
    this.#gathered = [];
    let from = 0;
    while (jobs.length - from >= BATCH_MIN) {
      const thread = this.#threadFor(BATCH_MIN);
      if (thread === null) break;
      const free = CHECKS_PER_THREAD_MAX - thread.jobs;
      // Shares of equal size, so that all threads are done at about the same time.
      const share = Math.max(BATCH_MIN, Math.ceil(jobs.length / this.#options.threadCount));
      const batch = jobs.slice(from, from + Math.min(free, share));
      from += batch.length;
      const signed = new Uint8Array(batch.length * SIGNED_BYTES);
      batch.forEach(({ signature, txId }, i) => {
        signed.set(signature, i * SIGNED_BYTES);
        signed.set(hexToBytes(txId), i * SIGNED_BYTES + SIGNATURE_BYTES);
      });
      const message = { kind: 'signers', signed } as const;
      this.#send(thread, { kind: 'signers', jobs: batch }, batch.length, message);
    }
    for (; from < jobs.length; from++) this.#doHere(jobs[from]!);
  };

  /** Every thread that may run does, and has enough to do: the next answer takes what gathers. */
  #allAreBusy(): boolean {
    const { threadCount } = this.#options;
    return (
      this.#threads.length === threadCount &&
      threadCount > 0 &&
      this.#threads.every(({ batches }) => batches.size >= BATCHES_PER_THREAD)
    );
  }

  #doHere({ signature, txId, done }: SignerJob): void {
    this.#here += 1;
    done(signerOf(signature, txId));
  }

  /** The least busy thread that has room for `jobs`; starts one when all are busy. */
  #threadFor(jobs: number): Thread | null {
    let best: Thread | null = null;
    for (const each of this.#threads) {
      if (best === null || each.jobs < best.jobs) best = each;
    }
    const isBusy = best === null ? this.#here >= THREADS_AFTER_JOBS : best.jobs > 0;
    if (isBusy && this.#threads.length < this.#options.threadCount) this.#start();
    return best !== null && best.jobs + jobs <= CHECKS_PER_THREAD_MAX ? best : null;
  }

  /** It takes jobs from when it is up: until then they are done here. */
  #start(): void {
    if (this.#closed || this.#deaths >= THREAD_DEATHS_MAX) return;
    const { workerUrl, engine, vmRules } = this.#options;
    const worker = new Worker(workerUrl, { workerData: { engine, vmRules } satisfies CheckHello });
    worker.unref();
    const thread: Thread = { worker, batches: new Map(), params: new Set(), jobs: 0 };
    this.#threads.push(thread);
    thread.jobs = CHECKS_PER_THREAD_MAX;
    worker.on('message', (answer: CheckAnswer) => {
      if (answer.kind === 'ready') thread.jobs -= CHECKS_PER_THREAD_MAX;
      else this.#answered(thread, answer);
    });
    worker.once('error', () => {
      this.#deaths += 1;
    });
    worker.once('exit', () => this.#ended(thread));
  }

  #send(
    thread: Thread,
    batch: Batch,
    jobs: number,
    message:
      | Omit<Extract<CheckTask, { kind: 'signers' }>, 'batch'>
      | Omit<Extract<CheckTask, { kind: 'predicates' }>, 'batch'>,
  ): void {
    const number = this.#nextBatch++;
    thread.batches.set(number, batch);
    // Somebody waits for the answer: the process does not end before it.
    if (thread.jobs === 0) thread.worker.ref();
    thread.jobs += jobs;
    this.#inThreads += jobs;
    this.#batches += 1;
    thread.worker.postMessage({ ...message, batch: number });
  }

  #paramsFor(
    thread: Thread,
    params: ConsensusParameters,
  ): { key: number; bytes: Uint8Array | null } {
    let key = this.#paramsKeys.get(params);
    if (key === undefined) this.#paramsKeys.set(params, (key = this.#nextParamsKey++));
    if (thread.params.has(key)) return { key, bytes: null };
    thread.params.add(key);
    return { key, bytes: encodeParamsPostcard(params) };
  }

  #answered(thread: Thread, answer: Exclude<CheckAnswer, { kind: 'ready' }>): void {
    this.#busyMs += answer.busyMs;
    const batch = thread.batches.get(answer.batch);
    if (batch === undefined) return;
    thread.batches.delete(answer.batch);
    thread.jobs -= batch.kind === 'predicates' ? 1 : batch.jobs.length;
    if (thread.jobs === 0) thread.worker.unref();
    if (batch.kind === 'predicates') {
      batch.job.done(answer.kind === 'predicates' ? answer.verdict : null);
      if (this.#gathered.length > 0) this.#flush();
      return;
    }
    const signers = answer.kind === 'signers' ? answer.signers : new Uint8Array(0);
    batch.jobs.forEach((job, i) => {
      const at = i * SIGNER_BYTES;
      const found = signers[at] === 1;
      job.done(found ? bytesToHex(signers.subarray(at + 1, at + SIGNER_BYTES)) : null);
    });
    if (this.#gathered.length > 0) this.#flush();
  }

  #ended(thread: Thread): void {
    this.#threads.splice(this.#threads.indexOf(thread), 1);
    for (const batch of thread.batches.values()) {
      if (batch.kind === 'predicates') batch.job.done(null);
      else for (const job of batch.jobs) this.#doHere(job);
    }
    if (this.#gathered.length > 0) this.#flush();
  }
}
