/** Blocks as they are committed to Ethereum, put together from a node and the inbox. */
import { type RelayedEvent, relayedEventId } from '../executor/relayed.ts';
import { CodedError } from '../primitives/errors.ts';
import {
  type BatchOf,
  batchOf,
  type CommittedBlock,
  decodeInboxLog,
  type InboxEntry,
  type L1Address,
  type L1Reader,
  type StoredBatch,
} from '../settlement/index.ts';
import type { BlockHeader } from '../tx/block.ts';
import type { BlockTrace } from './stateTree/trace.ts';

/** Where blocks come from. */
export type BlockSource = {
  /** null: it does not have that one. */
  readonly source: (
    height: number,
  ) => Promise<{ header: BlockHeader; transactions: readonly Uint8Array[] } | null>;
  /** Steps and state of a block. @throws CodedError STATE_TREE_… */
  readonly trace: (height: number) => Promise<BlockTrace>;
};

/** Ethereum blocks in one request for logs. */
const PAGE_BLOCKS = 5_000n;

/** Entries of the inbox up to the finalized block, read on from where the last call ended. */
export function entriesOf(
  reader: L1Reader,
  inbox: L1Address,
  deployHeight: bigint,
): () => Promise<readonly InboxEntry[]> {
  const entries: InboxEntry[] = [];
  let next = deployHeight;
  return async () => {
    const { number: finalized } = await reader.finalized();
    while (next <= finalized) {
      const last = next + PAGE_BLOCKS - 1n;
      const to = last < finalized ? last : finalized;
      // Together, so that one machine answers both: one that lags behind has no logs either.
      const [found, end] = await Promise.all([reader.logs(next, to, [inbox]), reader.block(to)]);
      if (end === null) {
        throw new CodedError('L1_BEHIND', `the Ethereum endpoint lacks block ${to}`);
      }
      const logs = [...found];
      logs.sort((a, b) => Number(a.blockNumber - b.blockNumber) || a.logIndex - b.logIndex);
      for (const log of logs) {
        const event = decodeInboxLog(log);
        if (event !== null) entries.push(entryOf(event, log.blockNumber));
      }
      next = to + 1n;
    }
    return entries;
  };
}

function entryOf(event: RelayedEvent, block: bigint): InboxEntry {
  return { id: relayedEventId(event), block, event };
}

/** Entries that a block with this DA height has taken in; `entries` in their order. */
function countUpTo(entries: readonly InboxEntry[], daHeight: bigint): bigint {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entries[middle]!.block <= daHeight) low = middle + 1;
    else high = middle;
  }
  return BigInt(low);
}

/** @throws CodedError L1_DATA_MISSING, STATE_TREE_… */
export async function committedBlock(
  from: BlockSource,
  entries: () => Promise<readonly InboxEntry[]>,
  height: number,
): Promise<CommittedBlock> {
  const block = await from.source(height);
  if (block === null) {
    throw new CodedError('L1_DATA_MISSING', `the source does not have block ${height}`);
  }
  const inboxCount = countUpTo(await entries(), block.header.daHeight);
  return { ...block, ...(await from.trace(height)), inboxCount };
}

/**
 * A committed batch with the blocks behind it.
 * @throws CodedError L1_DATA_MISSING: the blocks are not to be had, or are not the committed ones
 */
export async function committedBatch(
  from: BlockSource,
  entries: () => Promise<readonly InboxEntry[]>,
  { first, last, root }: Pick<StoredBatch, 'first' | 'last' | 'root'>,
): Promise<BatchOf> {
  const blocks: CommittedBlock[] = [];
  for (let height = first; height <= last; height++) {
    blocks.push(await committedBlock(from, entries, height));
  }
  const batch = batchOf(blocks);
  if (batch.root === root) return batch;
  throw new CodedError(
    'L1_DATA_MISSING',
    `the blocks ${first} to ${last} of this node are not the committed ones`,
  );
}
