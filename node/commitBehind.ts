/**
 * Blocks become durable behind the one that is being executed, one at a time.
 *
 * What is built on is the newest sealed block; what anybody hears of is the newest durable one. A
 * block that cannot be written takes with it what was built on it, and no other is made: the disk
 * has to be looked at first.
 */
import type { BlockEnv, SealedBlock, StateView } from '../executor/ports.ts';
import type { RelayedEvent } from '../executor/relayed.ts';
import { CodedError } from '../primitives/errors.ts';
import type { B256, TxId } from '../primitives/types.ts';
import type { ChainStore } from '../state/types.ts';
import type { BlockHeader } from '../tx/block.ts';
import type { BlockHistory } from './explain/history.ts';
import type { StageClock } from './stages.ts';

/** Blocks that may be on their way to the disk while the next one is executed. */
export const BLOCKS_BEHIND_MAX = 1;

/** What the next block is built on. */
export type Tip = {
  readonly header: BlockHeader;
  /** Root over all block ids up to `header`. */
  readonly blocksRoot: B256;
  readonly view: StateView;
};

/** A block to be committed, and what goes with it. */
export type MadeBlock = {
  readonly sealed: SealedBlock;
  readonly env: BlockEnv;
  readonly events: readonly RelayedEvent[];
  /** Transactions that were taken from the pool for it. */
  readonly taken: readonly TxId[];
};

export type CommitBehindDeps = {
  readonly store: ChainStore;
  readonly history: Pick<BlockHistory, 'remember'>;
  readonly stages: StageClock;
  /** The block is readable: tells everybody. The next commit waits for it. */
  readonly onDurable: (made: MadeBlock) => Promise<void>;
  /** The block was not written and never will be; called once. */
  readonly onFailed: (made: MadeBlock, error: CodedError) => void;
};

export class CommitBehind {
  readonly #deps: CommitBehindDeps;
  #staged: Tip | null = null;
  #settled: Promise<void> = Promise.resolve();
  #fault: CodedError | null = null;

  constructor(deps: CommitBehindDeps) {
    this.#deps = deps;
  }

  /** Why no more blocks are made; null: they are. */
  get fault(): CodedError | null {
    return this.#fault;
  }

  /** Blocks that are sealed and not durable, at most {@link BLOCKS_BEHIND_MAX}. */
  get length(): number {
    return this.#staged === null ? 0 : 1;
  }

  /** The newest block, durable or not. */
  get tip(): Tip {
    if (this.#staged !== null) return this.#staged;
    const { store } = this.#deps;
    const header = store.latest;
    return { header, blocksRoot: store.blocksRoot(header.height), view: store };
  }

  /**
   * Begins to write a block; call when the one before is settled. Resolves at once, the block is
   * the tip then.
   * @throws what the store asserts: then nothing was written, and the tip is what it was
   */
  stage(made: MadeBlock): void {
    const { history, stages, store } = this.#deps;
    const { env, events, sealed } = made;
    const settle = history.remember(sealed, env, events);
    let staged: ReturnType<ChainStore['stageBlock']>;
    try {
      staged = stages.time('commit', () => store.stageBlock(sealed));
    } catch (error) {
      settle(false);
      throw error;
    }
    this.#staged = staged;
    const written = stages.timeAsync('write', () => staged.durable);
    this.#settled = written.then(
      () => {
        settle(true);
        this.#staged = null;
        return this.#deps.onDurable(made);
      },
      (cause: unknown) => {
        settle(false);
        this.#staged = null;
        this.#fault = writeFailed(sealed.header.height, cause);
        this.#deps.onFailed(made, this.#fault);
        throw this.#fault;
      },
    );
    // Whoever waits hears of it; the process does not end when nobody does.
    this.#settled.catch(() => {});
  }

  /**
   * Resolves when every staged block is durable and announced.
   * @throws CodedError BLOCK_WRITE_FAILED
   */
  async settled(): Promise<void> {
    const settled = this.#settled;
    try {
      await settled;
    } catch (error) {
      // What went wrong after the block was durable is told once.
      if (this.#fault === null && this.#settled === settled) this.#settled = Promise.resolve();
      throw error;
    }
  }
}

function writeFailed(height: number, cause: unknown): CodedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CodedError(
    'BLOCK_WRITE_FAILED',
    `block ${height} could not be written and is dropped, and this node makes no more blocks: ` +
      `${why}. Put that right, then start the node again: it goes on from block ${height - 1}`,
    { height },
    cause,
  );
}
