/**
 * What follows the chain on its way to Ethereum: the state tree, and the committer of blocks to a
 * contract there. Both in the background.
 */

import type { SealedBlock } from '../executor/ports.ts';
import { assert } from '../primitives/errors.ts';
import type { BlockHeight } from '../primitives/types.ts';
import {
  BatchCommitter,
  Committer,
  type CommitterProgress,
  connectRpc,
  type LaneJournal,
  openChainState,
  openL1Reader,
  openL1Sender,
  openSettlement,
  TxLane,
} from '../settlement/index.ts';
import type { ChainStore } from '../state/types.ts';
import { openCommitterJournal } from './committerJournal.ts';
import type { NodeConfig } from './config.ts';
import type { Log } from './log.ts';
import { committerPath, stateTreePath } from './paths.ts';
import type { NodeRelayer } from './relayer.ts';
import type { NodeServices } from './services.ts';
import { openSettlementView } from './settlementView.ts';
import { openStateTree, type StateTreeKeeper } from './stateTree/keeper.ts';
import type { StateTreeSettings } from './stateTree/localTree.ts';

export type NodeCommitter = {
  start(): void;
  /** A block was committed here; looks at once whether it is due. */
  reached(block: SealedBlock): void;
  /** What the API shows of it. */
  readonly services: Pick<NodeServices, 'stateTree' | 'settlement'>;
  /** null: no committer. */
  progress(): CommitterProgress | null;
  close(): Promise<void>;
};

type Commits = {
  start(): void;
  reached(height: BlockHeight): void;
  progress(): CommitterProgress | null;
  close(): Promise<void>;
};

const NO_COMMITS: Commits = {
  start: () => {},
  reached: () => {},
  progress: () => null,
  close: async () => {},
};

/** Blocks back for which a tree has proofs, unless said otherwise. */
export const STATE_TREE_HISTORY_BLOCKS = 10_000;

/** How the node keeps a state tree; null: it does not. Batches need one. */
export function stateTreeOf(config: NodeConfig): StateTreeSettings | null {
  // Development controls change the state without a block.
  if (config.dev) return null;
  if (config.stateTree != null) return config.stateTree;
  return config.rollup === null ? null : { historyBlocks: STATE_TREE_HISTORY_BLOCKS };
}

export type NodeCommitterDeps = {
  readonly config: NodeConfig;
  readonly store: ChainStore;
  readonly log: Log;
  readonly nowMs: () => number;
  readonly relayer: Pick<NodeRelayer, 'countUpTo' | 'events' | 'progress'>;
  readonly genesis: SealedBlock;
};

/** What runs in the loop: one of the two committers. */
type Policy = {
  step(): Promise<void>;
  progress(): CommitterProgress;
  interval(): number | null;
};

/**
 * Nothing is asked of Ethereum before `start`.
 * @throws CodedError COMMITTER_JOURNAL_CORRUPT, STATE_…, STATE_TREE_…
 */
export async function openCommitter(deps: NodeCommitterDeps): Promise<NodeCommitter> {
  const { config } = deps;
  const settings = stateTreeOf(config);
  const path = config.dbPath === null ? null : stateTreePath(config.dbPath);
  const hasThread = settings?.thread ?? config.workerCount !== 0;
  const thread = hasThread ? new URL('./stateTree/treeWorker.js', import.meta.url) : null;
  const tree = settings === null ? null : await openStateTree(path, settings, thread, deps);
  const commits = await openCommits(deps, tree);
  const progress = (): CommitterProgress | null => {
    const known = commits.progress();
    const failure = tree?.progress().failure ?? null;
    return known === null || failure === null ? known : { ...known, obstacle: failure };
  };
  const settlement = openSettlementView({ ...deps, committer: progress });
  return {
    services: tree === null ? { settlement } : { stateTree: tree, settlement },
    progress,
    start() {
      tree?.start();
      commits.start();
    },
    reached(block) {
      tree?.reached(block);
      commits.reached(block.header.height);
    },
    async close() {
      await commits.close();
      await tree?.close();
    },
  };
}

