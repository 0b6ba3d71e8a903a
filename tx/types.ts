/**
 * The wire types of Fuel transactions, as fuel-tx 0.66.4 defines them. u64 are `bigint`; u8, u16
 * and u32 are `number`; ids are 0x-hex strings; byte strings are `Uint8Array`.
 *
 * @source fuel-specs tx-format; fuel-tx 0.66.4 (Owner policy)
 */
import type {
  Address,
  AssetId,
  B256,
  BlobId,
  BlockHeight,
  ContractId,
  Gas,
  Nonce,
  SlotKey,
  TxId,
} from '../primitives/types.ts';

/** `outputIndex`: u16. */
export type UtxoId = { readonly txId: TxId; readonly outputIndex: number };

/** Where a transaction sits in the chain. `txIndex`: u16. */
export type TxPointer = { readonly blockHeight: BlockHeight; readonly txIndex: number };

/**
 * Policies that are set; an absent key is an unset policy bit.
 * `tip`, `maxFee` in base asset units, `witnessLimit` in bytes, `maturity`, `expiration` in block
 * heights, `owner` an input index.
 */
export type Policies = {
  tip?: bigint;
  witnessLimit?: bigint;
  maturity?: bigint;
  maxFee?: bigint;
  expiration?: bigint;
  owner?: bigint;
};

export type CoinInput = {
  type: 'coin';
  utxoId: UtxoId;
  owner: Address;
  amount: bigint;
  assetId: AssetId;
  txPointer: TxPointer;
  /** u16; meaningful when `predicate` is empty. */
  witnessIndex: number;
  predicateGasUsed: Gas;
  /** Empty: a signed coin. */
  predicate: Uint8Array;
  predicateData: Uint8Array;
};

export type ContractInput = {
  type: 'contract';
  utxoId: UtxoId;
  balanceRoot: B256;
  stateRoot: B256;
  txPointer: TxPointer;
  contractId: ContractId;
};

export type MessageInput = {
  type: 'message';
  sender: Address;
  recipient: Address;
  amount: bigint;
  nonce: Nonce;
  witnessIndex: number;
  predicateGasUsed: Gas;
  /** Empty: spendable like a base-asset coin. */
  data: Uint8Array;
  predicate: Uint8Array;
  predicateData: Uint8Array;
};

export type Input = CoinInput | ContractInput | MessageInput;

export type CoinOutput = { type: 'coin'; to: Address; amount: bigint; assetId: AssetId };
export type ContractOutput = {
  type: 'contract';
  inputIndex: number;
  balanceRoot: B256;
  stateRoot: B256;
};
export type ChangeOutput = { type: 'change'; to: Address; amount: bigint; assetId: AssetId };
export type VariableOutput = { type: 'variable'; to: Address; amount: bigint; assetId: AssetId };
export type ContractCreatedOutput = {
  type: 'contractCreated';
  contractId: ContractId;
  stateRoot: B256;
};

export type Output =
  | CoinOutput
  | ContractOutput
  | ChangeOutput
  | VariableOutput
  | ContractCreatedOutput;

export type StorageSlot = { readonly key: SlotKey; readonly value: B256 };

type Chargeable = {
  policies: Policies;
  inputs: Input[];
  outputs: Output[];
  witnesses: Uint8Array[];
};

export type ScriptTx = Chargeable & {
  type: 'script';
  scriptGasLimit: Gas;
  receiptsRoot: B256;
  script: Uint8Array;
  scriptData: Uint8Array;
};

export type CreateTx = Chargeable & {
  type: 'create';
  bytecodeWitnessIndex: number;
  salt: B256;
  storageSlots: StorageSlot[];
};

export type MintTx = {
  type: 'mint';
  txPointer: TxPointer;
  inputContract: Omit<ContractInput, 'type'>;
  outputContract: Omit<ContractOutput, 'type'>;
  mintAmount: bigint;
  mintAssetId: AssetId;
  gasPrice: bigint;
};

export type UpgradePurpose =
  | { type: 'consensusParameters'; witnessIndex: number; checksum: B256 }
  | { type: 'stateTransition'; root: B256 };

export type UpgradeTx = Chargeable & { type: 'upgrade'; purpose: UpgradePurpose };

export type UploadTx = Chargeable & {
  type: 'upload';
  root: B256;
  witnessIndex: number;
  subsectionIndex: number;
  subsectionsNumber: number;
  proofSet: B256[];
};

export type BlobTx = Chargeable & { type: 'blob'; blobId: BlobId; witnessIndex: number };

/** Every kind that a user can submit. */
export type ChargeableTx = ScriptTx | CreateTx | UpgradeTx | UploadTx | BlobTx;

export type Transaction = ChargeableTx | MintTx;
