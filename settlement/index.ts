/** Public door of settlement. */
export { daHeightOf, decodeInboxLog, MESSAGE_SENT_TOPIC, TRANSACTION_TOPIC } from './events.ts';
export { type InboxJournal, type InboxLimits, type InboxSlice, sliceInbox } from './inbox.ts';
export type { L1Address, L1Block, L1Log, L1Reader, SettlementLog } from './l1/ports.ts';
export { type L1ReaderOptions, openL1Reader } from './l1/viemReader.ts';
export { Relayer, type RelayerProgress, type RelayerSettings } from './relayer.ts';
