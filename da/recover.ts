/** From the DA layer back to blocks: every frame in order, every link checked. */

import { CodedError } from '../primitives/errors.ts';
import type { Address, B256, BlockHeight } from '../primitives/types.ts';
import { ZERO_B256 } from '../primitives/types.ts';
import { type AssembledFrame, Assembler, earlier } from './assemble.ts';
import type { ReadBlock } from './block.ts';
import type { ChainHistory } from './compact/history.ts';
import { decodeFrame, type Frame, frameCommitment, isFrame } from './frame.ts';
import { readPart } from './part.ts';
import { DA_START, type DaPointer, type DaPosition, type DataAvailability } from './ports.ts';

/** Blobs that are asked for at a time. */
const LIST_STEP = 64;
/** Frames behind a gap that are kept until the gap closes. */
export const ORPHANS_MAX = 64;
/** Bytes of frames behind a gap. */
export const ORPHAN_BYTES_MAX: number = 192 * 1024 * 1024;
/** Accepted frames that are known again when they come a second time. */
const KNOWN_MAX = 10_000;

export type RecoveredBlock = ReadBlock & { readonly pointers: readonly DaPointer[] };

export type RecoveredFrame = {
  readonly frame: Frame;
  readonly pointers: readonly DaPointer[];
  /** First block that was not in an earlier frame. */
  readonly fromHeight: BlockHeight;
  /** Length of the frame. Unit: bytes. */
  readonly bytes: number;
  /** Where a later walk may go on. */
  readonly cursor: FrameCursor;
};

/** Where a walk goes on: the end of the last frame that was taken. */
export type FrameCursor = {
  readonly position: DaPosition;
  readonly commitment: B256;
  readonly lastHeight: BlockHeight;
};

/** What a walk has met beside frames. */
export type WalkTally = { foreignBlobs: number; duplicateFrames: number };

export type WalkOptions = {
  readonly chainId: bigint;
  /** Whose signature makes a blob ours: the chain's block signers. */
  readonly authorities: ReadonlySet<Address>;
  readonly from?: FrameCursor | null;
  /** Nothing of the chain lies before it. */
  readonly start?: DaPosition;
  readonly tally?: WalkTally;
};

function broken(what: string, pointer: DaPointer | undefined): CodedError {
  const where = pointer === undefined ? '' : ` at ${pointer.height} of layer ${pointer.layer}`;
  return new CodedError(
    'DA_CHAIN_BROKEN',
    `the frame${where} does not continue the chain: ${what}; ` +
      'post the missing frames again from a node that has them',
    pointer === undefined ? {} : { layer: pointer.layer, height: pointer.height },
  );
}

/**
 * Puts frames in order. Duplicates, the same blocks framed another way, and frames that come before
 * the one that they follow are all in order; the first frame that continues the chain wins.
 */
export class FrameOrder {
  lastHeight: BlockHeight | null;
  /** Commitments of frames that end within the chain so far. */
  readonly #known: Set<B256>;
  readonly #orphans: Map<B256, AssembledFrame & { readonly frame: Frame }> = new Map();
  readonly #tally: WalkTally;
  /** Where the first lies that had to be dropped. */
  dropped: DaPosition | null = null;

  constructor(from: FrameCursor | null, tally: WalkTally) {
    this.#known = new Set([from?.commitment ?? ZERO_B256]);
    this.lastHeight = from?.lastHeight ?? null;
    this.#tally = tally;
  }

  /** Frames that can be taken now, in order. */
  add(made: AssembledFrame, chainId: bigint): (AssembledFrame & { frame: Frame })[] {
    if (this.#known.has(made.commitment) || this.#orphans.has(made.commitment)) {
      this.#tally.duplicateFrames += 1;
      return [];
    }
    this.#orphans.set(made.commitment, { ...made, frame: decodeFrame(made.bytes, chainId) });
    const ready: (AssembledFrame & { frame: Frame })[] = [];
    for (let next = this.#next(); next !== null; next = this.#next()) {
      this.#orphans.delete(next.commitment);
      this.#remember(next.commitment);
      if (this.lastHeight !== null && next.frame.lastHeight <= this.lastHeight) {
        this.#tally.duplicateFrames += 1;
        continue;
      }
      this.lastHeight = next.frame.lastHeight;
      ready.push(next);
    }
    this.#bound();
    return ready;
  }

