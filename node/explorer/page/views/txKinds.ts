import { badge } from '../parts.ts';

/** The six kinds of transactions, as the API tells them apart. */
export type TxKind = {
  isScript: boolean;
  isCreate: boolean;
  isMint: boolean;
  isUpgrade: boolean;
  isUpload: boolean;
  isBlob: boolean;
};

export function kindOf(tx: TxKind): string {
  if (tx.isScript) return 'script';
  if (tx.isCreate) return 'create';
  if (tx.isMint) return 'mint';
  if (tx.isUpgrade) return 'upgrade';
  return tx.isUpload ? 'upload' : 'blob';
}

/** Fields that {@link kindOf} reads. */
export const KIND_FIELDS = 'isScript isCreate isMint isUpgrade isUpload isBlob';

/** How a transaction of a block ended, for a line of a list. */
export function outcomeBadge(tx: {
  readonly status: { type: string; reason?: string } | null;
}): HTMLElement {
  return tx.status?.type === 'FailureStatus'
    ? badge(tx.status.reason ?? 'failed', 'bad')
    : badge('success', 'good');
}
