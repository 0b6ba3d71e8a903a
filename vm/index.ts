/** FuelVM: the door for users of the package. */
export type { Machine } from './machine.ts';
export { PANIC, panicName, type PanicReasonName } from './panic.ts';
export type { UploadedBytecode, VmRules, VmStorage } from './ports.ts';
export { rulesFor, type VmRulesSetting } from './rules.ts';
export { type Observer, transact, type TransactInput, type VmResult } from './transact.ts';
