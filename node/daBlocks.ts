/** The node's blocks on their way to the data-availability layer, in the background. */
import type { DaInboxEvent } from '../da/block.ts';
import type { BlockToWrite } from '../da/compact/encode.ts';
import { EFFORT_BEST, EFFORT_FAST } from '../da/compact/streams.ts';
import type { FrameNote } from '../da/journal.ts';
import { memoryJournal } from '../da/journal.ts';
import type { DataAvailability } from '../da/ports.ts';
import { Poster } from '../da/post.ts';
import type { BlockStage, PosterStatus } from '../da/poster.ts';
import type { SealedBlock } from '../executor/ports.ts';
import { hexToBytes } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import { addressOfSecret } from '../primitives/secp256k1.ts';
import type { BlockHeight } from '../primitives/types.ts';
import type { ConsensusConfig } from '../state/chainConfig.ts';
import type { ChainStore } from '../state/types.ts';
import type { NodeConfig } from './config.ts';
import { threadedFrames } from './daFrames.ts';
import { blocksBelow, daBlockOf, storeHistory } from './daHistory.ts';
import type { InboxReader } from './daInbox.ts';
import { openDaJournal } from './daJournal.ts';
import { daAuthorities, openDaLayer } from './daLayers.ts';
import type { Log } from './log.ts';
import { daJournalPath } from './paths.ts';

/** Blocks that are kept at hand until they are posted; older ones are read again. Unit: bytes. */
export const DA_KEPT_BYTES_MAX: number = 32 * 1024 * 1024;
/** Longest pause of the poster: a stop or a new block ends it. */
const PAUSE_MS_MAX = 60_000;

export type DaBlockReport = {
  readonly stage: BlockStage;
  /** The frame that carries it; null while it is sealed only, or long final. */
  readonly frame: FrameNote | null;
};

/** What the API says of posting. */
export interface DaService {
  /** null: nothing is posted, or it is not known yet where posting stands. */
  status(): PosterStatus | null;
  /** null: as above. */
  block(height: BlockHeight): DaBlockReport | null;
}

export type NodeDa = DaService & {
  /** Looks where the layer stands and posts what it lacks; does not hold up the start. */
  start(): void;
  /** A block was committed; waits only when the backlog is full. */
  reached(block: SealedBlock, inbox: readonly DaInboxEvent[]): Promise<void>;
  /** Lets go who waits for room: the node is stopping. */
  release(): void;
  /** On a layer of this machine everything committed is there afterwards, unless it fails. */
  close(): Promise<void>;
};

export type NodeDaDeps = {
  readonly config: NodeConfig;
  readonly store: ChainStore;
  readonly log: Log;
  readonly nowMs: () => number;
  readonly chainId: bigint;
  readonly consensus: ConsensusConfig;
  readonly firstHeight: BlockHeight;
  /** What a block took in from the settlement layer, read again. */
  readonly inboxOf: (height: BlockHeight) => Promise<readonly DaInboxEvent[]>;
  /** What Ethereum says of the heights after one up to another; null: it is not followed. */
  readonly ethereum: InboxReader | null;
};

export const NO_DA: NodeDa = {
  start: () => {},
  reached: async () => {},
  release: () => {},
  status: () => null,
  block: () => null,
  close: async () => {},
};

/** Blocks in the memory of this process, the oldest dropped first. */
class KeptBlocks {
  readonly #blocks: Map<BlockHeight, { made: BlockToWrite; bytes: number }> = new Map();
  #bytes = 0;

  keep(height: BlockHeight, made: BlockToWrite, bytes: number): void {
    this.#blocks.set(height, { made, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#blocks.keys()) {
      if (this.#bytes <= DA_KEPT_BYTES_MAX) return;
      this.drop(oldest);
    }
  }

  get(height: BlockHeight): BlockToWrite | null {
    return this.#blocks.get(height)?.made ?? null;
  }

  /** Those that are in a frame are not asked for again. */
  dropUpTo(height: BlockHeight): void {
    for (const kept of this.#blocks.keys()) {
      if (kept > height) return;
      this.drop(kept);
    }
  }

  drop(height: BlockHeight): void {
    this.#bytes -= this.#blocks.get(height)?.bytes ?? 0;
    this.#blocks.delete(height);
  }
}

class PostingDa implements NodeDa {
  readonly #deps: NodeDaDeps;
  readonly #layer: DataAvailability;
  readonly #poster: Poster;
  readonly #closeJournal: () => Promise<void>;
  readonly #kept: KeptBlocks;
  readonly #stopping: AbortController = new AbortController();
  readonly #releasing: AbortController = new AbortController();
  #running: Promise<void> | null = null;
  #isResumed = false;
  #wake: () => void = () => {};

  constructor(
    deps: NodeDaDeps,
    made: { layer: DataAvailability; poster: Poster; close: () => Promise<void>; kept: KeptBlocks },
  ) {
    this.#deps = deps;
    this.#layer = made.layer;
    this.#poster = made.poster;
    this.#closeJournal = made.close;
    this.#kept = made.kept;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  status(): PosterStatus | null {
    return this.#isResumed ? this.#poster.status() : null;
  }