async function openCommits(
  deps: NodeCommitterDeps,
  tree: StateTreeKeeper | null,
): Promise<Commits> {
  const { config, log } = deps;
  const settings = config.committer ?? config.rollup;
  if (settings === null) return NO_COMMITS;
  const path = config.dbPath === null ? null : committerPath(config.dbPath);
  const journal = await openCommitterJournal(path);
  const build = (): Promise<Policy> =>
    config.committer === null ? buildRollup(deps, tree, journal) : buildCommitter(deps, journal);
  return new CommitterLoop(settings.pollMs, log, build, () => journal.close());
}

async function buildCommitter(deps: NodeCommitterDeps, journal: LaneJournal): Promise<Policy> {
  const { store, log, nowMs } = deps;
  const settings = deps.config.committer!;
  const rpc = await connectRpc(settings.url);
  const reader = await openL1Reader({ urls: [settings.url] });
  const chain = await openL1Sender(rpc, reader, settings.secret);
  return new Committer({
    contract: await openChainState(rpc, settings.chainState, chain.sender),
    lane: new TxLane(settings, { chain, journal, log, nowMs }),
    log,
    latestHeight: () => store.latest.height,
    blockId: (height) => store.blockId(height),
  });
}

async function buildRollup(
  deps: NodeCommitterDeps,
  tree: StateTreeKeeper | null,
  journal: LaneJournal,
): Promise<Policy> {
  const { store, log, nowMs, relayer } = deps;
  const settings = deps.config.rollup!;
  const rpc = await connectRpc(settings.url);
  const reader = await openL1Reader({ urls: [settings.url] });
  const chain = await openL1Sender(rpc, reader, settings.secret);
  return new BatchCommitter(settings, {
    contract: await openSettlement(rpc, settings.settlement, chain.sender),
    lane: new TxLane(settings, { chain, journal, log, nowMs }),
    log,
    nowMs,
    // A block is committed once its roots are made.
    latestHeight: () => tree?.progress().height ?? -1,
    blockId: (height) => store.blockId(height),
    async blockAt(height) {
      const block = store.block(height);
      const roots = (await tree?.rootsAt(height)) ?? null;
      const transactions = store.blockTransactionBytes(height);
      assert(block !== null && roots !== null && transactions !== null, 'the block is stored');
      const inboxCount = await relayer.countUpTo(block.header.daHeight);
      const { stateRoot, stepRoot } = roots;
      return { header: block.header, stateRoot, stepRoot, inboxCount, transactions };
    },
  });
}

class CommitterLoop implements Commits {
  private readonly pollMs: number;
  private readonly log: Log;
  private readonly build: () => Promise<Policy>;
  private readonly release: () => Promise<void>;
  private committer: Policy | null = null;
  private running: Promise<void> | null = null;
  private isStopped = false;
  private wake: () => void = () => {};
  private failure: string | null = null;

  constructor(
    pollMs: number,
    log: Log,
    build: () => Promise<Policy>,
    release: () => Promise<void>,
  ) {
    this.pollMs = pollMs;
    this.log = log;
    this.build = build;
    this.release = release;
  }

  start(): void {
    this.running ??= this.loop();
  }

  reached(height: BlockHeight): void {
    const interval = this.committer?.interval() ?? 0;
    if (interval > 0 && height % interval === 0) this.wake();
  }

  progress(): CommitterProgress | null {
    const known = this.committer?.progress() ?? { committed: null, pending: null, obstacle: null };
    return { ...known, obstacle: this.failure ?? known.obstacle };
  }

  async close(): Promise<void> {
    this.isStopped = true;
    this.wake();
    await this.running;
    await this.release();
  }

  private async loop(): Promise<void> {
    while (!this.isStopped) {
      try {
        this.committer ??= await this.build();
        await this.committer.step();
        if (this.failure !== null) this.log.info('Ethereum takes commits again');
        this.failure = null;
      } catch (reason) {
        const text = reason instanceof Error ? reason.message : String(reason);
        if (text !== this.failure)
          this.log.error(`Committing to Ethereum failed, trying again: ${text}`);
        this.failure = text;
      }
      await this.pause();
    }
  }

  private async pause(): Promise<void> {
    if (this.isStopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.pollMs);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
