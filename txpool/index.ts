/** The transaction pool: admit, order, and split into disjoint sets by access list. */
export { type Blacklist, DEFAULT_POOL_CONFIG, type PoolConfig } from './config.ts';
export { type Conflict, ConflictGraph } from './conflictGraph.ts';
export { refusal, squeezedOutReason } from './errors.ts';
export type { Fairness } from './fairness.ts';
export { partitionByAccess } from './partition.ts';
export type { HotKey, PartitionView, SetView, ViewLimits } from './partitionView.ts';
export {
  type CommittedTx,
  type PoolChange,
  type PoolStats,
  type SqueezedOut,
  TxPool,
} from './pool.ts';
export type {
  ChainInfo,
  CheckInputs,
  InputsVerdict,
  PoolClock,
  PoolCoin,
  PoolListener,
  PoolMessage,
  PoolView,
} from './ports.ts';
export type { TakeLimits } from './select.ts';
export { createTxPool, type TxPoolDeps, type TxPoolService } from './service.ts';
export type { Partition, PooledTx } from './types.ts';
export { maxGasPriceOf, type VerifiedTx, type VerifyEnv, verifyForPool } from './verify.ts';
