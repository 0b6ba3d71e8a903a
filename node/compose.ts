/**
 * The composition root: every `new` and every wire in one place, top to bottom in flow order.
 *
 * Reading order: `openChain` (state, genesis), `composeNode` (pool, producer, API).
 */
import { BLOCK_TX_COUNT_MAX } from '../executor/block.ts';
import type { SealedBlock } from '../executor/ports.ts';
import { CodedError } from '../primitives/errors.ts';
import type { Address, B256 } from '../primitives/types.ts';
import type { ConsensusConfig } from '../state/chainConfig.ts';
import { genesisBlock } from '../state/genesis.ts';
import { localAccounts } from '../state/localChain.ts';
import { openChainStore } from '../state/open.ts';
import type { Snapshot } from '../state/snapshot.ts';
import type { ChainStore } from '../state/types.ts';
import type { TxPoolService } from '../txpool/service.ts';
import { configureEngine } from '../vm/engine.ts';
import { BlockMaker } from './blockMaker.ts';
import { chainParams } from './chainParams.ts';
import { committedStatus } from './committedStatus.ts';
import { type NodeCommitter, openCommitter, stateTreeOf } from './committer.ts';
import type { NodeConfig } from './config.ts';
import { type NodeDa, openDa } from './daBlocks.ts';
import { type Follower, openFollower } from './daFollow.ts';
import { daDeps, readOnly } from './daWires.ts';
import type { DevCore } from './dev/wire.ts';
import { BlockHistory, historyLimits } from './explain/history.ts';
import { createExplain } from './explain/service.ts';
import { GasPrice, mintPriceOf } from './gasPrice.ts';
import { genesisOf, type InlineSnapshot, importTeller } from './genesisOf.ts';
import { type Api, createApi } from './graphql/api.ts';
import { HeightWaiters } from './heightWaiters.ts';
import { type HttpServer, startHttp } from './http.ts';
import { inspections } from './inspections.ts';
import type { Log } from './log.ts';
import { keepModules } from './moduleStore.ts';
import { openPool } from './openPool.ts';
import { modulesPath, statePath } from './paths.ts';
import { BlockProducer } from './producer.ts';
import { type NodeRelayer, openRelayer } from './relayer.ts';
import { createCheckThreads, createRunner } from './runner.ts';
import type { NodeServices } from './services.ts';
import { StageClock, stageReport } from './stages.ts';
import { StatusHub } from './statusHub.ts';
import { tell } from './tell.ts';

export type NodeDeps = {
  readonly log: Log;
  /** Genesis given as values instead of a directory. */
  readonly snapshot?: InlineSnapshot | null;
  readonly nowMs?: () => number;
  /** Opens the database. Default: as the configuration says. */
  readonly openStore?: typeof openChainStore;
};

export type Node = {
  readonly services: NodeServices;
  readonly api: Api;
  /** Funded accounts with a known secret; empty with a snapshot of one's own. */
  readonly accounts: readonly { address: Address; secret: B256 }[];
  /** Starts making blocks. */
  start(): Promise<void>;
  /** `start`, and serves the API over HTTP. @throws CodedError PORT_IN_USE */
  listen(): Promise<{ ip: string; port: number }>;
  /** Lets the block in the making finish, closes everything; safe to call twice. */
  close(): Promise<void>;
};

type Chain = {
  readonly store: ChainStore;
  readonly chainName: string;
  readonly fresh: boolean;
  readonly localChain: boolean;
  readonly genesis: SealedBlock;
  readonly consensus: ConsensusConfig;
  /** What development controls work on; null without `--dev`. */
  readonly dev: DevCore | null;
};

async function openChain(config: NodeConfig, deps: NodeDeps): Promise<Chain> {
  const inline = deps.snapshot ?? null;
  const telling = importTeller(deps.log, deps.nowMs ?? Date.now);
  const snapshot = genesisOf(config.snapshotPath, inline, telling.tell);
  if (config.dev) return await openDevChain(config, deps, snapshot);
  const genesis = genesisBlock(snapshot, telling.tell);
  const opened = await (deps.openStore ?? openChainStore)(
    config.dbPath === null
      ? { engine: 'memory' }
      : { engine: 'disk', path: statePath(config.dbPath) },
    { keepDeltas: stateTreeOf(config) !== null, genesis },
  );
  const isLocal = config.snapshotPath === null && inline === null;
  const { chainName, consensus } = snapshot.chainConfig;
  const about = { chainName, consensus, genesis, localChain: isLocal, dev: null };
  if (opened.store === null) {
    telling.writing(snapshot);
    const store = await opened.initialise(genesis);
    telling.done();
    return { store, fresh: true, ...about };
  }
  const stored = opened.store.block(genesis.header.height);
  const given = genesis.consensus;
  const sameChain =
    stored?.consensus.type === 'genesis' &&
    given.type === 'genesis' &&
    stored.consensus.chainConfigHash === given.chainConfigHash;
  if (!sameChain) {
    await opened.close();
    throw new CodedError(
      'GENESIS_MISMATCH',
      `the database in ${config.dbPath} belongs to another chain than the snapshot: ` +
        'use another --db-path, or remove that directory to start anew',
    );
  }
  return { store: opened.store, fresh: false, ...about };
}

