/**
 * The chain store. Reading order: `columns.ts` (what is stored), `engine/` (where), `view.ts`
 * (synchronous reads), `commit.ts` (the one way to write), this file (questions of the API).
 */

import { createHash } from 'node:crypto';
import type { MessageRecord, SealedBlock } from '../executor/ports.ts';
import { assert, CodedError } from '../primitives/errors.ts';
import type {
  Address,
  AssetId,
  B256,
  BlockHeight,
  BlockId,
  ContractId,
  Nonce,
  SlotKey,
  TxId,
  UtxoKey,
} from '../primitives/types.ts';
import type { BlockHeader } from '../tx/block.ts';
import { decodeTx } from '../tx/codec/transaction.ts';
import type { TxPointer } from '../tx/types.ts';
import { COLUMNS, type Column, keyOf, META, partsOf, prefixOf, SCHEMA_VERSION } from './columns.ts';
import { assertFollows, type CommitOptions, PLAIN_COMMITS, writeBlock } from './commit.ts';
import type { BlockDelta } from './deltas.ts';
import type { Engine } from './engine/port.ts';
import { corruptRow } from './fields.ts';
import { GenesisCoins } from './genesisCoins.ts';
import { StagedView } from './staged.ts';
import type {
  AssetDetails,
  ChainStore,
  CoinRow,
  Range,
  StagedBlock,
  StoredBlock,
  StoredTx,
} from './types.ts';
import { RECORD_CACHE_ENTRIES_MAX, StateReader, type Written } from './view.ts';

/** Blocks whose transactions' bytes stay in memory. */
const RECENT_BLOCKS = 4;
/** Rows that one step of the digest holds in memory. */
const DIGEST_STEP_ROWS = 1000;

class LevelChainStore extends StateReader implements ChainStore {
  #latest: BlockHeader;
  readonly #options: CommitOptions;
  #writing = false;
  /** Of the newest blocks: what follows a commit at once does not read them back. */
  readonly #recentBytes: Map<BlockHeight, readonly Uint8Array[]> = new Map();

  constructor(engine: Engine, latest: BlockHeader, options: StoreOptions) {
    super(engine, genesisCoinsOf(options));
    this.#latest = latest;
    this.#options = options;
  }

  get latest(): BlockHeader {
    return this.#latest;
  }

  async commitBlock(block: SealedBlock): Promise<void> {
    await this.stageBlock(block).durable;
  }

  stageBlock(block: SealedBlock): StagedBlock {
    assert(!this.#writing, 'blocks are committed one at a time');
    assertFollows(block, this, this.#latest.height);
    this.#writing = true;
    // The batch is filled before the first pause of `write`.
    let filled: Written | null = null;
    let fault: unknown = new Error('the engine did not ask for the rows of a block');
    const write = this.engine.write((batch) => {
      try {
        filled = writeBlock(batch, this, block, this.#options);
      } catch (error) {
        fault = error;
        throw error;
      }
    });
    const written = filled as Written | null;
    if (written === null) {
      this.#writing = false;
      write.catch(() => {});
      throw fault;
    }
    const durable = write.then(
      () => this.#adopt(block, written),
      (error: unknown) => {
        this.#writing = false;
        throw error;
      },
    );
    const { header } = block;
    const { blocksRoot } = written.block;
    return { header, blocksRoot, view: new StagedView(this, block), durable };
  }

  #adopt(block: SealedBlock, written: Written): void {
    this.#writing = false;
    this.apply(block.changes, written);
    const { height } = block.header;
    this.#recentBytes.set(
      height,
      block.transactions.map(({ raw }) => raw),
    );
    this.#recentBytes.delete(height - RECENT_BLOCKS);
    this.#latest = block.header;
  }

  block(height: BlockHeight): StoredBlock | null {
    return this.blockRow(height);
  }

  blockHeightOf(blockId: BlockId): BlockHeight | null {
    return this.row(COLUMNS.blockHeights, blockId);
  }

  transactionPointer(txId: TxId): TxPointer | null {
    return this.row(COLUMNS.txPointers, txId);
  }

  transaction(txId: TxId): StoredTx | null {
    const pointer = this.transactionPointer(txId);
    return pointer === null ? null : this.#transactionAt(pointer);
  }

  blockTransactionBytes(height: BlockHeight): readonly Uint8Array[] | null {
    const recent = this.#recentBytes.get(height);
    if (recent !== undefined) return recent;
    const block = this.blockRow(height);
    if (block === null) return null;
    return block.transactionIds.map((_, txIndex) => {
      const row = this.row(COLUMNS.transactions, height, txIndex);
      if (row === null) throw corruptRow('transaction of a block');
      return row.raw;
    });
  }

  #transactionAt(pointer: TxPointer): StoredTx {
    const row = this.row(COLUMNS.transactions, pointer.blockHeight, pointer.txIndex);
    const block = this.blockRow(pointer.blockHeight);
    if (row === null || block === null) throw corruptRow('transaction pointer');
    const { id, time } = block.header;
    return { ...row, tx: decodeTx(row.raw).tx, pointer, blockId: id, blockTime: time };
  }

