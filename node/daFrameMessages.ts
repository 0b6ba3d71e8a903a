/** Between a node and the thread that makes its frames. */
import type { DaBlock } from '../da/block.ts';
import type { FrameMakerOptions } from '../da/maker.ts';
import type { B256, BlockHeight, TxId } from '../primitives/types.ts';

export type FrameHello = FrameMakerOptions;

/** A block whose transactions lie one after the other in `bytes`. */
export type PackedBlock = Omit<DaBlock, 'transactions'> & {
  readonly bytes: Uint8Array;
  readonly lengths: Uint32Array;
  readonly ids: readonly TxId[] | null;
};

/** A transaction that the thread has not seen, or has forgotten. */
export type Place = { readonly height: BlockHeight; readonly txIndex: number };
/** Canonical bytes; null: there is none. */
export type PlacedBytes = { readonly id: TxId; readonly raw: Uint8Array } | null;

export type FrameTask =
  | { readonly kind: 'make'; readonly previous: B256; readonly blocks: readonly PackedBlock[] }
  | { readonly kind: 'places'; readonly placed: readonly PlacedBytes[] }
  | { readonly kind: 'recall'; readonly blocks: readonly PackedBlock[] }
  | { readonly kind: 'forget' };

export type FrameAnswer =
  | { readonly kind: 'places'; readonly places: readonly Place[] }
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | { readonly kind: 'failed'; readonly reason: string };
