/** The door for operators and embedders: a node from its parts. */

export {
  type Bridge,
  type BridgeOptions,
  type DepositState,
  openBridge,
  type WithdrawalState,
} from './bridge.ts';
export { composeNode, type Node, type NodeDeps } from './compose.ts';
export type { NodeConfig, Trigger } from './config.ts';
export { type DaVerifyOptions, type DaVerifyReport, verifyDa } from './daVerify.ts';
export { embeddedConfig, REFERENCE_VERSION } from './defaults.ts';
export {
  type ExitSource,
  type ExitStage,
  type Exits,
  type Holding,
  openExits,
} from './exits.ts';
export { fetchOver } from './inProcessFetch.ts';
export { createLog, type Log, logOptionsFromEnv, SILENT_LOG } from './log.ts';
export { type OwnBridgeOptions, openOwnBridge } from './ownBridge.ts';
export type { NodeServices, TxStatus } from './services.ts';
export { type BlockTrace, fetchTrace } from './stateTree/trace.ts';