async function openDevChain(
  config: NodeConfig,
  deps: NodeDeps,
  snapshot: Snapshot,
): Promise<Chain> {
  const { openDev, openFork } = await import('./dev/wire.ts');
  if (config.fork !== undefined) {
    const forked = await openFork(config, config.fork, deps.nowMs ?? Date.now);
    const { chainName, consensus } = forked.chainConfig;
    const genesis = genesisBlock(forked.snapshot);
    const about = { chainName, consensus, genesis, localChain: false };
    return { store: forked.state.store, fresh: true, dev: forked, ...about };
  }
  const dev = await openDev(config, snapshot, deps.nowMs ?? Date.now);
  const { chainName, consensus } = snapshot.chainConfig;
  const localChain = config.snapshotPath === null && deps.snapshot == null;
  const genesis = genesisBlock(snapshot);
  return { store: dev.state.store, fresh: true, dev, chainName, consensus, genesis, localChain };
}

/**
 * Builds a node; nothing runs and nothing listens before `start` or `listen`.
 * @throws CodedError SNAPSHOT_INVALID, GENESIS_MISMATCH, STATE_…
 */
export async function composeNode(config: NodeConfig, deps: NodeDeps): Promise<Node> {
  const { log } = deps;
  // Before the first thread is made: threads take over the engine of the one that makes them.
  if (config.vmEngine !== undefined) configureEngine({ setting: config.vmEngine });
  keepModules(config.dbPath === null || config.dev ? null : modulesPath(config.dbPath));
  const nowMs = deps.nowMs ?? Date.now;
  const chain = await openChain(config, deps);
  const { store } = chain;
  const params = chainParams(store);
  const lastTx = store.block(store.latest.height)?.transactionIds.at(-1);
  const lastMint = lastTx === undefined ? null : store.transaction(lastTx);
  const gasPrice = new GasPrice(config.gasPrice, {
    height: store.latest.height,
    mintPrice: mintPriceOf(lastMint === null ? [] : [lastMint]),
  });
  const hub = new StatusHub(
    { subscriptionCountMax: config.subscriptionCountMax, droppedTtlMs: config.statusCacheTtlMs },
    { committed: (id) => committedStatus(store, id), nowMs },
  );
  const heights = new HeightWaiters();
  const runner = await createRunner(config, log);
  const checks = createCheckThreads(config);
  const stages = new StageClock();
  let producer: BlockProducer | null = null;
  const { dev } = chain;
  const newPool = (): TxPoolService =>
    openPool({
      config,
      store,
      hub,
      gasPrice,
      params,
      nowMs,
      checks,
      onExecutable: () => producer?.workArrived(),
      ...(dev === null ? {} : { asSigned: (tx) => dev.impersonation.withoutWaived(tx) }),
    });
  const devWiring = dev === null ? null : await import('./dev/wire.ts');
  const devPool = devWiring?.restartingPool(newPool) ?? null;
  const pool = devPool?.pool ?? newPool();
  const relayer = await openRelayer(config, { log, nowMs });
  const daWires = daDeps({ config, chain, log, nowMs, relayer, params });
  const da = await openDa(daWires);
  const history = new BlockHistory(store, historyLimits(config.debug));
  const maker = new BlockMaker({
    config,
    store,
    params,
    pool,
    hub,
    gasPrice,
    runner,
    da,
    relayer,
    nowMs,
    history,
    stages,
    ...(dev === null ? {} : { seal: (executed) => dev.signing.seal(executed) }),
    onHalt: (error) => {
      log.error(error.message);
      producer?.halt();
    },
  });
  const committer = await openCommitter({ ...daWires, store, relayer, genesis: chain.genesis });
  maker.onBlock((block) => {
    heights.reached(block.header.height);
    committer.reached(block);
  });
  const follower = await openFollower({
    ...daWires,
    runner,
    genesis: chain.genesis,
    onBlock: (block) => maker.adopt(block),
  });
  if (config.consensusKey !== null && follower === null) {
    producer = new BlockProducer(config.trigger, {
      nowMs,
      log,
      latest: () => maker.tip.header,
      // What cannot fit into any block now must not keep instant mode making empty ones.
      hasWork: () => {
        const { blockGasLimit, blockTransactionSizeLimit } = params().params;
        return pool.hasFor({
          gasLimit: blockGasLimit,
          bytesLimit: blockTransactionSizeLimit,
          countLimit: BLOCK_TX_COUNT_MAX,
          gasPrice: gasPrice.nextToMake(),
        });
      },
      makeBlock: (time, deadlineMs) => maker.make(time, deadlineMs),
      settled: () => maker.settled(),
      ...(dev === null ? {} : { clockTime: (latest) => dev.clock.next(latest) }),
    });
  }
  const controls =
    dev === null || devWiring === null || devPool === null || producer === null
      ? null
      : devWiring.devControlsOf({
          core: dev,
          pool: devPool,
          hub,
          gasPrice,
          params,
          producer,
          makeBlock: (time) => maker.make(time, null),
          history,
        });
  const services: NodeServices = {
    stages: stageReport(config, { stages, checks, pool, runner, maker, da }),
    config,
    store,
    txs: follower === null ? pool : readOnly(pool),
    da,
    ...(follower === null ? {} : { follower }),
    ...(controls === null ? {} : { dev: controls }),
    status: hub,
    blocks: {
      produceBlocks: async (count, startTime) => {
        if (producer === null) {
          throw new CodedError(
            'NO_CONSENSUS_KEY',
            'This node cannot make blocks: start it with --consensus-key',
          );
        }
        return await producer.produceBlocks(count, startTime);
      },
      onBlock: (listener) => maker.onBlock(listener),
    },
    explain: createExplain({
      store,
      history,
      pool,
      allowsWhatIf: config.debug || config.dev,
    }),
    ...inspections({ config, store, params, gasPrice, history, dev }),
    gasPrice,
    relayer,
    committer,
    ...committer.services,
    params,
    visibleHeight: () => store.latest.height,
    waitForHeight: (height, signal) =>
      Math.max(store.latest.height, dev?.state.highest ?? 0) >= height
        ? Promise.resolve()
        : heights.wait(height, signal),
    chainName: () => dev?.chainConfig.chainName ?? chain.chainName,
  };
  const api = createApi(services);
  const accounts = chain.localChain ? knownAccounts() : [];
  return new RunningNode({
    services,
    api,
    accounts,
    parts: {
      store,
      pool,
      hub,
      checks,
      runner,
      da,
      follower,
      relayer,
      committer,
      producer: () => producer,
    },
    tell: () => tell(config, log, chain.fresh, accounts),
  });
}

