/** Public door of the executor. */
export type { ExecutedListener, LaneRunner, PartitionByAccess } from './block.ts';
export { type DryRunOutcome, dryRun, type StorageRead } from './dryRun.ts';
export { createPoolRunner, type PoolRunnerConfig } from './pool.ts';
export { type ProduceOptions, produceBlock } from './produce.ts';
export { eventInboxRoot, type RelayedEvent, relayedEventId } from './relayed.ts';
export { sealBlock } from './seal.ts';
export { createSerialRunner } from './serial.ts';
export {
  executeBlock,
  type GivenBlock,
  type ValidationContext,
  validateBlock,
} from './validate.ts';
