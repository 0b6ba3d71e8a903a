/**
 * What the main thread and a lane worker tell each other. Jobs and results travel as bytes
 * (`laneCodec.ts`) in transferred buffers; a block's environment, once per block, as an object, and
 * consensus parameters when they change.
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
import type { ConsensusParameters } from '../tx/params.ts';
import type { ProgramState } from '../tx/receipt.ts';
import type { EngineChoice } from '../vm/engine.ts';
import type {
  BlockEnv,
  Changes,
  CoinRecord,
  ContractUtxo,
  LaidOver,
  MessageRecord,
} from './ports.ts';
import type { TxReads } from './runTx.ts';

/** Slots and balances of a contract. */
export type ContractValues = LaidOver & { readonly contractId: ContractId };

/** The ends of a line between the main thread and one worker; see `laneLine.ts`. */
export type LineEnd = {
  readonly port: MessagePort;
  /** Int32, {@link SIGNAL}: counters that the worker sleeps on. */
  readonly signals: SharedArrayBuffer;
  /** Int32: rung by every worker when it has sent something. */
  readonly bell: SharedArrayBuffer;
};

/** The first task of a new worker: its line, and how programs are to be run. */
export type LaneHello = LineEnd & {
  readonly kind: 'hello';
  readonly readTimeoutMs: number;
  /** As on the main thread. */
  readonly engine: EngineChoice;
  /** Directory of the database under the chain's state; null: it is in memory. */
  readonly statePath: string | null;
};

/** The task of a worker that takes lanes off its line until it is told to rest or nobody comes. */
export type LaneServe = { readonly kind: 'serve'; readonly idleMs: number };

export type LaneTask = LaneHello | LaneServe;

/**
 * A lane on the line. `env` comes with the first one of a block, `params` only when they are not those
 * that came last: compiled programs depend on the very object.
 */
export type LaneParcel = {
  readonly kind: 'lane';
  readonly env: Omit<BlockEnv, 'params'> | null;
  readonly params: ConsensusParameters | null;
  readonly bytes: Uint8Array;
};

/** On the line, main → worker. */
export type ToWorker =
  | LaneParcel
  | { readonly kind: 'answer'; readonly answer: ReadAnswer }
  | { readonly kind: 'rest' };

/** On the line, worker → main. */
export type ToMain =
  | { readonly kind: 'ask'; readonly request: ReadRequest }
  | { readonly kind: 'result'; readonly bytes: Uint8Array };

export const COIN_ABSENT = -1;
export const COIN_DIFFERS = -2;

/** A batch of transactions. Arrays run parallel to `raws`. */
export type LaneJob = {
  /** Number of the block under execution, unique in this process: the tag of all cached reads. */
  readonly blockNumber: number;
  /** Number of the round, unique in this process: provisional indices are of this round only. */
  readonly roundNumber: number;
  /** Sent with the first job of a block. */
  readonly env: BlockEnv | null;
  readonly raws: readonly Uint8Array[];
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
  /** Contracts that exist, from before the round; their code when the worker never had it. */
  readonly codes: ReadonlyMap<ContractId, Uint8Array | null>;
  /** Values before the block that will probably be read, or that the database may not have yet. */
  readonly expected: readonly ContractValues[];
  /** The rest of the contracts in `expected` may be read from the database. */
  readonly readsDatabase: boolean;
  /** Written by others since this worker last had the contract, oldest first. */
  readonly writes: readonly ContractValues[];
  /** The transactions run ahead: what each did is told apart. */
  readonly ahead: boolean;
};

/** What cannot be told from the executed transactions themselves (`utxos.ts`). */
export type LaneChanges = Pick<
  Changes,
  'slots' | 'balances' | 'contractCode' | 'contractSalt' | 'blobs'
>;

/** Outcome of one transaction. */
export type LaneTxResult =
  | {
      readonly ok: true;
      readonly success: boolean;
      readonly programState: ProgramState | null;
      readonly reason: string | null;
      readonly totalGas: bigint;
      readonly totalFee: bigint;
      readonly messageIds: readonly B256[];
      readonly sizeBytes: number;
      readonly runMs: number;
      /** Executed form. */
      readonly raw: Uint8Array;
      /** With data, one after the other. */
      readonly receipts: Uint8Array;
      /** When it ran ahead: its own changes, and the values that it read. */
      readonly effects: { readonly changes: LaneChanges; readonly reads: TxReads } | null;
    }
  | { readonly ok: false; readonly reason: string; readonly runMs: number };

export type LaneResult = {
  readonly txs: readonly LaneTxResult[];
  /** Of the whole batch; empty when it ran ahead. */
  readonly changes: LaneChanges;
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