function knownAccounts(): { address: Address; secret: B256 }[] {
  return localAccounts().flatMap(({ address, secret }) =>
    secret === null ? [] : [{ address, secret }],
  );
}

type Parts = {
  readonly store: ChainStore;
  readonly pool: TxPoolService;
  readonly hub: StatusHub;
  readonly checks: { close(): Promise<void> };
  readonly runner: { close(): Promise<void> };
  readonly da: NodeDa;
  readonly follower: Follower | null;
  readonly relayer: NodeRelayer;
  readonly committer: NodeCommitter;
  readonly producer: () => BlockProducer | null;
};

class RunningNode implements Node {
  readonly services: NodeServices;
  readonly api: Api;
  readonly accounts: Node['accounts'];
  private readonly parts: Parts;
  private readonly tell: () => void;
  private http: HttpServer | null = null;
  private started = false;
  private closing: Promise<void> | null = null;

  constructor(made: {
    services: NodeServices;
    api: Api;
    accounts: Node['accounts'];
    parts: Parts;
    tell: () => void;
  }) {
    this.services = made.services;
    this.api = made.api;
    this.accounts = made.accounts;
    this.parts = made.parts;
    this.tell = made.tell;
  }

  async start(): Promise<void> {
    if (this.started) return;
    this.started = true;
    this.tell();
    await this.parts.pool.start();
    this.parts.da.start();
    this.parts.follower?.start();
    this.parts.relayer.start();
    this.parts.committer.start();
    this.parts.producer()?.start();
  }

  async listen(): Promise<{ ip: string; port: number }> {
    const { ip, port } = this.services.config;
    this.http ??= await startHttp(this.api, { ip, port });
    await this.start();
    setImmediate(() => void this.api.warmUp());
    return { ip: this.http.ip, port: this.http.port };
  }

  close(): Promise<void> {
    this.closing ??= this.stopAll();
    return this.closing;
  }

  private async stopAll(): Promise<void> {
    const { producer, pool, hub, checks, runner, da, follower, relayer, committer, store } =
      this.parts;
    // First: a block in the making may be waiting for it.
    await relayer.stop();
    da.release();
    await follower?.stop();
    await producer()?.stop();
    await pool.stop();
    hub.close();
    this.api.close();
    await this.http?.close();
    await checks.close();
    await runner.close();
    await da.close();
    await relayer.close();
    await committer.close();
    await store.close();
    keepModules(null);
  }
}
