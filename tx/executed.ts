/**
 * Canonical bytes of an executed transaction from those that were submitted, and back. Execution
 * fills in the receipts root, pointers, roots, and amounts of change and variable outputs; no size
 * changes, and everything else is as it was.
 */
import { assert } from '../primitives/errors.ts';
import {
  CONTRACT_INPUT_BYTES,
  inputSizeBytes,
  readContractInput,
  writeContractInput,
} from './codec/input.ts';
import { outputSizeBytes, readOutput, writeOutput } from './codec/output.ts';
import { Reader } from './codec/reader.ts';
import { Writer } from './codec/writer.ts';
import { FIELD_OFFSETS, inputsOffset } from './offsets.ts';
import type { ChargeableTx, Input, Output } from './types.ts';

/** Of a script, from the start of its bytes. */
const RECEIPTS_ROOT_OFFSET = 16;

function isFilledIn(output: Output): boolean {
  return output.type === 'contract' || output.type === 'change' || output.type === 'variable';
}

/**
 * As `encodeTx(tx)`.
 * @param submitted canonical bytes before execution; not changed
 * @param tx the same transaction after execution
 */
export function encodeExecuted(submitted: Uint8Array, tx: ChargeableTx): Uint8Array {
  const w = new Writer(0, submitted.slice());
  if (tx.type === 'script') {
    w.pos = RECEIPTS_ROOT_OFFSET;
    w.b256(tx.receiptsRoot);
  }
  let at = inputsOffset(tx);
  for (const input of tx.inputs) {
    if (input.type === 'coin') {
      w.pos = at + FIELD_OFFSETS.coinInput.txPointer;
      w.word(input.txPointer.blockHeight);
      w.word(input.txPointer.txIndex);
    } else if (input.type === 'contract') {
      w.pos = at + FIELD_OFFSETS.contractInput.utxoId;
      writeContractInput(w, input);
    }
    at += inputSizeBytes(input);
  }
  for (const output of tx.outputs) {
    if (isFilledIn(output)) {
      w.pos = at;
      writeOutput(w, output);
    }
    at += outputSizeBytes(output);
  }
  return w.bytes;
}

/**
 * As `decodeTx(raw).tx`; what execution does not fill in is taken from `submitted`.
 * @param submitted the transaction before execution
 * @param raw canonical bytes of the same transaction after execution
 * @throws AssertionError when they cannot be the same transaction; CodedError TX_DECODE
 */
export function decodeExecuted(submitted: ChargeableTx, raw: Uint8Array): ChargeableTx {
  const r = new Reader(raw);
  let at = inputsOffset(submitted);
  const inputs = submitted.inputs.map((input): Input => {
    const start = at;
    at += inputSizeBytes(input);
    if (input.type === 'message') return input;
    if (input.type === 'coin') {
      r.pos = start + FIELD_OFFSETS.coinInput.txPointer;
      return { ...input, txPointer: { blockHeight: r.u32(), txIndex: r.u16() } };
    }
    r.pos = start + FIELD_OFFSETS.contractInput.utxoId;
    const read = readContractInput(r);
    assert(read.contractId === input.contractId, 'execution changes no contract id');
    assert(r.pos === start + CONTRACT_INPUT_BYTES, 'a contract input has a fixed size');
    return { type: 'contract', ...read };
  });
  const outputs = submitted.outputs.map((output): Output => {
    const start = at;
    at += outputSizeBytes(output);
    if (!isFilledIn(output)) return output;
    r.pos = start;
    const read = readOutput(r);
    assert(read.type === output.type, 'execution changes no kind of output');
    return read;
  });
  if (submitted.type !== 'script') return { ...submitted, inputs, outputs };
  r.pos = RECEIPTS_ROOT_OFFSET;
  return { ...submitted, receiptsRoot: r.b256(), inputs, outputs };
}
