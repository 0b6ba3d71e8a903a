/** A block in the making: what has been included so far, and what that adds up to. */
import type { B256 } from '../primitives/types.ts';
import type { AccessList } from '../tx/access.ts';
import type { Partition } from '../txpool/types.ts';
import { BlockOverlay } from './overlay.ts';
import type {
  BlockEnv,
  ExecutedTx,
  ScheduleReport,
  SkippedTx,
  StateView,
  TxToExecute,
} from './ports.ts';
import type { TxOutcome } from './runTx.ts';

/** Most transactions in a block, the mint not counted. */
export const BLOCK_TX_COUNT_MAX = 65_534;

/** Called for each transaction as soon as its place in the block is certain, in block order. */
export type ExecutedListener = (executed: ExecutedTx, txIndex: number) => void;

export class BlockInProgress {
  readonly env: BlockEnv;
  /** The list of transactions is somebody else's: it is re-executed, not chosen. */
  readonly isGiven: boolean;
  readonly overlay: BlockOverlay;
  readonly executed: ExecutedTx[] = [];
  readonly skipped: SkippedTx[] = [];
  readonly messageIds: B256[] = [];
  /** Sum of total gas. */
  usedGas: bigint = 0n;
  /** Sum of metered sizes. */
  usedBytes: bigint = 0n;
  /** Fees of all transactions, base asset units. */
  fees: bigint = 0n;
  schedule: ScheduleReport = {
    mode: 'serial',
    whySerial: null,
    lanes: [],
    workerCount: 0,
    setCount: 0,
    workMs: 0,
    criticalPathMs: 0,
    wallMs: 0,
  };
  /** Origin of the times in its report. */
  readonly startedMs: number = performance.now();
  readonly #onExecuted: ExecutedListener;

  constructor(
    env: BlockEnv,
    view: StateView,
    options: { readonly isGiven?: boolean; readonly onExecuted?: ExecutedListener } = {},
  ) {
    this.env = env;
    this.isGiven = options.isGiven ?? false;
    this.overlay = new BlockOverlay(view);
    this.#onExecuted = options.onExecuted ?? (() => {});
  }

  /** The next transaction in block order; its changes are in the overlay, or come with `apply`. */
  include(outcome: Omit<TxOutcome, 'changes' | 'reads'>): void {
    const { executed } = outcome;
    const txIndex = this.executed.length;
    this.overlay.markExecuted(executed.id);
    this.executed.push(executed);
    this.messageIds.push(...outcome.messageIds);
    this.usedGas += executed.totalGas;
    this.usedBytes += BigInt(outcome.sizeBytes);
    this.fees += executed.totalFee;
    this.#onExecuted(executed, txIndex);
  }

  skip(skipped: SkippedTx): void {
    this.skipped.push(skipped);
  }

  /** Adds the figures of one round. */
  addReport(round: ScheduleReport): void {
    const sum = this.schedule;
    this.schedule = {
      mode: sum.mode === 'threads' ? 'threads' : round.mode,
      whySerial: round.whySerial ?? sum.whySerial,
      lanes: [...sum.lanes, ...round.lanes],
      ...rerunsOf(sum, round),
      workerCount: Math.max(sum.workerCount, round.workerCount),
      setCount: sum.setCount + round.setCount,
      workMs: sum.workMs + round.workMs,
      criticalPathMs: sum.criticalPathMs + round.criticalPathMs,
      wallMs: sum.wallMs + round.wallMs,
    };
  }
}

function rerunsOf(a: ScheduleReport, b: ScheduleReport): Pick<ScheduleReport, 'rerunCount'> {
  if (a.rerunCount === undefined && b.rerunCount === undefined) return {};
  return { rerunCount: (a.rerunCount ?? 0) + (b.rerunCount ?? 0) };
}

/** The pool's function, handed in: the executor knows only its shape. */
export type PartitionByAccess = (accesses: readonly AccessList[]) => Partition;

/** None of them changes a result. */
export type RunnerFaults = {
  /** Lanes that ran again: their thread died, hung, or gave back what cannot be. */
  readonly lanes: number;
  readonly startFailures: number;
};

/**
 * Executes transactions of a block. Every implementation gives the same bytes: results do not
 * depend on worker count, timing or order of completion.
 */
export interface LaneRunner {
  /** 0: everything runs on the calling thread. */
  readonly workerCount: number;
  /** Runs `txs` after everything that is in `block`, in the given order, and adds them to it. */
  runRound(block: BlockInProgress, txs: readonly TxToExecute[]): Promise<void>;
  /** What went wrong with threads so far. Absent: there are none. */
  readonly faults?: RunnerFaults;
  /** Forgets what it keeps for `block`. */
  endBlock(block: BlockInProgress): void;
  close(): Promise<void>;
}
