/**
 * Reading of a lane's result. Everything that can be wrong with it is found here, before any of it
 * counts: a result that cannot be read, or wrote what its transactions did not declare, is a fault
 * of the lane, not of the block.
 */
import { assert } from '../primitives/errors.ts';
import type { AccessList } from '../tx/access.ts';
import { decodeReceiptsWithData, decodeTx } from '../tx/codec/index.ts';
import { decodeResult } from './laneCodec.ts';
import type { LaneResult, LaneTxResult } from './laneMessages.ts';
import { assertDeclared } from './merge.ts';
import type { ExecutedTx, TxToExecute } from './ports.ts';
import type { LaneOutcome } from './settlement.ts';

/** A lane's result, as its transactions declare it to be. */
export type ReadLane = LaneResult & {
  /** One for each transaction, in order. */
  readonly outcomes: readonly LaneOutcome[];
};

/**
 * @param accesses of the same transactions as `jobs`, which are those of the lane in its order
 * @throws AssertionError, CodedError TX_DECODE, or whatever reading of wrong bytes ends with
 */
export function readLane(
  bytes: Uint8Array,
  jobs: readonly TxToExecute[],
  accesses: readonly AccessList[],
): ReadLane {
  const { changes, txs } = decodeResult(bytes);
  assert(txs.length === jobs.length, 'a lane answers for each of its transactions');
  assertDeclared(changes, new Set(accesses.flatMap(({ writes }) => writes)));
  const outcomes = txs.map((tx, i): LaneOutcome => {
    if (!tx.ok) return { reason: tx.reason };
    const { effects, messageIds, sizeBytes } = tx;
    if (effects !== null) assertDeclared(effects.changes, new Set(accesses[i]!.writes));
    return { executed: executedOf(jobs[i]!, tx), messageIds, sizeBytes };
  });
  return { changes, txs, outcomes };
}

function executedOf(job: TxToExecute, result: Extract<LaneTxResult, { ok: true }>): ExecutedTx {
  const { success, programState, reason, totalGas, totalFee } = result;
  // The buffer of the lane is shared by all its transactions; each gets its own.
  const raw = result.raw.slice();
  const { tx, bytesUsed } = decodeTx(raw);
  assert(
    tx.type === job.tx.type && bytesUsed === raw.length,
    'a lane gives back what it was given',
  );
  const receipts = decodeReceiptsWithData(result.receipts);
  return { id: job.id, tx, raw, success, programState, reason, receipts, totalGas, totalFee };
}
