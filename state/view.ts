/** Synchronous reads of the newest committed state, under bounded caches of decoded records. */

import type {
  Changes,
  CoinRecord,
  ContractUtxo,
  MessageRecord,
  StateView,
} from '../executor/ports.ts';
import type {
  Address,
  AssetId,
  B256,
  BlobId,
  BlockHeight,
  BlockId,
  ContractId,
  Nonce,
  SlotKey,
  Tai64,
  TxId,
  UtxoKey,
} from '../primitives/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { UploadedBytecode } from '../vm/ports.ts';
import { RecordCache } from './cache.ts';
import { COLUMNS, type CoinRow, type Column, keyOf } from './columns.ts';
import type { Engine } from './engine/port.ts';
import { type GenesisCoins, txIdOfKey } from './genesisCoins.ts';
import type { BlockRow } from './storedForms.ts';

/** Bound of each cache of small records: coins, messages, contract UTXOs, slots, balances. */
export const RECORD_CACHE_ENTRIES_MAX = 50_000;
/** Bound of each cache of big records: code, blobs, blocks, parameters. */
export const LARGE_CACHE_ENTRIES_MAX = 512;

export type OwnerSum = {
  readonly owner: Address;
  readonly assetId: AssetId;
  readonly sum: bigint;
};
/** What a commit made beside the changes of its block. */
export type Written = { readonly block: BlockRow; readonly sums: readonly OwnerSum[] };

