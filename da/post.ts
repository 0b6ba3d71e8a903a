/**
 * The poster: sealed blocks become frames, frames become blobs, blobs go to the layer, in order and
 * off the critical path of block production.
 *
 * A frame is written to the journal before anything of it is sent, and its intents before each
 * submission; after a crash the same bytes are looked for and sent again. A submission that failed
 * without a clear answer is *unknown*: it is looked for until `resendAfterMs` has passed. Should
 * both then land, the reader takes one of them (`recover.ts`).
 *
 * Files in reading order: `policy.ts` (when), `frame.ts` and `part.ts` (what), `journal.ts` (what
 * survives), this one (the steps), `ports.ts` (the layer).
 */
import { assert, CodedError } from '../primitives/errors.ts';
import type { B256, BlockHeight } from '../primitives/types.ts';
import { ZERO_B256 } from '../primitives/types.ts';
import type { BlockToWrite } from './compact/encode.ts';
import { frameCommitment } from './frame.ts';
import type { FrameNote, GroupNote } from './journal.ts';
import { encodeParts } from './part.ts';
import { isPriceRight, isWorthAFrame, type PostPolicy, PriceWatch } from './policy.ts';
import type { BlockStage, PosterDeps, PosterStatus } from './poster.ts';
import { lastFrame } from './recover.ts';

/** Canonical bytes that go into one frame at most, unless one block alone has more. */
export const FRAME_TARGET_CANONICAL_BYTES: number = 32 * 1024 * 1024;
/** Notes of final frames that are kept for questions about their blocks. */
export const FINAL_NOTES_MAX = 4_096;
/** What a frame is of its blocks until one has been measured. */
const RATIO_AT_START = 0.25;
const RATIO_WEIGHT = 0.3;
const MEGABYTE = 1_000_000n;

type Sealed = { readonly height: BlockHeight; readonly bytes: number; readonly atMs: number };

export class Poster {
  readonly #policy: PostPolicy;
  readonly #deps: PosterDeps;
  /** Not final yet, in order of height; the last one may be on its way. */
  #notes: FrameNote[] = [];
  readonly #finals: FrameNote[] = [];
  /** Blocks that are in no frame yet. */
  #waiting: Sealed[] = [];
  /** Whether the last frame that was made is in the journal. */
  #isLastSafe = true;
  #previous: B256 = ZERO_B256;
  #next: BlockHeight;
  #tip: BlockHeight;
  #ratio = RATIO_AT_START;
  #nextFinalityMs = 0;
  #retryAtMs = 0;
  readonly prices: PriceWatch = new PriceWatch();
  #roomWaiters: (() => void)[] = [];
  #tally = { frames: 0, postedBytes: 0, submissions: 0, resubmissions: 0 };
  #lastError: string | null = null;
  /** Set when the process ends: what waits goes out now, at any price. */
  isFlushing = false;

  constructor(policy: PostPolicy, deps: PosterDeps) {
    this.#policy = policy;
    this.#deps = deps;
    this.#next = deps.firstHeight;
    this.#tip = deps.firstHeight - 1;
  }

