/**
 * One block from pool to everywhere: executed, sealed, committed, priced, announced, posted.
 *
 * A status says "success" only after the block is readable through every path.
 */

import type { LaneRunner } from '../executor/block.ts';
import type { BlockEnv, ExecutedTx, SealedBlock, TxToExecute } from '../executor/ports.ts';
import { produceBlock } from '../executor/produce.ts';
import type { RelayedEvent } from '../executor/relayed.ts';
import { sealBlock } from '../executor/seal.ts';
import { hexToBytes } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { type Tai64, type TxId, ZERO_B256 } from '../primitives/types.ts';
import type { ChainStore } from '../state/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { Output, UtxoId } from '../tx/types.ts';
import type { TxPoolService } from '../txpool/service.ts';
import { rulesFor } from '../vm/rules.ts';
import type { NodeConfig } from './config.ts';
import type { NodeDa } from './daBlocks.ts';
import type { BlockHistory } from './explain/history.ts';
import type { GasPrice } from './gasPrice.ts';
import type { NodeRelayer } from './relayer.ts';
import type { TxStatus } from './services.ts';
import type { StageClock } from './stages.ts';
import type { StatusHub } from './statusHub.ts';

export type BlockMakerDeps = {
  readonly config: NodeConfig;
  readonly store: ChainStore;
  readonly params: () => { version: number; params: ConsensusParameters };
  readonly pool: TxPoolService;
  readonly hub: StatusHub;
  readonly gasPrice: GasPrice;
  readonly runner: LaneRunner;
  readonly da: Pick<NodeDa, 'reached'>;
  readonly relayer: Pick<NodeRelayer, 'slice'>;
  readonly stages: StageClock;
  readonly nowMs: () => number;
  readonly history: Pick<BlockHistory, 'remember'>;
};

/** How often an open block looks whether something has arrived. */
const OPEN_POLL_MS = 5;

/** The newest state transition version that the chain knows. */
export function nextStateTransitionVersion(store: ChainStore): number {
  let version = store.latest.stateTransitionBytecodeVersion;
  while (store.stateTransitionBytecodeRoot(version + 1) !== null) version += 1;
  return version;
}

/** Outputs whose final form is known only after execution: change, variable, created contracts. */
export function resolvedOutputs(executed: ExecutedTx): { utxoId: UtxoId; output: Output }[] {
  if (executed.tx.type === 'mint') return [];
  return executed.tx.outputs.flatMap((output, outputIndex) =>
    output.type === 'change' || output.type === 'variable' || output.type === 'contractCreated'
      ? [{ utxoId: { txId: executed.id, outputIndex }, output }]
      : [],
  );
}

/**
 * For a block that is open until `deadlineMs`: whether it is worth asking the pool again. What is
 * executable now did not fit a moment ago, so others get the thread before the next question:
 * otherwise a transaction that does not fit would stop everything until the block is closed.
 */
export async function moreToTake(
  deadlineMs: number,
  deps: { readonly nowMs: () => number; readonly pool: Pick<TxPoolService, 'gauges'> },
): Promise<boolean> {
  for (let leftMs = deadlineMs - deps.nowMs(); leftMs > 0; leftMs = deadlineMs - deps.nowMs()) {
    const pauseMs = Math.min(OPEN_POLL_MS, leftMs);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (deps.pool.gauges().executable > 0) return true;
  }
  return false;
}

export class BlockMaker {
  private readonly deps: BlockMakerDeps;
  private readonly listeners = new Set<(block: SealedBlock) => void>();

  constructor(deps: BlockMakerDeps) {
    this.deps = deps;
  }

