/** Where the parts of a transaction lie inside its canonical bytes. All offsets are in bytes. */

import {
  COIN_INPUT_FIXED_BYTES,
  inputSizeBytes,
  MESSAGE_INPUT_FIXED_BYTES,
} from './codec/input.ts';
import { outputSizeBytes } from './codec/output.ts';
import { policyCount } from './codec/policies.ts';
import { bodyFixedBytes, bodyVariableBytes } from './codec/transaction.ts';
import { paddedLength } from './codec/writer.ts';
import type { ChargeableTx, Input, MintTx, Transaction } from './types.ts';

/** Offsets inside the canonical bytes of the whole transaction; null where there is no such part. */
export type InputOffsets = {
  /** Predicate code; only of predicate inputs. */
  readonly predicate: number | null;
  readonly predicateData: number | null;
  /** Message data; of messages, also when it is empty. */
  readonly data: number | null;
};

export type TxOffsets = {
  /** First policy value, after the body's variable part; GTF's policies pointer. */
  readonly policiesOffset: number;
  /** 96, in scripts. */
  readonly scriptOffset: number | null;
  readonly scriptDataOffset: number | null;
  /** Start of the storage slots, in Create. */
  readonly storageSlotsOffset: number | null;
  /** Start of the proof set, in Upload. */
  readonly proofSetOffset: number | null;
  readonly inputsOffset: number;
  readonly inputsOffsets: readonly number[];
  readonly outputsOffset: number;
  readonly outputsOffsets: readonly number[];
  readonly witnessesOffset: number;
  /** Each points at the length word of its witness. */
  readonly witnessesOffsets: readonly number[];
  readonly inputs: readonly InputOffsets[];
  /** Size of the whole transaction. */
  readonly size: number;
};

/** Offsets of fixed fields inside an input or output, from its discriminant. */
export const FIELD_OFFSETS = {
  coinInput: { utxoId: 8, owner: 48, amount: 80, assetId: 88, txPointer: 120, witness: 136 },
  contractInput: { utxoId: 8, balanceRoot: 48, stateRoot: 80, txPointer: 112, contractId: 128 },
  messageInput: { sender: 8, recipient: 40, amount: 72, nonce: 80, witness: 112 },
  valueOutput: { to: 8, amount: 40, assetId: 48 },
  contractOutput: { inputIndex: 8, balanceRoot: 16, stateRoot: 48 },
  contractCreatedOutput: { contractId: 8, stateRoot: 40 },
} as const;

const NO_PARTS: InputOffsets = { predicate: null, predicateData: null, data: null };

function inputParts(input: Input, at: number): InputOffsets {
  if (input.type === 'contract') return NO_PARTS;
  const isMessage = input.type === 'message';
  const fixedEnd = at + (isMessage ? MESSAGE_INPUT_FIXED_BYTES : COIN_INPUT_FIXED_BYTES);
  const data = isMessage ? fixedEnd : null;
  if (input.predicate.length === 0) return { predicate: null, predicateData: null, data };
  const predicate = fixedEnd + (isMessage ? paddedLength(input.data.length) : 0);
  return { predicate, predicateData: predicate + paddedLength(input.predicate.length), data };
}

function policiesOffsetOf(tx: ChargeableTx): number {
  return bodyFixedBytes(tx) + 32 + bodyVariableBytes(tx);
}

/** Where the first input begins. */
export function inputsOffset(tx: ChargeableTx): number {
  return policiesOffsetOf(tx) + policyCount(tx.policies) * 8;
}

/** Offsets of every part of a transaction that a user can submit. */
export function txOffsets(tx: ChargeableTx): TxOffsets {
  const variableOffset = bodyFixedBytes(tx) + 32;
  let at = inputsOffset(tx);
  const inputsOffsets: number[] = [];
  const inputs: InputOffsets[] = [];
  for (const input of tx.inputs) {
    inputsOffsets.push(at);
    inputs.push(inputParts(input, at));
    at += inputSizeBytes(input);
  }
  const outputsOffset = at;
  const outputsOffsets: number[] = [];
  for (const output of tx.outputs) {
    outputsOffsets.push(at);
    at += outputSizeBytes(output);
  }
  const witnessesOffset = at;
  const witnessesOffsets: number[] = [];
  for (const witness of tx.witnesses) {
    witnessesOffsets.push(at);
    at += 8 + paddedLength(witness.length);
  }
  const isScript = tx.type === 'script';
  return {
    policiesOffset: policiesOffsetOf(tx),
    scriptOffset: isScript ? variableOffset : null,
    scriptDataOffset: isScript ? variableOffset + paddedLength(tx.script.length) : null,
    storageSlotsOffset: tx.type === 'create' ? variableOffset : null,
    proofSetOffset: tx.type === 'upload' ? variableOffset : null,
    inputsOffset: inputsOffset(tx),
    inputsOffsets,
    outputsOffset,
    outputsOffsets,
    witnessesOffset,
    witnessesOffsets,
    inputs,
    size: at,
  };
}

function zeroMint(bytes: Uint8Array): void {
  // Input contract from byte 24: utxo id 40, two roots 64, pointer 16, then the id, which stays.
  bytes.fill(0, 24, 24 + 120);
  // Output contract from byte 176: the input index stays, the two roots follow.
  bytes.fill(0, 184, 184 + 64);
}

/**
 * Zeroes, inside the canonical bytes of `tx`, the fields that only the block producer knows.
 * Witnesses are untouched.
 */
export function zeroMalleableBytes(bytes: Uint8Array, tx: Transaction): void {
  if (tx.type === 'mint') return zeroMint(bytes);
  if (tx.type === 'script') bytes.fill(0, 16, 48);
  let at = inputsOffset(tx);
  for (const input of tx.inputs) {
    if (input.type === 'contract') bytes.fill(0, at + 8, at + 128);
    else if (input.type === 'coin') {
      bytes.fill(0, at + 120, at + 136);
      bytes.fill(0, at + 144, at + 152);
    } else bytes.fill(0, at + 120, at + 128);
    at += inputSizeBytes(input);
  }
  for (const output of tx.outputs) {
    if (output.type === 'contract') bytes.fill(0, at + 16, at + 80);
    else if (output.type === 'change') bytes.fill(0, at + 40, at + 48);
    else if (output.type === 'variable') bytes.fill(0, at + 8, at + 80);
    at += outputSizeBytes(output);
  }
}

/** Offsets inside the canonical bytes of a Mint. */
export const MINT_OFFSETS: Readonly<Record<Exclude<keyof MintTx, 'type'>, number>> = {
  txPointer: 8,
  inputContract: 24,
  outputContract: 176,
  mintAmount: 248,
  mintAssetId: 256,
  gasPrice: 288,
};
