/** FuelVM: the door for users of the package. */
export {
  assemble,
  type Decoded,
  decodeInstruction,
  disassemble,
  encodeInstruction,
  formatInstruction,
  parseInstruction,
} from './asm.ts';
export { type AssembledProgram, assembleText } from './asmText.ts';
export * as op from './gen/op.ts';
export { ISA } from './isa.ts';
export type { Machine } from './machine.ts';
export { PANIC, type PanicReasonName, panicName } from './panic.ts';
export type { UploadedBytecode, VmRules, VmStorage } from './ports.ts';
export { rulesFor, type VmRulesSetting } from './rules.ts';
export { type Observer, type TransactInput, transact, type VmResult } from './transact.ts';
