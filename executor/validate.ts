/** Re-execution of a given list of transactions. Nothing may be skipped, everything must match. */
import { equalBytes } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import type { BlockHeader } from '../tx/block.ts';
import { encodeTx } from '../tx/codec/index.ts';
import { txId } from '../tx/id.ts';
import type { ChargeableTx, MintTx, Transaction } from '../tx/types.ts';
import { BlockInProgress, type LaneRunner } from './block.ts';
import { addMint } from './mint.ts';
import type { BlockEnv, ExecutedBlock, StateView, TxToExecute } from './ports.ts';
import { processRelayed, type RelayedEvent } from './relayed.ts';
import { finishBlock } from './seal.ts';

/**
 * Executes exactly `txs`, in order, and adds the mint. Forced transactions are not in `txs`: they
 * come with `events`.
 * @throws CodedError BLOCK_INVALID when one of them cannot be included, with the executor's text;
 *   EXECUTION_WORKER_DIED when the block could not be judged
 */
export async function executeBlock(
  env: BlockEnv,
  txs: readonly TxToExecute[],
  view: StateView,
  runner: LaneRunner,
  events: readonly RelayedEvent[] = [],
): Promise<ExecutedBlock> {
  const block = new BlockInProgress(env, view, { isGiven: true });
  try {
    const failures = processRelayed(block, events);
    const forcedCount = block.executed.length;
    await runner.runRound(block, txs);
    const [skipped] = block.skipped;
    if (skipped !== undefined) {
      throw new CodedError('BLOCK_INVALID', skipped.reason, { txId: skipped.id });
    }
    const l2Gas = block.executed
      .slice(forcedCount)
      .reduce((sum, executed) => sum + executed.totalGas, 0n);
    if (l2Gas > env.params.blockGasLimit) {
      throw new CodedError('BLOCK_INVALID', 'the block uses more gas than the chain allows', {
        usedGas: l2Gas,
        blockGasLimit: env.params.blockGasLimit,
      });
    }
    addMint(block);
    return finishBlock(block, events, failures);
  } finally {
    runner.endBlock(block);
  }
}

/** A block as it was received: transactions in executed form, mint last. */
export type GivenBlock = {
  readonly header: BlockHeader;
  readonly transactions: readonly Transaction[];
  /** The transactions lack what execution fills in: only the header is compared. */
  readonly leavesResultsOut?: boolean;
};

/** What the header does not say. */
export type ValidationContext = Pick<BlockEnv, 'params' | 'rules' | 'utxoValidation'> & {
  /** Root over the ids of all blocks before. */
  readonly prevRoot: BlockEnv['prevRoot'];
};

/**
 * Executes a received block and compares everything: each transaction, then the header. Gas price
 * and coinbase recipient are those of its mint.
 * @throws CodedError BLOCK_INVALID with the reference's text
 */
export async function validateBlock(
  given: GivenBlock,
  context: ValidationContext,
  view: StateView,
  runner: LaneRunner,
  events: readonly RelayedEvent[] = [],
): Promise<ExecutedBlock> {
  const mint = mintOf(given.transactions);
  const env = envOf(given.header, mint, context);
  const { chainId } = context.params;
  const rest = given.transactions.slice(forcedCountOf(env, view, events), -1);
  const txs = rest.map((tx): TxToExecute => {
    if (tx.type === 'mint') {
      throw invalid('The last transaction in the block is not `Mint`.');
    }
    return { id: txId(tx, chainId), tx: tx as ChargeableTx, raw: encodeTx(tx), verified: false };
  });
  const executed = await executeBlock(env, txs, view, runner, events);
  const compared = given.leavesResultsOut ? [] : given.transactions;
  compared.forEach((tx, i) => {
    const ours = executed.transactions[i];
    if (ours !== undefined && equalBytes(ours.raw, encodeTx(tx))) return;
    throw invalid(`Transaction doesn't match expected result: ${txId(tx, chainId)}`);
  });
  if (
    executed.transactions.length !== given.transactions.length ||
    executed.header.id !== given.header.id ||
    executed.header.applicationHash !== given.header.applicationHash
  ) {
    throw invalid('Block generated during validation does not match the provided block');
  }
  return executed;
}

function invalid(reason: string): CodedError {
  return new CodedError('BLOCK_INVALID', reason);
}

/** How many transactions at the head of a block are forced ones. */
function forcedCountOf(env: BlockEnv, view: StateView, events: readonly RelayedEvent[]): number {
  if (!events.some((event) => event.type === 'transaction')) return 0;
  const block = new BlockInProgress(env, view, { isGiven: true });
  processRelayed(block, events);
  return block.executed.length;
}

function mintOf(transactions: readonly Transaction[]): MintTx {
  const last = transactions.at(-1);
  if (last?.type !== 'mint') throw invalid('The block is missing `Mint` transaction.');
  return last;
}

function envOf(header: BlockHeader, mint: MintTx, context: ValidationContext): BlockEnv {
  return {
    height: header.height,
    time: header.time,
    daHeight: header.daHeight,
    prevRoot: context.prevRoot,
    gasPrice: mint.gasPrice,
    coinbaseRecipient: mint.inputContract.contractId,
    consensusParametersVersion: header.consensusParametersVersion,
    stateTransitionVersion: header.stateTransitionBytecodeVersion,
    params: context.params,
    rules: context.rules,
    utxoValidation: context.utxoValidation,
  };
}
