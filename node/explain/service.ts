/** Explanations of this node's blocks, transactions and pool: what the API is written against. */
import { setImmediate } from 'node:timers/promises';
import type { ExecutedTx } from '../../executor/ports.ts';
import { isB256 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { BlockHeight, TxId } from '../../primitives/types.ts';
import type { ChainStore, StoredBlock, StoredTx } from '../../state/types.ts';
import type { TxPoolService } from '../../txpool/service.ts';
import { type BlockToExplain, explainBlock, explainTxInBlock } from './block.ts';
import type { BlockHistory, KeptBlock } from './history.ts';
import { explainPool, explainPooledTx } from './pool.ts';
import type { BlockExplanation, PoolExplanation, TxExplanation } from './types.ts';
import { type WhatIf, type WhatIfReport, whatIf } from './whatIf.ts';

/** Transactions of a block that is explained: its graph is made on the main thread. */
export const EXPLAIN_TX_COUNT_MAX = 20_000;
/** Blocks in the list of recent ones. */
export const RECENT_BLOCK_COUNT_MAX = 50;
/** Explanations that may be asked for at the same time. */
export const WAITING_COUNT_MAX = 16;
/** Transactions that are read before the event loop gets a turn. */
const TURN_TX_COUNT = 500;

/** A line in the list of recent blocks. */
export type RecentBlock = {
  readonly height: number;
  readonly id: string;
  readonly txCount: number;
  readonly skippedCount: number;
  readonly setCount: number | null;
  readonly workerCount: number | null;
  readonly workMs: number | null;
  readonly wallMs: number | null;
  readonly canRunAgain: boolean;
};

export interface ExplainService {
  /** Newest first. */
  recent(): RecentBlock[];
  /**
   * @param which a height, an id, or `latest`
   * @throws CodedError EXPLAIN_UNKNOWN_BLOCK, EXPLAIN_TOO_BIG, EXPLAIN_BUSY
   */
  block(which: string): Promise<BlockExplanation>;
  /** In a block or in the pool. @throws CodedError EXPLAIN_UNKNOWN_TX, EXPLAIN_BUSY */
  tx(id: string): Promise<TxExplanation>;
  pool(): PoolExplanation;
  /** @throws CodedError WHAT_IF_OFF, WHAT_IF_BUSY, WHAT_IF_FORGOTTEN, WHAT_IF_BAD_CHANGE */
  whatIf(which: string, question: WhatIf): Promise<WhatIfReport>;
}

export type ExplainDeps = {
  readonly store: ChainStore;
  readonly history: BlockHistory;
  readonly pool: Pick<TxPoolService, 'partitionView' | 'conflictsOf' | 'pooled'>;
  /** Running blocks again costs as much as making them: for development nodes. */
  readonly allowsWhatIf: boolean;
};

export function createExplain(deps: ExplainDeps): ExplainService {
  return new Explainer(deps);
}

class Explainer implements ExplainService {
  readonly #deps: ExplainDeps;
  #isRunningAgain: boolean = false;
  #last: Promise<unknown> = Promise.resolve();
  #waiting: number = 0;

  constructor(deps: ExplainDeps) {
    this.#deps = deps;
  }

  recent(): RecentBlock[] {
    const { history, store } = this.#deps;
    const { height } = store.latest;
    const lines: RecentBlock[] = [];
    for (let at = height; at > height - RECENT_BLOCK_COUNT_MAX && at >= 0; at -= 1) {
      const block = store.block(at);
      if (block === null) break;
      lines.push(lineOf(block, history.kept(at), history.canRunAgain(at)));
    }
    return lines;
  }

  block(which: string): Promise<BlockExplanation> {
    return this.#inTurn(async () => explainBlock(await this.#load(this.#find(which))));
  }

  tx(id: string): Promise<TxExplanation> {
    return this.#inTurn(() => this.#tx(id));
  }

  async #tx(id: string): Promise<TxExplanation> {
    const { pool, store } = this.#deps;
    if (!isB256(id)) throw unknownTx(id);
    const pointer = store.transactionPointer(id);
    if (pointer === null) {
      const pooled = pool.pooled(id);
      if (pooled === null) throw unknownTx(id);
      return explainPooledTx(pooled, pool.conflictsOf(id));
    }
    const block = this.#find(String(pointer.blockHeight));
    const loaded = await this.#load(block);
    const index = loaded.txs.findIndex((each) => each.id === id);
    if (index < 0) {
      throw new CodedError('EXPLAIN_UNKNOWN_TX', `${id} is a mint: it runs after all others`, {
        id,
      });
    }
    return explainTxInBlock(loaded, index);
  }

  pool(): PoolExplanation {
    return explainPool(this.#deps.pool);
  }

  async whatIf(which: string, question: WhatIf): Promise<WhatIfReport> {
    const { allowsWhatIf, history, store } = this.#deps;
    if (!allowsWhatIf) {
      throw new CodedError(
        'WHAT_IF_OFF',
        'blocks are run again on development nodes only: start the node with --debug',
      );
    }
    if (this.#isRunningAgain) {
      throw new CodedError('WHAT_IF_BUSY', 'a block is being run again: ask when that is done');
    }
    this.#isRunningAgain = true;
    try {
      const { header } = this.#find(which);
      return await history.before(header.height, async (view) => {
        const kept = history.kept(header.height) as KeptBlock;
        const ids = store.block(header.height)?.transactionIds ?? [];
        const txs: ExecutedTx[] = ids.flatMap((id) => store.transaction(id) ?? []);
        return await whatIf(kept, txs, view, question);
      });
    } finally {
      this.#isRunningAgain = false;
    }
  }

  /** One explanation at a time: they are work for the main thread. */
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_COUNT_MAX) {
      throw new CodedError(
        'EXPLAIN_BUSY',
        `${WAITING_COUNT_MAX} explanations are waited for already: ask again`,
      );
    }
    this.#waiting += 1;
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    try {
      return await mine;
    } finally {
      this.#waiting -= 1;
    }
  }

  #find(which: string): StoredBlock {
    const { store } = this.#deps;
    const height = this.#heightOf(which);
    const block = height === null ? null : store.block(height);
    if (block !== null) return block;
    throw new CodedError(
      'EXPLAIN_UNKNOWN_BLOCK',
      `there is no block '${which}': give a height up to ${store.latest.height}, a block id, or latest`,
      { which },
    );
  }

  #heightOf(which: string): BlockHeight | null {
    const { store } = this.#deps;
    if (which === 'latest') return store.latest.height;
    if (/^\d{1,10}$/.test(which)) return Number(which);
    return isB256(which) ? store.blockHeightOf(which) : null;
  }

  async #load({ header, transactionIds }: StoredBlock): Promise<BlockToExplain> {
    const { store, history } = this.#deps;
    if (transactionIds.length > EXPLAIN_TX_COUNT_MAX) {
      throw new CodedError(
        'EXPLAIN_TOO_BIG',
        `block ${header.height} has ${transactionIds.length} transactions; at most ${EXPLAIN_TX_COUNT_MAX} are explained`,
      );
    }
    const txs: (StoredTx & { readonly tx: Exclude<StoredTx['tx'], { type: 'mint' }> })[] = [];
    for (const [i, id] of transactionIds.entries()) {
      const stored = store.transaction(id);
      if (stored !== null && stored.tx.type !== 'mint') txs.push({ ...stored, tx: stored.tx });
      if (i % TURN_TX_COUNT === TURN_TX_COUNT - 1) await setImmediate();
    }
    const kept = history.kept(header.height);
    return {
      height: header.height,
      id: header.id,
      txs,
      skipped: kept?.skipped ?? [],
      timeline: kept?.schedule ?? null,
      canRunAgain: history.canRunAgain(header.height),
    };
  }
}

function lineOf(
  { header, transactionIds }: StoredBlock,
  kept: KeptBlock | null,
  canRunAgain: boolean,
): RecentBlock {
  return {
    height: header.height,
    id: header.id,
    txCount: Math.max(0, transactionIds.length - 1),
    skippedCount: kept?.skipped.length ?? 0,
    // On the main thread nothing is split.
    setCount: (kept?.schedule.workerCount ?? 0) > 0 ? (kept?.schedule.setCount ?? null) : null,
    workerCount: kept?.schedule.workerCount ?? null,
    workMs: kept?.schedule.workMs ?? null,
    wallMs: kept?.schedule.wallMs ?? null,
    canRunAgain,
  };
}

function unknownTx(id: TxId | string): CodedError {
  return new CodedError(
    'EXPLAIN_UNKNOWN_TX',
    `transaction ${id} is neither in a block nor in the pool of this node`,
    { id },
  );
}
