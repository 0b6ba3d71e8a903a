/**
 * A node that lives on the DA layer alone: reads frames, executes their blocks on its own state,
 * commits them, and says so to everybody, as if it had made them. What the layer does not answer is
 * asked again; what is wrong on the layer stops it, with the reason in its status.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { DataAvailability } from '../da/ports.ts';
import { type FrameCursor, FrameWalk, newBlocks, type RecoveredFrame } from '../da/recover.ts';
import type { LaneRunner } from '../executor/block.ts';
import type { SealedBlock } from '../executor/ports.ts';
import { CodedError } from '../primitives/errors.ts';
import type { BlockHeight } from '../primitives/types.ts';
import type { ChainStore } from '../state/types.ts';
import type { NodeDaDeps } from './daBlocks.ts';
import { checkGenesis, type DeriveOptions, deriveBlock } from './daDerive.ts';
import { storeHistory } from './daHistory.ts';
import { checkInbox, type InboxReader } from './daInbox.ts';
import { noteFromText, noteToJson } from './daJournal.ts';
import { daAuthorities, openDaLayer } from './daLayers.ts';
import type { Log } from './log.ts';
import { daCursorPath } from './paths.ts';
import { ProgressMeter } from './progress.ts';

/** A line of progress while much is to be derived, not more often than this. */
const TELL_MS = 5_000;
/** These go away by themselves. */
const RETRYABLE: ReadonlySet<string> = new Set(['DA_UNAVAILABLE', 'DA_CORRUPT', 'DA_NOT_FOUND']);

export type FollowStatus = {
  readonly layer: string;
  readonly height: BlockHeight;
  /** Where it has read up to, and where the layer ends. */
  readonly layerHeight: bigint;
  readonly layerTip: bigint;
  readonly isAtTip: boolean;
  readonly blocksPerSecond: number;
  readonly bytesPerSecond: number;
  /** null: at the tip, or not known. Unit: seconds. */
  readonly etaSeconds: number | null;
  readonly foreignBlobs: number;
  readonly duplicateFrames: number;
  /** Why it does not go on; null while it does. */
  readonly failure: string | null;
};

export type FollowDeps = {
  readonly layer: DataAvailability;
  readonly store: ChainStore;
  readonly runner: LaneRunner;
  readonly genesis: SealedBlock;
  readonly chainId: bigint;
  readonly startHeight: bigint;
  readonly pollMs: number;
  readonly derive: DeriveOptions;
  /** Asked what each block must have taken in; null: the frames are believed. */
  readonly ethereum: InboxReader | null;
  /** File with the place up to which the layer was read; null: read from the start every time. */
  readonly cursorPath: string | null;
  /** A block is committed and readable. */
  readonly onBlock: (block: SealedBlock) => void;
  readonly nowMs: () => number;
  readonly log: Log;
};

