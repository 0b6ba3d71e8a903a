/**
 * The state after a block that is on its way to the disk: its changes over what is committed.
 *
 * It stays right while the block becomes durable underneath: from then on both say the same.
 */

import type {
  CoinRecord,
  ContractUtxo,
  LaidOver,
  MessageRecord,
  SealedBlock,
  StateView,
} from '../executor/ports.ts';
import type {
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

export class StagedView implements StateView {
  readonly #base: StateView;
  readonly #block: SealedBlock;
  readonly #txs: ReadonlySet<TxId>;

  /** @param base the state before `block`, or after it */
  constructor(base: StateView, block: SealedBlock) {
    this.#base = base;
    this.#block = block;
    this.#txs = new Set(block.transactions.map(({ id }) => id));
  }

  get location(): string | undefined {
    return this.#base.location;
  }

  /** Whoever reads the store may or may not see the block yet. */
  laidOver(contractId: ContractId): LaidOver {
    const { slots, balances } = this.#block.changes;
    return { slots: slots.get(contractId), balances: balances.get(contractId) };
  }

  coin(key: UtxoKey): CoinRecord | null {
    const own = this.#block.changes.coins.get(key);
    return own === undefined ? this.#base.coin(key) : own;
  }
  message(nonce: Nonce): MessageRecord | null {
    const { messagesAdded, messagesSpent } = this.#block.changes;
    if (messagesSpent.has(nonce)) return null;
    return messagesAdded.get(nonce) ?? this.#base.message(nonce);
  }
  contractCode(contractId: ContractId): Uint8Array | null {
    return this.#block.changes.contractCode.get(contractId) ?? this.#base.contractCode(contractId);
  }
  contractUtxo(contractId: ContractId): ContractUtxo | null {
    return this.#block.changes.contractUtxos.get(contractId) ?? this.#base.contractUtxo(contractId);
  }
  slot(contractId: ContractId, key: SlotKey): Uint8Array | null {
    const own = this.#block.changes.slots.get(contractId)?.get(key);
    return own === undefined ? this.#base.slot(contractId, key) : own;
  }
  balance(contractId: ContractId, assetId: AssetId): bigint | null {
    const own = this.#block.changes.balances.get(contractId)?.get(assetId);
    return own === undefined ? this.#base.balance(contractId, assetId) : own;
  }
  blob(blobId: BlobId): Uint8Array | null {
    return this.#block.changes.blobs.get(blobId) ?? this.#base.blob(blobId);
  }
  uploadedBytecode(root: B256): UploadedBytecode | null {
    const own = this.#block.changes.uploadedBytecodes.get(root);
    return own ?? this.#base.uploadedBytecode(root);
  }
  consensusParameters(version: number): ConsensusParameters | null {
    const own = this.#block.changes.consensusParameters.get(version);
    return own ?? this.#base.consensusParameters(version);
  }
  stateTransitionBytecodeRoot(version: number): B256 | null {
    const own = this.#block.changes.stateTransitionBytecodes.get(version);
    return own ?? this.#base.stateTransitionBytecodeRoot(version);
  }
  transactionExists(txId: TxId): boolean {
    return this.#txs.has(txId) || this.#base.transactionExists(txId);
  }
  blockId(height: BlockHeight): BlockId | null {
    const { header } = this.#block;
    return height === header.height ? header.id : this.#base.blockId(height);
  }
  blockTime(height: BlockHeight): Tai64 | null {
    const { header } = this.#block;
    return height === header.height ? header.time : this.#base.blockTime(height);
  }
}
