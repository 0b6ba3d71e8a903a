/** A watcher over an Ethereum endpoint: what `fuelrail watch` runs. */
import { type RelayedEvent, relayedEventId } from '../executor/relayed.ts';
import { CodedError } from '../primitives/errors.ts';
import type { B256 } from '../primitives/types.ts';
import {
  type Alarm,
  type CommittedBlock,
  connectRpc,
  decodeInboxLog,
  type InboxEntry,
  type L1Address,
  type L1Reader,
  openL1Reader,
  openL1Sender,
  openSettlement,
  TxLane,
  Watcher,
  type WatcherProgress,
} from '../settlement/index.ts';
import type { BlockHeader } from '../tx/block.ts';
import { openCommitterJournal } from './committerJournal.ts';
import type { Log } from './log.ts';
import { type BlockTrace, genesisTrace } from './stateTree/trace.ts';

export type WatchOptions = {
  readonly url: string;
  readonly settlement: L1Address;
  /** Ethereum block of its deployment: nothing before is read. */
  readonly deployHeight: bigint;
  /** 32 bytes; null: watches only. */
  readonly secret: B256 | null;
  /** File of the lane; null: in memory. */
  readonly journalPath: string | null;
  readonly bumpAfterMs: number;
  /** Wei per gas. */
  readonly maxFeeCap: bigint;
  /** The operator's blocks; null: it does not have that one. */
  readonly source: (
    height: number,
  ) => Promise<{ header: BlockHeader; transactions: readonly Uint8Array[] } | null>;
  /** The operator's node, when `source` is another; its word is taken where it is committed. */
  readonly operator: Pick<WatchOptions, 'source' | 'trace'> | null;
  /** Steps and state of a block. @throws CodedError STATE_TREE_UNREACHABLE */
  readonly trace: (height: number) => Promise<BlockTrace>;
  /** Genesis of the chain; null: the built-in local one. */
  readonly snapshotPath: string | null;
  readonly log: Log;
  readonly onAlarm: (alarm: Alarm) => void;
};

export type Watch = {
  /** One look at Ethereum. @throws CodedError L1_… */
  step(): Promise<void>;
  progress(): WatcherProgress;
  close(): Promise<void>;
};

/** Ethereum blocks in one request for logs. */
const PAGE_BLOCKS = 5_000n;

/** Entries of the inbox up to the finalized block, read on from where the last call ended. */
function entriesOf(
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

export async function openWatch(options: WatchOptions): Promise<Watch> {
  const { url, settlement, secret, log, onAlarm } = options;
  const rpc = await connectRpc(url);
  const reader = await openL1Reader({ urls: [url] });
  const journal = await openCommitterJournal(options.journalPath);
  const chain = secret === null ? null : await openL1Sender(rpc, reader, secret);
  const contract = await openSettlement(rpc, settlement, chain?.sender ?? settlement);
  const { inbox } = await contract.terms();
  const entries = entriesOf(reader, inbox, options.deployHeight);
  const lane =
    chain === null ? null : new TxLane(options, { chain, journal, log, nowMs: Date.now });
  const read = async (
    from: Pick<WatchOptions, 'source' | 'trace'>,
    height: number,
  ): Promise<CommittedBlock> => {
    const block = await from.source(height);
    if (block === null) {
      throw new CodedError('L1_DATA_MISSING', `the source does not have block ${height}`);
    }
    const inboxCount = countUpTo(await entries(), block.header.daHeight);
    return { ...block, ...(await from.trace(height)), inboxCount };
  };
  const watcher = new Watcher({
    contract,
    lane,
    log,
    entries,
    onAlarm,
    genesis: genesisTrace(options.snapshotPath),
    ...(options.operator === null
      ? {}
      : { operatorBlockAt: (height) => read(options.operator!, height) }),
    blockAt: (height) => read(options, height),
  });
  return {
    step: () => watcher.step(),
    progress: () => watcher.progress(),
    close: () => journal.close(),
  };
}