export class Follower {
  readonly #deps: FollowDeps;
  readonly #stopping: AbortController = new AbortController();
  readonly #meter: ProgressMeter;
  readonly #tally: { foreignBlobs: number; duplicateFrames: number } = {
    foreignBlobs: 0,
    duplicateFrames: 0,
  };
  #walk: FrameWalk | null = null;
  #running: Promise<void> | null = null;
  #isAtTip = false;
  #hasArrived = false;
  #failure: string | null = null;
  #toldAtMs = 0;

  constructor(deps: FollowDeps) {
    this.#deps = deps;
    this.#meter = new ProgressMeter(deps.nowMs);
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#deps.layer.close();
  }

  status(): FollowStatus {
    const { layer, store } = this.#deps;
    const walk = this.#walk;
    const layerHeight = walk?.position.height ?? 0n;
    const layerTip = walk?.tipHeight ?? 0n;
    const { blocksPerSecond, bytesPerSecond } = this.#meter.rates();
    return {
      layer: layer.name,
      height: store.latest.height,
      layerHeight,
      layerTip,
      isAtTip: this.#isAtTip,
      blocksPerSecond,
      bytesPerSecond,
      etaSeconds: this.#isAtTip ? null : this.#meter.etaSeconds(layerHeight, layerTip),
      ...this.#tally,
      failure: this.#failure,
    };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const { log, pollMs } = this.#deps;
    while (!signal.aborted) {
      try {
        await this.#round(signal);
        this.#failure = null;
      } catch (error) {
        if (signal.aborted) return;
        const text = error instanceof Error ? error.message : String(error);
        if (this.#failure !== text) log.error(`Following the DA layer: ${text}`);
        this.#failure = text;
        if (!(error instanceof CodedError && RETRYABLE.has(error.code))) return;
      }
      await pause(pollMs, signal);
    }
  }

  /** Everything up to the tip of the layer. */
  async #round(signal: AbortSignal): Promise<void> {
    const { chainId, derive, layer, startHeight } = this.#deps;
    if (this.#walk === null) {
      this.#walk = new FrameWalk(layer, {
        chainId,
        authorities: derive.authorities,
        from: await this.#savedCursor(),
        start: { height: startHeight, index: 0 },
        tally: this.#tally,
      });
      this.#meter.begin(this.#walk.position.height);
      this.#toldAtMs = this.#deps.nowMs();
    }
    for await (const frame of this.#walk.frames(signal)) {
      this.#isAtTip = false;
      await this.#apply(frame, signal);
      this.#meter.add(0, frame.bytes);
      this.#tell();
      await this.#saveCursor(frame.cursor);
    }
    this.#isAtTip = true;
    this.#tellArrival();
  }

  /** Once: later blocks come as they are made. */
  #tellArrival(): void {
    if (this.#hasArrived) return;
    this.#hasArrived = true;
    const { log, store } = this.#deps;
    log.info(`Following the DA layer: at its end, block ${store.latest.height}`);
  }

  async #apply(frame: RecoveredFrame, signal: AbortSignal): Promise<void> {
    const { store, runner, derive, ethereum, genesis, onBlock } = this.#deps;
    for (const block of newBlocks(frame, storeHistory(store))) {
      signal.throwIfAborted();
      if (block.header.height === genesis.header.height) checkGenesis(block, genesis);
      // Known since before a restart.
      if (block.header.height <= store.latest.height) continue;
      if (ethereum !== null) await checkInbox(block.header, store.latest, ethereum, signal);
      const sealed = await deriveBlock(block, store, runner, derive);
      await store.commitBlock(sealed);
      this.#meter.add(1, 0);
      onBlock(sealed);
    }
  }

  #tell(): void {
    const { log, nowMs } = this.#deps;
    if (nowMs() - this.#toldAtMs < TELL_MS) return;
    this.#toldAtMs = nowMs();
    log.info(`Following the DA layer: ${this.#meter.line(this.status())}`);
  }

  async #savedCursor(): Promise<FrameCursor | null> {
    const { cursorPath, store, genesis } = this.#deps;
    if (cursorPath === null) return null;
    const text = await readFile(cursorPath, 'utf8').catch(() => '');
    const saved = noteFromText<FrameCursor>(text);
    if (saved === null) return null;
    // A state that was removed since then begins anew.
    const isBehind = saved.lastHeight > store.latest.height;
    return isBehind || store.latest.height === genesis.header.height ? null : saved;
  }

  async #saveCursor(cursor: FrameCursor): Promise<void> {
    const { cursorPath } = this.#deps;
    if (cursorPath === null) return;
    await writeFile(`${cursorPath}.new`, noteToJson(cursor));
    await rename(`${cursorPath}.new`, cursorPath);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** null: the node does not follow. @throws CodedError DA_FOLLOW_NOWHERE, DA_UNAVAILABLE */
export async function openFollower(
  deps: NodeDaDeps & Pick<FollowDeps, 'runner' | 'genesis' | 'onBlock'>,
): Promise<Follower | null> {
  const { config, store, log, nowMs, chainId, consensus, runner, genesis, onBlock, ethereum } =
    deps;
  const { da, dbPath } = config;
  if (!da.follow) return null;
  const layer = await openDaLayer(da.layer, { dbPath, chainId, use: 'read' });
  if (layer === null) {
    throw new CodedError(
      'DA_FOLLOW_NOWHERE',
      'there is no layer to follow: with --follow-da local name the directory with --da-path',
    );
  }
  const options = { debug: config.debug, own: null };
  return new Follower({
    layer,
    store,
    runner,
    genesis,
    chainId,
    startHeight: da.startHeight,
    pollMs: da.followPollMs,
    derive: {
      vmRules: config.vmRules,
      utxoValidation: config.utxoValidation,
      authorities: daAuthorities(da, consensus, options),
    },
    ethereum,
    cursorPath: dbPath === null ? null : daCursorPath(dbPath, layer.name),
    onBlock,
    nowMs,
    log,
  });
}
