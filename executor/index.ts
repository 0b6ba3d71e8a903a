/** Public door of the executor. */
export { type ExecutedListener, type LaneRunner, type PartitionByAccess } from './block.ts';
export { dryRun, type DryRunOutcome, type StorageRead } from './dryRun.ts';
export { createPoolRunner, type PoolRunnerConfig } from './pool.ts';
export { produceBlock, type ProduceOptions } from './produce.ts';
export { eventInboxRoot, type RelayedEvent, relayedEventId } from './relayed.ts';
export { sealBlock } from './seal.ts';
export { createSerialRunner } from './serial.ts';
export { executeBlock, type GivenBlock, validateBlock, type ValidationContext } from './validate.ts';
