/** Transactions and receipts as people read them: plain lines, no colour. */
import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { TxId } from '../../primitives/types.ts';
import { decodeTx, encodeTx } from '../../tx/codec/index.ts';
import { txId } from '../../tx/id.ts';
import type { Input, Output, Policies, Transaction } from '../../tx/types.ts';
import { disassemble, formatInstruction } from '../../vm/asm.ts';
import type { ReceiptFields } from '../client/lookup.ts';

/** Instructions of a script that are shown before the rest is counted only. */
export const SCRIPT_LINES_MAX: number = 40;
/** Bytes of a field that are shown before the rest is counted only. */
export const HEX_BYTES_MAX: number = 64;

function hexText(bytes: Uint8Array): string {
  if (bytes.length <= HEX_BYTES_MAX) return bytesToHex(bytes);
  return `${bytesToHex(bytes.subarray(0, HEX_BYTES_MAX))}… (${bytes.length} bytes)`;
}

function inputLine(input: Input): string {
  switch (input.type) {
    case 'coin': {
      const { txId, outputIndex } = input.utxoId;
      const lock =
        input.predicate.length === 0 ? 'signed' : `predicate, gas ${input.predicateGasUsed}`;
      return `coin ${input.amount} of ${input.assetId} from ${input.owner}, UTXO ${txId}:${outputIndex} (${lock})`;
    }
    case 'message': {
      const lock =
        input.predicate.length === 0 ? 'signed' : `predicate, gas ${input.predicateGasUsed}`;
      return `message ${input.nonce}, ${input.amount} to ${input.recipient}, ${input.data.length} bytes of data (${lock})`;
    }
    case 'contract':
      return `contract ${input.contractId}`;
  }
}

function outputLine(output: Output): string {
  switch (output.type) {
    case 'coin':
    case 'change':
    case 'variable':
      return `${output.type} ${output.amount} of ${output.assetId} to ${output.to}`;
    case 'contract':
      return `contract of input ${output.inputIndex}`;
    case 'contractCreated':
      return `new contract ${output.contractId}, state root ${output.stateRoot}`;
  }
}

function policyText(policies: Policies): string {
  const set = Object.entries(policies).filter(([, value]) => value !== undefined);
  return set.length === 0 ? 'none' : set.map(([name, value]) => `${name} ${value}`).join(', ');
}

function bodyLines(tx: Transaction): string[] {
  switch (tx.type) {
    case 'script': {
      const lines = disassemble(tx.script);
      const shown = lines.slice(0, SCRIPT_LINES_MAX).map((line) => `  ${line}`);
      const hidden = lines.length - shown.length;
      return [
        `script gas limit ${tx.scriptGasLimit}, script of ${tx.script.length} bytes`,
        ...shown,
        ...(hidden > 0 ? [`  … ${hidden} more words`] : []),
        ...(tx.scriptData.length > 0 ? [`script data ${hexText(tx.scriptData)}`] : []),
      ];
    }
    case 'create':
      return [`salt ${tx.salt}, ${tx.storageSlots.length} storage slots`];
    case 'mint':
      return [`${tx.mintAmount} of ${tx.mintAssetId} to contract ${tx.inputContract.contractId}`];
    case 'upgrade':
      return [`upgrade of ${tx.purpose.type}`];
    case 'upload':
      return [`part ${tx.subsectionIndex + 1} of ${tx.subsectionsNumber} of ${tx.root}`];
    case 'blob':
      return [`blob ${tx.blobId}`];
  }
}

/** Everything a transaction says, a line each. Amounts in units of the asset. */
export function describeTransaction(tx: Transaction): string[] {
  if (tx.type === 'mint') return [tx.type, ...bodyLines(tx)];
  return [
    tx.type,
    ...bodyLines(tx),
    `policies: ${policyText(tx.policies)}`,
    ...tx.inputs.map((input, i) => `input ${i}: ${inputLine(input)}`),
    ...tx.outputs.map((output, i) => `output ${i}: ${outputLine(output)}`),
    ...tx.witnesses.map((bytes, i) => `witness ${i}: ${hexText(bytes)}`),
  ];
}

/** Fields in the order in which they matter; addresses in memory are left to the JSON form. */
const SHOWN_FIELDS: readonly string[] = [
  'panic',
  'id',
  'to',
  'toAddress',
  'contractId',
  'amount',
  'assetId',
  'subId',
  'gas',
  'param1',
  'param2',
  'val',
  'ra',
  'rb',
  'rc',
  'rd',
  'len',
  'result',
  'gasUsed',
  'sender',
  'recipient',
  'nonce',
  'data',
];

/** One line of a receipt; a panic tells the instruction that failed. */
export function describeReceipt(receipt: ReceiptFields): string {
  const parts = SHOWN_FIELDS.flatMap((name) => {
    const value = receipt[name];
    return value === undefined ? [] : [`${name} ${value}`];
  });
  const word = Number((BigInt(receipt['reason'] ?? '0') >> 24n) & 0xffff_ffffn);
  if (receipt['panic'] !== undefined) parts.push(`at ${formatInstruction(word)}`);
  return [receipt.receiptType, ...parts].join(' ');
}

/** Canonical bytes of a transaction. */
export function rawHex(tx: Transaction): string {
  return bytesToHex(encodeTx(tx));
}

/**
 * Decodes canonical bytes and names them on a chain.
 * @throws CodedError TX_DECODE; also when bytes are left over
 */
export function decodeRawTransaction(
  raw: Uint8Array,
  chainId: bigint,
): { id: TxId; tx: Transaction } {
  const { tx, bytesUsed } = decodeTx(raw);
  if (bytesUsed !== raw.length) {
    throw new CodedError(
      'TX_DECODE',
      `${raw.length - bytesUsed} bytes are left behind the transaction; it ends after ${bytesUsed}`,
    );
  }
  return { id: txId(tx, chainId), tx };
}
