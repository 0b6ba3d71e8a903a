/**
 * Which events a block takes in: as many whole Ethereum blocks as its gas and its count of
 * transactions allow, in order and without a gap.
 *
 * @source fuel-core-producer 0.48.2 (behaviour)
 */

import type { RelayedEvent } from '../executor/relayed.ts';
import { CodedError } from '../primitives/errors.ts';
import type { B256 } from '../primitives/types.ts';
import { daHeightOf } from './events.ts';
import type { L1Block } from './l1/ports.ts';

/** What has been read from Ethereum, in its order; survives the process with the disk engine. */
export interface InboxJournal {
  /** Last Ethereum block that was read as a whole; null: none yet. */
  position(): L1Block | null;
  /** Id of the Ethereum chain that was read; null: none yet. */
  chainId(): bigint | null;
  /** Everything of the blocks after `position` up to `to`: one atomic write. */
  append(to: L1Block, events: readonly RelayedEvent[], chainId: bigint): Promise<void>;
  /** Events of the DA heights after `after`, in order, at most `limit`. */
  events(after: bigint, limit: number): Promise<RelayedEvent[]>;
  /** Events of the DA heights up to `daHeight`, from the beginning. */
  countUpTo(daHeight: bigint): Promise<bigint>;
  close(): Promise<void>;
}

export type InboxLimits = {
  /** Gas of all forced transactions of a block. */
  readonly gas: bigint;
  /** Forced transactions of a block. */
  readonly count: number;
};

/** What a block takes in. */
export type InboxSlice = { readonly daHeight: bigint; readonly events: readonly RelayedEvent[] };

/**
 * Events of one block at most, so that a long absence does not end in one giant block. An Ethereum
 * block with more is taken as a whole.
 */
export const EVENTS_PER_BLOCK_MAX = 16_384;

/** Rows read from the journal in one step. */
const STEP_EVENTS = 4_096;

/** Text of the reference; the block cannot be made. */
const NO_NEW_DA_HEIGHT = 'No new da_height found';

/**
 * @param previous DA height of the block before
 * @param highest the journal is complete up to here
 * @throws CodedError INBOX_BEHIND when `highest` is below `previous`; NO_NEW_DA_HEIGHT when the next
 *   Ethereum block alone is above the limits
 */
export async function sliceInbox(
  journal: Pick<InboxJournal, 'events'>,
  previous: bigint,
  highest: bigint,
  limits: InboxLimits,
  eventsMax: number = EVENTS_PER_BLOCK_MAX,
): Promise<InboxSlice> {
  if (highest < previous) {
    throw new CodedError(
      'INBOX_BEHIND',
      `Ethereum is read up to block ${highest}, but the newest block here is based on ${previous}: ` +
        'check --relayer and --relayer-da-deploy-height',
    );
  }
  const taken = new Taken(previous, limits, eventsMax);
  let after = previous;
  for (;;) {
    const events = await journal.events(after, STEP_EVENTS);
    for (const height of wholeHeights(events, events.length < STEP_EVENTS)) {
      if (height.daHeight > highest) return taken.upTo(highest);
      if (!taken.add(height)) return taken.upTo(height.daHeight - 1n);
      after = height.daHeight;
    }
    if (events.length < STEP_EVENTS) return taken.upTo(highest);
    if (daHeightOf(events[0]!) === daHeightOf(events.at(-1)!)) {
      const height = { daHeight: daHeightOf(events[0]!), events: await allOf(journal, after) };
      if (height.daHeight > highest) return taken.upTo(highest);
      if (!taken.add(height)) return taken.upTo(height.daHeight - 1n);
      after = height.daHeight;
    }
  }
}

type HeightEvents = { readonly daHeight: bigint; readonly events: readonly RelayedEvent[] };

/** Groups by height; the last group is left out unless `isEnd`: more of it may follow. */
function wholeHeights(events: readonly RelayedEvent[], isEnd: boolean): HeightEvents[] {
  const groups: { daHeight: bigint; events: RelayedEvent[] }[] = [];
  for (const event of events) {
    const daHeight = daHeightOf(event);
    const last = groups.at(-1);
    if (last?.daHeight === daHeight) last.events.push(event);
    else groups.push({ daHeight, events: [event] });
  }
  return isEnd ? groups : groups.slice(0, -1);
}

/** All events of the next height, however many. */
async function allOf(
  journal: Pick<InboxJournal, 'events'>,
  after: bigint,
): Promise<readonly RelayedEvent[]> {
  for (let limit = 2 * STEP_EVENTS; ; limit *= 2) {
    const events = await journal.events(after, limit);
    const [first] = wholeHeights(events, events.length < limit);
    if (first !== undefined) return first.events;
  }
}

class Taken {
  private readonly previous: bigint;
  private readonly limits: InboxLimits;
  private readonly eventsMax: number;
  private readonly events: RelayedEvent[] = [];
  private gas = 0n;
  private count = 0;

  constructor(previous: bigint, limits: InboxLimits, eventsMax: number) {
    this.previous = previous;
    this.limits = limits;
    this.eventsMax = eventsMax;
  }

  /** False: that height does not fit any more. */
  add({ events }: HeightEvents): boolean {
    if (this.events.length > 0 && this.events.length + events.length > this.eventsMax) return false;
    for (const event of events) {
      if (event.type === 'message') continue;
      this.gas += event.maxGas;
      this.count += 1;
    }
    if (this.gas > this.limits.gas || this.count > this.limits.count) return false;
    for (const event of events) this.events.push(event);
    return true;
  }

  upTo(daHeight: bigint): InboxSlice {
    const isStuck = daHeight === this.previous && (this.gas > this.limits.gas || this.count > 0);
    if (isStuck) {
      throw new CodedError('NO_NEW_DA_HEIGHT', NO_NEW_DA_HEIGHT, { previous: this.previous });
    }
    return { daHeight, events: this.events };
  }
}

/** Identity of a position, for logs. */
export function describePosition(position: { number: bigint; hash: B256 } | null): string {
  return position === null ? 'nothing' : `block ${position.number} (${position.hash})`;
}
