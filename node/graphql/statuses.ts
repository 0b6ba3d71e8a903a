/** What became of a transaction. */
import { unixSecondsToTai64 } from '../../primitives/tai64.ts';
import type { TxId } from '../../primitives/types.ts';
import type { StoredTx } from '../../state/types.ts';
import type { NodeServices, TxStatus } from '../services.ts';
import { requireBlock } from './blocks.ts';
import type { ApiContext, ResolverTable, StatusNode } from './context.ts';
import { committedTx, findTx } from './txLookup.ts';

export function isPreconfirmation(status: TxStatus): boolean {
  return status.type === 'preconfirmationSuccess' || status.type === 'preconfirmationFailure';
}

export function isFinal(status: TxStatus): boolean {
  return status.type === 'success' || status.type === 'failure' || status.type === 'squeezedOut';
}

function storedStatus(stored: StoredTx): TxStatus {
  const { programState, receipts, totalGas, totalFee, reason } = stored;
  return {
    type: stored.success ? 'success' : 'failure',
    blockHeight: stored.pointer.blockHeight,
    time: stored.blockTime,
    programState,
    receipts,
    totalGas,
    totalFee,
    reason,
  };
}

/**
 * The committed status, else what the hub knows. A preconfirmation that was not asked for is shown
 * as submitted, now: it is the nearest thing that older clients understand.
 */
export function statusOf(
  services: NodeServices,
  id: TxId,
  includePreconfirmation: boolean,
): TxStatus | null {
  const stored = services.store.transaction(id);
  if (stored) return storedStatus(stored);
  const status = services.status.current(id);
  if (status && isPreconfirmation(status) && !includePreconfirmation) {
    return { type: 'submitted', time: unixSecondsToTai64(Date.now() / 1000) };
  }
  return status;
}

const MEMBER: Readonly<Record<TxStatus['type'], string>> = {
  submitted: 'SubmittedStatus',
  success: 'SuccessStatus',
  failure: 'FailureStatus',
  squeezedOut: 'SqueezedOutStatus',
  preconfirmationSuccess: 'PreconfirmationSuccessStatus',
  preconfirmationFailure: 'PreconfirmationFailureStatus',
};

type Of<Type extends TxStatus['type']> = {
  readonly id: TxId;
  readonly status: Extract<TxStatus, { type: Type }>;
};
type Executed = { readonly id: TxId; readonly status: Extract<TxStatus, { totalGas: bigint }> };
type Included = Of<'success' | 'failure'>;

const transactionId = (node: StatusNode): TxId => node.id;

const EXECUTED = {
  transactionId,
  receipts: (node: Executed) => node.status.receipts,
  totalGas: (node: Executed) => node.status.totalGas,
  totalFee: (node: Executed) => node.status.totalFee,
  reason: (node: Executed) => node.status.reason ?? '',
} as const;

const INCLUDED = {
  ...EXECUTED,
  blockHeight: (node: Included) => node.status.blockHeight,
  block: (node: Included, _: unknown, { services }: ApiContext) =>
    requireBlock(services.store, node.status.blockHeight),
  transaction: (node: Included, _: unknown, { services }: ApiContext) =>
    committedTx(services.store, node.id),
  time: (node: Included) => node.status.time,
  programState: (node: Included) => node.status.programState,
} as const;

type Preconfirmed = Of<'preconfirmationSuccess' | 'preconfirmationFailure'>;

const PRECONFIRMED = {
  ...EXECUTED,
  txPointer: (node: Preconfirmed) => node.status.txPointer,
  transaction: (node: Preconfirmed, _: unknown, { services }: ApiContext) =>
    findTx(services, node.id) ?? { id: node.id, tx: node.status.tx, raw: null },
  resolvedOutputs: (node: Preconfirmed) => node.status.resolvedOutputs,
} as const;

export const STATUSES: ResolverTable = {
  TransactionStatus: { __resolveType: (node: StatusNode) => MEMBER[node.status.type] },
  SubmittedStatus: { time: (node: Of<'submitted'>) => node.status.time },
  SuccessStatus: INCLUDED,
  FailureStatus: INCLUDED,
  PreconfirmationSuccessStatus: PRECONFIRMED,
  PreconfirmationFailureStatus: PRECONFIRMED,
  SqueezedOutStatus: { transactionId, reason: (node: Of<'squeezedOut'>) => node.status.reason },
};
