/**
 * Synchronous reads from a lane worker. The guest cannot wait, and only the main thread knows the
 * state: so the worker posts its question, sleeps on a shared counter, and takes the answer off
 * the port. The main thread stays free while lanes run, so it can always answer.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { CodedError } from '../primitives/errors.ts';
import type { ReadAnswer, ReadRequest } from './laneMessages.ts';
import type { BlockOverlay } from './overlay.ts';

/** What a running lane may see. */
export type LaneWorld = {
  readonly overlay: BlockOverlay;
  /** Provisional index of who created code or a blob in this round; -1: nobody. */
  readonly createdAt: (kind: 'code' | 'blob', id: `0x${string}`) => number;
};

/** How a lane asks. */
export type AskMain = (request: ReadRequest) => ReadAnswer;

/** Worker side. @throws CodedError EXECUTION_READ_TIMEOUT (from the returned function) */
export function createAsk(
  port: MessagePort,
  answered: SharedArrayBuffer,
  timeoutMs: number,
): AskMain {
  const counter = new Int32Array(answered);
  return (request) => {
    const before = Atomics.load(counter, 0);
    port.postMessage(request);
    const woken = Atomics.wait(counter, 0, before, timeoutMs);
    const message = woken === 'timed-out' ? undefined : receiveMessageOnPort(port);
    if (message === undefined) {
      throw new CodedError(
        'EXECUTION_READ_TIMEOUT',
        'the main thread did not answer a state read in time; it is blocked by something else',
        { kind: request.kind, timeoutMs },
      );
    }
    return message.message as ReadAnswer;
  };
}

/** Main side: answers every question with what `overlay` gives at that moment. */
export function serveReads(
  port: MessagePort,
  answered: SharedArrayBuffer,
  world: () => LaneWorld | null,
): void {
  const counter = new Int32Array(answered);
  port.on('message', (request: ReadRequest) => {
    const current = world();
    port.postMessage(current === null ? null : answer(request, current));
    Atomics.add(counter, 0, 1);
    Atomics.notify(counter, 0);
  });
  // A line nobody uses must not keep the process alive.
  port.unref();
}

function answer(request: ReadRequest, world: LaneWorld): ReadAnswer {
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
