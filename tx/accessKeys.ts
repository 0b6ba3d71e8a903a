/** The key strings of access lists; see `access.ts`. */
import type { BlobId, ContractId, Nonce, TxId, UtxoKey } from '../primitives/types.ts';

/** `0x` + transaction id + index as 2 bytes: the form GraphQL and the state use. */
export function utxoKeyOf(txId: TxId, outputIndex: number): UtxoKey {
  return `${txId}${outputIndex.toString(16).padStart(4, '0')}` as UtxoKey;
}

export function utxoAccessKey(txId: TxId, outputIndex: number): string {
  return `u:${utxoKeyOf(txId, outputIndex)}`;
}
export function messageKey(nonce: Nonce): string {
  return `m:${nonce}`;
}
export function contractKey(contractId: ContractId): string {
  return `c:${contractId}`;
}
export function blobKey(blobId: BlobId): string {
  return `b:${blobId}`;
}
