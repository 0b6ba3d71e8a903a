/**
 * Transactions on the wire: the fixed part of the body, policy bits and counts, then the variable
 * parts in the same order.
 *
 * @source fuel-specs tx-format/transaction; fuel-tx 0.66.4
 */
import type { B256 } from '../../primitives/types.ts';
import type {
  ChargeableTx,
  Input,
  MintTx,
  Output,
  StorageSlot,
  Transaction,
  UpgradePurpose,
} from '../types.ts';
import {
  CONTRACT_INPUT_BYTES,
  inputSizeBytes,
  readContractInput,
  readInput,
  writeContractInput,
  writeInput,
} from './input.ts';
import {
  outputSizeBytes,
  readContractOutput,
  readOutput,
  writeContractOutput,
  writeOutput,
} from './output.ts';
import {
  policyBits,
  policyCount,
  readPolicyBits,
  readPolicyValues,
  writePolicyValues,
} from './policies.ts';
import { decodeError, Reader } from './reader.ts';
import { paddedLength, Writer } from './writer.ts';

/** Discriminants of the transaction kinds. */
export const TX_KIND: Readonly<Record<Transaction['type'], number>> = {
  script: 0,
  create: 1,
  mint: 2,
  upgrade: 3,
  upload: 4,
  blob: 5,
};

/** Discriminant, pointer, input without discriminant, output likewise, amount, asset, price. */
const MINT_BYTES = 8 + 16 + (CONTRACT_INPUT_BYTES - 8) + 72 + 8 + 32 + 8;

/** Fixed part of the body with the kind's discriminant, up to the policy bits. Unit: bytes. */
export function bodyFixedBytes(tx: ChargeableTx): number {
  switch (tx.type) {
    case 'script':
      return 8 + 8 + 32 + 8 + 8;
    case 'create':
      return 8 + 8 + 32 + 8;
    case 'upgrade':
      return 8 + 8 + (tx.purpose.type === 'consensusParameters' ? 40 : 32);
    case 'upload':
      return 8 + 32 + 8 + 8 + 8 + 8;
    case 'blob':
      return 8 + 32 + 8;
  }
}

/** Variable part of the body, which follows the four counts. Unit: bytes. */
export function bodyVariableBytes(tx: ChargeableTx): number {
  if (tx.type === 'script') {
    return paddedLength(tx.script.length) + paddedLength(tx.scriptData.length);
  }
  if (tx.type === 'create') return tx.storageSlots.length * 64;
  return tx.type === 'upload' ? tx.proofSet.length * 32 : 0;
}

/** Encoded size of all witnesses, what the witness limit counts. Unit: bytes. */
export function witnessesSizeBytes(witnesses: readonly Uint8Array[]): number {
  let size = 0;
  for (const witness of witnesses) size += 8 + paddedLength(witness.length);
  return size;
}

/** Canonical size of a transaction. Unit: bytes. */
export function txSizeBytes(tx: Transaction): number {
  if (tx.type === 'mint') return MINT_BYTES;
  let size = bodyFixedBytes(tx) + 32 + bodyVariableBytes(tx) + policyCount(tx.policies) * 8;
  for (const input of tx.inputs) size += inputSizeBytes(input);
  for (const output of tx.outputs) size += outputSizeBytes(output);
  return size + witnessesSizeBytes(tx.witnesses);
}

function writeBodyFixed(w: Writer, tx: ChargeableTx): void {
  w.word(TX_KIND[tx.type]);
  switch (tx.type) {
    case 'script':
      w.u64(tx.scriptGasLimit);
      w.b256(tx.receiptsRoot);
      w.word(tx.script.length);
      w.word(tx.scriptData.length);
      return;
    case 'create':
      w.word(tx.bytecodeWitnessIndex);
      w.b256(tx.salt);
      w.word(tx.storageSlots.length);
      return;
    case 'upgrade':
      if (tx.purpose.type === 'consensusParameters') {
        w.word(0);
        w.word(tx.purpose.witnessIndex);
        w.b256(tx.purpose.checksum);
      } else {
        w.word(1);
        w.b256(tx.purpose.root);
      }
      return;
    case 'upload':
      w.b256(tx.root);
      w.word(tx.witnessIndex);
      w.word(tx.subsectionIndex);
      w.word(tx.subsectionsNumber);
      w.word(tx.proofSet.length);
      return;
    case 'blob':
      w.b256(tx.blobId);
      w.word(tx.witnessIndex);
  }
}

function writeBodyVariable(w: Writer, tx: ChargeableTx): void {
  if (tx.type === 'script') {
    w.paddedBytes(tx.script);
    w.paddedBytes(tx.scriptData);
  } else if (tx.type === 'create') {
    for (const slot of tx.storageSlots) {
      w.b256(slot.key);
      w.b256(slot.value);
    }
  } else if (tx.type === 'upload') {
    for (const hash of tx.proofSet) w.b256(hash);
  }
}

function encodeMint(before: number, tx: MintTx): Uint8Array {
  const w = new Writer(before + MINT_BYTES);
  w.pos = before;
  w.word(TX_KIND.mint);
  w.word(tx.txPointer.blockHeight);
  w.word(tx.txPointer.txIndex);
  writeContractInput(w, tx.inputContract);
  writeContractOutput(w, tx.outputContract);
  w.u64(tx.mintAmount);
  w.b256(tx.mintAssetId);
  w.u64(tx.gasPrice);
  return w.done();
}

/** Canonical bytes of a transaction. */
export function encodeTx(tx: Transaction): Uint8Array {
  return encodeTxAfter(0, tx);
}

