/**
 * Making a block.
 *
 * Limits count gas *used*, which is known only after execution. So: choose by max gas, execute the
 * round, choose again with what was freed, until nothing fits. The order of the block is the order
 * of the rounds, and inside a round that of the source. A transaction that fails at block level is
 * skipped and affects only those that depended on it.
 */

import { maxGas } from '../tx/fees.ts';
import type { ExecutedListener, LaneRunner } from './block.ts';
import { BLOCK_TX_COUNT_MAX, BlockInProgress } from './block.ts';
import { addMint } from './mint.ts';
import type { BlockEnv, ExecutedBlock, StateView, TxSource, TxToExecute } from './ports.ts';
import { processRelayed, type RelayedEvent } from './relayed.ts';
import { finishBlock } from './seal.ts';
import { skipText } from './texts.ts';

export type ProduceOptions = {
  /** Events of the settlement layer after the parent's DA height up to the block's, in order. */
  readonly events?: readonly RelayedEvent[];
  /** Hears of each transaction once its place is certain: preconfirmations. */
  readonly onExecuted?: ExecutedListener;
  /**
   * Asked when the source has nothing more. Resolves to true when it is worth asking again, to
   * false when the block is to be closed. Absent: the block is closed at once.
   */
  readonly waitForMore?: () => Promise<boolean>;
};

/**
 * Executes a new block on top of `view`; nothing is committed.
 * @throws CodedError COINBASE_CONTRACT_MISSING, COINBASE_BALANCE_OVERFLOW, RELAYED_EVENT_TOO_NEW
 */
export async function produceBlock(
  env: BlockEnv,
  source: TxSource,
  view: StateView,
  runner: LaneRunner,
  options: ProduceOptions = {},
): Promise<ExecutedBlock> {
  const { onExecuted, events = [], waitForMore = async () => false } = options;
  const block = new BlockInProgress(env, view, onExecuted === undefined ? {} : { onExecuted });
  try {
    const failures = processRelayed(block, events);
    do {
      await runRounds(block, source, runner);
    } while (await waitForMore());
    addMint(block);
    return finishBlock(block, events, failures);
  } finally {
    runner.endBlock(block);
  }
}

async function runRounds(
  block: BlockInProgress,
  source: TxSource,
  runner: LaneRunner,
): Promise<void> {
  for (;;) {
    const round = chooseRound(block, source);
    if (round === null) return;
    await runner.runRound(block, round);
  }
}

function atLeastZero(value: bigint): bigint {
  return value > 0n ? value : 0n;
}

/** null: the source has nothing that fits. */
function chooseRound(block: BlockInProgress, source: TxSource): TxToExecute[] | null {
  const { params, gasPrice } = block.env;
  const gasLimit = atLeastZero(params.blockGasLimit - block.usedGas);
  const bytesLimit = atLeastZero(params.blockTransactionSizeLimit - block.usedBytes);
  const countLimit = BLOCK_TX_COUNT_MAX - block.executed.length;
  const taken = source.take({ gasLimit, bytesLimit, countLimit, gasPrice });
  if (taken.length === 0) return null;
  const chosen: TxToExecute[] = [];
  let gasLeft = gasLimit;
  for (const job of taken) {
    const gas = maxGas(job.tx, params);
    if (gas > gasLeft || chosen.length === countLimit) {
      const why = `Transaction cannot fit in remaining gas limit: (${gasLeft}).`;
      block.skip({ id: job.id, reason: skipText.gasOverflow(why, gas, gasLeft) });
      continue;
    }
    gasLeft -= gas;
    chosen.push(job);
  }
  return chosen;
}
