/** What a block in the making, and one transaction inside it, see of the state. */
import { assert } from '../primitives/errors.ts';
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
import { ZERO_B256 } from '../primitives/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { UploadedBytecode, VmStorage } from '../vm/ports.ts';
import { mergeChanges } from './merge.ts';
import {
  type BlockEnv,
  type Changes,
  type CoinRecord,
  type ContractUtxo,
  emptyChanges,
  type MessageRecord,
  type StateView,
} from './ports.ts';

/** Committed state with the changes of the transactions that ran before in this block. */
export class BlockOverlay implements StateView {
  readonly base: StateView;
  readonly changes: Changes = emptyChanges();
  readonly #executed: Set<TxId> = new Set();

  constructor(base: StateView) {
    this.base = base;
  }

  /** Takes over what a transaction, or several disjoint ones, changed. */
  apply(changes: Changes): void {
    mergeChanges(this.changes, changes);
  }
  markExecuted(txId: TxId): void {
    this.#executed.add(txId);
  }

  coin(key: UtxoKey): CoinRecord | null {
    const own = this.changes.coins.get(key);
    return own === undefined ? this.base.coin(key) : own;
  }
  message(nonce: Nonce): MessageRecord | null {
    if (this.changes.messagesSpent.has(nonce)) return null;
    return this.changes.messagesAdded.get(nonce) ?? this.base.message(nonce);
  }
  contractCode(contractId: ContractId): Uint8Array | null {
    return this.changes.contractCode.get(contractId) ?? this.base.contractCode(contractId);
  }
  contractUtxo(contractId: ContractId): ContractUtxo | null {
    return this.changes.contractUtxos.get(contractId) ?? this.base.contractUtxo(contractId);
  }
  slot(contractId: ContractId, key: SlotKey): Uint8Array | null {
    const own = this.changes.slots.get(contractId)?.get(key);
    return own === undefined ? this.base.slot(contractId, key) : own;
  }
  balance(contractId: ContractId, assetId: AssetId): bigint | null {
    const own = this.changes.balances.get(contractId)?.get(assetId);
    return own === undefined ? this.base.balance(contractId, assetId) : own;
  }
  blob(blobId: BlobId): Uint8Array | null {
    return this.changes.blobs.get(blobId) ?? this.base.blob(blobId);
  }
  uploadedBytecode(root: B256): UploadedBytecode | null {
    return this.changes.uploadedBytecodes.get(root) ?? this.base.uploadedBytecode(root);
  }
  consensusParameters(version: number): ConsensusParameters | null {
    const own = this.changes.consensusParameters.get(version);
    return own ?? this.base.consensusParameters(version);
  }
  stateTransitionBytecodeRoot(version: number): B256 | null {
    const own = this.changes.stateTransitionBytecodes.get(version);
    return own ?? this.base.stateTransitionBytecodeRoot(version);
  }
  transactionExists(txId: TxId): boolean {
    return this.#executed.has(txId) || this.base.transactionExists(txId);
  }
  blockId(height: BlockHeight): BlockId | null {
    return this.base.blockId(height);
  }
  blockTime(height: BlockHeight): Tai64 | null {
    return this.base.blockTime(height);
  }
}

/** A shared empty table: most transactions write few of the tables that there are. */
class NoRows extends Map<never, never> {
  override set(): never {
    assert(false, 'a shared empty table is never written');
    return this as never;
  }
}
const NO_ROWS: Map<never, never> = new NoRows();

/** Tables that a {@link TxOverlay} makes when it writes the first row. */
type RareTables = Omit<Changes, 'coins' | 'messagesSpent' | 'contractUtxos'>;

/** The form of `emptyChanges`: its properties in its order. */
function fewTables(): Changes {
  return {
    coins: new Map(),
    messagesSpent: new Set(),
    messagesAdded: NO_ROWS,
    contractCode: NO_ROWS,
    contractSalt: NO_ROWS,
    contractUtxos: new Map(),
    slots: NO_ROWS,
    balances: NO_ROWS,
    blobs: NO_ROWS,
    uploadedBytecodes: NO_ROWS,
    consensusParameters: NO_ROWS,
    stateTransitionBytecodes: NO_ROWS,
  };
}

/** Values by contract and key; null: absent. */
export type ByContract<Value> = ReadonlyMap<ContractId, ReadonlyMap<B256, Value | null>>;

function entry<Value>(table: Map<ContractId, Map<B256, Value>>, id: ContractId): Map<B256, Value> {
  let row = table.get(id);
  if (row === undefined) {
    row = new Map();
    table.set(id, row);
  }
  return row;
}

/**
 * Storage of one transaction. Records the values that it read from the block's state: a key it
 * wrote first and read afterwards does not count as read, as in the reference.
 */