/** Canonical bytes behind `before` zero bytes, which the caller fills. */
export function encodeTxAfter(before: number, tx: Transaction): Uint8Array {
  if (tx.type === 'mint') return encodeMint(before, tx);
  const w = new Writer(before + txSizeBytes(tx));
  w.pos = before;
  writeBodyFixed(w, tx);
  w.word(policyBits(tx.policies));
  w.word(tx.inputs.length);
  w.word(tx.outputs.length);
  w.word(tx.witnesses.length);
  writeBodyVariable(w, tx);
  writePolicyValues(w, tx.policies);
  for (const input of tx.inputs) writeInput(w, input);
  for (const output of tx.outputs) writeOutput(w, output);
  for (const witness of tx.witnesses) {
    w.word(witness.length);
    w.paddedBytes(witness);
  }
  return w.done();
}

type Common = Pick<ChargeableTx, 'policies' | 'inputs' | 'outputs' | 'witnesses'>;

type Counts = { bits: number; inputs: number; outputs: number; witnesses: number };

/** The four words between the body's fixed and variable parts. */
function readCounts(r: Reader): Counts {
  return {
    bits: readPolicyBits(r),
    inputs: r.length(),
    outputs: r.length(),
    witnesses: r.length(),
  };
}

/** What follows the body's variable part. */
function readCommon(r: Reader, counts: Counts): Common {
  const policies = readPolicyValues(r, counts.bits);
  const inputs: Input[] = [];
  for (let i = 0; i < counts.inputs; i++) inputs.push(readInput(r));
  const outputs: Output[] = [];
  for (let i = 0; i < counts.outputs; i++) outputs.push(readOutput(r));
  const witnesses: Uint8Array[] = [];
  for (let i = 0; i < counts.witnesses; i++) witnesses.push(r.paddedBytes(r.length()));
  return { policies, inputs, outputs, witnesses };
}

function readScript(r: Reader): Transaction {
  const scriptGasLimit = r.u64();
  const receiptsRoot = r.b256();
  const scriptLength = r.length();
  const dataLength = r.length();
  const counts = readCounts(r);
  const script = r.paddedBytes(scriptLength);
  const scriptData = r.paddedBytes(dataLength);
  const { policies, inputs, outputs, witnesses } = readCommon(r, counts);
  return {
    type: 'script',
    scriptGasLimit,
    receiptsRoot,
    script,
    scriptData,
    policies,
    inputs,
    outputs,
    witnesses,
  };
}

function readCreate(r: Reader): Transaction {
  const bytecodeWitnessIndex = r.u16();
  const salt = r.b256();
  const slotCount = r.length();
  const counts = readCounts(r);
  const storageSlots: StorageSlot[] = [];
  for (let i = 0; i < slotCount; i++) storageSlots.push({ key: r.b256(), value: r.b256() });
  return { type: 'create', bytecodeWitnessIndex, salt, storageSlots, ...readCommon(r, counts) };
}

function readPurpose(r: Reader): UpgradePurpose {
  const kind = r.discriminant();
  if (kind === 0) {
    const witnessIndex = r.u16();
    return { type: 'consensusParameters', witnessIndex, checksum: r.b256() };
  }
  if (kind === 1) return { type: 'stateTransition', root: r.b256() };
  throw decodeError('UnknownDiscriminant', r.pos - 8);
}

function readUpgrade(r: Reader): Transaction {
  const purpose = readPurpose(r);
  return { type: 'upgrade', purpose, ...readCommon(r, readCounts(r)) };
}

function readUpload(r: Reader): Transaction {
  const root = r.b256();
  const witnessIndex = r.u16();
  const subsectionIndex = r.u16();
  const subsectionsNumber = r.u16();
  const proofLength = r.length();
  const counts = readCounts(r);
  const proofSet: B256[] = [];
  for (let i = 0; i < proofLength; i++) proofSet.push(r.b256());
  return {
    type: 'upload',
    root,
    witnessIndex,
    subsectionIndex,
    subsectionsNumber,
    proofSet,
    ...readCommon(r, counts),
  };
}

function readBlob(r: Reader): Transaction {
  const blobId = r.b256();
  const witnessIndex = r.u16();
  return { type: 'blob', blobId, witnessIndex, ...readCommon(r, readCounts(r)) };
}

function readMint(r: Reader): MintTx {
  const txPointer = { blockHeight: r.u32(), txIndex: r.u16() };
  const inputContract = readContractInput(r);
  const outputContract = readContractOutput(r);
  const mintAmount = r.u64();
  const mintAssetId = r.b256();
  const gasPrice = r.u64();
  return {
    type: 'mint',
    txPointer,
    inputContract,
    outputContract,
    mintAmount,
    mintAssetId,
    gasPrice,
  };
}

/** Reads one transaction at the reader's position. @throws CodedError TX_DECODE */
export function readTx(r: Reader): Transaction {
  switch (r.discriminant()) {
    case TX_KIND.script:
      return readScript(r);
    case TX_KIND.create:
      return readCreate(r);
    case TX_KIND.mint:
      return readMint(r);
    case TX_KIND.upgrade:
      return readUpgrade(r);
    case TX_KIND.upload:
      return readUpload(r);
    case TX_KIND.blob:
      return readBlob(r);
    default:
      throw decodeError('UnknownDiscriminant', r.pos - 8);
  }
}

export type DecodedTx = {
  readonly tx: Transaction;
  readonly bytesUsed: number;
  /** Encoding `tx` gives the very bytes that were used. */
  readonly isCanonical: boolean;
};

/**
 * Decodes the transaction that `bytes` begin with; what follows it is ignored, see `bytesUsed`.
 *
 * @throws CodedError TX_DECODE; `context.reason` is the reference's error.
 */
export function decodeTx(bytes: Uint8Array): DecodedTx {
  const r = new Reader(bytes);
  const tx = readTx(r);
  return { tx, bytesUsed: r.pos, isCanonical: !r.hasLoss };
}
