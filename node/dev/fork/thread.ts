/** Fetches in a thread of its own, so that the thread that asks can stand still meanwhile. */
import { type MessagePort, workerData } from 'node:worker_threads';
import { answer } from './remote.ts';

export type FetchJob = {
  readonly url: string;
  /** Storage is read here; null: the newest. */
  readonly at: number | null;
  /** Its only number says that an answer lies in the port. */
  readonly signal: Int32Array;
  readonly port: MessagePort;
};
export type Fetched =
  | { readonly ok: true; readonly answer: unknown }
  | { readonly ok: false; readonly message: string };

const { url, at, signal, port } = workerData as FetchJob;

port.on('message', async (question: string) => {
  let fetched: Fetched;
  try {
    fetched = { ok: true, answer: await answer(url, question, at) };
  } catch (thrown) {
    fetched = { ok: false, message: thrown instanceof Error ? thrown.message : String(thrown) };
  }
  port.postMessage(fetched);
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
});
