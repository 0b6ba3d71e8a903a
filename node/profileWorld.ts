/** A world for a single program: contracts from files, state in maps, height 1. */
import { assert } from '../primitives/errors.ts';
import {
  type AssetId,
  type B256,
  type BlobId,
  type ContractId,
  type SlotKey,
  ZERO_B256,
} from '../primitives/types.ts';
import type { UploadedBytecode, VmStorage } from '../vm/ports.ts';

/** A contract as it is before the program runs. */
export type WorldContract = {
  readonly id: ContractId;
  readonly code: Uint8Array;
  readonly slots: ReadonlyMap<SlotKey, Uint8Array>;
};

type Entry = {
  readonly code: Uint8Array;
  readonly slots: Map<SlotKey, Uint8Array>;
  readonly balances: Map<AssetId, bigint>;
};

/** Time of the one block: the epoch of TAI64. */
const TIME = 1n << 62n;

/** See the head of the file. */
export class ProfileWorld implements VmStorage {
  readonly blockHeight: number = 1;
  readonly consensusParametersVersion: number = 0;
  readonly stateTransitionVersion: number = 0;
  readonly coinbase: ContractId = ZERO_B256;
  readonly #contracts: Map<ContractId, Entry> = new Map();
  readonly #blobs: Map<BlobId, Uint8Array> = new Map();

  constructor(contracts: readonly WorldContract[]) {
    for (const { id, code, slots } of contracts) {
      this.#contracts.set(id, { code, slots: new Map(slots), balances: new Map() });
    }
  }

  contractCode(id: ContractId): Uint8Array | null {
    return this.#contracts.get(id)?.code ?? null;
  }
  slot(id: ContractId, key: SlotKey): Uint8Array | null {
    return this.#contracts.get(id)?.slots.get(key) ?? null;
  }
  setSlot(id: ContractId, key: SlotKey, value: Uint8Array): void {
    this.#contracts.get(id)?.slots.set(key, value);
  }
  clearSlot(id: ContractId, key: SlotKey): void {
    this.#contracts.get(id)?.slots.delete(key);
  }
  balance(id: ContractId, asset: AssetId): bigint | null {
    return this.#contracts.get(id)?.balances.get(asset) ?? null;
  }
  setBalance(id: ContractId, asset: AssetId, amount: bigint): void {
    this.#contracts.get(id)?.balances.set(asset, amount);
  }
  clearBalance(id: ContractId, asset: AssetId): void {
    this.#contracts.get(id)?.balances.delete(asset);
  }
  blob(id: BlobId): Uint8Array | null {
    return this.#blobs.get(id) ?? null;
  }
  createContract(): void {
    assert(false, 'only scripts run here');
  }
  createBlob(id: BlobId, payload: Uint8Array): void {
    this.#blobs.set(id, payload);
  }
  uploadedBytecode(): UploadedBytecode | null {
    return null;
  }
  setUploadedBytecode(): void {
    assert(false, 'only scripts run here');
  }
  addConsensusParameters(): boolean {
    return false;
  }
  addStateTransitionBytecode(): boolean {
    return false;
  }
  blockHash(): B256 {
    return ZERO_B256;
  }
  timestamp(): bigint {
    return TIME;
  }
}
