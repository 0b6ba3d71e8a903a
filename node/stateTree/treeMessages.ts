/**
 * What goes to the thread of the state tree and comes back. Bytes of a block go as one buffer that
 * changes hands: views of larger buffers would be copied with all of these.
 */
import type { InboxEntry } from '../../executor/ports.ts';
import type { SparseProof } from '../../primitives/merkle/sparse.ts';
import type { AssetId, BlockHeight, BlockId, TxId } from '../../primitives/types.ts';
import type { RestChange } from '../../state/restTree.ts';
import type { BlockRoots, TreeGenesis } from '../../state/stateTree.ts';
import { decodeTx } from '../../tx/codec/index.ts';
import type { Step } from '../../tx/stateSteps.ts';
import type { TreeName } from '../../tx/stateSubject.ts';
import type { SourcedBlock } from './blocks.ts';
import type { StateTreeSettings } from './localTree.ts';

export type TreeHello = { readonly path: string | null; readonly settings: StateTreeSettings };

/** Parts of one buffer, one behind the other; -1: there is none. */
type Packed = { readonly bytes: Uint8Array; readonly lengths: Int32Array };

/** A block without objects for its transactions. */
export type PackedBlock = {
  readonly height: BlockHeight;
  readonly blockId: BlockId;
  readonly baseAsset: AssetId;
  readonly inbox: readonly InboxEntry[];
  readonly ids: readonly TxId[];
  readonly usesData: readonly boolean[];
  readonly sent: BigUint64Array;
  readonly raws: Packed;
  /** Key, value, key, value … */
  readonly rest: Packed;
};

/** The first block with its rows as they are. */
export type PackedGenesis = Omit<TreeGenesis, 'coins' | 'messages'> & {
  readonly coins: readonly (readonly [Uint8Array, Uint8Array])[];
  readonly messages: readonly (readonly [Uint8Array, Uint8Array])[];
};

export type TreeTask =
  | { readonly kind: 'begin'; readonly genesis: PackedGenesis }
  | { readonly kind: 'take' | 'steps'; readonly block: PackedBlock }
  | { readonly kind: 'rootsAt'; readonly height: BlockHeight }
  | {
      readonly kind: 'prove';
      readonly height: BlockHeight;
      readonly tree: TreeName;
      readonly key: Uint8Array;
    }
  | { readonly kind: 'close' };

export type TreeQuestion = { readonly id: number; readonly task: TreeTask };

export type TreeResult = BlockRoots | readonly Step[] | SparseProof | null;

export type TreeAnswer = {
  /** 0: the tree is open. */
  readonly id: number;
  readonly tip: BlockHeight | null;
  readonly workMs: number;
} & (
  | { readonly result: TreeResult }
  | { readonly failure: { readonly code: string | null; readonly message: string } }
);

function pack(parts: readonly (Uint8Array | null)[]): Packed {
  const lengths = Int32Array.from(parts, (part) => part?.length ?? -1);
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0));
  let at = 0;
  for (const part of parts) {
    if (part === null) continue;
    bytes.set(part, at);
    at += part.length;
  }
  return { bytes, lengths };
}

function unpack({ bytes, lengths }: Packed): (Uint8Array | null)[] {
  let at = 0;
  return Array.from(lengths, (length) => {
    if (length < 0) return null;
    at += length;
    return bytes.subarray(at - length, at);
  });
}

/** @returns the block, and the buffers that change hands with it */
export function packBlock(block: SourcedBlock): {
  readonly packed: PackedBlock;
  readonly transfer: ArrayBuffer[];
} {
  const { height, blockId, baseAsset, inbox, txs, raws, rest } = block;
  const packed = {
    height,
    blockId,
    baseAsset,
    inbox,
    ids: txs.map(({ id }) => id),
    usesData: txs.map(({ usesData }) => usesData),
    sent: BigUint64Array.from(txs, ({ sent }) => sent),
    raws: pack(raws),
    rest: pack(rest.flatMap(({ key, value }) => [key, value])),
  };
  const buffers = [packed.sent, packed.raws.bytes, packed.rest.bytes];
  return { packed, transfer: buffers.map(({ buffer }) => buffer as ArrayBuffer) };
}

export function unpackBlock(packed: PackedBlock): SourcedBlock {
  const { ids, usesData, sent, raws: packedRaws, rest: packedRest, ...facts } = packed;
  const raws = unpack(packedRaws).map((raw) => raw ?? new Uint8Array(0));
  const txs = raws.map((raw, txIndex) => ({
    tx: decodeTx(raw).tx,
    id: ids[txIndex]!,
    pointer: { blockHeight: facts.height, txIndex },
    usesData: usesData[txIndex]!,
    sent: sent[txIndex]!,
  }));
  const rows = unpack(packedRest);
  const rest: RestChange[] = [];
  for (let i = 0; i < rows.length; i += 2) rest.push({ key: rows[i]!, value: rows[i + 1]! });
  return { ...facts, raws, txs, rest };
}
