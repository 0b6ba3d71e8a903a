/** The thread that makes frames; see `daFrames.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { type BlockToWrite, observeBlocks } from '../da/compact/encode.ts';
import { type ChainHistory, Registry } from '../da/compact/history.ts';
import { missingPlaces } from '../da/compact/missing.ts';
import { encodeFrame } from '../da/frame.ts';
import { assert } from '../primitives/errors.ts';
import type { B256 } from '../primitives/types.ts';
import { decodeTx } from '../tx/codec/transaction.ts';
import type {
  FrameAnswer,
  FrameHello,
  FrameTask,
  PackedBlock,
  PlacedBytes,
} from './daFrameMessages.ts';

const { chainId, effort, leavesResultsOut } = workerData as FrameHello;
let registry: Registry = new Registry(leavesResultsOut);
let placesCame: (placed: readonly PlacedBytes[]) => void = () => {};

function say(answer: FrameAnswer, transfer: ArrayBuffer[] = []): void {
  parentPort!.postMessage(answer, transfer);
}

function unpacked({ bytes, lengths, ids, ...rest }: PackedBlock): BlockToWrite {
  const transactions: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) transactions.push(bytes.subarray(at, (at += length)));
  return { block: { ...rest, transactions }, ids };
}

async function historyFor(blocks: readonly BlockToWrite[]): Promise<ChainHistory> {
  const places = missingPlaces(blocks, registry);
  const came = new Promise<readonly PlacedBytes[]>((resolve) => {
    placesCame = resolve;
  });
  if (places.length > 0) say({ kind: 'places', places });
  const placed = places.length > 0 ? await came : [];
  const known = new Map(
    places.map(({ height, txIndex }, i) => [`${height} ${txIndex}`, placed[i]]),
  );
  return {
    transactionAt(height, txIndex) {
      const found = known.get(`${height} ${txIndex}`) ?? null;
      return found === null ? null : { id: found.id, tx: decodeTx(found.raw).tx };
    },
  };
}

async function make(previous: B256, packed: readonly PackedBlock[]): Promise<void> {
  const blocks = packed.map(unpacked);
  const history = await historyFor(blocks);
  const made = await encodeFrame(previous, blocks, { chainId, registry, history, effort });
  const bytes = made.slice();
  say({ kind: 'frame', bytes }, [bytes.buffer]);
}

assert(parentPort !== null, 'this file runs as a thread');
parentPort.on('message', (task: FrameTask) => {
  if (task.kind === 'places') placesCame(task.placed);
  else if (task.kind === 'forget') registry = new Registry(leavesResultsOut);
  else if (task.kind === 'recall') {
    observeBlocks(task.blocks.map(unpacked), { registry, chainId });
  } else {
    make(task.previous, task.blocks).catch((error: unknown) => {
      say({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
    });
  }
});
