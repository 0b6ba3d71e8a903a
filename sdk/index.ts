/** The door for applications. */

export { CodedError } from '../primitives/errors.ts';
export type { AccessList } from '../tx/access.ts';
export { accessListOf } from '../tx/access.ts';
export type { Abi, AbiMethod } from './abi/abi.ts';
export {
  decodeLog,
  encodeArguments,
  methodOf,
  parseAbi,
  revertText,
  withConfigurables,
} from './abi/abi.ts';
export { decodeValue } from './abi/decode.ts';
export type { AbiValue } from './abi/encode.ts';
export { encodeValue } from './abi/encode.ts';
export type { Plan, RunOutcome } from './client/assemble.ts';
export { signPlan } from './client/assemble.ts';
export type { AssetDetails } from './client/assets.ts';
export { assetIdFor, getAsset } from './client/assets.ts';
export type { Balance, OwnedCoin } from './client/balances.ts';
export { getBalances, getCoins } from './client/balances.ts';
export type { BatchResult } from './client/batch.ts';
export { submitBatch } from './client/batch.ts';
export type { Blob, CodeLimits, SplitCode } from './client/blobs.ts';
export { getCodeLimits, hasBlob, planBlob, splitCode } from './client/blobs.ts';
export type { ChainInfo } from './client/chain.ts';
export { getChainInfo } from './client/chain.ts';
export type { Conflict } from './client/conflicts.ts';
export { conflictsWith } from './client/conflicts.ts';
export type { CallRequest } from './client/contractCall.ts';
export { callsOf, planCall, returnedBytes, simulateCall } from './client/contractCall.ts';
export type { DaBlock, DaProgress } from './client/daStatus.ts';
export { getDaBlock, getDaStatus } from './client/daStatus.ts';
export type { Delivery, Minted } from './client/deliveries.ts';
export { getDeliveries, getDelivery, planDelivery } from './client/deliveries.ts';
export type { Deployment, DeployPlan } from './client/deploy.ts';
export { deployedId, parseStorageSlots, planDeploy } from './client/deploy.ts';
export type { ExitSourceOfNode } from './client/exitSource.ts';
export { exitSource } from './client/exitSource.ts';
export type { Client, ClientOptions } from './client/graphql.ts';
export { createClient } from './client/graphql.ts';
export type { HistoryEntry } from './client/history.ts';
export { getHistory } from './client/history.ts';
export type { Inclusion, InclusionProof } from './client/inclusion.ts';
export { getInclusionProof, verifyInclusion } from './client/inclusion.ts';
export type { InferredAccess } from './client/inferAccess.ts';
export { inferAccess } from './client/inferAccess.ts';
export type { FoundBlock, FoundTransaction, ReceiptFields } from './client/lookup.ts';
export { getBlock, getTransaction } from './client/lookup.ts';
export type { NodeTarget } from './client/ownRoutes.ts';
export type { IdentifiedStatus } from './client/preconfirmations.ts';
export { followAll, followPreconfirmations } from './client/preconfirmations.ts';
export { estimatePredicate, predicateAddress } from './client/predicates.ts';
export type { SettlementStatus } from './client/settlementStatus.ts';
export { getSettlementStatus } from './client/settlementStatus.ts';
export type { ProvenState, StateProof, StateSubject } from './client/stateProof.ts';
export { getStateProof, verifyStateProof } from './client/stateProof.ts';
export type { BridgedToken, TokenName, TokenOrder } from './client/tokenWithdrawals.ts';
export {
  bridgedAssetId,
  getBridgedToken,
  planTokenWithdrawal,
  tokenOrderOf,
} from './client/tokenWithdrawals.ts';
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
