/** The key strings of access lists; see `access.ts`. */
import type { BlobId, ContractId, Nonce, TxId, UtxoKey } from '../primitives/types.ts';

function hexOfIndex(outputIndex: number): string {
  return outputIndex.toString(16).padStart(4, '0');
}

/** Outputs of a transaction are few: at most 255 by the standard parameters. */
const INDEX_HEX: readonly string[] = Array.from({ length: 256 }, (_, i) => hexOfIndex(i));

/** `0x` + transaction id + index as 2 bytes: the form GraphQL and the state use. */
export function utxoKeyOf(txId: TxId, outputIndex: number): UtxoKey {
  return (txId + (INDEX_HEX[outputIndex] ?? hexOfIndex(outputIndex))) as UtxoKey;
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
