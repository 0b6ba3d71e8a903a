/** What `state/` offers to the node: the chain store. Opened by `openChainStore` (open.ts). */
import type { CoinRecord, MessageRecord, SealedBlock, StateView } from '../executor/ports.ts';
import type {
  Address,
  AssetId,
  B256,
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
import type { BlockHeader, Consensus } from '../tx/block.ts';
import type { ProgramState, Receipt } from '../tx/receipt.ts';
import type { Transaction, TxPointer } from '../tx/types.ts';
import type { BlockDelta } from './deltas.ts';

/** A committed block; transactions by id, mint last. */
export type StoredBlock = {
  readonly header: BlockHeader;
  readonly consensus: Consensus;
  readonly transactionIds: readonly TxId[];
};

/** A committed transaction with its outcome. */
export type StoredTx = {
  readonly id: TxId;
  /** Canonical bytes of the executed form. */
  readonly raw: Uint8Array;
  readonly tx: Transaction;
  readonly pointer: TxPointer;
  readonly blockId: BlockId;
  readonly blockTime: Tai64;
  readonly success: boolean;
  readonly programState: ProgramState | null;
  readonly reason: string | null;
  readonly receipts: readonly Receipt[];
  readonly totalGas: Gas;
  readonly totalFee: bigint;
};

export type CoinRow = CoinRecord & { readonly key: UtxoKey };

export type AssetDetails = {
  readonly contractId: ContractId;
  readonly subId: B256;
  readonly totalSupply: bigint;
};

/**
 * A walk over an ordered table. `after` is exclusive; `reverse` walks downwards (then `after` is
 * the upper end). The order is that of the key bytes.
 */
export type Range<Cursor> = {
  readonly after?: Cursor | undefined;
  readonly reverse?: boolean | undefined;
  readonly limit: number;
};

/** A block between the start of its commit and the moment when it is durable. */
export type StagedBlock = {
  readonly header: BlockHeader;
  /** Root over all block ids up to this one: the `prevRoot` of the next. */
  readonly blocksRoot: B256;
  /** The state after it, now and later, until the block after the next is committed. */
  readonly view: StateView;
  /**
   * Resolves when the block is readable through every method of the store. Rejects when it could
   * not be written: then the store is where it was.
   */
  readonly durable: Promise<void>;
};

export interface ChainStore extends StateView {
  /** Height and header of the newest committed block. */
  readonly latest: BlockHeader;

  /** One atomic batch; resolves when it is readable through every method. */
  commitBlock(block: SealedBlock): Promise<void>;
  /**
   * Begins to commit a block; one at a time. Nothing of it is readable here before it is durable,
   * all of it at once through `view`. A failed assertion throws, nothing is written then.
   */
  stageBlock(block: SealedBlock): StagedBlock;

  block(height: BlockHeight): StoredBlock | null;
  blockHeightOf(blockId: BlockId): BlockHeight | null;
  transaction(txId: TxId): StoredTx | null;
  transactionPointer(txId: TxId): TxPointer | null;
  /** Canonical bytes of the executed transactions of a block, in its order; null: no such block. */
  blockTransactionBytes(height: BlockHeight): readonly Uint8Array[] | null;

  /** Unspent coins of an owner by UTXO id bytes. */
  coins(owner: Address, assetId: AssetId | null, range: Range<UtxoKey>): Promise<CoinRow[]>;
  /** Coins of one asset, biggest amount first (ties: by UTXO key); for coin selection. */
  coinsByAmount(owner: Address, assetId: AssetId, limit: number): Promise<CoinRow[]>;
  /** Unspent messages, all or of one recipient, by nonce. */
  messages(owner: Address | null, range: Range<Nonce>): Promise<MessageRecord[]>;
  messageStatus(nonce: Nonce): 'UNSPENT' | 'SPENT' | 'NOT_FOUND';
  /** Exact sum of coins (and, for the base asset, of messages without data). */
  balanceOf(owner: Address, assetId: AssetId): Promise<bigint>;
  /** Non-zero balances of an owner by asset id. */
  balancesOf(
    owner: Address,
    range: Range<AssetId>,
  ): Promise<{ assetId: AssetId; amount: bigint }[]>;
  contractBalances(
    contractId: ContractId,
    range: Range<AssetId>,
  ): Promise<{ assetId: AssetId; amount: bigint }[]>;
  contractSlots(
    contractId: ContractId,
    range: Range<SlotKey>,
  ): Promise<{ key: SlotKey; value: Uint8Array }[]>;
  contractSalt(contractId: ContractId): B256 | null;
  /** Transactions that touch an owner, by pointer. */
  transactionsOf(owner: Address, range: Range<TxPointer>): Promise<StoredTx[]>;
  assetDetails(assetId: AssetId): AssetDetails | null;
  /**
   * Why a forced transaction of the settlement layer did not run. By event id when it failed the
   * checks, by transaction id when it failed afterwards; null: it did not fail, or is unknown.
   */
  relayedFailure(id: B256): { blockHeight: BlockHeight; failure: string } | null;

  /** What a block changed beyond its bytes; null: it was not kept. */
  delta(height: BlockHeight): BlockDelta | null;

  /** Root of the Merkle mountain range over the block ids up to `height`: the next prev_root. */
  blocksRoot(height: BlockHeight): B256;
  /** Ids of blocks first…last, for inclusion proofs over the same mountain range. */
  blockIds(first: BlockHeight, last: BlockHeight): BlockId[];

  /**
   * sha256 over every row in key order, height included: equal stores have equal digests. Deltas
   * are left out: what is kept for the state tree is no part of the chain.
   */
  digest(): Promise<B256>;
  close(): Promise<void>;
}
