/**
 * What blocks take in from Ethereum is in the frames. A follower that reads Ethereum itself does not
 * take the sequencer's word for it.
 */
import { eventInboxRoot, type RelayedEvent } from '../executor/relayed.ts';
import { CodedError } from '../primitives/errors.ts';
import type { BlockHeader } from '../tx/block.ts';
import type { NodeRelayer } from './relayer.ts';

const POLL_MS = 50;

/** Events of the Ethereum blocks after `after` up to `upTo`; waits until those have been read. */
export type InboxReader = (
  after: bigint,
  upTo: bigint,
  signal: AbortSignal,
) => Promise<readonly RelayedEvent[]>;

export function inboxReader(relayer: Pick<NodeRelayer, 'progress' | 'events'>): InboxReader {
  return async (after, upTo, signal) => {
    while ((relayer.progress()?.read ?? -1n) < upTo) {
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return await relayer.events(after, upTo);
  };
}

/** @throws CodedError BLOCK_INVALID when a block takes in other events than Ethereum has */
export async function checkInbox(
  header: BlockHeader,
  before: BlockHeader,
  ethereum: InboxReader,
  signal: AbortSignal,
): Promise<void> {
  const events = await ethereum(before.daHeight, header.daHeight, signal);
  if (eventInboxRoot(events) === header.eventInboxRoot) return;
  throw new CodedError(
    'BLOCK_INVALID',
    `block ${header.height} takes in other events than Ethereum has between ${before.daHeight} and ` +
      `${header.daHeight}: the sequencer has invented or left out some, or --relayer names ` +
      'another Ethereum',
    { height: header.height },
  );
}