  onBlock(listener: (block: SealedBlock) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** @param deadlineMs until then the block stays open for what arrives; null: closed at once */
  async make(time: Tai64, deadlineMs: number | null): Promise<void> {
    const { config, store, pool, runner, params, da, stages } = this.deps;
    const secret = config.consensusKey;
    if (secret === null) {
      throw new CodedError(
        'NO_CONSENSUS_KEY',
        'start the node with --consensus-key to make blocks',
      );
    }
    const { latest } = this.deps.store;
    const { blockGasLimit } = params().params;
    const { daHeight, events } = await this.deps.relayer.slice(latest.daHeight, blockGasLimit);
    const env = this.env(time, daHeight);
    const taken: TxId[] = [];
    let sealed: SealedBlock;
    try {
      const source = {
        take: (limits: Parameters<typeof pool.take>[0]): TxToExecute[] => {
          const txs = pool.take({ ...limits, height: env.height });
          for (const { id } of txs) taken.push(id);
          return txs;
        },
      };
      const options = {
        events,
        onExecuted: (tx: ExecutedTx, txIndex: number) => this.preconfirm(tx, env, txIndex),
        ...(deadlineMs === null ? {} : { waitForMore: () => moreToTake(deadlineMs, this.deps) }),
      };
      const executed = await stages.timeAsync('execute', () =>
        produceBlock(env, source, store, runner, options),
      );
      sealed = stages.time('seal', () => sealBlock(executed, hexToBytes(secret)));
      await stages.timeAsync('commit', () => this.commit(sealed, env, events));
    } catch (cause) {
      pool.release(taken);
      throw cause;
    }
    stages.time('announce', () => this.adopt(sealed));
    await da.reached(sealed, events);
  }

  /** A block is committed, made here or elsewhere: price, pool, statuses, readers. */
  adopt(sealed: SealedBlock): void {
    const { gasPrice, params, pool } = this.deps;
    gasPrice.onBlock(sealed, params().params);
    pool.onBlock({
      height: sealed.header.height,
      transactions: sealed.transactions,
      skipped: sealed.skipped,
    });
    this.announce(sealed);
  }

  /** Explaining and running again start from what a commit overwrites. */
  private async commit(
    sealed: SealedBlock,
    env: BlockEnv,
    events: readonly RelayedEvent[],
  ): Promise<void> {
    const { history, stages, store } = this.deps;
    const settle = history.remember(sealed, env, events);
    let committed = false;
    try {
      // What comes before the first pause fills the batch, the rest is the disk.
      const written = store.commitBlock(sealed);
      await stages.timeAsync('write', () => written);
      committed = true;
    } finally {
      settle(committed);
    }
  }

  private env(time: Tai64, daHeight: bigint): BlockEnv {
    const { config, store, gasPrice } = this.deps;
    const { version, params } = this.deps.params();
    const { latest } = store;
    return {
      height: latest.height + 1,
      time,
      daHeight,
      prevRoot: store.blocksRoot(latest.height),
      gasPrice: gasPrice.next(),
      coinbaseRecipient: config.coinbaseRecipient ?? ZERO_B256,
      consensusParametersVersion: version,
      stateTransitionVersion: nextStateTransitionVersion(store),
      params,
      rules: rulesFor(params, config.vmRules),
      utxoValidation: config.utxoValidation,
    };
  }

  private preconfirm(executed: ExecutedTx, env: BlockEnv, txIndex: number): void {
    if (executed.tx.type === 'mint') return;
    const outputs = resolvedOutputs(executed);
    this.deps.pool.onExecuted(outputs, { id: executed.id, gas: executed.totalGas });
    this.deps.hub.publish(executed.id, {
      type: executed.success ? 'preconfirmationSuccess' : 'preconfirmationFailure',
      txPointer: { blockHeight: env.height, txIndex },
      totalGas: executed.totalGas,
      totalFee: executed.totalFee,
      receipts: executed.receipts,
      tx: executed.tx,
      resolvedOutputs: outputs,
      reason: executed.reason,
      programState: executed.programState,
    });
  }

  private announce(block: SealedBlock): void {
    for (const executed of block.transactions) {
      const status: TxStatus = {
        type: executed.success ? 'success' : 'failure',
        blockHeight: block.header.height,
        time: block.header.time,
        programState: executed.programState,
        receipts: executed.receipts,
        totalGas: executed.totalGas,
        totalFee: executed.totalFee,
        reason: executed.reason,
      };
      this.deps.hub.publish(executed.id, status);
    }
    for (const listener of this.listeners) listener(block);
  }
}
