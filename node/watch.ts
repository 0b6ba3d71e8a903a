/** A watcher over an Ethereum endpoint: what `fuelrail watch` runs. */
import { rm } from 'node:fs/promises';
import { CodedError } from '../primitives/errors.ts';
import type { B256 } from '../primitives/types.ts';
import {
  type Alarm,
  type CommittedBlock,
  connectRpc,
  type L1Address,
  openL1Reader,
  openL1Sender,
  openSettlement,
  TxLane,
  Watcher,
  type WatcherProgress,
  type WatchMemory,
} from '../settlement/index.ts';
import { openDiskEngine } from '../state/engine/disk.ts';
import type { Engine } from '../state/engine/port.ts';
import { type BlockSource, committedBlock, entriesOf } from './committedBlocks.ts';
import { openCommitterJournal } from './committerJournal.ts';
import type { NodeConfig } from './config.ts';
import type { Log } from './log.ts';
import { genesisTrace } from './stateTree/trace.ts';
import { openWatchMemory, type WatchedChain } from './watchMemory.ts';
import { openWatchNode, type WatchNode } from './watchNode.ts';

export type WatchOptions = {
  /** Where the blocks come from: a node, or settings of one that derives them from the DA layer. */
  readonly blocks: BlockSource | ((inbox: L1Address) => NodeConfig);
  /** A batch whose blocks cannot be had is an alarm when it is older. Unit: ms. */
  readonly dataGraceMs: number;
  readonly url: string;
  readonly settlement: L1Address;
  /** Ethereum block of its deployment: nothing before is read. */
  readonly deployHeight: bigint;
  /** 32 bytes; null: watches only. */
  readonly secret: B256 | null;
  /** File of the lane; null: in memory. */
  readonly journalPath: string | null;
  /** Directory of what was found in order; null: everything is audited at each start. */
  readonly memoryPath: string | null;
  readonly bumpAfterMs: number;
  /** Wei per gas. */
  readonly maxFeeCap: bigint;
  /** The operator's node, when the blocks are of another; its word is taken where it is committed. */
  readonly operator: BlockSource | null;
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

export async function openWatch(options: WatchOptions): Promise<Watch> {
  const { url, settlement, secret, log, onAlarm } = options;
  const rpc = await connectRpc(url);
  const reader = await openL1Reader({ urls: [url] });
  const journal = await openCommitterJournal(options.journalPath);
  const chain = secret === null ? null : await openL1Sender(rpc, reader, secret);
  const contract = await openSettlement(rpc, settlement, chain?.sender ?? settlement);
  const { inbox, genesisState } = await contract.terms();
  const entries = entriesOf(reader, inbox, options.deployHeight);
  const lane =
    chain === null ? null : new TxLane(options, { chain, journal, log, nowMs: Date.now });
  const owner = { ethereumChainId: await reader.chainId(), settlement, genesisState };
  const kept = await openKept(options.memoryPath, owner, log);
  const own = await openBlocks(options, inbox).catch(async (error) => {
    await kept?.engine.close();
    throw error;
  });
  const read = (from: BlockSource, height: number): Promise<CommittedBlock> =>
    committedBlock(from, entries, height);
  const watcher = new Watcher({
    ...(kept === null ? {} : { memory: kept.memory }),
    contract,
    lane,
    log,
    entries,
    onAlarm,
    genesis: () => genesisTrace(options.snapshotPath),
    ...(options.operator === null
      ? {}
      : { operatorBlockAt: (height) => read(options.operator!, height) }),
    blockAt: (height) => read(own, height),
    dataGraceMs: options.dataGraceMs,
    nowMs: Date.now,
  });
  return {
    step: () => watcher.step(),
    progress: () => watcher.progress(),
    async close() {
      await own.close();
      await journal.close();
      await kept?.engine.close();
    },
  };
}

function openBlocks({ blocks, log }: WatchOptions, inbox: L1Address): Promise<WatchNode> {
  if (typeof blocks === 'function') return openWatchNode(blocks(inbox), log);
  return Promise.resolve({ ...blocks, close: async () => {} });
}

/** Nothing is lost with such a database but time. */
const UNREADABLE: ReadonlySet<string> = new Set(['STATE_CORRUPT', 'STATE_UNAVAILABLE']);

type Kept = { readonly engine: Engine; readonly memory: WatchMemory };

/** What was found in order before; a database that cannot be read is made anew. */
async function openKept(path: string | null, owner: WatchedChain, log: Log): Promise<Kept | null> {
  if (path === null) return null;
  const open = async (): Promise<Kept> => {
    const engine = await openDiskEngine(path);
    try {
      return { engine, memory: await openWatchMemory(engine, owner, log) };
    } catch (error) {
      await engine.close();
      throw error;
    }
  };
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof CodedError) || !UNREADABLE.has(error.code)) throw error;
    log.warn(`What the watcher has kept is damaged, everything is audited again: ${path}`);
    await rm(path, { recursive: true });
    return await open();
  }
}
