/** What a poster needs, and what it says of itself. */
import type { Address, BlockHeight } from '../primitives/types.ts';
import type { BlockToWrite } from './compact/encode.ts';
import type { DaJournal } from './journal.ts';
import type { FrameMaker } from './maker.ts';
import type { DaPosition, DataAvailability } from './ports.ts';

export type BlockStage = 'sealed' | 'posted' | 'included' | 'final';

export type PosterStatus = {
  readonly layer: string;
  /** Highest block that was sealed, sent, seen on the layer, and is there for good; −1: none. */
  readonly sealed: BlockHeight;
  readonly posted: BlockHeight;
  readonly included: BlockHeight;
  readonly final: BlockHeight;
  /** Blocks and bytes (as they will be posted) that are not on the layer yet. */
  readonly backlogBlocks: number;
  readonly backlogBytes: number;
  /** Since the start of the process. */
  readonly frames: number;
  readonly postedBytes: number;
  readonly submissions: number;
  readonly resubmissions: number;
  /** In the layer's unit per megabyte; null: nothing is paid. */
  readonly pricePerMegabyte: bigint | null;
  /** The last failure, null after a success. */
  readonly lastError: string | null;
};

export type PosterDeps = {
  readonly da: DataAvailability;
  readonly journal: DaJournal;
  readonly nowMs: () => number;
  readonly chainId: bigint;
  /** Signs parts: the key of the chain's blocks. */
  readonly secret: Uint8Array;
  readonly authorities: ReadonlySet<Address>;
  readonly block: (height: BlockHeight) => BlockToWrite | Promise<BlockToWrite>;
  /** First block of the chain. */
  readonly firstHeight: BlockHeight;
  readonly start: DaPosition;
  readonly frames: FrameMaker;
  readonly log: { info(text: string): void; warn(text: string): void; error(text: string): void };
};
