/**
 * The third tree of the state: everything but coins and messages. Keys begin with a byte that says
 * what they are; whatever is long stands in the tree as its hash.
 */
import type { Changes, ContractUtxo } from '../executor/ports.ts';
import { hexToBytes, writeU16, writeU32, writeU64 } from '../primitives/bytes.ts';
import { sha256 } from '../primitives/hash.ts';
import type { AssetId, ContractId, SlotKey } from '../primitives/types.ts';
import { encodeParamsPostcard } from '../tx/paramsPostcard.ts';
import { REST_TAG, restKey, versionKey } from '../tx/stateSubject.ts';
import { uploadForm } from './storedForms.ts';

/** A row that a block sets or, with null, takes away. */
export type RestChange = { readonly key: Uint8Array; readonly value: Uint8Array | null };

const CONTRACT_UTXO_BYTES = 40;

function u64(value: bigint): Uint8Array {
  const out = new Uint8Array(8);
  writeU64(out, 0, value);
  return out;
}

function utxoValue({ utxoId, txPointer }: ContractUtxo): Uint8Array {
  const value = new Uint8Array(CONTRACT_UTXO_BYTES);
  value.set(hexToBytes(utxoId.txId), 0);
  writeU16(value, 32, utxoId.outputIndex);
  writeU32(value, 34, txPointer.blockHeight);
  writeU16(value, 38, txPointer.txIndex);
  return value;
}

/** Row of a contract's code. */
export function codeRow(id: ContractId, code: Uint8Array | null): RestChange {
  return { key: restKey(REST_TAG.contractCode, id), value: code === null ? null : sha256(code) };
}

/** Row of the output that last carried a contract. */
export function contractUtxoRow(id: ContractId, utxo: ContractUtxo | null): RestChange {
  return {
    key: restKey(REST_TAG.contractUtxo, id),
    value: utxo === null ? null : utxoValue(utxo),
  };
}

/** Row of a contract's storage slot. */
export function slotRow(id: ContractId, slot: SlotKey, value: Uint8Array | null): RestChange {
  return { key: restKey(REST_TAG.slot, id, slot), value };
}

/** Row of what a contract holds of an asset. */
export function balanceRow(id: ContractId, asset: AssetId, amount: bigint | null): RestChange {
  return { key: restKey(REST_TAG.balance, id, asset), value: amount === null ? null : u64(amount) };
}

/** Everything that `changes` writes beside coins and messages. */
export function restChanges(changes: Changes): RestChange[] {
  const rows: RestChange[] = [];
  for (const [id, utxo] of changes.contractUtxos) rows.push(contractUtxoRow(id, utxo));
  for (const [id, code] of changes.contractCode) rows.push(codeRow(id, code));
  for (const [id, slots] of changes.slots) {
    for (const [slot, value] of slots) rows.push(slotRow(id, slot, value));
  }
  for (const [id, balances] of changes.balances) {
    for (const [asset, amount] of balances) rows.push(balanceRow(id, asset, amount));
  }
  for (const [id, blob] of changes.blobs) {
    rows.push({ key: restKey(REST_TAG.blob, id), value: u64(BigInt(blob.length)) });
  }
  for (const [root, upload] of changes.uploadedBytecodes) {
    rows.push({ key: restKey(REST_TAG.upload, root), value: sha256(uploadForm.encode(upload)) });
  }
  for (const [version, params] of changes.consensusParameters) {
    const key = versionKey(REST_TAG.consensusParameters, version);
    rows.push({ key, value: encodeParamsPostcard(params) });
  }
  for (const [version, root] of changes.stateTransitionBytecodes) {
    rows.push({ key: versionKey(REST_TAG.stateTransition, version), value: hexToBytes(root) });
  }
  return rows;
}
