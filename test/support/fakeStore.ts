/** A chain store of plain arrays, for tests of what stands on top of it. */
import type { CoinRecord, ContractUtxo, MessageRecord, SealedBlock } from '../../executor/ports.ts';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { assert } from '../../primitives/errors.ts';
import { binaryRoot } from '../../primitives/merkle/binary.ts';
import {
  type Address,
  type AssetId,
  type B256,
  type BlobId,
  type BlockHeight,
  type BlockId,
  type ContractId,
  type Nonce,
  type SlotKey,
  type Tai64,
  type TxId,
  type UtxoKey,
  ZERO_B256,
} from '../../primitives/types.ts';
import type {
  AssetDetails,
  ChainStore,
  CoinRow,
  Range,
  StagedBlock,
  StoredBlock,
  StoredTx,
} from '../../state/types.ts';
import type { BlockHeader } from '../../tx/block.ts';
import { encodeTx } from '../../tx/codec/transaction.ts';
import { computeHeader } from '../../tx/header.ts';
import { txId } from '../../tx/id.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { Receipt } from '../../tx/receipt.ts';
import type { Transaction, TxPointer } from '../../tx/types.ts';
import type { UploadedBytecode } from '../../vm/ports.ts';

/** Label of Unix time 0. */
export const EPOCH: Tai64 = 4611686018427387914n;

export type FakeTx = {
  readonly tx: Transaction;
  readonly success?: boolean;
  readonly receipts?: readonly Receipt[];
  readonly reason?: string;
};

