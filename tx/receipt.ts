/**
 * Receipts, in the shape of fuel-tx 0.66.4. u64 are `bigint`. `data` is part of the receipt in
 * memory and in GraphQL, but not of its canonical bytes (only digest and length are).
 */
import type { Address, AssetId, B256, ContractId, Nonce } from '../primitives/types.ts';

type At = { pc: bigint; is: bigint };

export type CallReceipt = At & {
  type: 'call';
  id: ContractId;
  to: ContractId;
  amount: bigint;
  assetId: AssetId;
  gas: bigint;
  param1: bigint;
  param2: bigint;
};
export type ReturnReceipt = At & { type: 'return'; id: ContractId; val: bigint };
export type ReturnDataReceipt = At & {
  type: 'returnData';
  id: ContractId;
  ptr: bigint;
  len: bigint;
  digest: B256;
  data: Uint8Array;
};
export type PanicReceipt = At & {
  type: 'panic';
  id: ContractId;
  /** PanicReason byte. */
  reason: number;
  /** The raw 32-bit instruction word, 0 when it could not be fetched. */
  instruction: number;
  /** Only for ContractNotInInputs. */
  contractId: ContractId | null;
};
export type RevertReceipt = At & { type: 'revert'; id: ContractId; ra: bigint };
export type LogReceipt = At & {
  type: 'log';
  id: ContractId;
  ra: bigint;
  rb: bigint;
  rc: bigint;
  rd: bigint;
};
export type LogDataReceipt = At & {
  type: 'logData';
  id: ContractId;
  ra: bigint;
  rb: bigint;
  ptr: bigint;
  len: bigint;
  digest: B256;
  data: Uint8Array;
};
export type TransferReceipt = At & {
  type: 'transfer';
  id: ContractId;
  to: ContractId;
  amount: bigint;
  assetId: AssetId;
};
export type TransferOutReceipt = At & {
  type: 'transferOut';
  id: ContractId;
  to: Address;
  amount: bigint;
  assetId: AssetId;
};
export type ScriptResultReceipt = {
  type: 'scriptResult';
  /** 0 success, 1 revert, 2 panic, other values as the reference maps them. */
  result: bigint;
  gasUsed: bigint;
};
export type MessageOutReceipt = {
  type: 'messageOut';
  sender: Address;
  recipient: Address;
  amount: bigint;
  nonce: Nonce;
  len: bigint;
  digest: B256;
  data: Uint8Array;
};
export type MintReceipt = At & {
  type: 'mint';
  subId: B256;
  contractId: ContractId;
  val: bigint;
};
export type BurnReceipt = At & {
  type: 'burn';
  subId: B256;
  contractId: ContractId;
  val: bigint;
};

export type Receipt =
  | CallReceipt
  | ReturnReceipt
  | ReturnDataReceipt
  | PanicReceipt
  | RevertReceipt
  | LogReceipt
  | LogDataReceipt
  | TransferReceipt
  | TransferOutReceipt
  | ScriptResultReceipt
  | MessageOutReceipt
  | MintReceipt
  | BurnReceipt;

/** How a program ended; GraphQL's `programState`. */
export type ProgramState =
  | { type: 'return'; value: bigint }
  | { type: 'returnData'; digest: B256 }
  | { type: 'revert'; value: bigint };
