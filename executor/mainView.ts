/** The block's state as transactions see it that run on the main thread beside lanes. */
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
import type { BlockOverlay } from './overlay.ts';
import type { CoinRecord, ContractUtxo, MessageRecord, StateView } from './ports.ts';

export type MainViewHooks = {
  /** Code (`c:` keys) and blobs (`b:`): created before this place in the block? */
  readonly isVisible: (key: string, txIndex: number) => boolean;
  /** Before each read of a slot or a balance: a chance to answer lanes that wait. */
  readonly onRead: (kind: 'slot' | 'balance', id: ContractId, key: B256) => void;
};

/**
 * The overlay without the code and the blobs that a transaction further back in the block created
 * before its turn.
 */
export class MainView implements StateView {
  readonly #overlay: BlockOverlay;
  readonly #hooks: MainViewHooks;
  /** Provisional index of the transaction that runs. */
  txIndex: number = 0;

  constructor(overlay: BlockOverlay, hooks: MainViewHooks) {
    this.#overlay = overlay;
    this.#hooks = hooks;
  }

  slot(contractId: ContractId, key: SlotKey): Uint8Array | null {
    this.#hooks.onRead('slot', contractId, key);
    return this.#overlay.slot(contractId, key);
  }
  balance(contractId: ContractId, assetId: AssetId): bigint | null {
    this.#hooks.onRead('balance', contractId, assetId);
    return this.#overlay.balance(contractId, assetId);
  }
  contractCode(id: ContractId): Uint8Array | null {
    return this.#hooks.isVisible(`c:${id}`, this.txIndex) ? this.#overlay.contractCode(id) : null;
  }
  blob(id: BlobId): Uint8Array | null {
    return this.#hooks.isVisible(`b:${id}`, this.txIndex) ? this.#overlay.blob(id) : null;
  }
  coin(key: UtxoKey): CoinRecord | null {
    return this.#overlay.coin(key);
  }
  message(nonce: Nonce): MessageRecord | null {
    return this.#overlay.message(nonce);
  }
  contractUtxo(contractId: ContractId): ContractUtxo | null {
    return this.#overlay.contractUtxo(contractId);
  }
  uploadedBytecode(root: B256): UploadedBytecode | null {
    return this.#overlay.uploadedBytecode(root);
  }
  consensusParameters(version: number): ConsensusParameters | null {
    return this.#overlay.consensusParameters(version);
  }
  stateTransitionBytecodeRoot(version: number): B256 | null {
    return this.#overlay.stateTransitionBytecodeRoot(version);
  }
  transactionExists(txId: TxId): boolean {
    return this.#overlay.transactionExists(txId);
  }
  blockId(height: BlockHeight): BlockId | null {
    return this.#overlay.blockId(height);
  }
  blockTime(height: BlockHeight): Tai64 | null {
    return this.#overlay.blockTime(height);
  }
}
