/** Outputs on the wire. @source fuel-specs tx-format/output; fuel-tx 0.66.4 */
import type { ContractOutput, Output } from '../types.ts';
import type { Reader } from './reader.ts';
import { decodeError } from './reader.ts';
import { Writer } from './writer.ts';

const VALUE_OUTPUT = { coin: 0, change: 2, variable: 3 } as const;

/** Encoded size of an output. Unit: bytes. */
export function outputSizeBytes(output: Output): number {
  return output.type === 'contractCreated' ? 72 : 80;
}

/** The fields of a contract output, without the discriminant; Mint holds them bare. */
export function writeContractOutput(w: Writer, output: Omit<ContractOutput, 'type'>): void {
  w.word(output.inputIndex);
  w.b256(output.balanceRoot);
  w.b256(output.stateRoot);
}

/** See {@link writeContractOutput}. */
export function readContractOutput(r: Reader): Omit<ContractOutput, 'type'> {
  const inputIndex = r.u16();
  const balanceRoot = r.b256();
  return { inputIndex, balanceRoot, stateRoot: r.b256() };
}

/** Appends one output. */
export function writeOutput(w: Writer, output: Output): void {
  if (output.type === 'contract') {
    w.word(1);
    return writeContractOutput(w, output);
  }
  if (output.type === 'contractCreated') {
    w.word(4);
    w.b256(output.contractId);
    w.b256(output.stateRoot);
    return;
  }
  w.word(VALUE_OUTPUT[output.type]);
  w.b256(output.to);
  w.u64(output.amount);
  w.b256(output.assetId);
}

/** Reads one output. @throws CodedError TX_DECODE */
export function readOutput(r: Reader): Output {
  const kind = r.discriminant();
  if (kind === 1) return { type: 'contract', ...readContractOutput(r) };
  if (kind === 4) {
    const contractId = r.b256();
    return { type: 'contractCreated', contractId, stateRoot: r.b256() };
  }
  if (kind !== 0 && kind !== 2 && kind !== 3) {
    throw decodeError('UnknownDiscriminant', r.pos - 8);
  }
  const to = r.b256();
  const amount = r.u64();
  const assetId = r.b256();
  if (kind === 0) return { type: 'coin', to, amount, assetId };
  if (kind === 2) return { type: 'change', to, amount, assetId };
  return { type: 'variable', to, amount, assetId };
}

/** Canonical bytes of one output. */
export function encodeOutput(output: Output): Uint8Array {
  const w = new Writer(outputSizeBytes(output));
  writeOutput(w, output);
  return w.done();
}
