/** One transaction after the other on the calling thread: the definition of every result. */
import { CodedError } from '../primitives/errors.ts';
import type { TxId } from '../primitives/types.ts';
import type { BlockInProgress, LaneRunner } from './block.ts';
import type { TxToExecute } from './ports.ts';
import { type RunTxResult, runTx } from './runTx.ts';
import { skipText } from './texts.ts';

/** In a report: the thread that calls. */
export const MAIN_THREAD: number = -1;
const U64_MAX = (1n << 64n) - 1n;
/** The event loop gets a turn after this much work, so that a node stays responsive. */
export const TURN_MS = 25;

/**
 * A transaction on which our own code throws is skipped, as one that kills its thread is: it must
 * not stop the chain. A given block cannot be judged then.
 * @throws CodedError EXECUTION_FAULT in a given block
 */
export function runGuarded(
  block: BlockInProgress,
  job: TxToExecute,
  run: () => RunTxResult,
): RunTxResult {
  try {
    return run();
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause);
    if (block.isGiven) {
      const text = `a transaction could not be executed: ${fault}; please report it`;
      throw new CodedError('EXECUTION_FAULT', text, { txId: job.id }, cause);
    }
    return { ok: false, reason: `EXECUTION_FAULT: ${fault}` };
  }
}

/** Runs one transaction and adds it to the block. @returns false: it was skipped */
export function runSerially(
  block: BlockInProgress,
  job: TxToExecute,
  gasPrice: bigint = block.env.gasPrice,
): RunTxResult {
  const txIndex = block.executed.length;
  const options = { txIndex, gasPrice };
  const result = runGuarded(block, job, () => runTx(block.env, block.overlay, job, options));
  if (!result.ok) return result;
  if (block.fees + result.outcome.executed.totalFee > U64_MAX) {
    return { ok: false, reason: skipText.feeOverflow };
  }
  block.overlay.apply(result.outcome.changes);
  block.include(result.outcome);
  return result;
}

/**
 * Runs `txs` in order; what fails at block level is recorded as skipped. `observe` hears how long
 * each one took; `why` is for the report.
 */
export async function runRoundSerially(
  block: BlockInProgress,
  txs: readonly TxToExecute[],
  observe: (job: TxToExecute, ms: number, result: RunTxResult) => void = () => {},
  why: string = 'this runner has no threads',
): Promise<void> {
  const ran: { id: TxId; runMs: number }[] = [];
  const startedMs = performance.now();
  let turnMs = startedMs;
  let jobMs = startedMs;
  for (const job of txs) {
    const result = runSerially(block, job);
    if (!result.ok) block.skip({ id: job.id, reason: result.reason });
    const nowMs = performance.now();
    observe(job, nowMs - jobMs, result);
    ran.push({ id: job.id, runMs: nowMs - jobMs });
    jobMs = nowMs;
    if (nowMs - turnMs > TURN_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      turnMs = performance.now();
      jobMs = turnMs;
    }
  }
  const wallMs = performance.now() - startedMs;
  const startMs = startedMs - block.startedMs;
  block.addReport({
    mode: 'serial',
    whySerial: why,
    lanes: [{ worker: MAIN_THREAD, startMs, endMs: startMs + wallMs, txs: ran }],
    workerCount: 0,
    setCount: txs.length === 0 ? 0 : 1,
    workMs: wallMs,
    criticalPathMs: wallMs,
    wallMs,
  });
}

/** A runner without threads. */
export function createSerialRunner(): LaneRunner {
  return {
    workerCount: 0,
    runRound: (block, txs) => runRoundSerially(block, txs),
    endBlock: () => {},
    close: async () => {},
  };
}
