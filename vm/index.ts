/** FuelVM: the door for users of the package. */
export type { Machine } from './machine.ts';
export { PANIC, type PanicReasonName, panicName } from './panic.ts';
export type { UploadedBytecode, VmRules, VmStorage } from './ports.ts';
export { rulesFor, type VmRulesSetting } from './rules.ts';
export { type Observer, type TransactInput, transact, type VmResult } from './transact.ts';
