/** What the executor needs from the world, and the plain data it hands on. */
import type {
  Address,
  AssetId,
  B256,
  BlobId,
  BlockHeight,
  BlockId,
  ContractId,
  Gas,
  Nonce,
  SlotKey,
  Tai64,
  TxId,
  UtxoKey,
} from '../primitives/types.ts';
import type { AccessList } from '../tx/access.ts';
import type { BlockHeader, Consensus } from '../tx/block.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { ProgramState, Receipt } from '../tx/receipt.ts';
import type { ChargeableTx, MintTx, Transaction, TxPointer, UtxoId } from '../tx/types.ts';
import type { UploadedBytecode, VmRules } from '../vm/ports.ts';

/** An unspent coin. */
export type CoinRecord = {
  readonly owner: Address;
  readonly amount: bigint;
  readonly assetId: AssetId;
  readonly txPointer: TxPointer;
};

/** A message from the settlement layer. */
export type MessageRecord = {
  readonly sender: Address;
  readonly recipient: Address;
  readonly nonce: Nonce;
  readonly amount: bigint;
  readonly data: Uint8Array;
  readonly daHeight: bigint;
};

/** What a block takes in from the settlement layer: the transactions are executed in it. */
export type InboxEntry =
  | { readonly type: 'message'; readonly message: MessageRecord }
  | { readonly type: 'transaction' };

/** The output that last carried a contract. */
export type ContractUtxo = { readonly utxoId: UtxoId; readonly txPointer: TxPointer };

/** Slots and balances of a contract that differ from what is committed; undefined: none. */
export type LaidOver = {
  readonly slots: ReadonlyMap<SlotKey, Uint8Array | null> | undefined;
  readonly balances: ReadonlyMap<AssetId, bigint | null> | undefined;
};

/** What a thread reads by itself of what is committed. Both throw CodedError STATE_CORRUPT, STATE_UNAVAILABLE. */
export type CommittedReads = Pick<StateView, 'slot' | 'balance'>;

/** Committed state at one height. Synchronous: backed by a cache over the disk engine's sync read. */
export interface StateView {
  /**
   * Directory of the database from which other threads may read slots and balances: what is committed
   * there while the view is in use is this state, but for what the view lays over it. Absent: only the
   * view itself gives them.
   */
  readonly location?: string | undefined;
  /** What differs from the database at `location`. Absent: nothing. */
  laidOver?(contractId: ContractId): LaidOver;
  coin(key: UtxoKey): CoinRecord | null;
  /** Present and unspent; null otherwise. */
  message(nonce: Nonce): MessageRecord | null;
  contractCode(contractId: ContractId): Uint8Array | null;
  contractUtxo(contractId: ContractId): ContractUtxo | null;
  slot(contractId: ContractId, key: SlotKey): Uint8Array | null;
  balance(contractId: ContractId, assetId: AssetId): bigint | null;
  blob(blobId: BlobId): Uint8Array | null;
  uploadedBytecode(root: B256): UploadedBytecode | null;
  consensusParameters(version: number): ConsensusParameters | null;
  stateTransitionBytecodeRoot(version: number): B256 | null;
  /** A transaction of this id is in a committed block. */
  transactionExists(txId: TxId): boolean;
  blockId(height: BlockHeight): BlockId | null;
  blockTime(height: BlockHeight): Tai64 | null;
}

/**
 * What executing something changed. null = removed. Maps keep the order of insertion; nothing
 * depends on it.
 */
export type Changes = {
  coins: Map<UtxoKey, CoinRecord | null>;
  messagesSpent: Set<Nonce>;
  messagesAdded: Map<Nonce, MessageRecord>;
  /** New contracts only; code never changes. */
  contractCode: Map<ContractId, Uint8Array>;
  /** Salt of a contract created by a transaction. */
  contractSalt: Map<ContractId, B256>;
  contractUtxos: Map<ContractId, ContractUtxo>;
  slots: Map<ContractId, Map<SlotKey, Uint8Array | null>>;
  /** null: the entry is gone (everything was burnt). */
  balances: Map<ContractId, Map<AssetId, bigint | null>>;
  blobs: Map<BlobId, Uint8Array>;
  uploadedBytecodes: Map<B256, UploadedBytecode>;
  consensusParameters: Map<number, ConsensusParameters>;
  stateTransitionBytecodes: Map<number, B256>;
};

