/** What became of a transaction that is in a block. */
import type { TxId } from '../primitives/types.ts';
import type { ChainStore } from '../state/types.ts';
import type { TxStatus } from './services.ts';

/** null: it is in no block. */
export function committedStatus(store: ChainStore, txId: TxId): TxStatus | null {
  const found = store.transaction(txId);
  if (found === null) return null;
  return {
    type: found.success ? 'success' : 'failure',
    blockHeight: found.pointer.blockHeight,
    time: found.blockTime,
    programState: found.programState,
    receipts: found.receipts,
    totalGas: found.totalGas,
    totalFee: found.totalFee,
    reason: found.reason,
  };
}
