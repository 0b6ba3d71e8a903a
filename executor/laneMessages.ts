/**
 * What the main thread and a lane worker tell each other. Plain data only; transactions and
 * receipts travel as canonical bytes, packed in one buffer; that of a job is transferred.
 *
 * Main → worker: {@link LaneJob} (a batch of transactions with every coin, message and contract
 * UTXO that they declare). Worker → main: {@link LaneResult}. While a job runs, the worker may ask
 * for what nobody declared ({@link ReadRequest}) and sleeps until the answer is there.
 */
import type { MessagePort } from 'node:worker_threads';
import type {
  AssetId,
  B256,
  ContractId,
  Nonce,
  SlotKey,
  TxId,
  UtxoKey,
} from '../primitives/types.ts';
import type { ProgramState } from '../tx/receipt.ts';
import type { EngineChoice } from '../vm/engine.ts';
import type { BlockEnv, Changes, CoinRecord, ContractUtxo, MessageRecord } from './ports.ts';

/** Byte strings one behind the other; `ends[i]` is where number i ends. */
export type Packed = { readonly bytes: Uint8Array; readonly ends: readonly number[] };

export function pack(parts: readonly Uint8Array[]): Packed {
  let length = 0;
  const ends = parts.map((part) => {
    length += part.length;
    return length;
  });
  // Not from a shared pool: the buffer is transferred.
  const bytes = new Uint8Array(length);
  parts.forEach((part, i) => {
    bytes.set(part, (ends[i] as number) - part.length);
  });
  return { bytes, ends };
}

export function unpack(packed: Packed): Uint8Array[] {
  let start = 0;
  return packed.ends.map((end) => {
    const part = packed.bytes.subarray(start, end);
    start = end;
    return part;
  });
}

/** Slots and balances of a contract that were written earlier in the block. */
export type ContractWrites = {
  readonly contractId: ContractId;
  readonly slots: ReadonlyMap<SlotKey, Uint8Array | null> | undefined;
  readonly balances: ReadonlyMap<AssetId, bigint | null> | undefined;
};

/** The first message to a new worker: the line for its questions. */
export type LaneHello = {
  readonly kind: 'hello';
  readonly port: MessagePort;
  /** Int32: the answers given so far; the worker sleeps on it. */
  readonly answered: SharedArrayBuffer;
  readonly readTimeoutMs: number;
  /** How programs are to be run: as on the main thread. */
  readonly engine: EngineChoice;
};

export const COIN_ABSENT = -1;
export const COIN_DIFFERS = -2;

/** A batch of transactions. Arrays run parallel to `raws`. */
export type LaneJob = {
  readonly kind: 'lane';
  /** Number of the block under execution, unique in this process: the tag of all cached reads. */
  readonly blockNumber: number;
  /** Number of the round, unique in this process: provisional indices are of this round only. */
  readonly roundNumber: number;
  /** Sent with the first job of a block. */
  readonly env: BlockEnv | null;
  readonly raws: Packed;
  readonly ids: readonly TxId[];
  readonly verified: readonly boolean[];
  /** Provisional indices in the block. */
  readonly txIndices: readonly number[];
  /** Which of `ids` are in the chain or the block already. */
  readonly known: readonly TxId[];
  /**
   * Two numbers for each coin input, in order: block height and index of the coin's pointer when
   * the coin is what the input says; [{@link COIN_ABSENT}, 0]; [{@link COIN_DIFFERS}, 0].
   */
  readonly coinPointers: readonly number[];
  /** The coins that differ from what an input says. */
  readonly otherCoins: ReadonlyMap<UtxoKey, CoinRecord>;
  readonly messages: ReadonlyMap<Nonce, MessageRecord | null>;
  readonly contractUtxos: ReadonlyMap<ContractId, ContractUtxo | null>;
  /** Written by others since this worker last had the contract. */
  readonly writes: readonly ContractWrites[];
};

export type LaneTask = LaneHello | LaneJob;

/** Outcome of one transaction; `raws` and `receipts` of the result run parallel to the included. */
export type LaneTxResult =
  | {
      readonly ok: true;
      readonly success: boolean;
      readonly programState: ProgramState | null;
      readonly reason: string | null;
      readonly receiptCount: number;
      readonly totalGas: bigint;
      readonly totalFee: bigint;
      readonly messageIds: readonly B256[];
      readonly sizeBytes: number;
      readonly runMs: number;
    }
  | { readonly ok: false; readonly reason: string; readonly runMs: number };

export type LaneResult = {
  readonly txs: readonly LaneTxResult[];
  /** Executed forms of the included transactions. */
  readonly raws: Packed;
  /** Receipts with data of all included transactions, one after the other. */
  readonly receipts: Packed;
  /** Of the whole batch, pointers provisional. */
  readonly changes: Changes;
};

/**
 * A question of a running lane. Slots and balances are answered from the state before the block.
 * Code and blobs may be asked for by anybody (a call looks at the size of the code before it looks
 * at the declared contracts), so they are answered as of the asking transaction, `txIndex`. `have`:
 * the worker holds these bytes from an earlier block and only asks whether they still exist.
 */
export type ReadRequest =
  | { readonly kind: 'slot'; readonly id: ContractId; readonly key: SlotKey }
  | { readonly kind: 'balance'; readonly id: ContractId; readonly key: AssetId }
  | {
      readonly kind: 'code' | 'blob';
      readonly id: B256;
      readonly have: boolean;
      readonly txIndex: number;
    }
  | { readonly kind: 'blockId' | 'blockTime'; readonly height: number };

/** Code or a blob; null bytes: those that the worker has. */
export type ContentAnswer = {
  readonly bytes: Uint8Array | null;
  /** Provisional index of its creator in this round; -1: older. Only later ones may see it. */
  readonly createdAt: number;
};

/** null: absent. */
export type ReadAnswer = Uint8Array | bigint | string | ContentAnswer | null;
