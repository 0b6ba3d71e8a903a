/**
 * Keeps the state tree at the chain's heels: behind the commit, in a thread of its own or in turns
 * with everything else. A tree that was left behind, or is not there, catches up from the chain
 * store.
 */
import type { SealedBlock } from '../../executor/ports.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { SparseProof } from '../../primitives/merkle/sparse.ts';
import type { AssetId, BlockHeight } from '../../primitives/types.ts';
import type { BlockRoots } from '../../state/stateTree.ts';
import type { ChainStore } from '../../state/types.ts';
import type { Step } from '../../tx/stateSteps.ts';
import type { TreeName } from '../../tx/stateSubject.ts';
import type { Log } from '../log.ts';
import { blocksLine } from '../progress.ts';
import { freshTreeBlock, storedTreeBlock, treeGenesis } from './blocks.ts';
import { openLocalTree, type StateTreeSettings, type TreeHost } from './localTree.ts';
import { hasDied, openThreadTree } from './threadTree.ts';

/** Freshly executed blocks that wait in memory; others are read from the store. */
const FRESH_BLOCKS_MAX = 64;
const PROGRESS_EVERY_MS = 5_000;
/** Threads of the tree that may die before it stops. */
export const TREE_THREAD_DEATHS_MAX = 3;
/** A tree that is further behind says how it gets on. */
const TOLD_LAG_BLOCKS = 100;

export type StateTreeProgress = {
  /** Newest block that is in; null: none. */
  readonly height: BlockHeight | null;
  /** Blocks of the chain that are not in yet. */
  readonly lag: number;
  /** Work on the tree so far. Unit: ms. */
  readonly workMs: number;
  readonly blocks: number;
  /** Why it does not go on; null: it does. */
  readonly failure: string | null;
};

export type StateTreeService = {
  progress(): StateTreeProgress;
  /** null: not in yet, or from before the tree began. */
  rootsAt(height: BlockHeight): Promise<BlockRoots | null>;
  /** Steps of a block, made again. @throws CodedError STATE_TREE_… */
  stepsAt(height: BlockHeight): Promise<readonly Step[]>;
  /** @throws CodedError STATE_TREE_PRUNED, STATE_TREE_UNKNOWN_BLOCK */
  prove(height: BlockHeight, tree: TreeName, key: Uint8Array): Promise<SparseProof>;
};

export type StateTreeDeps = {
  readonly store: ChainStore;
  readonly genesis: SealedBlock;
  readonly log: Log;
  readonly nowMs: () => number;
};

export class StateTreeKeeper implements StateTreeService {
  readonly #deps: StateTreeDeps;
  readonly #open: () => Promise<TreeHost>;
  #tree: TreeHost;
  readonly #fresh: Map<BlockHeight, SealedBlock> = new Map();
  #running: Promise<void> | null = null;
  #isStopped = false;
  #wake: () => void = () => {};
  #failure: string | null = null;
  /** Of trees whose threads have died. Unit: ms. */
  #workMs = 0;
  #blocks = 0;
  #deaths = 0;

  private constructor(open: () => Promise<TreeHost>, tree: TreeHost, deps: StateTreeDeps) {
    this.#open = open;
    this.#deps = deps;
    this.#tree = tree;
  }