  /**
   * Finds out where posting stands: from the journal, and from the layer when there is none.
   * @throws CodedError DA_AHEAD when the layer has blocks that we have not, and what it throws
   */
  async resume(tip: BlockHeight, signal: AbortSignal): Promise<void> {
    const { journal, da, chainId, authorities, start } = this.#deps;
    const notes = await journal.load();
    const last = notes.at(-1);
    if (last === undefined) {
      const found = await lastFrame(da, { chainId, authorities, start }, signal);
      if (found !== null) {
        this.#previous = found.commitment;
        this.#next = found.lastHeight + 1;
      }
    } else {
      this.#previous = last.commitment;
      this.#next = last.lastHeight + 1;
    }
    if (this.#next - 1 > tip) throw ahead(da.name, this.#next - 1, tip);
    this.#notes = notes.filter(({ stage }) => stage !== 'final');
    this.#finals.push(...notes.filter(({ stage }) => stage === 'final'));
    for (let height = this.#next; height <= tip; height++) this.#seal(height, 0);
    this.#tip = Math.max(this.#tip, tip, this.#next - 1);
  }

  /** A block was committed. @param bytes its canonical size */
  sealed(height: BlockHeight, bytes: number): void {
    if (height <= this.#tip) return;
    assert(height === this.#tip + 1, 'blocks are sealed in order');
    this.#seal(height, bytes);
  }

  #seal(height: BlockHeight, bytes: number): void {
    this.#tip = height;
    this.#waiting.push({ height, bytes, atMs: this.#deps.nowMs() });
  }

  /** Resolves at once while the backlog is within its limit, else when there is room again. */
  async room(signal: AbortSignal): Promise<void> {
    while (!this.#hasRoom() && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#roomWaiters.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  #hasRoom(): boolean {
    const { backlogBlocksMax, backlogBytesMax } = this.#policy;
    const { backlogBlocks, backlogBytes } = this.status();
    return backlogBlocks < backlogBlocksMax && backlogBytes < backlogBytesMax;
  }

  status(): PosterStatus {
    const included = this.#notes.find(({ stage }) => stage === 'posted');
    const open = this.#notes.find(({ stage }) => stage !== 'final');
    const includedHeight = (included?.firstHeight ?? this.#next) - 1;
    const sending = this.#notes.reduce(
      (sum, note) => sum + (note.stage === 'posted' ? note.frameBytes : 0),
      0,
    );
    return {
      layer: this.#deps.da.name,
      sealed: this.#tip,
      posted: this.#next - 1,
      included: includedHeight,
      final: (open?.firstHeight ?? this.#next) - 1,
      backlogBlocks: this.#tip - includedHeight,
      backlogBytes: Math.round(sending + this.#waitingBytes()),
      ...this.#tally,
      pricePerMegabyte: this.prices.now,
      lastError: this.#lastError,
    };
  }

  /** Stage of a block, and the frame that carries it once there is one. */
  blockStage(height: BlockHeight): { stage: BlockStage; note: FrameNote | null } {
    const holds = (note: FrameNote): boolean =>
      note.firstHeight <= height && height <= note.lastHeight;
    const note = this.#notes.find(holds) ?? this.#finals.find(holds) ?? null;
    if (note !== null) return { stage: note.stage, note };
    return { stage: height < this.#next ? 'final' : 'sealed', note: null };
  }

  #waitingBytes(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0) * this.#ratio;
  }

  /** Does what can be done now. @returns ms until it makes sense to look again; 0: at once */
  async step(signal: AbortSignal): Promise<number> {
    const { retryMs, finalityPollMs } = this.#policy;
    const now = this.#deps.nowMs();
    if (now < this.#retryAtMs) return this.#retryAtMs - now;
    try {
      await this.#watchFinality(signal);
      const sending = this.#notes.find(({ stage }) => stage === 'posted');
      if (sending !== undefined) {
        const isDone = await this.#send(sending, signal);
        this.#lastError = null;
        return isDone ? 0 : retryMs;
      }
      if (await this.#isTime(signal)) {
        await this.#makeFrame();
        return 0;
      }
      return Math.min(retryMs, finalityPollMs);
    } catch (error) {
      if (!(error instanceof CodedError) && !isTimeout(error)) throw error;
      this.#failed(error);
      return retryMs;
    }
  }

  #failed(error: Error): void {
    this.#lastError = error.message;
    this.#retryAtMs = this.#deps.nowMs() + this.#policy.retryMs;
    this.#deps.log.warn(`DA layer ${this.#deps.da.name}: ${error.message}`);
  }

  async #isTime(signal: AbortSignal): Promise<boolean> {
    const [oldest] = this.#waiting;
    if (oldest === undefined) return false;
    const waiting = {
      blocks: this.#waiting.length,
      bytes: this.#waitingBytes(),
      oldestAgeMs: this.#deps.nowMs() - oldest.atMs,
    };
    if (this.isFlushing) return true;
    if (!isWorthAFrame(waiting, this.#policy)) return false;
    const bytes = Math.max(1, Math.min(this.#policy.batchBytes, Math.round(waiting.bytes)));
    const fee = await this.#deps.da.estimate([Math.min(bytes, this.#deps.da.blobBytesMax)], signal);
    if (fee.unit !== 'none') this.prices.see((fee.amount * MEGABYTE) / BigInt(bytes));
    return isPriceRight(waiting, this.prices, this.#policy);
  }

  /** Blocks for one frame, the oldest first. */
  async #choose(): Promise<BlockToWrite[]> {
    const chosen: BlockToWrite[] = [];
    let canonical = 0;
    for (const { height } of this.#waiting) {
      const block = await this.#deps.block(height);
      const bytes = canonicalBytes(block);
      const isFull =
        canonical + bytes > FRAME_TARGET_CANONICAL_BYTES ||
        (canonical + bytes) * this.#ratio > Math.max(this.#policy.batchBytes, 1);
      if (chosen.length > 0 && (isFull || chosen.length >= this.#policy.batchBlocks)) break;
      chosen.push(block);
      canonical += bytes;
    }
    return chosen;
  }

  async #makeFrame(): Promise<void> {
    const { frames, journal, nowMs } = this.#deps;
    const blocks = await this.#choose();
    // Until a frame is safe its blocks must not be referred to.
    if (!this.#isLastSafe) frames.forget();
    this.#isLastSafe = false;
    const bytes = await frames.make(this.#previous, blocks);
    const firstHeight = blocks[0]!.block.header.height;
    const lastHeight = firstHeight + blocks.length - 1;
    const note: FrameNote = {
      firstHeight,
      lastHeight,
      previous: this.#previous,
      commitment: frameCommitment(bytes),
      frameBytes: bytes.length,
      stage: 'posted',
      groups: [],
      madeAtMs: nowMs(),
    };
    await journal.add(note, bytes);
    this.#isLastSafe = true;
    this.#notes.push(note);
    this.#previous = note.commitment;
    this.#next = lastHeight + 1;
    this.#waiting = this.#waiting.slice(blocks.length);
    const canonical = blocks.reduce((sum, block) => sum + canonicalBytes(block), 0);
    this.#ratio += RATIO_WEIGHT * (bytes.length / Math.max(1, canonical) - this.#ratio);
    this.#tally.frames += 1;
    this.#tally.postedBytes += bytes.length;
  }

  /** Sends what is missing of a frame. @returns false: look again later */
  async #send(note: FrameNote, signal: AbortSignal): Promise<boolean> {
    const { da, journal, chainId, secret } = this.#deps;
    const frame = await journal.bytes(note);
    const { blobBytesMax, blobCountMax } = da;
    const blobs = encodeParts(frame, { chainId, ...note }, { secret, blobBytesMax });
    for (let group = 0; group * blobCountMax < blobs.length; group++) {
      if (this.#current(note).groups[group]?.pointers) continue;
      const of = blobs.slice(group * blobCountMax, (group + 1) * blobCountMax);
      if (!(await this.#sendGroup(note, group, of, signal))) return false;
    }
    await this.#put({ ...this.#current(note), stage: 'included' });
    return true;
  }

  async #sendGroup(
    note: FrameNote,
    group: number,
    blobs: readonly Uint8Array[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const { da, nowMs } = this.#deps;
    const before = this.#current(note).groups[group];
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#policy.submitTimeoutMs)]);
    if (before !== undefined) {
      const found = await da.find(before.intent, limit);
      if (found !== null) {
        await this.#putGroup(note, group, { ...before, pointers: found });
        return true;
      }
      if (nowMs() < before.attemptAtMs + this.#policy.resendAfterMs) return false;
      this.#tally.resubmissions += 1;
    }
    this.#tally.submissions += 1;
    let intent = before?.intent ?? null;
    const pointers = await da.submit(
      blobs,
      {
        earlier: intent,
        record: async (made) => {
          intent = made;
          const attempt = { intent: made, attemptAtMs: nowMs(), pointers: null };
          await this.#putGroup(note, group, attempt);
        },
      },
      limit,
    );
    assert(intent !== null, 'a layer records its intent before it sends');
    await this.#putGroup(note, group, { intent, attemptAtMs: nowMs(), pointers });
    return true;
  }

  #current(note: FrameNote): FrameNote {
    const current = this.#notes.find(({ commitment }) => commitment === note.commitment);
    assert(current !== undefined, 'a frame that is sent has a note');
    return current;
  }

  async #putGroup(note: FrameNote, group: number, made: GroupNote): Promise<void> {
    const current = this.#current(note);
    const groups = [...current.groups];
    groups[group] = made;
    await this.#put({ ...current, groups });
  }

  async #put(note: FrameNote): Promise<void> {
    await this.#deps.journal.put(note);
    this.#notes = this.#notes.map((each) => (each.commitment === note.commitment ? note : each));
    if (note.stage === 'posted') return;
    for (const wake of this.#roomWaiters.splice(0)) wake();
  }

  async #watchFinality(signal: AbortSignal): Promise<void> {
    const now = this.#deps.nowMs();
    if (now < this.#nextFinalityMs) return;
    this.#nextFinalityMs = now + this.#policy.finalityPollMs;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#policy.submitTimeoutMs)]);
    let allBefore = true;
    for (const note of this.#notes.filter(({ stage }) => stage === 'included')) {
      const fate = await this.#fateOf(note, limit);
      if (fate === 'lost') await this.#sendAgain(note);
      // Final in order: the status of a block says the same of all before it.
      if (fate !== 'final' || !allBefore) {
        allBefore = false;
        continue;
      }
      await this.#put({ ...note, stage: 'final' });
      this.#notes = this.#notes.filter(({ commitment }) => commitment !== note.commitment);
      this.#finals.push({ ...note, stage: 'final' });
      if (this.#finals.length > FINAL_NOTES_MAX) this.#finals.shift();
    }
  }

  async #fateOf(note: FrameNote, signal: AbortSignal): Promise<'included' | 'final' | 'lost'> {
    let isFinal = true;
    for (const pointer of note.groups.flatMap(({ pointers }) => pointers ?? [])) {
      const fate = await this.#deps.da.finality(pointer, signal);
      if (fate === 'lost') return 'lost';
      isFinal &&= fate === 'final';
    }
    return isFinal ? 'final' : 'included';
  }

  /** A reorganisation took it out: its intents are looked for, then it is sent again. */
  async #sendAgain(note: FrameNote): Promise<void> {
    this.#deps.log.warn(
      `DA layer ${this.#deps.da.name}: blocks ${note.firstHeight} to ${note.lastHeight} ` +
        'were taken out by a reorganisation and are posted again',
    );
    const groups = note.groups.map((group) => ({ ...group, pointers: null }));
    await this.#put({ ...note, groups, stage: 'posted' });
  }
}

function ahead(layer: string, there: BlockHeight, here: BlockHeight): CodedError {
  return new CodedError(
    'DA_AHEAD',
    `the layer ${layer} has this chain up to block ${there}, this node only up to ${here}: derive it ` +
      'first with --follow-da, or post a new chain elsewhere (--da-path, --da-namespace)',
    { layer, there, here },
  );
}

function canonicalBytes({ block }: BlockToWrite): number {
  return block.transactions.reduce((sum, raw) => sum + raw.length, 0);
}

function isTimeout(error: unknown): error is Error {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
}
