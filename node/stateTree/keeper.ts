/**
 * Keeps the state tree at the chain's heels: behind the commit, in turns with everything else. A
 * tree that was left behind, or is not there, catches up from the chain store.
 */
import type { SealedBlock } from '../../executor/ports.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { SparseProof } from '../../primitives/merkle/sparse.ts';
import type { AssetId, BlockHeight } from '../../primitives/types.ts';
import { openDiskEngine } from '../../state/engine/disk.ts';
import { openMemoryEngine } from '../../state/engine/memory.ts';
import { type BlockRoots, StateTree, stepsOf, type TreeName } from '../../state/stateTree.ts';
import type { ChainStore } from '../../state/types.ts';
import type { Step } from '../../tx/stateSteps.ts';
import type { Log } from '../log.ts';
import { freshTreeBlock, storedTreeBlock, treeGenesis } from './blocks.ts';

/** Freshly executed blocks that wait in memory; others are read from the store. */
const FRESH_BLOCKS_MAX = 64;
const PROGRESS_EVERY_MS = 5_000;
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
  rootsAt(height: BlockHeight): BlockRoots | null;
  /** Steps of a block, made again. @throws CodedError STATE_TREE_… */
  stepsAt(height: BlockHeight): readonly Step[];
  /** @throws CodedError STATE_TREE_PRUNED, STATE_TREE_UNKNOWN_BLOCK */
  prove(height: BlockHeight, tree: TreeName, key: Uint8Array): SparseProof;
};

export type StateTreeDeps = {
  readonly store: ChainStore;
  readonly genesis: SealedBlock;
  readonly log: Log;
  readonly nowMs: () => number;
};

export class StateTreeKeeper implements StateTreeService {
  readonly #deps: StateTreeDeps;
  readonly #tree: StateTree;
  readonly #fresh: Map<BlockHeight, SealedBlock> = new Map();
  #running: Promise<void> | null = null;
  #isStopped = false;
  #wake: () => void = () => {};
  #failure: string | null = null;
  #workMs = 0;
  #blocks = 0;
  #turnMs = 0;

  constructor(tree: (turn: () => Promise<void>) => StateTree, deps: StateTreeDeps) {
    this.#deps = deps;
    this.#tree = tree(() => this.#turn());
    this.#checkChain();
  }

  #checkChain(): void {
    const { store } = this.#deps;
    const { tip } = this.#tree;
    if (tip === null || this.#tree.rootsAt(tip)?.blockId === store.blockId(tip)) return;
    throw new CodedError(
      'STATE_TREE_FOREIGN',
      'the directory "state-tree" belongs to another chain: remove it, it is made again',
    );
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
    const height = this.#tree.tip;
    const { latest } = this.#deps.store;
    const lag = latest.height - (height ?? this.#deps.genesis.header.height - 1);
    const [workMs, blocks, failure] = [this.#workMs, this.#blocks, this.#failure];
    return { height, lag, workMs, blocks, failure };
  }

  rootsAt(height: BlockHeight): BlockRoots | null {
    return this.#tree.rootsAt(height);
  }

  stepsAt(height: BlockHeight): readonly Step[] {
    const block = storedTreeBlock(this.#deps.store, height, this.#baseAsset(height));
    return [...stepsOf(this.#tree.utxosAt(height - 1), block)];
  }

  prove(height: BlockHeight, tree: TreeName, key: Uint8Array): SparseProof {
    return this.#tree.prove(height, tree, key);
  }

  async close(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    await this.#running;
    await this.#tree.close();
  }

  async #run(): Promise<void> {
    try {
      if (this.#tree.tip === null) await this.#begin();
      await this.#follow();
    } catch (reason) {
      if (this.#isStopped) return;
      this.#failure = reason instanceof Error ? reason.message : String(reason);
      this.#deps.log.error(`The state tree stopped: ${this.#failure}`);
    }
  }

  async #begin(): Promise<void> {
    const { genesis } = this.#deps;
    const baseAsset = this.#baseAsset(genesis.header.height);
    await this.#tree.begin(treeGenesis(genesis, baseAsset));
  }

  async #follow(): Promise<void> {
    const { store, log, nowMs } = this.#deps;
    let toldMs = nowMs();
    while (!this.#isStopped) {
      const next = this.#tree.tip! + 1;
      if (next > store.latest.height) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      await this.#take(next);
      const { lag } = this.progress();
      if (lag < TOLD_LAG_BLOCKS || nowMs() - toldMs < PROGRESS_EVERY_MS) continue;
      toldMs = nowMs();
      log.info(`State tree: block ${next} of ${store.latest.height}`);
    }
  }

  async #take(height: BlockHeight): Promise<void> {
    const baseAsset = this.#baseAsset(height);
    const sealed = this.#fresh.get(height);
    this.#fresh.delete(height);
    this.#turnMs = performance.now();
    const block =
      sealed === undefined
        ? storedTreeBlock(this.#deps.store, height, baseAsset)
        : freshTreeBlock(sealed, baseAsset);
    await this.#tree.take(block);
    this.#workMs += performance.now() - this.#turnMs;
    this.#blocks += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** The event loop is left alone for a moment; the time until then was work. */
  async #turn(): Promise<void> {
    this.#workMs += performance.now() - this.#turnMs;
    await new Promise((resolve) => setImmediate(resolve));
    this.#turnMs = performance.now();
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

export type StateTreeSettings = {
  /** Blocks back for which proofs and steps are to be had. */
  readonly historyBlocks: number;
};

/**
 * @param path directory; null: in memory
 * @throws CodedError STATE_…, STATE_TREE_CORRUPT, STATE_TREE_FOREIGN
 */
export async function openStateTree(
  path: string | null,
  settings: StateTreeSettings,
  deps: StateTreeDeps,
): Promise<StateTreeKeeper> {
  const engine = path === null ? openMemoryEngine(() => 1) : await openDiskEngine(path);
  try {
    return new StateTreeKeeper((turn) => new StateTree(engine, { ...settings, turn }), deps);
  } catch (error) {
    await engine.close();
    throw error;
  }
}
