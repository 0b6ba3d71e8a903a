/**
 * What the node remembers of its last blocks so that they can be explained and run again: how each
 * was scheduled, and the values before of the slots and balances that it wrote. In memory, bounded;
 * a restart forgets it.
 */
import type {
  BlockEnv,
  Changes,
  ExecutedBlock,
  ScheduleReport,
  SkippedTx,
  StateView,
} from '../../executor/ports.ts';
import type { RelayedEvent } from '../../executor/relayed.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { BlockHeight, BlockId } from '../../primitives/types.ts';
import type { ChainStore } from '../../state/types.ts';
import {
  type Layer,
  layerOf,
  type ValuesBefore,
  valueCount,
  valuesBefore,
  valuesBeforeBoth,
  viewBefore,
} from './past.ts';

/** Bounds of the memory; the newest block is always kept, though perhaps without values. */
export type HistoryLimits = {
  readonly blockCountMax: number;
  /** Sum over all kept blocks. */
  readonly txCountMax: number;
  /** Slots and balances, sum over all kept blocks. */
  readonly valueCountMax: number;
};

export const HISTORY_LIMITS: HistoryLimits = {
  blockCountMax: 128,
  txCountMax: 100_000,
  valueCountMax: 100_000,
};

/** Layers of more transactions are not kept when nobody looks. */
const LAYERS_TXS_MAX = 20_000;

/** Nodes for development (`--debug`) make many small blocks, and go further back. */
export const DEBUG_BLOCK_COUNT_MAX: number = 4_096;

/** Of a node with, or without, `--debug`. */
export function historyLimits(debug: boolean): HistoryLimits {
  return debug ? { ...HISTORY_LIMITS, blockCountMax: DEBUG_BLOCK_COUNT_MAX } : HISTORY_LIMITS;
}

export type KeptBlock = {
  readonly height: BlockHeight;
  readonly id: BlockId;
  readonly env: BlockEnv;
  readonly events: readonly RelayedEvent[];
  readonly schedule: ScheduleReport;
  readonly skipped: readonly SkippedTx[];
  readonly txCount: number;
  /** Slots and balances that it wrote. */
  readonly valueCount: number;
  /** null: too many to keep. */
  readonly values: ValuesBefore | null;
};

type Store = Pick<ChainStore, 'block' | 'transaction'> & StateView;

export class BlockHistory {
  readonly #store: Store;
  readonly #limits: HistoryLimits;
  /** Ascending, without gaps. */
  #kept: KeptBlock[] = [];
  /** Sums over the kept blocks. */
  #txCount: number = 0;
  #valueCount: number = 0;
  readonly #layers: Map<BlockHeight, Layer> = new Map();
  /** Not committed yet. */
  #pending: { height: BlockHeight; transactions: ExecutedBlock['transactions'] } | null = null;
  #openViews: number = 0;

  constructor(store: Store, limits: HistoryLimits = HISTORY_LIMITS) {
    this.#store = store;
    this.#limits = limits;
  }

