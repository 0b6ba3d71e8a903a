/** Canonical encoding of transactions and receipts. */
export { encodeInput, inputSizeBytes } from './input.ts';
export { encodeOutput, outputSizeBytes } from './output.ts';
export { POLICY_KEYS, policyBits, policyCount } from './policies.ts';
export {
  decodeReceipt,
  decodeReceiptsWithData,
  decodeReceiptWithData,
  encodeReceipt,
  encodeReceiptsWithData,
  encodeReceiptWithData,
} from './receipt.ts';
export { decodeTx, encodeTx, txSizeBytes, witnessesSizeBytes } from './transaction.ts';
