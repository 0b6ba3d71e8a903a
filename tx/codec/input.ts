/**
 * Inputs on the wire. A signed input (empty predicate) carries no predicate data and no predicate
 * gas, a predicate input no witness index: what the bytes say there is dropped on decoding and
 * written as zero, as the reference's input kinds do.
 *
 * @source fuel-specs tx-format/input; fuel-tx 0.66.4
 */
import type { CoinInput, ContractInput, Input, MessageInput } from '../types.ts';
import type { Reader } from './reader.ts';
import { decodeError } from './reader.ts';
import { paddedLength, Writer } from './writer.ts';

/** Fixed part of a coin input. Unit: bytes. */
export const COIN_INPUT_FIXED_BYTES = 168;
/** Fixed part of a message input. Unit: bytes. */
export const MESSAGE_INPUT_FIXED_BYTES = 152;
/** A contract input. Unit: bytes. */
export const CONTRACT_INPUT_BYTES = 160;

const EMPTY = new Uint8Array(0);

/** Encoded size of an input. Unit: bytes. */
export function inputSizeBytes(input: Input): number {
  if (input.type === 'contract') return CONTRACT_INPUT_BYTES;
  const predicate =
    input.predicate.length === 0
      ? 0
      : paddedLength(input.predicate.length) + paddedLength(input.predicateData.length);
  return input.type === 'coin'
    ? COIN_INPUT_FIXED_BYTES + predicate
    : MESSAGE_INPUT_FIXED_BYTES + paddedLength(input.data.length) + predicate;
}

/** The fields of a contract input, without the discriminant; Mint holds them bare. */
export function writeContractInput(w: Writer, input: Omit<ContractInput, 'type'>): void {
  w.b256(input.utxoId.txId);
  w.word(input.utxoId.outputIndex);
  w.b256(input.balanceRoot);
  w.b256(input.stateRoot);
  w.word(input.txPointer.blockHeight);
  w.word(input.txPointer.txIndex);
  w.b256(input.contractId);
}

/** See {@link writeContractInput}. */
export function readContractInput(r: Reader): Omit<ContractInput, 'type'> {
  const utxoId = { txId: r.b256(), outputIndex: r.u16() };
  const balanceRoot = r.b256();
  const stateRoot = r.b256();
  const txPointer = { blockHeight: r.u32(), txIndex: r.u16() };
  return { utxoId, balanceRoot, stateRoot, txPointer, contractId: r.b256() };
}

function writeCoin(w: Writer, input: CoinInput): void {
  const signed = input.predicate.length === 0;
  w.word(0);
  w.b256(input.utxoId.txId);
  w.word(input.utxoId.outputIndex);
  w.b256(input.owner);
  w.u64(input.amount);
  w.b256(input.assetId);
  w.word(input.txPointer.blockHeight);
  w.word(input.txPointer.txIndex);
  w.word(signed ? input.witnessIndex : 0);
  w.u64(signed ? 0n : input.predicateGasUsed);
  w.word(input.predicate.length);
  w.word(signed ? 0 : input.predicateData.length);
  w.paddedBytes(input.predicate);
  if (!signed) w.paddedBytes(input.predicateData);
}

function writeMessage(w: Writer, input: MessageInput): void {
  const signed = input.predicate.length === 0;
  w.word(2);
  w.b256(input.sender);
  w.b256(input.recipient);
  w.u64(input.amount);
  w.b256(input.nonce);
  w.word(signed ? input.witnessIndex : 0);
  w.u64(signed ? 0n : input.predicateGasUsed);
  w.word(input.data.length);
  w.word(input.predicate.length);
  w.word(signed ? 0 : input.predicateData.length);
  w.paddedBytes(input.data);
  w.paddedBytes(input.predicate);
  if (!signed) w.paddedBytes(input.predicateData);
}

/** Appends one input. */
export function writeInput(w: Writer, input: Input): void {
  if (input.type === 'coin') return writeCoin(w, input);
  if (input.type === 'message') return writeMessage(w, input);
  w.word(1);
  writeContractInput(w, input);
}

function readCoin(r: Reader): CoinInput {
  const utxoId = { txId: r.b256(), outputIndex: r.u16() };
  const owner = r.b256();
  const amount = r.u64();
  const assetId = r.b256();
  const txPointer = { blockHeight: r.u32(), txIndex: r.u16() };
  const witnessIndex = r.u16();
  const predicateGasUsed = r.u64();
  const predicateLength = r.length();
  const dataLength = r.length();
  const signed = predicateLength === 0;
  noteLoss(r, signed, witnessIndex, predicateGasUsed, dataLength);
  return {
    type: 'coin',
    utxoId,
    owner,
    amount,
    assetId,
    txPointer,
    witnessIndex: signed ? witnessIndex : 0,
    predicateGasUsed: signed ? 0n : predicateGasUsed,
    predicate: r.paddedBytes(predicateLength),
    predicateData: signed ? EMPTY : r.paddedBytes(dataLength),
  };
}

/** Of the fields for signatures and for predicates only those of one kind are kept. */
function noteLoss(
  r: Reader,
  signed: boolean,
  witnessIndex: number,
  predicateGasUsed: bigint,
  predicateDataLength: number,
): void {
  const isLost = signed ? predicateGasUsed !== 0n || predicateDataLength > 0 : witnessIndex > 0;
  if (isLost) r.hasLoss = true;
}

function readMessage(r: Reader): MessageInput {
  const sender = r.b256();
  const recipient = r.b256();
  const amount = r.u64();
  const nonce = r.b256();
  const witnessIndex = r.u16();
  const predicateGasUsed = r.u64();
  const dataLength = r.length();
  const predicateLength = r.length();
  const predicateDataLength = r.length();
  const signed = predicateLength === 0;
  noteLoss(r, signed, witnessIndex, predicateGasUsed, predicateDataLength);
  return {
    type: 'message',
    sender,
    recipient,
    amount,
    nonce,
    witnessIndex: signed ? witnessIndex : 0,
    predicateGasUsed: signed ? 0n : predicateGasUsed,
    data: r.paddedBytes(dataLength),
    predicate: r.paddedBytes(predicateLength),
    predicateData: signed ? EMPTY : r.paddedBytes(predicateDataLength),
  };
}

/** Reads one input. @throws CodedError TX_DECODE */
export function readInput(r: Reader): Input {
  // A missing discriminant is reported as an unknown one, for inputs only.
  if (r.bytes.length - r.pos < 8) throw decodeError('UnknownDiscriminant', r.pos);
  switch (r.discriminant()) {
    case 0:
      return readCoin(r);
    case 1:
      return { type: 'contract', ...readContractInput(r) };
    case 2:
      return readMessage(r);
    default:
      throw decodeError('UnknownDiscriminant', r.pos - 8);
  }
}

/** Canonical bytes of one input. */
export function encodeInput(input: Input): Uint8Array {
  const w = new Writer(inputSizeBytes(input));
  writeInput(w, input);
  return w.done();
}