  /** Frames that wait for one that has not come. */
  waiting(): readonly (AssembledFrame & { readonly frame: Frame })[] {
    return [...this.#orphans.values()];
  }

  #next(): (AssembledFrame & { frame: Frame }) | null {
    for (const orphan of this.#orphans.values()) {
      const { firstHeight, lastHeight, previous } = orphan.frame;
      // All of it is known, as after a restart: what it follows need not be.
      if (this.lastHeight !== null && lastHeight <= this.lastHeight) return orphan;
      if (!this.#known.has(previous)) continue;
      if (this.lastHeight === null || firstHeight <= this.lastHeight + 1) return orphan;
      throw broken(
        `it starts at block ${firstHeight}, not ${this.lastHeight + 1}`,
        orphan.pointers[0],
      );
    }
    return null;
  }

  #remember(commitment: B256): void {
    this.#known.add(commitment);
    if (this.#known.size <= KNOWN_MAX) return;
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }

  /** Beyond the bounds the newest go: they are read again once the gap has closed. */
  #bound(): void {
    let bytes = 0;
    let count = 0;
    for (const { commitment, bytes: frame, pointers } of this.#orphans.values()) {
      bytes += frame.length;
      count += 1;
      if (count <= ORPHANS_MAX && bytes <= ORPHAN_BYTES_MAX) continue;
      this.#orphans.delete(commitment);
      const first = pointers.reduce(earlier);
      this.dropped = this.dropped === null ? first : earlier(this.dropped, first);
    }
  }
}

/** A bare frame, as version 1 was posted: counts on a layer that only we can write to. */
function bareFrame(blob: Uint8Array, pointer: DaPointer): AssembledFrame {
  return { bytes: blob, commitment: frameCommitment(blob), pointers: [pointer] };
}

/**
 * One walk over a layer. `frames` may be called again: it goes on where it ended, also after the
 * layer has failed. Who could not use a frame begins another walk, from the cursor before it.
 */
export class FrameWalk {
  readonly #da: DataAvailability;
  readonly #options: WalkOptions;
  readonly #assembler: Assembler = new Assembler();
  readonly #order: FrameOrder;
  readonly tally: WalkTally;
  #position: DaPosition;
  #tipHeight = 0n;

  constructor(da: DataAvailability, options: WalkOptions) {
    this.#da = da;
    this.#options = options;
    this.tally = options.tally ?? { foreignBlobs: 0, duplicateFrames: 0 };
    this.#order = new FrameOrder(options.from ?? null, this.tally);
    this.#position = options.from?.position ?? options.start ?? DA_START;
  }

  /** What lies before it has been read. */
  get position(): DaPosition {
    return this.#position;
  }

  /** Where the layer ended when it was asked last. */
  get tipHeight(): bigint {
    return this.#tipHeight;
  }