  /** @throws CodedError STATE_…, STATE_TREE_CORRUPT, STATE_TREE_FOREIGN */
  static async open(open: () => Promise<TreeHost>, deps: StateTreeDeps): Promise<StateTreeKeeper> {
    const tree = await open();
    try {
      await checkChain(tree, deps.store);
      return new StateTreeKeeper(open, tree, deps);
    } catch (error) {
      await tree.close();
      throw error;
    }
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** A block was committed. */
  reached(block: SealedBlock): void {
    this.#fresh.set(block.header.height, block);
    this.#fresh.delete(block.header.height - FRESH_BLOCKS_MAX);
    this.#wake();
  }

  progress(): StateTreeProgress {
    const { tip: height } = this.#tree;
    const { latest } = this.#deps.store;
    const lag = latest.height - (height ?? this.#deps.genesis.header.height - 1);
    const workMs = this.#workMs + this.#tree.workMs;
    return { height, lag, workMs, blocks: this.#blocks, failure: this.#failure };
  }

  rootsAt(height: BlockHeight): Promise<BlockRoots | null> {
    return this.#tree.rootsAt(height);
  }

  async stepsAt(height: BlockHeight): Promise<readonly Step[]> {
    const block = storedTreeBlock(this.#deps.store, height, this.#baseAsset(height));
    return await this.#tree.steps(block);
  }

  prove(height: BlockHeight, tree: TreeName, key: Uint8Array): Promise<SparseProof> {
    return this.#tree.prove(height, tree, key);
  }

  async close(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    await this.#running;
    await this.#tree.close();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        if (this.#tree.tip === null) await this.#begin();
        await this.#follow();
      } catch (reason) {
        if (this.#isStopped || (await this.#revived(reason))) continue;
        this.#failure = reason instanceof Error ? reason.message : String(reason);
        this.#deps.log.error(`The state tree stopped: ${this.#failure}`);
        return;
      }
    }
  }

  /** What was written is whole: a tree whose thread has died goes on in another one. */
  async #revived(reason: unknown): Promise<boolean> {
    if (!hasDied(reason) || this.#deaths >= TREE_THREAD_DEATHS_MAX) return false;
    this.#deaths += 1;
    this.#deps.log.warn(`The state tree starts again: ${(reason as Error).message}`);
    this.#workMs += this.#tree.workMs;
    await this.#tree.close();
    this.#tree = await this.#open();
    return true;
  }

  async #begin(): Promise<void> {
    const { genesis } = this.#deps;
    const baseAsset = this.#baseAsset(genesis.header.height);
    await this.#tree.begin(treeGenesis(genesis, baseAsset));
  }

  /** Gives block after block; as many as the tree's queue holds are not in yet. */
  async #follow(): Promise<void> {
    const { store, log, nowMs } = this.#deps;
    const queue: Promise<void>[] = [];
    let told = { atMs: nowMs(), height: this.#tree.tip! };
    let next = told.height + 1;
    while (!this.#isStopped) {
      if (next > store.latest.height) {
        const woken = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        await Promise.all(queue.splice(0));
        if (next > store.latest.height && !this.#isStopped) await woken;
        continue;
      }
      if (queue.length >= this.#tree.queueMax) await queue.shift();
      const taken = this.#take(next);
      // It is waited for later: until then nobody else hears of a failure.
      taken.catch(() => {});
      queue.push(taken);
      next += 1;
      const ms = nowMs() - told.atMs;
      if (ms < PROGRESS_EVERY_MS) continue;
      const height = this.#tree.tip!;
      if (this.progress().lag >= TOLD_LAG_BLOCKS) {
        log.info(`State tree: ${blocksLine(height, store.latest.height, told.height, ms)}`);
      }
      told = { atMs: nowMs(), height };
    }
    await Promise.all(queue);
  }

  async #take(height: BlockHeight): Promise<void> {
    const baseAsset = this.#baseAsset(height);
    const sealed = this.#fresh.get(height);
    this.#fresh.delete(height);
    const block =
      sealed === undefined
        ? storedTreeBlock(this.#deps.store, height, baseAsset)
        : freshTreeBlock(sealed, baseAsset);
    await this.#tree.take(block);
    this.#blocks += 1;
  }

  #baseAsset(height: BlockHeight): AssetId {
    const { store } = this.#deps;
    const version = store.block(height)?.header.consensusParametersVersion;
    const params = store.consensusParameters(version ?? 0);
    if (params === null) {
      throw new CodedError('BLOCK_NOT_FOUND', `the chain has no block ${height} yet`, { height });
    }
    return params.baseAssetId;
  }
}

async function checkChain(tree: TreeHost, store: ChainStore): Promise<void> {
  const { tip } = tree;
  if (tip === null || (await tree.rootsAt(tip))?.blockId === store.blockId(tip)) return;
  throw new CodedError(
    'STATE_TREE_FOREIGN',
    'the directory "state-tree" belongs to another chain: remove it, it is made again',
  );
}

/**
 * @param path directory; null: in memory
 * @param workerUrl null: on the calling thread
 * @throws CodedError STATE_…, STATE_TREE_CORRUPT, STATE_TREE_FOREIGN
 */
export async function openStateTree(
  path: string | null,
  settings: StateTreeSettings,
  workerUrl: URL | null,
  deps: StateTreeDeps,
): Promise<StateTreeKeeper> {
  const open = (): Promise<TreeHost> =>
    workerUrl === null ? openLocalTree(path, settings) : openThreadTree(workerUrl, path, settings);
  return await StateTreeKeeper.open(open, deps);
}
