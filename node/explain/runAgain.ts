/** Runs a block's transactions again on the state before it; nothing is committed. */
import { BlockInProgress } from '../../executor/block.ts';
import { addMint } from '../../executor/mint.ts';
import type { ExecutedBlock, StateView, TxToExecute } from '../../executor/ports.ts';
import { processRelayed } from '../../executor/relayed.ts';
import { finishBlock } from '../../executor/seal.ts';
import { runRoundSerially } from '../../executor/serial.ts';
import type { TxId } from '../../primitives/types.ts';
import type { KeptBlock } from './history.ts';

export type SecondRun = {
  readonly block: ExecutedBlock;
  /** Transactions of the settlement layer at the head of the block: they cannot be changed. */
  readonly forcedCount: number;
  /** Run time of each transaction that is not forced. */
  readonly runMs: ReadonlyMap<TxId, number>;
};

/**
 * @param txs in order, without forced ones and the mint
 * @param view the state before the block
 */
export async function runAgain(
  { env, events }: Pick<KeptBlock, 'env' | 'events'>,
  txs: readonly TxToExecute[],
  view: StateView,
): Promise<SecondRun> {
  const block = new BlockInProgress(env, view);
  const failures = processRelayed(block, events);
  const forcedCount = block.executed.length;
  const runMs = new Map<TxId, number>();
  await runRoundSerially(block, txs, ({ id }, ms) => runMs.set(id, ms));
  addMint(block);
  return { block: finishBlock(block, events, failures), forcedCount, runMs };
}
