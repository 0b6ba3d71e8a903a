/** From the DA layer back to blocks: every frame in order, every link checked. */

import { CodedError } from '../primitives/errors.ts';
import type { B256, BlockHeight } from '../primitives/types.ts';
import { ZERO_B256 } from '../primitives/types.ts';
import { type DaBlock, decodeBlockPayload } from './block.ts';
import { decodeFrame, type Frame, frameCommitment } from './frame.ts';
import type { DaReceipt, DataAvailability } from './ports.ts';

/** Receipts that are asked for at a time. */
const LIST_STEP = 64;

export type RecoveredBlock = DaBlock & { readonly receipt: DaReceipt };

export type RecoveredFrame = {
  readonly frame: Frame;
  readonly receipt: DaReceipt;
  /** What the next frame must name. */
  readonly commitment: B256;
};

/** Where a walk goes on: the end of the last frame that was taken. */
export type FrameCursor = {
  readonly receipt: DaReceipt;
  readonly commitment: B256;
  readonly lastHeight: BlockHeight;
};

function broken(what: string, receipt: DaReceipt): CodedError {
  return new CodedError(
    'DA_CHAIN_BROKEN',
    `the frame at ${receipt.height} of layer ${receipt.layer} does not continue the chain: ` +
      `${what}; ` +
      'post the missing frames again from a node that has them',
    { layer: receipt.layer, height: receipt.height, commitment: receipt.commitment },
  );
}

/**
 * All frames of a chain behind `from`, in the order of the layer. The same frame posted twice is
 * taken once: the first wins.
 * @throws CodedError DA_FRAME_INVALID, DA_CHAIN_BROKEN, and what the layer throws
 */
export async function* recoverFrames(
  da: DataAvailability,
  options: { readonly chainId: bigint; readonly from?: FrameCursor | null },
  signal: AbortSignal,
): AsyncGenerator<RecoveredFrame, void, undefined> {
  const { chainId, from = null } = options;
  const seen = new Set<B256>(from === null ? [] : [from.commitment]);
  let previous = from?.commitment ?? ZERO_B256;
  let lastHeight: BlockHeight | null = from?.lastHeight ?? null;
  let after = from?.receipt ?? null;
  for (;;) {
    const receipts = await da.list(after, LIST_STEP, signal);
    for (const receipt of receipts) {
      after = receipt;
      const blob = await da.fetch(receipt, signal);
      const commitment = frameCommitment(blob);
      if (seen.has(commitment)) continue;
      const frame = decodeFrame(blob, chainId);
      if (frame.previous !== previous) {
        throw broken(`it follows ${frame.previous}, not ${previous}`, receipt);
      }
      if (lastHeight !== null && frame.firstHeight !== lastHeight + 1) {
        throw broken(`it starts at block ${frame.firstHeight}, not ${lastHeight + 1}`, receipt);
      }
      seen.add(commitment);
      previous = commitment;
      lastHeight = frame.lastHeight;
      yield { frame, receipt, commitment };
    }
    if (receipts.length < LIST_STEP) return;
  }
}

/**
 * All blocks behind `from`, in order. What a block says about itself holds; that it follows from
 * the state before it is for the caller to find out, by executing it.
 * @throws CodedError as {@link recoverFrames}
 */
export async function* recoverBlocks(
  da: DataAvailability,
  options: { readonly chainId: bigint; readonly from?: FrameCursor | null },
  signal: AbortSignal,
): AsyncGenerator<RecoveredBlock, void, undefined> {
  for await (const { frame, receipt } of recoverFrames(da, options, signal)) {
    let height = frame.firstHeight;
    for (const payload of frame.payloads) {
      const block = decodeBlockPayload(payload);
      if (block.header.height !== height) {
        throw broken(`it holds block ${block.header.height} in place of ${height}`, receipt);
      }
      height++;
      yield { ...block, receipt };
    }
  }
}

/**
 * The end of the last frame on the layer: where a poster goes on after a restart. Reads that frame
 * only; whether the chain before it is whole is what {@link recoverFrames} finds out.
 * @throws CodedError DA_FRAME_INVALID, and what the layer throws
 */
export async function lastFrame(
  da: DataAvailability,
  chainId: bigint,
  signal: AbortSignal,
): Promise<FrameCursor | null> {
  let receipt: DaReceipt | null = null;
  for (;;) {
    const receipts = await da.list(receipt, LIST_STEP, signal);
    receipt = receipts.at(-1) ?? receipt;
    if (receipts.length < LIST_STEP) break;
  }
  if (receipt === null) return null;
  const blob = await da.fetch(receipt, signal);
  const { lastHeight } = decodeFrame(blob, chainId);
  return { receipt, commitment: frameCommitment(blob), lastHeight };
}
