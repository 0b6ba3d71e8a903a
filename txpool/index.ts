/** The transaction pool: admit, order, and split into disjoint sets by access list. */
export { DEFAULT_POOL_CONFIG, type Blacklist, type PoolConfig } from './config.ts';
export { type Conflict, ConflictIndex } from './conflicts.ts';
export { refusal, squeezedOutReason } from './errors.ts';
export { partitionByAccess } from './partition.ts';
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
export { type TxPoolDeps, type TxPoolService, createTxPool } from './service.ts';
export type { Partition, PooledTx } from './types.ts';
export { type VerifiedTx, type VerifyEnv, maxGasPriceOf, verifyForPool } from './verify.ts';