export function emptyChanges(): Changes {
  return {
    coins: new Map(),
    messagesSpent: new Set(),
    messagesAdded: new Map(),
    contractCode: new Map(),
    contractSalt: new Map(),
    contractUtxos: new Map(),
    slots: new Map(),
    balances: new Map(),
    blobs: new Map(),
    uploadedBytecodes: new Map(),
    consensusParameters: new Map(),
    stateTransitionBytecodes: new Map(),
  };
}

/** Everything about a block that is fixed before its transactions run. */
export type BlockEnv = {
  readonly height: BlockHeight;
  readonly time: Tai64;
  readonly daHeight: bigint;
  readonly prevRoot: B256;
  readonly gasPrice: bigint;
  /** ZERO_B256: no recipient, fees are not minted. */
  readonly coinbaseRecipient: ContractId;
  readonly consensusParametersVersion: number;
  readonly stateTransitionVersion: number;
  readonly params: ConsensusParameters;
  readonly rules: VmRules;
  /** False: coins, messages, signatures and predicates are not checked. */
  readonly utxoValidation: boolean;
};

/** A transaction that is to be executed; `raw` are its canonical bytes as submitted. */
export type TxToExecute = {
  readonly id: TxId;
  readonly tx: ChargeableTx;
  readonly raw: Uint8Array;
  /** Signatures and predicates were verified at admission (under the same parameters). */
  readonly verified: boolean;
  /** `accessListOf(tx, id)` when the source knows it already. */
  readonly access?: AccessList;
};

/** An executed transaction, mint included (then receipts are empty, programState is null). */
export type ExecutedTx = {
  readonly id: TxId;
  /** With outputs, roots, pointers and receipts root filled in. */
  readonly tx: Transaction;
  /** Canonical bytes of `tx`. */
  readonly raw: Uint8Array;
  readonly success: boolean;
  readonly programState: ProgramState | null;
  /** Failure text as GraphQL shows it: `Revert(n)`, a panic's name; null on success. */
  readonly reason: string | null;
  readonly receipts: readonly Receipt[];
  /** min gas + gas used. */
  readonly totalGas: Gas;
  /** Base asset units, tip included. */
  readonly totalFee: bigint;
};

/** Failed at block level: not part of the block. `reason` is the executor's error text. */
export type SkippedTx = { readonly id: TxId; readonly reason: string };

/** One stretch of work on one thread. */
export type LaneSpan = {
  /** Number of the worker; -1: the main thread. */
  readonly worker: number;
  /** Since the block's start. */
  readonly startMs: number;
  readonly endMs: number;
  /** In the order in which they ran; waiting for others is not counted. */
  readonly txs: readonly { readonly id: TxId; readonly runMs: number }[];
};

/** How a block was scheduled; for metrics and explanation, never part of a result. */
export type ScheduleReport = {
  /** `threads`: at least one round ran on threads. */
  readonly mode: 'serial' | 'threads';
  /** Why the last serial round was serial; null: none was. */
  readonly whySerial: string | null;
  readonly lanes: readonly LaneSpan[];
  /** Transactions that ran ahead of their turn and had to run again. Absent: none could. */
  readonly rerunCount?: number;
  readonly workerCount: number;
  readonly setCount: number;
  /** Sum of the measured run times, in ms. */
  readonly workMs: number;
  /** Longest chain of dependent transactions, in ms. */
  readonly criticalPathMs: number;
  readonly wallMs: number;
};

export type ExecutedBlock = {
  readonly header: BlockHeader;
  /** Mint last. */
  readonly transactions: readonly ExecutedTx[];
  readonly skipped: readonly SkippedTx[];
  readonly changes: Changes;
  /** Ids of the messages sent out, in order. */
  readonly messageIds: readonly B256[];
  /** Failed forced transactions of the settlement layer. */
  readonly relayedFailures: readonly { id: TxId; reason: string }[];
  /** What it took in from the settlement layer, in its order there; absent: nothing. */
  readonly inbox?: readonly InboxEntry[];
  readonly schedule: ScheduleReport;
};

/** An executed block with its consensus: what is committed, served and sent to the DA layer. */
export type SealedBlock = ExecutedBlock & { readonly consensus: Consensus };

/** Where block production takes its transactions from; the pool fits this shape. */
export interface TxSource {
  /**
   * Takes transactions out of the pool for execution: no two depend on something that is not yet
   * taken, `Σ maxGas <= gasLimit`, `Σ bytes <= bytesLimit`, at most `countLimit`.
   */
  take(limits: {
    gasLimit: Gas;
    bytesLimit: bigint;
    countLimit: number;
    gasPrice: bigint;
  }): TxToExecute[];
}

export type { MintTx };
