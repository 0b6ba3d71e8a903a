/** Commits this node's blocks to Fuel's contract on Ethereum, in the background. */
import type { BlockHeight } from '../primitives/types.ts';
import {
  Committer,
  type CommitterProgress,
  connectRpc,
  openChainState,
  openL1Reader,
  openL1Sender,
  TxLane,
} from '../settlement/index.ts';
import type { ChainStore } from '../state/types.ts';
import { openCommitterJournal } from './committerJournal.ts';
import type { NodeConfig } from './config.ts';
import type { Log } from './log.ts';
import { committerPath } from './paths.ts';

export type NodeCommitter = {
  start(): void;
  /** A block was committed here; looks at once whether it is due. */
  reached(height: BlockHeight): void;
  /** null: no committer. */
  progress(): CommitterProgress | null;
  close(): Promise<void>;
};

const NO_COMMITTER: NodeCommitter = {
  start: () => {},
  reached: () => {},
  progress: () => null,
  close: async () => {},
};

export type NodeCommitterDeps = {
  readonly config: NodeConfig;
  readonly store: ChainStore;
  readonly log: Log;
  readonly nowMs: () => number;
};

/** Nothing is asked of Ethereum before `start`. @throws CodedError COMMITTER_JOURNAL_CORRUPT */
export async function openCommitter(deps: NodeCommitterDeps): Promise<NodeCommitter> {
  const { config, store, log, nowMs } = deps;
  const settings = config.committer;
  if (settings === null) return NO_COMMITTER;
  const path = config.dbPath === null ? null : committerPath(config.dbPath);
  const journal = await openCommitterJournal(path);

  const build = async (): Promise<Committer> => {
    const rpc = await connectRpc(settings.url);
    const reader = await openL1Reader({ urls: [settings.url] });
    const chain = await openL1Sender(rpc, reader, settings.secret);
    const contract = await openChainState(rpc, settings.chainState, chain.sender);
    return new Committer({
      contract,
      lane: new TxLane(settings, { chain, journal, log, nowMs }),
      log,
      latestHeight: () => store.latest.height,
      blockId: (height) => store.blockId(height),
    });
  };
  return new CommitterLoop(settings.pollMs, log, build, () => journal.close());
}

class CommitterLoop implements NodeCommitter {
  private readonly pollMs: number;
  private readonly log: Log;
  private readonly build: () => Promise<Committer>;
  private readonly release: () => Promise<void>;
  private committer: Committer | null = null;
  private running: Promise<void> | null = null;
  private isStopped = false;
  private wake: () => void = () => {};
  private failure: string | null = null;

  constructor(
    pollMs: number,
    log: Log,
    build: () => Promise<Committer>,
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
    return this.committer?.progress() ?? { committed: null, pending: null, obstacle: this.failure };
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