function page<Row, Cursor>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  range: Range<Cursor>,
  keyText: (cursor: Cursor) => string,
): Row[] {
  const sorted = [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  if (range.reverse) sorted.reverse();
  const after = range.after === undefined ? null : keyText(range.after);
  return sorted
    .filter((row) => after === null || (range.reverse ? keyOf(row) < after : keyOf(row) > after))
    .slice(0, range.limit);
}

const pointerText = ({ blockHeight, txIndex }: TxPointer): string =>
  `${String(blockHeight).padStart(10, '0')}.${String(txIndex).padStart(5, '0')}`;
const same = (text: string): string => text;

export class FakeStore implements ChainStore {
  readonly blocks: StoredBlock[] = [];
  readonly txs: Map<TxId, StoredTx> = new Map();
  readonly coinRows: CoinRow[] = [];
  readonly messageRows: MessageRecord[] = [];
  readonly spentMessages: Set<Nonce> = new Set();
  readonly code: Map<ContractId, Uint8Array> = new Map();
  readonly salts: Map<ContractId, B256> = new Map();
  readonly contractAmounts: Map<ContractId, Map<AssetId, bigint>> = new Map();
  readonly blobs: Map<BlobId, Uint8Array> = new Map();
  readonly assets: Map<AssetId, AssetDetails> = new Map();
  readonly owned: Map<Address, TxId[]> = new Map();
  readonly relayedFailures: Map<B256, { blockHeight: BlockHeight; failure: string }> = new Map();
  private readonly params: ConsensusParameters;

  constructor(params: ConsensusParameters) {
    this.params = params;
    this.addBlock([]);
  }

  get latest(): BlockHeader {
    const block = this.blocks.at(-1);
    assert(block, 'the fake chain has a genesis block');
    return block.header;
  }

  /** Appends a block of these transactions; the time goes on by a second. */
  addBlock(transactions: readonly FakeTx[]): StoredBlock {
    const height = this.blocks.length;
    const ids = transactions.map(({ tx }) => txId(tx, this.params.chainId));
    const header = computeHeader({
      daHeight: 0n,
      consensusParametersVersion: 0,
      stateTransitionBytecodeVersion: 34,
      transactionsCount: ids.length,
      messageReceiptCount: 0,
      transactionsRoot: ZERO_B256,
      messageOutboxRoot: ZERO_B256,
      eventInboxRoot: ZERO_B256,
      height,
      prevRoot: height === 0 ? ZERO_B256 : this.blocksRoot(height - 1),
      time: EPOCH + BigInt(height),
    });
    const consensus: StoredBlock['consensus'] =
      height === 0
        ? {
            type: 'genesis',
            chainConfigHash: ZERO_B256,
            coinsRoot: ZERO_B256,
            contractsRoot: ZERO_B256,
            messagesRoot: ZERO_B256,
            transactionsRoot: ZERO_B256,
          }
        : { type: 'poa', signature: new Uint8Array(64).fill(height) };
    const block: StoredBlock = { header, consensus, transactionIds: ids };
    this.blocks.push(block);
    transactions.forEach((given, txIndex) => {
      this.store(given, ids[txIndex]!, txIndex, header);
    });
    return block;
  }

  private store(given: FakeTx, id: TxId, txIndex: number, header: BlockHeader): void {
    const { tx, success = true, receipts = [], reason = null } = given;
    const pointer = { blockHeight: header.height, txIndex };
    this.txs.set(id, {
      id,
      raw: encodeTx(tx),
      tx,
      pointer,
      blockId: header.id,
      blockTime: header.time,
      success,
      programState: tx.type === 'mint' ? null : { type: 'return', value: 1n },
      reason,
      receipts,
      totalGas: 700n,
      totalFee: 7n,
    });
  }

  coin(key: UtxoKey): CoinRecord | null {
    return this.coinRows.find((row) => row.key === key) ?? null;
  }
  message(nonce: Nonce): MessageRecord | null {
    return this.messageRows.find((row) => row.nonce === nonce) ?? null;
  }
  contractCode(id: ContractId): Uint8Array | null {
    return this.code.get(id) ?? null;
  }
  contractUtxo(): ContractUtxo | null {
    return null;
  }
  slot(): Uint8Array | null {
    return null;
  }
  balance(contractId: ContractId, assetId: AssetId): bigint | null {
    return this.contractAmounts.get(contractId)?.get(assetId) ?? null;
  }
  blob(id: BlobId): Uint8Array | null {
    return this.blobs.get(id) ?? null;
  }
  uploadedBytecode(): UploadedBytecode | null {
    return null;
  }
  consensusParameters(version: number): ConsensusParameters | null {
    return version === 0 ? this.params : null;
  }
  stateTransitionBytecodeRoot(): B256 | null {
    return null;
  }
  transactionExists(id: TxId): boolean {
    return this.txs.has(id);
  }
  blockId(height: BlockHeight): BlockId | null {
    return this.blocks[height]?.header.id ?? null;
  }
  blockTime(height: BlockHeight): Tai64 | null {
    return this.blocks[height]?.header.time ?? null;
  }
  async commitBlock(_block: SealedBlock): Promise<void> {
    assert(false, 'the fake store takes blocks by addBlock');
  }
  stageBlock(_block: SealedBlock): StagedBlock {
    throw new Error('the fake store takes blocks by addBlock');
  }
  block(height: BlockHeight): StoredBlock | null {
    return this.blocks[height] ?? null;
  }
  blockHeightOf(id: BlockId): BlockHeight | null {
    const found = this.blocks.findIndex((block) => block.header.id === id);
    return found < 0 ? null : found;
  }
  transaction(id: TxId): StoredTx | null {
    return this.txs.get(id) ?? null;
  }
  blockTransactionBytes(height: BlockHeight): readonly Uint8Array[] | null {
    const block = this.blocks[height];
    return block?.transactionIds.map((id) => this.txs.get(id)!.raw) ?? null;
  }
  transactionPointer(id: TxId): TxPointer | null {
    return this.txs.get(id)?.pointer ?? null;
  }
  async coins(owner: Address, assetId: AssetId | null, range: Range<UtxoKey>): Promise<CoinRow[]> {
    const rows = this.coinRows.filter(
      (row) => row.owner === owner && (assetId === null || row.assetId === assetId),
    );
    return page(rows, (row) => row.key, range, same);
  }
  async coinsByAmount(owner: Address, assetId: AssetId, limit: number): Promise<CoinRow[]> {
    return this.coinRows
      .filter((row) => row.owner === owner && row.assetId === assetId)
      .sort((a, b) =>
        a.amount === b.amount ? (a.key < b.key ? -1 : 1) : a.amount > b.amount ? -1 : 1,
      )
      .slice(0, limit);
  }
  async messages(owner: Address | null, range: Range<Nonce>): Promise<MessageRecord[]> {
    const rows = this.messageRows.filter((row) => owner === null || row.recipient === owner);
    return page(rows, (row) => row.nonce, range, same);
  }
  messageStatus(nonce: Nonce): 'UNSPENT' | 'SPENT' | 'NOT_FOUND' {
    if (this.spentMessages.has(nonce)) return 'SPENT';
    return this.message(nonce) ? 'UNSPENT' : 'NOT_FOUND';
  }
  async balanceOf(owner: Address, assetId: AssetId): Promise<bigint> {
    let sum = 0n;
    for (const row of this.coinRows) {
      if (row.owner === owner && row.assetId === assetId) sum += row.amount;
    }
    if (assetId !== this.params.baseAssetId) return sum;
    for (const row of this.messageRows) {
      if (row.recipient === owner && row.data.length === 0) sum += row.amount;
    }
    return sum;
  }
  async balancesOf(
    owner: Address,
    range: Range<AssetId>,
  ): Promise<{ assetId: AssetId; amount: bigint }[]> {
    const ids = new Set(this.coinRows.map((row) => row.assetId)).add(this.params.baseAssetId);
    const rows: { assetId: AssetId; amount: bigint }[] = [];
    for (const assetId of ids) {
      const amount = await this.balanceOf(owner, assetId);
      if (amount > 0n) rows.push({ assetId, amount });
    }
    return page(rows, (row) => row.assetId, range, same);
  }
  async contractBalances(
    contractId: ContractId,
    range: Range<AssetId>,
  ): Promise<{ assetId: AssetId; amount: bigint }[]> {
    const rows = [...(this.contractAmounts.get(contractId) ?? [])].map(([assetId, amount]) => ({
      assetId,
      amount,
    }));
    return page(rows, (row) => row.assetId, range, same);
  }
  async contractSlots(): Promise<{ key: SlotKey; value: Uint8Array }[]> {
    return [];
  }
  contractSalt(contractId: ContractId): B256 | null {
    return this.salts.get(contractId) ?? null;
  }
  async transactionsOf(owner: Address, range: Range<TxPointer>): Promise<StoredTx[]> {
    const rows = (this.owned.get(owner) ?? []).map((id) => this.txs.get(id)!);
    return page(rows, (row) => pointerText(row.pointer), range, pointerText);
  }
  delta(): null {
    return null;
  }
  relayedFailure(id: B256): { blockHeight: BlockHeight; failure: string } | null {
    return this.relayedFailures.get(id) ?? null;
  }
  assetDetails(assetId: AssetId): AssetDetails | null {
    return this.assets.get(assetId) ?? null;
  }
  blocksRoot(height: BlockHeight): B256 {
    return bytesToHex(binaryRoot(this.blockIds(0, height).map(hexToBytes)));
  }
  blockIds(first: BlockHeight, last: BlockHeight): BlockId[] {
    return this.blocks.slice(first, last + 1).map((block) => block.header.id);
  }
  async digest(): Promise<B256> {
    return ZERO_B256;
  }
  async close(): Promise<void> {}
}
