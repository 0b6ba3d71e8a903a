/** Public door: the wire formats of Fuel and the rules that need no state. */

export * from './access.ts';
export * from './accessKeys.ts';
export * from './block.ts';
export * from './codec/index.ts';
export * from './contractId.ts';
export * from './fees.ts';
export { effectiveGasCosts, GAS_ENTRIES, gasCostsFromText, unitGasCosts } from './gasTable.ts';
export * from './header.ts';
export * from './id.ts';
export * from './json.ts';
export * from './offsets.ts';
export * from './params.ts';
export * from './paramsJson.ts';
export { decodeParamsPostcard, encodeParamsPostcard } from './paramsPostcard.ts';
export { maxStorageSlotLength } from './paramsShape.ts';
export { standardParams } from './paramsStandard.ts';
export * from './receipt.ts';
export * from './stateSteps.ts';
export * from './types.ts';
export * from './validity.ts';