  /**
   * Call before the block is committed.
   * @returns to be called after: whether it was committed; if not, it is forgotten again
   */
  remember(
    block: ExecutedBlock,
    env: BlockEnv,
    events: readonly RelayedEvent[] = [],
  ): (committed: boolean) => void {
    const { header, schedule, skipped, transactions, changes } = block;
    const before = valuesBefore(changes, this.#store);
    const count = valueCount(before);
    const kept: KeptBlock = {
      height: header.height,
      id: header.id,
      env,
      events,
      schedule,
      skipped,
      txCount: transactions.length,
      valueCount: count,
      values: count > this.#limits.valueCountMax ? null : before,
    };
    this.#pending = { height: kept.height, transactions };
    // Somebody looks at the past, and the store does not have these transactions yet.
    if (this.#openViews === 0) this.#layers.clear();
    else this.#layers.set(kept.height, this.#makeLayer(kept.height, before));
    if (this.#kept.at(-1)?.height !== kept.height - 1) this.#keep([]);
    this.#kept.push(kept);
    this.#count(kept, 1);
    this.#forgetOldest();
    return (committed) => {
      this.#pending = null;
      if (committed) return;
      this.#keep(this.#kept.filter((each) => each !== kept));
      this.#layers.delete(kept.height);
    };
  }

  /**
   * The state is about to be changed by hand, behind the newest block: blocks up to it must not see
   * that when they are run again.
   */
  edited(changes: Changes): void {
    const newest = this.#kept.at(-1);
    if (newest === undefined || newest.values === null) return;
    const values = valuesBeforeBoth(newest.values, valuesBefore(changes, this.#store));
    this.#count(newest, -1);
    const edited = { ...newest, values, valueCount: valueCount(values) };
    this.#kept[this.#kept.length - 1] = edited;
    this.#count(edited, 1);
    this.#layers.delete(newest.height);
  }

  /** Blocks above `height` are not the chain's any more. */
  forgetAbove(height: BlockHeight): void {
    this.#keep(this.#kept.filter((each) => each.height <= height));
    for (const each of this.#layers.keys()) if (each > height) this.#layers.delete(each);
  }

  kept(height: BlockHeight): KeptBlock | null {
    return this.#kept[height - (this.#kept[0]?.height ?? 0)] ?? null;
  }

  /** Newest first. */
  recent(countMax: number): KeptBlock[] {
    return this.#kept.slice(-countMax).reverse();
  }

  canRunAgain(height: BlockHeight): boolean {
    const from = this.#kept.findIndex((each) => each.height === height);
    return from >= 0 && this.#kept.slice(from).every(({ values }) => values !== null);
  }

  /**
   * Calls `look` with the state before block `height`; it stays right while blocks are committed.
   * @throws CodedError WHAT_IF_FORGOTTEN
   */
  async before<T>(height: BlockHeight, look: (view: StateView) => Promise<T>): Promise<T> {
    if (!this.canRunAgain(height)) {
      const oldest = this.#kept.find((each) => this.canRunAgain(each.height))?.height;
      const have =
        oldest === undefined
          ? 'it remembers no block yet'
          : `it goes back to block ${oldest}, and at most ${this.#limits.blockCountMax} blocks`;
      throw new CodedError(
        'WHAT_IF_FORGOTTEN',
        `the node no longer knows the state before block ${height}: ${have}`,
        { height },
      );
    }
    this.#openViews += 1;
    try {
      const layers = (): readonly Layer[] => this.#layersFrom(height);
      // All layers now: later the blocks may have been forgotten.
      layers();
      return await look(viewBefore(height, this.#store, layers));
    } finally {
      this.#openViews -= 1;
      // Who looks at one block often looks at the next: they stay until there is a new one.
      if (this.#openViews === 0 && this.#txCount > LAYERS_TXS_MAX) this.#layers.clear();
    }
  }

  #layersFrom(height: BlockHeight): Layer[] {
    const last = this.#kept.at(-1)?.height ?? height;
    const found: Layer[] = [];
    for (let at = height; at <= last; at += 1) {
      const known = this.#layers.get(at);
      if (known !== undefined) {
        found.push(known);
        continue;
      }
      const layer = this.#makeLayer(at, this.kept(at)?.values ?? null);
      this.#layers.set(at, layer);
      found.push(layer);
    }
    return found;
  }

  #makeLayer(height: BlockHeight, values: ValuesBefore | null): Layer {
    const pending = this.#pending?.height === height ? this.#pending.transactions : null;
    const ids = this.#store.block(height)?.transactionIds ?? [];
    const txs = pending ?? ids.flatMap((id) => this.#store.transaction(id) ?? []);
    if (values === null || txs.length === 0) {
      throw new CodedError('WHAT_IF_FORGOTTEN', `block ${height} was forgotten meanwhile`);
    }
    return layerOf(height, txs, values);
  }

  #forgetOldest(): void {
    const { blockCountMax, txCountMax, valueCountMax } = this.#limits;
    const isTooMuch = (): boolean =>
      this.#kept.length > blockCountMax ||
      this.#txCount > txCountMax ||
      this.#valueCount > valueCountMax;
    while (this.#kept.length > 1 && isTooMuch()) {
      const oldest = this.#kept.shift() as KeptBlock;
      this.#count(oldest, -1);
    }
  }

  #count({ txCount, values, valueCount }: KeptBlock, sign: 1 | -1): void {
    this.#txCount += sign * txCount;
    this.#valueCount += sign * (values === null ? 0 : valueCount);
  }

  /** What is kept from now on. */
  #keep(blocks: KeptBlock[]): void {
    this.#kept = blocks;
    this.#txCount = 0;
    this.#valueCount = 0;
    for (const each of blocks) this.#count(each, 1);
  }
}
