/** Who makes frames: the thread at hand, or another one (`node/daFrames.ts`). */
import type { B256 } from '../primitives/types.ts';
import { type BlockToWrite, observeBlocks } from './compact/encode.ts';
import { type ChainHistory, Registry } from './compact/history.ts';
import { encodeFrame } from './frame.ts';

export interface FrameMaker {
  /** The frame of a run of blocks; later ones may refer to it. */
  make(previous: B256, blocks: readonly BlockToWrite[]): Promise<Uint8Array>;
  /** The last frame is not sent: nothing of it may be referred to, and all else is forgotten too. */
  forget(): void;
  /** Blocks of the chain that lie before the next frame, heights ascending: it may refer to them. */
  recall(blocks: readonly BlockToWrite[]): void;
  close(): Promise<void>;
}

export type FrameMakerOptions = {
  readonly chainId: bigint;
  /** Whether frames leave out what follows from execution. */
  readonly leavesResultsOut: boolean;
  /** Of the compressor, 0 to 11. */
  readonly effort: number;
};

/** On the thread at hand. @param history asked where the registry has forgotten */
export function frameMaker(options: FrameMakerOptions, history: ChainHistory): FrameMaker {
  const { chainId, effort, leavesResultsOut } = options;
  let registry = new Registry(leavesResultsOut);
  return {
    async make(previous, blocks) {
      return await encodeFrame(previous, blocks, { chainId, registry, history, effort });
    },
    forget() {
      registry = new Registry(leavesResultsOut);
    },
    recall(blocks) {
      observeBlocks(blocks, { registry, chainId });
    },
    async close() {},
  };
}