  async coins(owner: Address, assetId: AssetId | null, range: Range<UtxoKey>): Promise<CoinRow[]> {
    const found: CoinRow[] = [];
    let { after } = range;
    // Other assets are skipped, so one step of the walk may not be enough.
    for (;;) {
      const keys = await this.#keys(COLUMNS.coinsByOwner, [owner], {
        ...range,
        after: after === undefined ? undefined : [owner, after],
      });
      for (const [, key] of keys) {
        const coin = this.coin(key);
        // Spent between the walk and this read.
        if (coin === null || (assetId !== null && coin.assetId !== assetId)) continue;
        found.push({ ...coin, key });
        if (found.length === range.limit) return found;
      }
      const last = keys.at(-1);
      if (last === undefined || keys.length < range.limit) return found;
      after = last[1];
    }
  }

  async coinsByAmount(owner: Address, assetId: AssetId, limit: number): Promise<CoinRow[]> {
    const keys = await this.#keys(COLUMNS.coinsByAmount, [owner, assetId], { limit });
    const found: CoinRow[] = [];
    for (const [, , , key] of keys) {
      const coin = this.coin(key);
      if (coin !== null) found.push({ ...coin, key });
    }
    return found;
  }

  async messages(owner: Address | null, range: Range<Nonce>): Promise<MessageRecord[]> {
    const { after } = range;
    const nonces =
      owner === null
        ? await this.#keys(COLUMNS.messages, [], {
            ...range,
            after: after === undefined ? undefined : [after],
          })
        : await this.#keys(COLUMNS.messagesByRecipient, [owner], {
            ...range,
            after: after === undefined ? undefined : [owner, after],
          });
    return nonces.flatMap((key) => this.message(key.at(-1)!) ?? []);
  }

  messageStatus(nonce: Nonce): 'UNSPENT' | 'SPENT' | 'NOT_FOUND' {
    if (this.engine.get(keyOf(COLUMNS.messagesSpent, [nonce])) !== undefined) return 'SPENT';
    return this.message(nonce) === null ? 'NOT_FOUND' : 'UNSPENT';
  }

  async balanceOf(owner: Address, assetId: AssetId): Promise<bigint> {
    return this.sumOf(owner, assetId);
  }

  async balancesOf(
    owner: Address,
    range: Range<AssetId>,
  ): Promise<{ assetId: AssetId; amount: bigint }[]> {
    const rows = await this.#rows(COLUMNS.balances, owner, range);
    return rows.map(([assetId, amount]) => ({ assetId, amount }));
  }

  async contractBalances(
    contractId: ContractId,
    range: Range<AssetId>,
  ): Promise<{ assetId: AssetId; amount: bigint }[]> {
    const rows = await this.#rows(COLUMNS.contractBalances, contractId, range);
    return rows.map(([assetId, amount]) => ({ assetId, amount }));
  }

  async contractSlots(
    contractId: ContractId,
    range: Range<SlotKey>,
  ): Promise<{ key: SlotKey; value: Uint8Array }[]> {
    const rows = await this.#rows(COLUMNS.slots, contractId, range);
    return rows.map(([key, value]) => ({ key, value }));
  }

  contractSalt(contractId: ContractId): B256 | null {
    return this.row(COLUMNS.contractSalt, contractId);
  }

  async transactionsOf(owner: Address, range: Range<TxPointer>): Promise<StoredTx[]> {
    const { after } = range;
    const keys = await this.#keys(COLUMNS.txsByOwner, [owner], {
      ...range,
      after: after === undefined ? undefined : [owner, after.blockHeight, after.txIndex],
    });
    return keys.map(([, blockHeight, txIndex]) => this.#transactionAt({ blockHeight, txIndex }));
  }

  assetDetails(assetId: AssetId): AssetDetails | null {
    return this.row(COLUMNS.assets, assetId);
  }

  relayedFailure(id: B256): { blockHeight: BlockHeight; failure: string } | null {
    return this.row(COLUMNS.relayedFailures, id);
  }

  delta(height: BlockHeight): BlockDelta | null {
    return this.row(COLUMNS.deltas, height);
  }

  blocksRoot(height: BlockHeight): B256 {
    const block = this.blockRow(height);
    if (block !== null) return block.blocksRoot;
    throw new CodedError(
      'BLOCK_NOT_FOUND',
      `block ${height} is not in the store; ask for a height up to ${this.#latest.height}`,
      { height },
    );
  }

  blockIds(first: BlockHeight, last: BlockHeight): BlockId[] {
    const ids: BlockId[] = [];
    for (let height = first; height <= last; height++) {
      const id = this.blockId(height);
      if (id !== null) ids.push(id);
    }
    return ids;
  }

  /** Keys under a prefix, decoded. */
  async #keys<K extends readonly unknown[], V>(
    column: Column<K, V>,
    parts: Partial<NoInfer<K>>,
    range: { after?: NoInfer<K> | undefined; reverse?: boolean | undefined; limit: number },
  ): Promise<K[]> {
    if (range.limit <= 0) return [];
    const rows = await this.engine.scan({
      prefix: prefixOf(column, ...parts),
      after: range.after === undefined ? undefined : keyOf(column, range.after),
      reverse: range.reverse,
      limit: range.limit,
    });
    return rows.map(({ key }) => partsOf(column, key));
  }

  /** Second part of the key and value of the rows of one owner or contract. */
  async #rows<V>(
    column: Column<[B256, B256], V>,
    first: B256,
    range: Range<B256>,
  ): Promise<[B256, V][]> {
    if (range.limit <= 0) return [];
    const rows = await this.engine.scan({
      prefix: prefixOf(column, first),
      after: range.after === undefined ? undefined : keyOf(column, [first, range.after]),
      reverse: range.reverse,
      limit: range.limit,
    });
    return rows.map(({ key, value }) => [partsOf(column, key)[1], column.value.decode(value)]);
  }

  async digest(): Promise<B256> {
    const hash = createHash('sha256');
    const length = Buffer.alloc(8);
    const state = Object.values(COLUMNS).filter(({ id }) => id !== COLUMNS.deltas.id);
    for (const { id } of state.sort((a, b) => a.id - b.id)) {
      let after: Uint8Array | undefined;
      for (;;) {
        const prefix = Uint8Array.of(id);
        const rows = await this.engine.scan({ prefix, after, limit: DIGEST_STEP_ROWS });
        for (const { key, value } of rows) {
          length.writeUInt32BE(key.length, 0);
          length.writeUInt32BE(value.length, 4);
          hash.update(length).update(key).update(value);
        }
        after = rows.at(-1)?.key;
        if (rows.length < DIGEST_STEP_ROWS) break;
      }
    }
    return `0x${hash.digest('hex')}`;
  }

  async close(): Promise<void> {
    await this.engine.close();
  }
}

