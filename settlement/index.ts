/** Public door of settlement. */

export {
  Auditor,
  type AuditTerms,
  auditorSelfTest,
  type BatchClaim,
  type InboxEntry,
  type Statement,
} from './audit.ts';
export type { KnownState, WatchMemory } from './auditedStates.ts';
export { BatchCommitter, type BatchSettings } from './batchCommitter.ts';
export {
  type BatchOf,
  type BlockProofStruct,
  batchOf,
  blockProof,
  type CommittedBlock,
  commitArguments,
  type TxProofStruct,
  txProof,
} from './batches.ts';
export { Committer, type CommitterProgress } from './committer.ts';
export { daHeightOf, decodeInboxLog, MESSAGE_SENT_TOPIC, TRANSACTION_TOPIC } from './events.ts';
export {
  type ExitTerms,
  exitCoinArguments,
  exitDigest,
  exitMessageArguments,
  type MessageStruct,
  type OwnerStruct,
  ownerOf,
} from './exits.ts';
export { type InboxJournal, type InboxLimits, type InboxSlice, sliceInbox } from './inbox.ts';
export { openChainState } from './l1/chainState.ts';
export {
  openGateway,
  openPortal,
  type PortalCall,
  refusalName,
  WEI_PER_UNIT,
} from './l1/portal.ts';
export type { L1Address, L1Block, L1Log, L1Reader, SettlementLog } from './l1/ports.ts';
export { type L1ReaderOptions, openL1Reader } from './l1/reader.ts';
export { connectRpc } from './l1/rpc.ts';
export { openL1Sender } from './l1/sender.ts';
export {
  type ExitContract,
  type ExitState,
  openSettlement,
  SETTLEMENT_ABI,
  type SettlementContract,
  type SettlementTerms,
  type StoredBatch,
} from './l1/settlementContract.ts';
export { type SettlementEvent, SettlementLogs } from './l1/settlementLogs.ts';
export { type LaneJournal, type LaneRecord, type LaneSettings, TxLane } from './lane.ts';
export { Relayer, type RelayerProgress, type RelayerSettings } from './relayer.ts';
export { type Prover, statementArguments } from './statements.ts';
export { type Alarm, Watcher, type WatcherDeps, type WatcherProgress } from './watcher.ts';
export {
  findCommit,
  type RelayArguments,
  relayArguments,
  withdrawalId,
} from './withdrawal.ts';
