/**
 * A block as it goes to the DA layer: header, consensus, the executed transactions, and what it took
 * in from the settlement layer. Enough to execute it again on the state before it and to compare
 * every id.
 */

import { concatBytes, writeU32 } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import type { Address, Gas, Nonce } from '../primitives/types.ts';
import type { BlockHeader, Consensus } from '../tx/block.ts';
import { decodeConsensus, encodeConsensus } from '../tx/consensus.ts';
import { decodeHeader, encodeHeader, transactionsRoot } from '../tx/header.ts';
import { FrameReader, frameInvalid } from './bytes.ts';

/** Most transactions of a block: their number is a u16. */
export const BLOCK_TX_COUNT_MAX = 0xffff;
/** Longest transaction that is decoded. Unit: bytes. */
export const TX_BYTES_MAX: number = 16 * 1024 * 1024;
/** Longest header or consensus part; both are fixed and far below. Unit: bytes. */
const PART_BYTES_MAX = 1024;

/** What a block took in from the settlement layer, in its order there; as the executor has it. */
export type DaInboxEvent =
  | {
      readonly type: 'message';
      readonly message: {
        readonly sender: Address;
        readonly recipient: Address;
        readonly nonce: Nonce;
        /** u64. */
        readonly amount: bigint;
        readonly data: Uint8Array;
        readonly daHeight: bigint;
      };
    }
  | {
      readonly type: 'transaction';
      readonly nonce: Nonce;
      readonly maxGas: Gas;
      readonly raw: Uint8Array;
      readonly daHeight: bigint;
    };

export type DaBlock = {
  readonly header: BlockHeader;
  readonly consensus: Consensus;
  /** Canonical bytes after execution, in order, mint last. */
  readonly transactions: readonly Uint8Array[];
  readonly inbox: readonly DaInboxEvent[];
};

/** A block as it comes out of a frame. */
export type ReadBlock = DaBlock & {
  /**
   * The transactions have zeros where execution fills in; the header is whole, so that executing
   * them shows whether they are meant. See `CompactForm`. Absent: they are whole.
   */
  readonly leavesResultsOut?: true;
};

function sized(part: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  writeU32(length, 0, part.length);
  return concatBytes(length, part);
}

/** The payload of a block in frames of version 1, which know no inbox; also the measure of size. */
export function encodeBlockPayload(block: DaBlock): Uint8Array {
  const count = new Uint8Array(4);
  writeU32(count, 0, block.transactions.length);
  return concatBytes(
    sized(encodeHeader(block.header)),
    sized(encodeConsensus(block.consensus)),
    count,
    ...block.transactions.map(sized),
  );
}

function decodePart<T>(reader: FrameReader, what: string, decode: (bytes: Uint8Array) => T): T {
  const start = reader.at;
  const bytes = reader.take(reader.u32UpTo(PART_BYTES_MAX, `the length of ${what}`));
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof CodedError) throw frameInvalid(`${what} does not decode`, start);
    throw error;
  }
}

/**
 * Inverse of {@link encodeBlockPayload}. Hash links inside the block are checked; signature and
 * execution are not.
 * @throws CodedError DA_FRAME_INVALID
 */
export function decodeBlockPayload(payload: Uint8Array): DaBlock {
  const reader = new FrameReader(payload);
  const header = decodePart(reader, 'a header', decodeHeader);
  const consensus = decodePart(reader, 'a consensus part', decodeConsensus);
  const count = reader.u32UpTo(BLOCK_TX_COUNT_MAX, 'the number of transactions');
  if (count !== header.transactionsCount) {
    throw frameInvalid('a header counts other transactions than follow', reader.at);
  }
  const transactions: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const length = reader.u32UpTo(TX_BYTES_MAX, 'the length of a transaction');
    transactions.push(reader.take(length).slice());
  }
  if (reader.left > 0) throw frameInvalid('bytes follow a block', reader.at);
  if (transactionsRoot(transactions) !== header.transactionsRoot) {
    throw frameInvalid('transactions do not hash to the root in their header', reader.at);
  }
  return { header, consensus, transactions, inbox: [] };
}