/** What a store is opened with. */
export type StoreOptions = CommitOptions & {
  /**
   * The first block of the chain. With it outputs of transactions that are new need not be looked
   * for. Only for stores to which nothing but blocks is written.
   */
  readonly genesis?: SealedBlock | undefined;
};

function genesisCoinsOf({ genesis }: StoreOptions): GenesisCoins | null {
  if (genesis === undefined) return null;
  const { coins } = genesis.changes;
  return new GenesisCoins(coins.keys(), coins.size);
}

/** Whether the chain in the engine began with these coins. */
function isBegunBy(reader: StateReader, genesis: SealedBlock | undefined): boolean {
  if (genesis?.consensus.type !== 'genesis') return false;
  const stored = reader.blockRow(genesis.header.height)?.consensus;
  return stored?.type === 'genesis' && stored.coinsRoot === genesis.consensus.coinsRoot;
}

/** The store in an engine, or null when nothing was ever committed to it. */
export function attachStore(
  engine: Engine,
  options: StoreOptions = PLAIN_COMMITS,
): ChainStore | null {
  const reader = new StateReader(engine);
  const schema = reader.row(COLUMNS.meta, META.schema);
  if (schema === null) return null;
  if (schema !== SCHEMA_VERSION) {
    throw new CodedError(
      'STATE_VERSION',
      `the database has format ${schema}, this program writes format ${SCHEMA_VERSION}; use the ` +
        'program that made it, or remove the directory to start again from genesis',
      { schema, expected: SCHEMA_VERSION },
    );
  }
  const height = reader.row(COLUMNS.meta, META.latestHeight);
  const latest = height === null ? null : reader.blockRow(height);
  if (latest === null) throw corruptRow('height of the newest block');
  return new LevelChainStore(
    engine,
    latest.header,
    isBegunBy(reader, options.genesis) ? options : { ...options, genesis: undefined },
  );
}

/** Writes the first block into an empty engine. */
export async function createStore(
  engine: Engine,
  genesis: SealedBlock,
  options: StoreOptions = PLAIN_COMMITS,
): Promise<ChainStore> {
  const reader = new StateReader(engine);
  assert(reader.row(COLUMNS.meta, META.schema) === null, 'a store is initialised once');
  assertFollows(genesis, reader, null);
  let written: Written | null = null;
  await engine.write((batch) => {
    written = writeBlock(batch, reader, genesis, options);
  });
  assert(written !== null, 'a batch is filled before it is written');
  const store = new LevelChainStore(engine, genesis.header, options);
  // What fits into the caches is at hand anyway.
  if (genesis.changes.coins.size <= RECORD_CACHE_ENTRIES_MAX / 2) {
    store.apply(genesis.changes, written);
  }
  return store;
}
