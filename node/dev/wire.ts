/**
 * How development controls are put into a node: what they replace before it is composed
 * ({@link openDev}), and what they hold on to afterwards ({@link devControlsOf}).
 */
import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { B256, Tai64, TxId } from '../../primitives/types.ts';
import type { ChainConfig } from '../../state/chainConfig.ts';
import { bucketBytesOf } from '../../state/columns.ts';
import { openMemoryEngine } from '../../state/engine/memory.ts';
import type { Engine } from '../../state/engine/port.ts';
import { genesisBlock } from '../../state/genesis.ts';
import type { Snapshot } from '../../state/snapshot.ts';
import { encodeTx } from '../../tx/codec/transaction.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { ChargeableTx } from '../../tx/types.ts';
import type { TxPoolService } from '../../txpool/service.ts';
import type { NodeConfig } from '../config.ts';
import type { BlockHistory } from '../explain/history.ts';
import type { GasPrice } from '../gasPrice.ts';
import type { BlockProducer } from '../producer.ts';
import type { StatusHub } from '../statusHub.ts';
import { DevClock } from './clock.ts';
import { createDevControls } from './controls.ts';
import { ForkEngine } from './fork/engine.ts';
import { forkSnapshot } from './fork/snapshot.ts';
import { type ForkSettings, ForkSource } from './fork/source.ts';
import { Impersonation } from './impersonation.ts';
import { LateSigning } from './lateSigning.ts';
import { DevState } from './state.ts';
import { switched } from './switched.ts';
import type { DevControls, ForkStatus } from './types.ts';

/** What a node with `--dev` is built on. */
export type DevCore = {
  readonly state: DevState;
  readonly clock: DevClock;
  readonly impersonation: Impersonation;
  readonly signing: LateSigning;
  /** null: the chain is no fork. */
  readonly fork: (() => ForkStatus) | null;
  /** Before a transaction is tried: a fork learns what it reads. */
  readonly prepare: (tx: ChargeableTx) => void;
  /** Of the chain that is there now: `load` replaces it. */
  chainConfig: Pick<ChainConfig, 'chainName' | 'consensus'>;
};

function conflict(what: string): never {
  throw new CodedError(
    'DEV_CONFLICT',
    `--dev does not go together with ${what}: its chain can be taken back and edited, and others would not follow`,
  );
}

/** @returns the key that signs blocks @throws CodedError DEV_CONFLICT */
export function checkDevConfig(config: NodeConfig): B256 {
  if (config.dbType !== 'in-memory') conflict('a database on disk (use --db-type in-memory)');
  if (config.da.follow) conflict('--follow-da');
  const { layer } = config.da;
  const posts = layer.type !== 'none' && !(layer.type === 'local' && layer.directory === null);
  if (posts) conflict('posting to a DA layer (leave out --da-layer and --da-path)');
  if (config.relayer !== null) conflict('--enable-relayer');
  if (config.committer !== null || config.rollup !== null) conflict('committing to Ethereum');
  if (config.consensusKey === null) {
    throw new CodedError('DEV_CONFLICT', '--dev makes blocks: it needs --debug or --consensus-key');
  }
  return config.consensusKey;
}

/** @throws CodedError DEV_CONFLICT, SNAPSHOT_INVALID */
export async function openDev(
  config: NodeConfig,
  snapshot: Snapshot,
  nowMs: () => number,
): Promise<DevCore> {
  const signing = new LateSigning(checkDevConfig(config));
  return {
    state: await DevState.open(genesisBlock(snapshot), { signing }),
    fork: null,
    prepare: () => {},
    signing,
    clock: new DevClock(nowMs),
    impersonation: new Impersonation(),
    chainConfig: snapshot.chainConfig,
  };
}

/**
 * A chain that goes on from another one.
 * @throws CodedError DEV_CONFLICT, FORK_REMOTE, FORK_HEIGHT, FORK_CACHE, FORK_OFFLINE, FORK_PARAMS
 */
export async function openFork(
  config: NodeConfig,
  settings: ForkSettings,
  nowMs: () => number,
): Promise<DevCore & { readonly snapshot: Snapshot }> {
  const secret = checkDevConfig(config);
  const signing = new LateSigning(secret);
  const source = await ForkSource.open(settings);
  const snapshot = forkSnapshot(source.chain, secret);
  const makeBase = (): Engine => new ForkEngine(openMemoryEngine(bucketBytesOf), source);
  return {
    state: await DevState.open(genesisBlock(snapshot), { signing, makeBase }),
    fork: () => source.status(),
    prepare: (tx) => source.learn(bytesToHex(encodeTx(tx))),
    signing,
    clock: new DevClock(nowMs),
    impersonation: new Impersonation(),
    chainConfig: snapshot.chainConfig,
    snapshot,
  };
}

/** A pool that can be emptied: `restart` puts a new one in its place. */
export type RestartingPool = {
  readonly pool: TxPoolService;
  restart(): Promise<void>;
};

export function restartingPool(open: () => TxPoolService): RestartingPool {
  let current = open();
  return {
    pool: switched(() => current),
    async restart() {
      const before = current;
      current = open();
      await before.stop();
      await current.start();
    },
  };
}

export type DevWires = {
  readonly core: DevCore;
  readonly pool: RestartingPool;
  readonly hub: StatusHub;
  readonly gasPrice: GasPrice;
  readonly params: () => { version: number; params: ConsensusParameters };
  readonly producer: BlockProducer;
  readonly makeBlock: (time: Tai64) => Promise<void>;
  readonly history: Pick<BlockHistory, 'forgetAbove' | 'edited'>;
};

const TAKEN_BACK = 'The chain was taken back to a snapshot in which the transaction was not there';

type Waiting = { readonly id: TxId; readonly raw: Uint8Array };

/** What was in the pool, in it again; what was not, told so. */
async function restorePool({ pool, hub }: DevWires, waiting: readonly Waiting[]): Promise<void> {
  const kept = new Set(waiting.map(({ id }) => id));
  const live = hub.liveIds();
  await pool.restart();
  for (const id of live) {
    if (!kept.has(id)) hub.publish(id, { type: 'squeezedOut', reason: TAKEN_BACK });
  }
  for (const { raw } of waiting) {
    // One that is not accepted any more is told by its status. Not waited for: what it needs may
    // come later.
    pool.pool.submit(raw).catch(() => {});
  }
}

export function devControlsOf(wires: DevWires): DevControls {
  const { core, pool, hub, gasPrice, params, producer, makeBlock, history } = wires;
  const { state, clock, impersonation, signing } = core;
  return createDevControls({
    state,
    clock,
    impersonation,
    chainConfig: () => core.chainConfig,
    replaced: (chainConfig) => {
      core.chainConfig = chainConfig;
      gasPrice.restartAt(state.store.latest.height);
    },
    params,
    signing,
    betweenBlocks: (job) => producer.betweenBlocks(job),
    makeBlock,
    autoMine: {
      isOn: () => producer.automaticIsOn,
      set: (on) => producer.setAutomatic(on),
    },
    gasPrice,
    pool: {
      raws: () =>
        hub.liveIds().flatMap((id) => {
          const found = pool.pool.pooled(id);
          return found === null ? [] : [{ id, raw: found.raw }];
        }),
      restore: (waiting) => restorePool(wires, waiting),
    },
    forgetAbove: (height) => history.forgetAbove(height),
    edited: (changes) => history.edited(changes),
    fork: core.fork,
  });
}
