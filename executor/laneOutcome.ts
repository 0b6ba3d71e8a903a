/** Reading of a lane's result. Transactions and receipts are decoded when somebody looks. */
import { assert } from '../primitives/errors.ts';
import type { TxId } from '../primitives/types.ts';
import { decodeReceiptWithData, decodeTx } from '../tx/codec/index.ts';
import type { Receipt } from '../tx/receipt.ts';
import type { Transaction } from '../tx/types.ts';
import { type LaneResult, type LaneTxResult, unpack } from './laneMessages.ts';
import type { ExecutedTx } from './ports.ts';
import type { LaneOutcome } from './round.ts';

/** One outcome for each of `ids`, in order. */
export function outcomesOf(result: LaneResult, ids: readonly TxId[]): LaneOutcome[] {
  assert(result.txs.length === ids.length, 'a lane answers for each of its transactions');
  const raws = unpack(result.raws);
  const receipts = unpack(result.receipts);
  let rawAt = 0;
  let receiptAt = 0;
  return result.txs.map((tx, i) => {
    if (!tx.ok) return { reason: tx.reason };
    const own = receipts.slice(receiptAt, receiptAt + tx.receiptCount);
    receiptAt += tx.receiptCount;
    const raw = raws[rawAt];
    rawAt += 1;
    assert(raw !== undefined && own.length === tx.receiptCount, 'a lane sends what it announces');
    // The buffer of the lane is shared by all its transactions; each gets its own.
    const executed = lazyExecuted(ids[i]!, tx, { raw: raw.slice(), receipts: own });
    return { executed, messageIds: tx.messageIds, sizeBytes: tx.sizeBytes };
  });
}

function lazyExecuted(
  id: TxId,
  result: Extract<LaneTxResult, { ok: true }>,
  bytes: { readonly raw: Uint8Array; readonly receipts: readonly Uint8Array[] },
): ExecutedTx {
  const { success, programState, reason, totalGas, totalFee } = result;
  let tx: Transaction | null = null;
  let receipts: readonly Receipt[] | null = null;
  return {
    id,
    get tx() {
      tx ??= decodeTx(bytes.raw).tx;
      return tx;
    },
    raw: bytes.raw,
    success,
    programState,
    reason,
    get receipts() {
      receipts ??= bytes.receipts.map((receipt) => decodeReceiptWithData(receipt).receipt);
      return receipts;
    },
    totalGas,
    totalFee,
  };
}