  block(height: BlockHeight): DaBlockReport | null {
    if (!this.#isResumed || height > this.#deps.store.latest.height) return null;
    const { stage, note } = this.#poster.blockStage(height);
    return { stage, frame: note };
  }

  async reached(sealed: SealedBlock, inbox: readonly DaInboxEvent[]): Promise<void> {
    const { height } = sealed.header;
    const transactions = sealed.transactions.map(({ raw }) => raw);
    const bytes = transactions.reduce((sum, raw) => sum + raw.length, 0);
    const block = { header: sealed.header, consensus: sealed.consensus, transactions, inbox };
    const ids = sealed.transactions.map(({ id }) => id);
    this.#kept.keep(height, { block, ids }, bytes);
    if (!this.#isResumed) return;
    this.#poster.sealed(height, bytes);
    this.#wake();
    await this.#poster.room(this.#releasing.signal);
  }

  release(): void {
    this.#releasing.abort();
  }

  async #run(): Promise<void> {
    const { log, store } = this.#deps;
    const { signal } = this.#stopping;
    let told = '';
    while (!signal.aborted) {
      let pauseMs = this.#deps.config.da.policy.retryMs;
      try {
        if (!this.#isResumed) {
          await this.#poster.resume(store.latest.height, signal);
          this.#isResumed = true;
          // What was sealed while the layer was read.
          this.#catchUp();
        }
        pauseMs = await this.#poster.step(signal);
        this.#kept.dropUpTo(this.#poster.status().posted);
      } catch (error) {
        const text = `Posting to the DA layer failed: ${String(error)}`;
        if (!signal.aborted && text !== told) log.error(text);
        told = text;
      }
      if (pauseMs > 0) await this.#pause(pauseMs);
    }
  }

  #catchUp(): void {
    const { sealed } = this.#poster.status();
    for (let height = sealed + 1; height <= this.#deps.store.latest.height; height++) {
      this.#poster.sealed(height, 0);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(ms, PAUSE_MS_MAX));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#stopping.signal.aborted) this.#wake();
    });
  }

  async close(): Promise<void> {
    this.release();
    this.#stopping.abort();
    this.#wake();
    await this.#running;
    if (this.#layer.name === 'local') await this.#flush();
    await this.#closeJournal();
    await this.#layer.close();
  }

  /** Files of this machine take it at once: nothing is left for the next start. */
  async #flush(): Promise<void> {
    const signal = AbortSignal.timeout(this.#deps.config.da.policy.submitTimeoutMs);
    this.#poster.isFlushing = true;
    try {
      if (!this.#isResumed) await this.#poster.resume(this.#deps.store.latest.height, signal);
      this.#isResumed = true;
      this.#catchUp();
      while (this.#poster.status().backlogBlocks > 0) {
        if ((await this.#poster.step(signal)) > 0 && this.#poster.status().lastError) return;
      }
    } catch (error) {
      this.#deps.log.error(`The DA layer does not have the last blocks: ${String(error)}`);
    }
  }
}

/**
 * Geth does not take blob transactions and ordinary ones of one account side by side.
 * @throws CodedError DA_SAME_KEY
 */
function checkKeys({ da, committer }: NodeConfig): void {
  if (da.layer.type !== 'ethereum' || committer === null) return;
  if (da.layer.secret !== committer.secret) return;
  throw new CodedError(
    'DA_SAME_KEY',
    'blobs and commits need keys of their own: set FUELRAIL_DA_KEY to another key',
  );
}

/** See {@link DaResults}. */
export function leavesResultsOut({ da, committer }: NodeConfig): boolean {
  if (da.results !== 'auto') return da.results === 'derived';
  return da.layer.type !== 'local' && committer === null;
}

/** @throws CodedError DA_SAME_KEY, DA_UNAVAILABLE, DA_CORRUPT, DA_JOURNAL_CORRUPT */
export async function openDa(deps: NodeDaDeps): Promise<NodeDa> {
  const { config, store, log, nowMs, chainId, consensus, firstHeight } = deps;
  const { da, dbPath } = config;
  if (da.follow || config.consensusKey === null) return NO_DA;
  checkKeys(config);
  const layer = await openDaLayer(da.layer, { dbPath, chainId, use: 'post' });
  if (layer === null) return NO_DA;
  const secret = hexToBytes(config.consensusKey);
  const isLocal = layer.name === 'local';
  // The local layer is its own journal: it has a blob or not, and takes it twice without harm.
  const journal =
    isLocal || dbPath === null
      ? memoryJournal()
      : await openDaJournal(daJournalPath(dbPath, layer.name));
  const kept = new KeptBlocks();
  const form = { chainId, leavesResultsOut: leavesResultsOut(config) };
  const frames = threadedFrames(
    { ...form, effort: isLocal ? EFFORT_FAST : EFFORT_BEST },
    storeHistory(store),
    config.workerCount === 0 ? null : new URL('./daFrameWorker.js', import.meta.url),
    (below) => blocksBelow(store, below, firstHeight),
  );
  const poster = new Poster(da.policy, {
    da: layer,
    journal,
    nowMs,
    chainId,
    secret,
    authorities: daAuthorities(da, consensus, {
      debug: config.debug,
      own: addressOfSecret(secret),
    }),
    block: async (height) =>
      kept.get(height) ?? daBlockOf(store, height, await deps.inboxOf(height)),
    firstHeight,
    start: { height: da.startHeight, index: 0 },
    frames,
    log,
  });
  const close = async (): Promise<void> => {
    await frames.close();
    await journal.close();
  };
  return new PostingDa(deps, { layer, poster, close, kept });
}