  /** Frames behind the last, up to the tip of the layer. @throws what {@link recoverFrames} does */
  async *frames(signal: AbortSignal): AsyncGenerator<RecoveredFrame, void, undefined> {
    for (;;) {
      const page = await this.#da.list(this.#position, LIST_STEP, signal);
      this.#tipHeight = page.tipHeight;
      let taken = 0;
      for (const pointer of page.pointers) {
        const made = await this.#read(pointer, signal);
        this.#position = { height: pointer.height, index: pointer.index + 1 };
        if (made === null) continue;
        let fromHeight = (this.#order.lastHeight ?? -1) + 1;
        const ready = this.#order.add(made, this.#options.chainId);
        taken += ready.length;
        for (const [i, { frame, pointers, bytes }] of ready.entries()) {
          const cursor = {
            position: this.#resumePosition(pointer, ready.slice(i + 1)),
            commitment: frame.commitment,
            lastHeight: frame.lastHeight,
          };
          yield { frame, pointers, fromHeight, bytes: bytes.length, cursor };
          fromHeight = frame.lastHeight + 1;
        }
      }
      this.#position = page.next;
      if (taken > 0 && this.#rewind()) continue;
      if (page.atTip) return;
    }
  }

  /** Goes back to what was dropped for want of room. */
  #rewind(): boolean {
    for (const holder of [this.#order, this.#assembler]) {
      if (holder.dropped === null) continue;
      this.#position = earlier(this.#position, holder.dropped);
      holder.dropped = null;
      return true;
    }
    return false;
  }

  /** Frames that wait for one that did not come. */
  gap(): CodedError | null {
    const [first] = this.#order.waiting();
    return first === undefined
      ? null
      : broken(`it follows ${first.frame.previous}, which is not there`, first.pointers[0]);
  }

  async #read(pointer: DaPointer, signal: AbortSignal): Promise<AssembledFrame | null> {
    const blob = await this.#da.get(pointer, signal);
    const { chainId, authorities } = this.#options;
    const part = readPart(blob, chainId, authorities);
    if (part !== null) return this.#assembler.add(part, pointer);
    if (!this.#da.isOpen && isFrame(blob)) return bareFrame(blob, pointer);
    this.tally.foreignBlobs += 1;
    return null;
  }

  /** Nothing that is still needed lies before it. */
  #resumePosition(at: DaPosition, ready: readonly AssembledFrame[]): DaPosition {
    let position: DaPosition = { height: at.height, index: at.index };
    const waiting = this.#assembler.firstWaiting();
    if (waiting !== null) position = earlier(position, waiting);
    for (const { pointers } of [...ready, ...this.#order.waiting()]) {
      for (const pointer of pointers) position = earlier(position, pointer);
    }
    return { height: position.height, index: position.index };
  }
}

/**
 * All frames of a chain behind `from`, in the order of the chain. What is not signed by the chain
 * is passed over; the same frame posted twice is taken once.
 * @throws CodedError DA_FRAME_INVALID, DA_CHAIN_BROKEN when one is missing at the end, and what the
 *   layer throws
 */
export async function* recoverFrames(
  da: DataAvailability,
  options: WalkOptions,
  signal: AbortSignal,
): AsyncGenerator<RecoveredFrame, void, undefined> {
  const walk = new FrameWalk(da, options);
  yield* walk.frames(signal);
  const gap = walk.gap();
  if (gap !== null) throw gap;
}

/** Blocks of a frame that earlier ones did not have. @throws CodedError DA_FRAME_INVALID */
export function* newBlocks(
  recovered: RecoveredFrame,
  history: ChainHistory,
): Generator<RecoveredBlock, void, undefined> {
  for (const block of recovered.frame.blocks(history)) {
    if (block.header.height < recovered.fromHeight) continue;
    yield { ...block, pointers: recovered.pointers };
  }
}

/**
 * All blocks behind `from`, in order. `history` is asked while they are walked: it must know the
 * blocks that were already handed out. What a block says about itself holds; that it follows from
 * the state before it is for the caller to find out, by executing it.
 * @throws CodedError as {@link recoverFrames}
 */
export async function* recoverBlocks(
  da: DataAvailability,
  options: WalkOptions & { readonly history: ChainHistory },
  signal: AbortSignal,
): AsyncGenerator<RecoveredBlock, void, undefined> {
  for await (const recovered of recoverFrames(da, options, signal)) {
    yield* newBlocks(recovered, options.history);
  }
}

/**
 * The end of the chain on the layer: where a poster without notes of its own goes on. Reads from
 * the newest blob backwards until a frame is whole; whether the chain before it is, is what
 * {@link recoverFrames} finds out.
 * @throws CodedError what the layer throws
 */
export async function lastFrame(
  da: DataAvailability,
  options: WalkOptions,
  signal: AbortSignal,
): Promise<FrameCursor | null> {
  const pointers: DaPointer[] = [];
  let position = options.start ?? DA_START;
  for (;;) {
    const page = await da.list(position, LIST_STEP, signal);
    pointers.push(...page.pointers);
    position = page.next;
    if (page.atTip) break;
  }
  const assembler = new Assembler();
  for (const pointer of pointers.reverse()) {
    const blob = await da.get(pointer, signal);
    const part = readPart(blob, options.chainId, options.authorities);
    let made: AssembledFrame | null = null;
    if (part !== null) made = assembler.add(part, pointer);
    else if (!da.isOpen && isFrame(blob)) made = bareFrame(blob, pointer);
    if (made === null) continue;
    const { lastHeight } = decodeFrame(made.bytes, options.chainId);
    const first = made.pointers.reduce(earlier);
    return {
      position: { height: first.height, index: first.index },
      commitment: made.commitment,
      lastHeight,
    };
  }
  return null;
}
