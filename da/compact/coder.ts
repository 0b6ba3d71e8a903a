/**
 * One description of the format serves both directions: a coder takes the value when it writes, and
 * returns it when it reads. See `transaction.ts` for the description.
 */
import type { B256, BlockHeight } from '../../primitives/types.ts';
import type { CoinInput, ContractInput, Output } from '../../tx/types.ts';
import type { StreamName } from './streams.ts';

/** Streams of whole numbers. */
export type NumberStream = Extract<
  StreamName,
  'amount' | 'exponent' | 'fee' | 'gas' | 'policy' | 'number' | 'header'
>;

/** An output that an input spends, and the transaction that made it. */
export type Spent = { readonly txId: B256; readonly output: Output };

/** What a frame says of its transactions, and how. */
export type CompactForm = {
  /** Ids that are known are found inside byte strings. Frames of version 2 did not look for them. */
  readonly findsIds: boolean;
  /**
   * Results that follow from execution are left out: receipts roots, and of contracts the place,
   * the balance roots and the state roots. Who reads has to execute to have the canonical bytes.
   */
  readonly leavesResultsOut: boolean;
};

export interface Coder {
  readonly isWriting: boolean;
  readonly form: CompactForm;
  /** Height of the block at hand, and the transaction's place in it. */
  readonly height: BlockHeight;
  readonly txIndex: number;
  /** A small number that belongs to the form of a transaction: kinds, counts, choices. */
  shape(value: number | undefined): number;
  /** 0 to 2^53 − 1. */
  number(stream: NumberStream, value: number | undefined): number;
  /** u64. */
  big(stream: NumberStream, value: bigint | undefined): bigint;
  /** u64 that is often round. */
  amount(value: bigint | undefined): bigint;
  /** −2^64 to 2^64. */
  signed(stream: NumberStream, value: bigint | undefined): bigint;
  /** 32 bytes that may have been there before. */
  id(value: B256 | undefined): B256;
  /** 32 bytes that are new. */
  literal(value: B256 | undefined): B256;
  /** Bytes that may have been there before. */
  text(value: Uint8Array | undefined): Uint8Array;
  /** Bytes that are new. */
  bytes(value: Uint8Array | undefined): Uint8Array;
  /** 64 random bytes. */
  signature(value: Uint8Array | undefined): Uint8Array;
  /** The output that an input names by its pointer; null: it cannot be found by it. */
  spent(input: CoinInput | ContractInput): Spent | null;
  /** Pointer to a spent output, and what lies there. */
  pointer(input: CoinInput | ContractInput | undefined): Spent & {
    readonly blockHeight: BlockHeight;
    readonly txIndex: number;
    readonly outputIndex: number;
  };
}
