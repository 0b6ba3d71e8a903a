/**
 * One block from pool to everywhere: executed, sealed, committed, priced, announced, posted.
 *
 * The next block is executed while this one is written (`commitBehind.ts`). A status says "success"
 * only after the block is durable and readable through every path.
 */

import type { LaneRunner } from '../executor/block.ts';
import type {
  BlockEnv,
  ExecutedBlock,
  ExecutedTx,
  ScheduleReport,
  SealedBlock,
  TxToExecute,
} from '../executor/ports.ts';
import { produceBlock } from '../executor/produce.ts';
import type { RelayedEvent } from '../executor/relayed.ts';
import { sealBlock } from '../executor/seal.ts';
import { MAIN_THREAD } from '../executor/serial.ts';
import { hexToBytes } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { type Tai64, type TxId, ZERO_B256 } from '../primitives/types.ts';
import type { ChainStore } from '../state/types.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { Output, UtxoId } from '../tx/types.ts';
import type { TxPoolService } from '../txpool/service.ts';
import { rulesFor } from '../vm/rules.ts';
import { CommitBehind, type MadeBlock, type Tip } from './commitBehind.ts';
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
  /** Development controls sign later; default: `sealBlock`. */
  readonly seal?: (executed: ExecutedBlock) => SealedBlock;
  /** A block could not be written: no more are made. */
  readonly onHalt?: (error: CodedError) => void;
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
 * Whether the next block has to wait until this one is durable: it changes the rules of the next,
 * or the pool has to hear first what was skipped, because others depend on it.
 */
export function isBarrier({ changes, skipped }: SealedBlock): boolean {
  const upgrades = changes.consensusParameters.size + changes.stateTransitionBytecodes.size;
  return upgrades > 0 || skipped.length > 0;
}

/** What execution threads ran of a block. Unit: ms. */
export function ranInThreads({ lanes }: Pick<ScheduleReport, 'lanes'>): number {
  let sumMs = 0;
  for (const { worker, txs } of lanes) {
    if (worker !== MAIN_THREAD) for (const { runMs } of txs) sumMs += runMs;
  }
  return sumMs;
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
  private readonly behind: CommitBehind;
  private making = false;
  /** Of blocks that could not be written, for the pool. */
  private dropped: TxId[] = [];

  constructor(deps: BlockMakerDeps) {
    this.deps = deps;
    this.behind = new CommitBehind({
      store: deps.store,
      history: deps.history,
      stages: deps.stages,
      onDurable: async ({ sealed, events }) => {
        deps.stages.time('announce', () => this.adopt(sealed));
        await deps.da.reached(sealed, events);
      },
      onFailed: (made, error) => this.drop(made, error),
    });
  }

  onBlock(listener: (block: SealedBlock) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** What the next block is built on; not everybody can read it yet. */
  get tip(): Tip {
    return this.behind.tip;
  }

  /** Blocks that are sealed and not durable. */
  get behindLength(): number {
    return this.behind.length;
  }

  /** Resolves when all blocks made so far are durable and announced. @throws BLOCK_WRITE_FAILED */
  settled(): Promise<void> {
    return this.behind.settled();
  }

  /**
   * Makes a block on top of the newest; resolves when it is sealed and the one before is durable.
   * @param deadlineMs until then the block stays open for what arrives; null: closed at once
   * @throws CodedError NO_CONSENSUS_KEY, BLOCK_WRITE_FAILED (of this or an earlier block)
   */
  async make(time: Tai64, deadlineMs: number | null): Promise<void> {
    const { config, pool, params } = this.deps;
    if (this.behind.fault !== null) throw this.behind.fault;
    const secret = config.consensusKey;
    if (secret === null) {
      throw new CodedError(
        'NO_CONSENSUS_KEY',
        'start the node with --consensus-key to make blocks',
      );
    }
    const { tip } = this;
    const { blockGasLimit } = params().params;
    const { daHeight, events } = await this.deps.relayer.slice(tip.header.daHeight, blockGasLimit);
    const env = this.env(tip, time, daHeight);
    const taken: TxId[] = [];
    this.making = true;
    try {
      const sealed = await this.seal({ tip, env, events, taken, deadlineMs }, hexToBytes(secret));
      await this.behind.settled();
      this.behind.stage({ sealed, env, events, taken });
      this.deps.gasPrice.stage(sealed, env.params);
      // What had to be in this block or before must not get into the next.
      pool.sealed(sealed.header.height);
      if (isBarrier(sealed) || !this.mayRunAhead()) await this.behind.settled();
    } catch (cause) {
      pool.release([...this.dropped, ...taken]);
      this.dropped = [];
      throw cause;
    } finally {
      this.making = false;
    }
  }

  /** Development controls change the state between blocks: every block is durable by then. */
  private mayRunAhead(): boolean {
    const { commitBehind = true, dev } = this.deps.config;
    return commitBehind && !dev;
  }

  private async seal(
    of: {
      readonly tip: Tip;
      readonly env: BlockEnv;
      readonly events: readonly RelayedEvent[];
      /** Filled with what the pool gives. */
      readonly taken: TxId[];
      readonly deadlineMs: number | null;
    },
    secret: Uint8Array,
  ): Promise<SealedBlock> {
    const { pool, runner, stages } = this.deps;
    const { deadlineMs, env, events, taken } = of;
    const source = {
      take: (limits: Parameters<typeof pool.take>[0]): TxToExecute[] => {
        if (this.behind.fault !== null) return [];
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
      produceBlock(env, source, of.tip.view, runner, options),
    );
    stages.add('lanes', ranInThreads(executed.schedule));
    const seal = this.deps.seal ?? ((made: ExecutedBlock) => sealBlock(made, secret));
    return stages.time('seal', () => seal(executed));
  }

  /** Its transactions return to the pool together with those of a block that was built on it. */
  private drop({ taken }: MadeBlock, error: CodedError): void {
    const { gasPrice, onHalt, pool } = this.deps;
    gasPrice.unstage();
    if (this.making) this.dropped.push(...taken);
    else pool.release(taken);
    onHalt?.(error);
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

  private env({ header, blocksRoot }: Tip, time: Tai64, daHeight: bigint): BlockEnv {
    const { config, store, gasPrice } = this.deps;
    const { version, params } = this.deps.params();
    return {
      height: header.height + 1,
      time,
      daHeight,
      prevRoot: blocksRoot,
      gasPrice: gasPrice.nextToMake(),
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
