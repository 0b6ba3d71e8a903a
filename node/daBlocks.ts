/** The node's blocks on the local data-availability layer: frames are appended in the background. */
import { encodeBlockPayload } from '../da/block.ts';
import { encodeFrame, frameCommitment } from '../da/frame.ts';
import { openLocalDa } from '../da/local.ts';
import type { DataAvailability } from '../da/ports.ts';
import { lastFrame } from '../da/recover.ts';
import { assert } from '../primitives/errors.ts';
import { type B256, type BlockHeight, ZERO_B256 } from '../primitives/types.ts';
import type { ChainStore } from '../state/types.ts';
import type { NodeConfig } from './config.ts';
import { DaPoster } from './daPoster.ts';
import type { Log } from './log.ts';
import { daPath } from './paths.ts';

export type NodeDa = {
  /** Looks where the layer stands and posts what it lacks; does not hold up the start. */
  start(): void;
  /** A block was committed; waits only when the backlog is full. */
  reached(height: BlockHeight): Promise<void>;
  progress(): { posted: BlockHeight; tip: BlockHeight; failed: boolean };
  /** Everything committed is on the layer afterwards, unless the layer fails. */
  close(): Promise<void>;
};

export type NodeDaDeps = {
  readonly config: NodeConfig;
  readonly store: ChainStore;
  readonly log: Log;
  readonly chainId: bigint;
};

/** A committed block as the layer gets it. */
export function payloadOf(store: ChainStore, height: BlockHeight): Uint8Array {
  const block = store.block(height);
  assert(block !== null, 'a posted block is committed');
  const transactions = store.blockTransactionBytes(height);
  assert(transactions !== null, 'a posted block is committed');
  return encodeBlockPayload({ header: block.header, consensus: block.consensus, transactions });
}

/** A chain in memory has nobody who could read its blobs: nothing is posted. */
const NO_DA: NodeDa = {
  start: () => {},
  reached: async () => {},
  progress: () => ({ posted: -1, tip: -1, failed: false }),
  close: async () => {},
};

export async function openDa(deps: NodeDaDeps): Promise<NodeDa> {
  const { config, store, log, chainId } = deps;
  if (config.dbPath === null) return NO_DA;
  const layer: DataAvailability = await openLocalDa({ directory: daPath(config.dbPath) });
  const signal = new AbortController().signal;
  let previous: B256 = ZERO_B256;
  let next: BlockHeight = 0;
  let poster: DaPoster<Uint8Array> | null = null;

  const append = async (payloads: readonly Uint8Array[]): Promise<void> => {
    const frame = encodeFrame({ chainId, firstHeight: next, previous, payloads });
    await layer.post(frame, signal);
    previous = frameCommitment(frame);
    next += payloads.length;
  };
  const resume = async (): Promise<DaPoster<Uint8Array>> => {
    const last = await lastFrame(layer, chainId, signal);
    previous = last?.commitment ?? ZERO_B256;
    const first = last === null ? firstHeight(store) : last.lastHeight + 1;
    next = first;
    poster = new DaPoster({
      firstHeight: first,
      payloadOf: (height) => payloadOf(store, height),
      append,
      log,
    });
    return poster;
  };
  let resumed: Promise<DaPoster<Uint8Array>> | null = null;
  const ready = (): Promise<DaPoster<Uint8Array>> => (resumed ??= resume());

  return {
    start() {
      const height = store.latest.height;
      ready()
        .then((started) => started.reached(height))
        .catch((reason) => log.error(`The DA layer cannot be read: ${String(reason)}`));
    },
    async reached(height) {
      const started = poster ?? (await ready());
      await started.reached(height);
    },
    progress() {
      return poster?.progress() ?? { posted: -1, tip: store.latest.height, failed: false };
    },
    async close() {
      if (resumed !== null) {
        await resumed.then((started) => started.drained()).catch(() => {});
      }
      await layer.close();
    },
  };
}

/** Genesis height: 0, or the first after a regenesis. */
function firstHeight(store: ChainStore): BlockHeight {
  let height = store.latest.height;
  while (height > 0 && store.blockId(height - 1) !== null) height -= 1;
  return height;
}
