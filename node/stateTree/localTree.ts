/** The state tree on the calling thread: the main one, or one of its own (`treeWorker.ts`). */
import type { SparseProof } from '../../primitives/merkle/sparse.ts';
import type { BlockHeight } from '../../primitives/types.ts';
import { openDiskEngine } from '../../state/engine/disk.ts';
import { openMemoryEngine } from '../../state/engine/memory.ts';
import { type BlockRoots, StateTree, stepsOf, type TreeGenesis } from '../../state/stateTree.ts';
import type { Step } from '../../tx/stateSteps.ts';
import type { TreeName } from '../../tx/stateSubject.ts';
import type { SourcedBlock } from './blocks.ts';

/** A tree, wherever it is. */
export type TreeHost = {
  /** Newest block that is in; null: none. */
  readonly tip: BlockHeight | null;
  /** Time that the tree has taken so far. Unit: ms. */
  readonly workMs: number;
  /** Blocks that may be given to it before the first of them is in. */
  readonly queueMax: number;
  begin(genesis: TreeGenesis): Promise<BlockRoots>;
  /** The block behind the last that was given; they are taken in one after the other. */
  take(block: SourcedBlock): Promise<BlockRoots>;
  /** null: not in, or from before the tree began. */
  rootsAt(height: BlockHeight): Promise<BlockRoots | null>;
  /** Steps of a block that is in, made again. @throws CodedError STATE_TREE_… */
  steps(block: SourcedBlock): Promise<readonly Step[]>;
  /** @throws CodedError STATE_TREE_PRUNED, STATE_TREE_UNKNOWN_BLOCK */
  prove(height: BlockHeight, tree: TreeName, key: Uint8Array): Promise<SparseProof>;
  close(): Promise<void>;
};

export type StateTreeSettings = {
  /** Blocks back for which proofs and steps are to be had. */
  readonly historyBlocks: number;
  /** Whether it gets a thread of its own; left out: when the node has threads at all. */
  readonly thread?: boolean;
};

class LocalTree implements TreeHost {
  readonly #tree: StateTree;
  readonly queueMax = 1;
  #workMs = 0;
  #turnMs = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(make: (turn: () => Promise<void>) => StateTree) {
    this.#tree = make(() => this.#turn());
  }

  get tip(): BlockHeight | null {
    return this.#tree.tip;
  }

  get workMs(): number {
    return this.#workMs;
  }

  begin(genesis: TreeGenesis): Promise<BlockRoots> {
    return this.#next(() => this.#tree.begin(genesis));
  }

  take(block: SourcedBlock): Promise<BlockRoots> {
    return this.#next(() => this.#tree.take(block));
  }

  async rootsAt(height: BlockHeight): Promise<BlockRoots | null> {
    return this.#tree.rootsAt(height);
  }

  async steps(block: SourcedBlock): Promise<readonly Step[]> {
    return [...stepsOf(this.#tree.utxosAt(block.height - 1), block)];
  }

  async prove(height: BlockHeight, tree: TreeName, key: Uint8Array): Promise<SparseProof> {
    return this.#tree.prove(height, tree, key);
  }

  async close(): Promise<void> {
    await this.#last.catch(() => {});
    await this.#tree.close();
  }

  /** Behind what was asked before. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(async () => {
      this.#turnMs = performance.now();
      const result = await work();
      this.#workMs += performance.now() - this.#turnMs;
      await new Promise((resolve) => setImmediate(resolve));
      return result;
    });
    this.#last = done;
    return done;
  }

  /** The event loop is left alone for a moment; the time until then was work. */
  async #turn(): Promise<void> {
    this.#workMs += performance.now() - this.#turnMs;
    await new Promise((resolve) => setImmediate(resolve));
    this.#turnMs = performance.now();
  }
}

/**
 * @param path directory; null: in memory
 * @throws CodedError STATE_…, STATE_TREE_CORRUPT
 */
export async function openLocalTree(
  path: string | null,
  { historyBlocks }: StateTreeSettings,
): Promise<TreeHost> {
  const engine = path === null ? openMemoryEngine(() => 1) : await openDiskEngine(path);
  try {
    return new LocalTree((turn) => new StateTree(engine, { historyBlocks, turn }));
  } catch (error) {
    await engine.close();
    throw error;
  }
}