export class TxOverlay implements VmStorage {
  readonly blockHeight: BlockHeight;
  readonly consensusParametersVersion: number;
  readonly stateTransitionVersion: number;
  readonly coinbase: ContractId;
  readonly #view: StateView;
  readonly #time: Tai64;
  #slotReads: Map<ContractId, Map<SlotKey, Uint8Array | null>> = NO_ROWS;
  #balanceReads: Map<ContractId, Map<AssetId, bigint | null>> = NO_ROWS;
  readonly #changes: Changes = fewTables();

  constructor(view: StateView, env: BlockEnv) {
    this.#view = view;
    this.#time = env.time;
    this.blockHeight = env.height;
    this.consensusParametersVersion = env.consensusParametersVersion;
    this.stateTransitionVersion = env.stateTransitionVersion;
    this.coinbase = env.coinbaseRecipient;
  }

  /** Values before, of what was read. */
  get slotReads(): ByContract<Uint8Array> {
    return this.#slotReads;
  }
  get balanceReads(): ByContract<bigint> {
    return this.#balanceReads;
  }
  /**
   * Everything written; its slots and balances are the values after. Coins, spent messages and UTXOs
   * of contracts may be added; the other tables may be shared empty ones.
   */
  get changes(): Changes {
    return this.#changes;
  }

  /** To be written. */
  #table<Name extends keyof RareTables>(name: Name): RareTables[Name] {
    const tables: RareTables = this.#changes;
    if (tables[name] === NO_ROWS) tables[name] = new Map() as RareTables[Name];
    return tables[name];
  }

  contractCode(contractId: ContractId): Uint8Array | null {
    return this.#changes.contractCode.get(contractId) ?? this.#view.contractCode(contractId);
  }
  slot(contractId: ContractId, key: SlotKey): Uint8Array | null {
    const own = this.#changes.slots.get(contractId)?.get(key);
    if (own !== undefined) return own;
    if (this.#slotReads === NO_ROWS) this.#slotReads = new Map();
    const reads = entry(this.#slotReads, contractId);
    const known = reads.get(key);
    if (known !== undefined) return known;
    const value = this.#view.slot(contractId, key);
    reads.set(key, value);
    return value;
  }
  setSlot(contractId: ContractId, key: SlotKey, value: Uint8Array): void {
    // The VM may hand over a window into its memory.
    entry(this.#table('slots'), contractId).set(key, value.slice());
  }
  clearSlot(contractId: ContractId, key: SlotKey): void {
    entry(this.#table('slots'), contractId).set(key, null);
  }
  balance(contractId: ContractId, assetId: AssetId): bigint | null {
    const own = this.#changes.balances.get(contractId)?.get(assetId);
    if (own !== undefined) return own;
    if (this.#balanceReads === NO_ROWS) this.#balanceReads = new Map();
    const reads = entry(this.#balanceReads, contractId);
    const known = reads.get(assetId);
    if (known !== undefined) return known;
    const value = this.#view.balance(contractId, assetId);
    reads.set(assetId, value);
    return value;
  }
  setBalance(contractId: ContractId, assetId: AssetId, amount: bigint): void {
    entry(this.#table('balances'), contractId).set(assetId, amount);
  }
  clearBalance(contractId: ContractId, assetId: AssetId): void {
    entry(this.#table('balances'), contractId).set(assetId, null);
  }
  blob(blobId: BlobId): Uint8Array | null {
    return this.#changes.blobs.get(blobId) ?? this.#view.blob(blobId);
  }

  createContract(
    contractId: ContractId,
    code: Uint8Array,
    slots: readonly { readonly key: SlotKey; readonly value: Uint8Array }[],
  ): void {
    assert(this.contractCode(contractId) === null, 'a created contract is new');
    this.#table('contractCode').set(contractId, code);
    for (const { key, value } of slots) this.setSlot(contractId, key, value);
  }
  createBlob(blobId: BlobId, payload: Uint8Array): void {
    this.#table('blobs').set(blobId, payload);
  }
  uploadedBytecode(root: B256): UploadedBytecode | null {
    return this.#changes.uploadedBytecodes.get(root) ?? this.#view.uploadedBytecode(root);
  }
  setUploadedBytecode(root: B256, value: UploadedBytecode): void {
    this.#table('uploadedBytecodes').set(root, value);
  }
  addConsensusParameters(version: number, params: ConsensusParameters): boolean {
    if (this.#view.consensusParameters(version) !== null) return false;
    this.#table('consensusParameters').set(version, params);
    return true;
  }
  addStateTransitionBytecode(version: number, root: B256): boolean {
    if (this.#view.stateTransitionBytecodeRoot(version) !== null) return false;
    this.#table('stateTransitionBytecodes').set(version, root);
    return true;
  }

  blockHash(height: BlockHeight): B256 {
    if (height >= this.blockHeight || height === 0) return ZERO_B256;
    return this.#view.blockId(height) ?? ZERO_B256;
  }
  timestamp(height: BlockHeight): Tai64 | null {
    return height === this.blockHeight ? this.#time : this.#view.blockTime(height);
  }
}
