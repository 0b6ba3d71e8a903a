/** Transaction and message identifiers. @source fuel-specs identifiers; fuel-tx 0.66.4 */

import { hexToBytes, writeU64 } from '../primitives/bytes.ts';
import { sha256Hex } from '../primitives/hash.ts';
import type { Address, B256, Nonce, TxId } from '../primitives/types.ts';
import { ZERO_B256 } from '../primitives/types.ts';
import { bodyFixedBytes, encodeTxAfter } from './codec/transaction.ts';
import { paddedLength } from './codec/writer.ts';
import { zeroMalleableBytes } from './offsets.ts';
import type { ChargeableTx, Input, Output, Transaction } from './types.ts';

const NO_POINTER = { blockHeight: 0, txIndex: 0 } as const;

/**
 * The identifier that inputs sign: sha256 over the chain id and the canonical bytes without
 * witnesses, with the fields that only execution fills set to zero.
 */
export function txId(tx: Transaction, chainId: bigint): TxId {
  const preimage = encodeTxAfter(8, tx.type === 'mint' ? tx : { ...tx, witnesses: [] });
  writeU64(preimage, 0, chainId);
  zeroMalleableBytes(preimage.subarray(8), tx);
  return sha256Hex(preimage);
}

/**
 * The same from bytes that are the encoding of `tx` (`decodeTx` says whether they are): nothing is
 * encoded again.
 */
export function txIdOfBytes(bytes: Uint8Array, tx: Transaction, chainId: bigint): TxId {
  if (tx.type === 'mint') return txId(tx, chainId);
  let size = bytes.length;
  for (const witness of tx.witnesses) size -= 8 + paddedLength(witness.length);
  const preimage = new Uint8Array(8 + size);
  writeU64(preimage, 0, chainId);
  preimage.set(bytes.subarray(0, size), 8);
  const encoded = preimage.subarray(8);
  // The number of witnesses: the last of the four words behind the body's fixed part.
  const countEnd = bodyFixedBytes(tx) + 32;
  encoded.fill(0, countEnd - 8, countEnd);
  zeroMalleableBytes(encoded, tx);
  return sha256Hex(preimage);
}

function preparedInput(input: Input): Input {
  switch (input.type) {
    case 'coin':
      return { ...input, txPointer: NO_POINTER, predicateGasUsed: 0n };
    case 'message':
      return { ...input, predicateGasUsed: 0n };
    case 'contract':
      return {
        ...input,
        utxoId: { txId: ZERO_B256, outputIndex: 0 },
        balanceRoot: ZERO_B256,
        stateRoot: ZERO_B256,
        txPointer: NO_POINTER,
      };
  }
}

function preparedOutput(output: Output): Output {
  switch (output.type) {
    case 'contract':
      return { ...output, balanceRoot: ZERO_B256, stateRoot: ZERO_B256 };
    case 'change':
      return { ...output, amount: 0n };
    case 'variable':
      return { ...output, to: ZERO_B256, amount: 0n, assetId: ZERO_B256 };
    default:
      return { ...output };
  }
}

/**
 * A copy with the fields zeroed that only execution fills; witnesses are kept. This is what the VM
 * runs and lays into memory. Byte strings are shared with `tx`.
 */
export function prepareForExecution<T extends ChargeableTx>(tx: T): T {
  const copy: T = {
    ...tx,
    inputs: tx.inputs.map(preparedInput),
    outputs: tx.outputs.map(preparedOutput),
    witnesses: [...tx.witnesses],
  };
  if (copy.type === 'script') copy.receiptsRoot = ZERO_B256;
  return copy;
}

/** Identifier of a message between the chain and its settlement layer, in either direction. */
export function messageId(
  sender: Address,
  recipient: Address,
  nonce: Nonce,
  amount: bigint,
  data: Uint8Array,
): B256 {
  const preimage = new Uint8Array(104 + data.length);
  preimage.set(hexToBytes(sender), 0);
  preimage.set(hexToBytes(recipient), 32);
  preimage.set(hexToBytes(nonce), 64);
  writeU64(preimage, 96, amount);
  preimage.set(data, 104);
  return sha256Hex(preimage);
}
