/** Explanations as plain data: what the API answers, the command line prints, the page draws. */
import type { ReadableKey } from './keys.ts';

/** Positions of transactions in the block are numbers from 0, the mint not counted. */
export type ExplainedTx = {
  readonly index: number;
  readonly id: string;
  readonly type: string;
  readonly success: boolean;
  /** Decimal. */
  readonly gas: string;
  /** Number of its disjoint set. */
  readonly set: number;
  /** In `costUnit`. */
  readonly cost: number;
  /** Direct conflicts: whom it waits for, who waits for it. */
  readonly waitsFor: readonly number[];
  readonly awaitedBy: readonly number[];
};

export type ExplainedSet = {
  readonly txs: readonly number[];
  /** In `costUnit`. */
  readonly work: number;
  /** Transactions on its longest chain. */
  readonly chainTxCount: number;
  /** Why it is one set, most touched first. */
  readonly keys: readonly ExplainedKey[];
};

export type ExplainedKey = ReadableKey & { readonly txCount: number };

export type ExplainedEdge = {
  readonly from: number;
  readonly to: number;
  readonly keys: readonly ReadableKey[];
};

/** One batch on one worker; −1: the main thread. Times since the start of the block's execution. */
export type ExplainedLane = {
  readonly worker: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly txs: readonly { readonly index: number; readonly runMs: number }[];
};

export type Totals = {
  /** Sum of all costs, and cost of the longest chain, in `costUnit`. */
  readonly work: number;
  readonly criticalPath: number;
  /** min(workers, work / criticalPath): no schedule can be faster. */
  readonly bound: number;
  /** Threads that were used; 0: the main thread only. */
  readonly workerCount: number;
  /** As measured; null when the block was not measured here. */
  readonly wallMs: number | null;
  /** work / wall. */
  readonly speedUp: number | null;
  /** speedUp / bound. */
  readonly efficiency: number | null;
};

/** How long the block would take with so many workers: simulated, without any overhead. */
export type Forecast = { readonly workers: number; readonly speedUp: number };

export type BlockExplanation = {
  readonly height: number;
  readonly id: string;
  /**
   * `measured`: costs are run times of this node, with a timeline. `recomputed`: the report is gone
   * or never was; the graph is made anew from the stored transactions, costs are gas.
   */
  readonly source: 'measured' | 'recomputed';
  readonly costUnit: 'ms' | 'gas';
  readonly mode: 'serial' | 'threads' | null;
  readonly totals: Totals;
  readonly forecast: readonly Forecast[];
  readonly txs: readonly ExplainedTx[];
  readonly skipped: readonly { readonly id: string; readonly reason: string }[];
  /** Most work first; not all of them when `setCount` is larger. */
  readonly sets: readonly ExplainedSet[];
  readonly setCount: number;
  /** Not all of them when `edgeCount` is larger. */
  readonly edges: readonly ExplainedEdge[];
  readonly edgeCount: number;
  readonly criticalPath: readonly number[];
  readonly lanes: readonly ExplainedLane[];
  /** Sentences: what made it serial or slow, and what would change that. */
  readonly why: readonly string[];
  /** Whether `what-if` can run it again. */
  readonly canRunAgain: boolean;
};

/** Somebody of the same block, and for which keys. */
export type Neighbour = {
  readonly id: string;
  readonly index: number;
  readonly keys: readonly ReadableKey[];
};

export type TxExplanation = {
  readonly id: string;
  readonly where: 'block' | 'pool';
  /** Of a transaction in a block; null in the pool. */
  readonly block: {
    readonly height: number;
    readonly index: number;
    readonly set: { readonly number: number; readonly txCount: number };
    readonly isCritical: boolean;
    /** Cost of the longest chain before it, and its own, in `costUnit`. */
    readonly earliestStart: number;
    readonly cost: number;
    readonly costUnit: 'ms' | 'gas';
    /** As measured. */
    readonly lane: { readonly worker: number; readonly startMs: number } | null;
  } | null;
  readonly declares: readonly ReadableKey[];
  readonly waitedFor: readonly Neighbour[];
  readonly awaitedBy: readonly Neighbour[];
  readonly why: readonly string[];
};

export type PoolExplanation = {
  readonly txCount: number;
  readonly setCount: number;
  readonly sizes: readonly { readonly txCount: number; readonly setCount: number }[];
  readonly sets: readonly {
    readonly txIds: readonly string[];
    readonly txCount: number;
    readonly gas: string;
    readonly chainTxCount: number;
    readonly keys: readonly ExplainedKey[];
  }[];
  readonly keys: readonly ExplainedKey[];
  readonly why: readonly string[];
};
