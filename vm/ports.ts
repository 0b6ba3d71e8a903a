/** What the VM needs from the world. All calls are synchronous: guest code cannot wait. */
import type {
  AssetId,
  B256,
  BlobId,
  BlockHeight,
  ContractId,
  SlotKey,
  Tai64,
} from '../primitives/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';

/** Part of a state transition bytecode that is being uploaded, or the whole of it. */
export type UploadedBytecode =
  | { type: 'uncompleted'; bytecode: Uint8Array; uploadedSubsections: number }
  | { type: 'completed'; bytecode: Uint8Array };

/**
 * Storage under one transaction. Writes stay in the caller's overlay and are thrown away by the
 * caller when the transaction reverts.
 *
 * The reads and writes of slots and balances are recorded by the executor, because the contract
 * roots in inputs and outputs are hashes over what was read and written. So the VM calls
 * `slot`/`balance` exactly where the reference reads a value, and `setSlot`/`setBalance` exactly
 * where it writes one.
 */
export interface VmStorage {
  /** null: no such contract. The bytes are never changed by either side. */
  contractCode(contractId: ContractId): Uint8Array | null;
  /** null: the slot is absent. Any length up to `maxStorageSlotLength`. */
  slot(contractId: ContractId, key: SlotKey): Uint8Array | null;
  setSlot(contractId: ContractId, key: SlotKey, value: Uint8Array): void;
  clearSlot(contractId: ContractId, key: SlotKey): void;
  /** null: the contract never held this asset. */
  balance(contractId: ContractId, assetId: AssetId): bigint | null;
  setBalance(contractId: ContractId, assetId: AssetId, amount: bigint): void;
  /** BURN of everything removes the entry (a later credit pays for a new one). A write, no read. */
  clearBalance(contractId: ContractId, assetId: AssetId): void;
  blob(blobId: BlobId): Uint8Array | null;

  /** Deployment: code and initial slots. The contract does not exist yet. */
  createContract(
    contractId: ContractId,
    code: Uint8Array,
    slots: readonly { readonly key: SlotKey; readonly value: Uint8Array }[],
  ): void;
  createBlob(blobId: BlobId, payload: Uint8Array): void;
  uploadedBytecode(root: B256): UploadedBytecode | null;
  setUploadedBytecode(root: B256, value: UploadedBytecode): void;
  /** @returns false when that version exists already. */
  addConsensusParameters(version: number, params: ConsensusParameters): boolean;
  /** @returns false when that version exists already. */
  addStateTransitionBytecode(version: number, root: B256): boolean;

  /** Height and time of the block under execution. */
  readonly blockHeight: BlockHeight;
  readonly consensusParametersVersion: number;
  readonly stateTransitionVersion: number;
  readonly coinbase: ContractId;
  /** Zero bytes for heights without a known block, the own height included (as fuel-core). */
  blockHash(height: BlockHeight): B256;
  /** Time of the block at `height`; asked only for heights <= blockHeight. null: unknown. */
  timestamp(height: BlockHeight): Tai64 | null;
}

/** Which family of rules a gas table selects: docs/decisions and `--vm-rules`. */
export type VmRules = '0.65' | '0.66';
