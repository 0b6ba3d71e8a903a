/** Reading of a lane's result. Transactions and receipts are decoded when somebody looks. */
import { assert } from '../primitives/errors.ts';
import type { TxId } from '../primitives/types.ts';
import { decodeReceiptWithData, decodeTx } from '../tx/codec/index.ts';
import type { Receipt } from '../tx/receipt.ts';
import type { Transaction } from '../tx/types.ts';
import type { LaneTxResult } from './laneMessages.ts';
import type { ExecutedTx } from './ports.ts';
import type { LaneOutcome } from './settlement.ts';

/** One outcome for each of `jobs`, in order. */
export function outcomesOf(
  txs: readonly LaneTxResult[],
  jobs: readonly { readonly id: TxId }[],
): LaneOutcome[] {
  assert(txs.length === jobs.length, 'a lane answers for each of its transactions');
  return txs.map((tx, i) => {
    if (!tx.ok) return { reason: tx.reason };
    const { messageIds, sizeBytes } = tx;
    return { executed: lazyExecuted(jobs[i]!.id, tx), messageIds, sizeBytes };
  });
}

function lazyExecuted(id: TxId, result: Extract<LaneTxResult, { ok: true }>): ExecutedTx {
  const { success, programState, reason, totalGas, totalFee } = result;
  // The buffer of the lane is shared by all its transactions; each gets its own.
  const raw = result.raw.slice();
  let tx: Transaction | null = null;
  let receipts: readonly Receipt[] | null = null;
  return {
    id,
    get tx() {
      tx ??= decodeTx(raw).tx;
      return tx;
    },
    raw,
    success,
    programState,
    reason,
    get receipts() {
      receipts ??= result.receipts.map((receipt) => decodeReceiptWithData(receipt).receipt);
      return receipts;
    },
    totalGas,
    totalFee,
  };
}
