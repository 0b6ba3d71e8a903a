/** Outputs of the running transaction, in the VM's memory copy as well. */
import { encodeOutput } from '../tx/codec/output.ts';
import type { VariableOutput } from '../tx/types.ts';
import type { Machine } from './machine.ts';
import { PANIC } from './panic.ts';
import type { Step } from './row.ts';

/** Fills a variable output that is still empty. */
export function replaceVariableOutput(m: Machine, index: number, value: VariableOutput): Step {
  const output = m.ctx.tx.outputs[index];
  if (output === undefined || output.type !== 'variable' || output.amount !== 0n) {
    return PANIC.OutputNotFound;
  }
  m.ctx.tx.outputs[index] = value;
  writeOutput(m, index);
  return 0;
}

/** Copies one output from the transaction into memory. Its size never changes. */
export function writeOutput(m: Machine, index: number): void {
  const bytes = encodeOutput(m.ctx.tx.outputs[index]!);
  m.mem.set(bytes, m.ctx.txAddress + m.ctx.txOffsets.outputsOffsets[index]!);
}