/** Reads through the engine; {@link StateReader.apply} keeps the caches true after a commit. */
export class StateReader implements StateView {
  readonly engine: Engine;
  /** null: known to be absent. Whatever makes a coin goes through {@link apply}. */
  readonly #coins: RecordCache<UtxoKey, CoinRecord | null> = new RecordCache(
    RECORD_CACHE_ENTRIES_MAX,
  );
  /** By owner and asset. */
  readonly #sums: RecordCache<string, bigint> = new RecordCache(RECORD_CACHE_ENTRIES_MAX);
  /** Whether a transaction is in a block. */
  readonly #txs: RecordCache<TxId, boolean> = new RecordCache(RECORD_CACHE_ENTRIES_MAX);
  readonly #messages: RecordCache<Nonce, MessageRecord> = new RecordCache(RECORD_CACHE_ENTRIES_MAX);
  readonly #utxos: RecordCache<ContractId, ContractUtxo> = new RecordCache(
    RECORD_CACHE_ENTRIES_MAX,
  );
  readonly #slots: RecordCache<string, Uint8Array> = new RecordCache(RECORD_CACHE_ENTRIES_MAX);
  readonly #balances: RecordCache<string, bigint> = new RecordCache(RECORD_CACHE_ENTRIES_MAX);
  readonly #code: RecordCache<ContractId, Uint8Array> = new RecordCache(LARGE_CACHE_ENTRIES_MAX);
  readonly #blobs: RecordCache<BlobId, Uint8Array> = new RecordCache(LARGE_CACHE_ENTRIES_MAX);
  readonly #blocks: RecordCache<BlockHeight, BlockRow> = new RecordCache(LARGE_CACHE_ENTRIES_MAX);
  readonly #params: RecordCache<number, ConsensusParameters> = new RecordCache(
    LARGE_CACHE_ENTRIES_MAX,
  );

  readonly #genesisCoins: GenesisCoins | null;

  /** @param genesisCoins of the chain in the engine; null: nothing is known about them */
  constructor(engine: Engine, genesisCoins: GenesisCoins | null = null) {
    this.engine = engine;
    this.#genesisCoins = genesisCoins;
  }

  get location(): string | undefined {
    return this.engine.location ?? undefined;
  }

  /** A row as it is stored, past the caches. @throws CodedError STATE_CORRUPT */
  row<K extends readonly unknown[], V>(column: Column<K, V>, ...key: K): V | null {
    const bytes = this.engine.get(keyOf(column, key));
    return bytes === undefined ? null : column.value.decode(bytes);
  }

  coin(key: UtxoKey): CoinRecord | null {
    const known = this.#coins.get(key);
    if (known !== undefined) return known;
    if (this.#isOfUnknownTx(key)) return null;
    const row = this.row(COLUMNS.coins, key);
    const coin = row === null ? null : coinOf(row);
    this.#coins.set(key, coin);
    return coin;
  }

  /** Whether it would be an output of a transaction of which is known that it is not in the chain. */
  #isOfUnknownTx(key: UtxoKey): boolean {
    if (this.#genesisCoins === null) return false;
    const txId = txIdOfKey(key);
    return this.#txs.get(txId) === false && !this.#genesisCoins.mayName(txId);
  }

  /** Sum of an owner's coins of one asset, and of messages without data for the base asset. */
  sumOf(owner: Address, assetId: AssetId): bigint {
    const key = owner + assetId;
    const known = this.#sums.get(key);
    if (known !== undefined) return known;
    const sum = this.row(COLUMNS.balances, owner, assetId) ?? 0n;
    this.#sums.set(key, sum);
    return sum;
  }

  message(nonce: Nonce): MessageRecord | null {
    return through(this.#messages, nonce, () => {
      const row = this.row(COLUMNS.messages, nonce);
      return row === null ? null : { ...row, nonce };
    });
  }

  contractCode(contractId: ContractId): Uint8Array | null {
    return through(this.#code, contractId, () => this.row(COLUMNS.contractCode, contractId));
  }

  contractUtxo(contractId: ContractId): ContractUtxo | null {
    return through(this.#utxos, contractId, () => {
      const row = this.row(COLUMNS.contractUtxo, contractId);
      if (row === null) return null;
      const { txId, outputIndex, blockHeight, txIndex } = row;
      return { utxoId: { txId, outputIndex }, txPointer: { blockHeight, txIndex } };
    });
  }

  slot(contractId: ContractId, key: SlotKey): Uint8Array | null {
    return through(this.#slots, contractId + key, () => this.row(COLUMNS.slots, contractId, key));
  }

  balance(contractId: ContractId, assetId: AssetId): bigint | null {
    return through(this.#balances, contractId + assetId, () =>
      this.row(COLUMNS.contractBalances, contractId, assetId),
    );
  }

  blob(blobId: BlobId): Uint8Array | null {
    return through(this.#blobs, blobId, () => this.row(COLUMNS.blobs, blobId));
  }

  uploadedBytecode(root: B256): UploadedBytecode | null {
    return this.row(COLUMNS.uploads, root);
  }

  consensusParameters(version: number): ConsensusParameters | null {
    return through(this.#params, version, () => this.row(COLUMNS.consensusParameters, version));
  }

  stateTransitionBytecodeRoot(version: number): B256 | null {
    return this.row(COLUMNS.stateTransitions, version);
  }

  transactionExists(txId: TxId): boolean {
    const known = this.#txs.get(txId);
    if (known !== undefined) return known;
    const exists = this.engine.get(keyOf(COLUMNS.txPointers, [txId])) !== undefined;
    this.#txs.set(txId, exists);
    return exists;
  }

  blockRow(height: BlockHeight): BlockRow | null {
    return through(this.#blocks, height, () => this.row(COLUMNS.blocks, height));
  }

  blockId(height: BlockHeight): BlockId | null {
    return this.blockRow(height)?.header.id ?? null;
  }

  blockTime(height: BlockHeight): Tai64 | null {
    return this.blockRow(height)?.header.time ?? null;
  }

  /** Brings the caches to what was just written: a block and its changes. */
  apply(changes: Changes, { block, sums }: Written): void {
    for (const { owner, assetId, sum } of sums) this.#sums.set(owner + assetId, sum);
    this.#blocks.set(block.header.height, block);
    for (const id of block.transactionIds) this.#txs.set(id, true);
    for (const [key, coin] of changes.coins) this.#coins.set(key, coin);
    for (const [nonce, message] of changes.messagesAdded) this.#messages.set(nonce, message);
    for (const nonce of changes.messagesSpent) this.#messages.delete(nonce);
    for (const [id, utxo] of changes.contractUtxos) this.#utxos.set(id, utxo);
    for (const [id, slots] of changes.slots) {
      for (const [key, value] of slots) setOrDelete(this.#slots, id + key, value);
    }
    for (const [id, balances] of changes.balances) {
      for (const [assetId, amount] of balances) setOrDelete(this.#balances, id + assetId, amount);
    }
  }
}

function coinOf({ owner, amount, assetId, blockHeight, txIndex }: CoinRow): CoinRecord {
  return { owner, amount, assetId, txPointer: { blockHeight, txIndex } };
}

/** From the cache, or loaded into it. Absence is not cached: it would have to be revoked. */
function through<K, V>(cache: RecordCache<K, V>, key: K, load: () => V | null): V | null {
  const cached = cache.get(key);
  if (cached !== undefined) return cached;
  const loaded = load();
  if (loaded !== null) cache.set(key, loaded);
  return loaded;
}

function setOrDelete<K, V>(cache: RecordCache<K, V>, key: K, value: V | null): void {
  if (value === null) cache.delete(key);
  else cache.set(key, value);
}
