/** The node's side of the bridge: what each block takes in from Ethereum. */
import { BLOCK_TX_COUNT_MAX } from '../executor/block.ts';
import type { RelayedEvent } from '../executor/relayed.ts';
import {
  daHeightOf,
  type InboxSlice,
  openL1Reader,
  Relayer,
  type RelayerProgress,
} from '../settlement/index.ts';
import type { NodeConfig } from './config.ts';
import type { Log } from './log.ts';
import { relayerPath } from './paths.ts';
import { openRelayerJournal } from './relayerJournal.ts';

export type NodeRelayer = {
  start(): void;
  /** For the block after one with DA height `previous`; `gas`: the block's gas limit. */
  slice(previous: bigint, gas: bigint): Promise<InboxSlice>;
  /** Events of the Ethereum blocks after `after` up to `upTo`: what a block took in. */
  events(after: bigint, upTo: bigint): Promise<readonly RelayedEvent[]>;
  /** Events of the DA heights up to `daHeight`, from the beginning. */
  countUpTo(daHeight: bigint): Promise<bigint>;
  /** null: no relayer. */
  progress(): RelayerProgress | null;
  /** Reads no more; a block that waits for Ethereum is given up. */
  stop(): Promise<void>;
  /** After the last block. */
  close(): Promise<void>;
};

/** Without a relayer the DA height stays where it is. */
export const NO_RELAYER: NodeRelayer = {
  start: () => {},
  slice: async (previous) => ({ daHeight: previous, events: [] }),
  events: async () => [],
  countUpTo: async () => 0n,
  progress: () => null,
  stop: async () => {},
  close: async () => {},
};

/** A block takes in at most as many, so one reading is enough. */
const EVENTS_READ_MAX = 100_000;

async function eventsBetween(
  journal: { events(after: bigint, limit: number): Promise<RelayedEvent[]> },
  after: bigint,
  upTo: bigint,
): Promise<readonly RelayedEvent[]> {
  if (upTo <= after) return [];
  const events = await journal.events(after, EVENTS_READ_MAX);
  return events.filter((event) => daHeightOf(event) <= upTo);
}

/** @throws CodedError STATE_… when its database cannot be opened */
export async function openRelayer(
  config: NodeConfig,
  deps: { readonly log: Log; readonly nowMs: () => number },
): Promise<NodeRelayer> {
  const settings = config.relayer;
  if (settings === null) return NO_RELAYER;
  const path = config.dbPath === null ? null : relayerPath(config.dbPath);
  const journal = await openRelayerJournal(path);
  const reader = await openL1Reader({ urls: settings.urls });
  const relayer = new Relayer(settings, { reader, journal, ...deps });
  return {
    start: () => relayer.start(),
    slice: (previous, gas) => relayer.slice(previous, { gas, count: BLOCK_TX_COUNT_MAX }),
    events: (after, upTo) => eventsBetween(journal, after, upTo),
    countUpTo: (daHeight) => journal.countUpTo(daHeight),
    progress: () => relayer.progress(),
    stop: () => relayer.stop(),
    close: () => journal.close(),
  };
}
