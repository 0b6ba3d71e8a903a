/** The door for applications. */

export { CodedError } from '../primitives/errors.ts';
export type { AccessList } from '../tx/access.ts';
export { accessListOf } from '../tx/access.ts';
export type { Balance, OwnedCoin } from './client/balances.ts';
export { getBalances, getCoins } from './client/balances.ts';
export type { ChainInfo } from './client/chain.ts';
export { getChainInfo } from './client/chain.ts';
export type { Client, ClientOptions } from './client/graphql.ts';
export { createClient } from './client/graphql.ts';
export type { HistoryEntry } from './client/history.ts';
export { getHistory } from './client/history.ts';
export type { FoundBlock, FoundTransaction, ReceiptFields } from './client/lookup.ts';
export { getBlock, getTransaction } from './client/lookup.ts';
export type { FinalStatus, TxStatus } from './client/transactions.ts';
export { followTransaction, submitAndFollow, submitAndWait } from './client/transactions.ts';
export type { Payment, TransferPlan } from './client/transfer.ts';
export { planTransfer, signTransfer } from './client/transfer.ts';
export type { Withdrawal } from './client/withdrawals.ts';
export { getMessageProof, getWithdrawals, planWithdrawal } from './client/withdrawals.ts';
export type { CreateNodeOptions, EmbeddedNode, FundedAccount } from './createNode.ts';
export { createNode } from './createNode.ts';
export type { DevClient, DevStatus, DevTarget, SnapshotFiles } from './dev/client.ts';
export { devClient } from './dev/client.ts';
