/** Settings of a node inside an application or a test: in memory, instant blocks, checks on. */
import type { B256 } from '../primitives/types.ts';
import type { NodeConfig } from './config.ts';
import { DA_DEFAULTS } from './daSettings.ts';

/** Key with which a development node signs when none is given (fuel-core's own). */
export const DEV_CONSENSUS_KEY: B256 =
  '0xfbe49178dac2df5fdea74a11a90f9977625fe023cdf6414bfd639d327a2e9ddb';

/** The fuel-core release whose behaviour this node has, and which it reports by default. */
export const REFERENCE_VERSION = '0.48.2';

export const POOL_DEFAULTS: NodeConfig['pool'] = {
  txCountMax: 4_064,
  gasMax: 30_000_000_000n,
  bytesMax: 131_072_000,
  depthMax: 32,
  ttlMs: 300_000,
  ttlCheckIntervalMs: 60_000,
  pendingTtlMs: 3_000,
  pendingPercentMax: 50,
  maxWaitMs: 30_000,
  contractGasPercentMax: 0,
  verificationQueueMax: 2_000,
  blacklist: { addresses: [], coins: [], messages: [], contracts: [] },
};

export const GRAPHQL_DEFAULTS: NodeConfig['graphql'] = {
  bodyBytesMax: 1_048_576,
  depthMax: 16,
  complexityMax: 80_000,
  recursiveDepthMax: 24,
  directivesMax: 10,
  requestTimeoutMs: 30_000,
  heightTolerance: 10,
  heightWaitMs: 30_000,
  assembleDryRunsMax: 3,
  assembleEstimatesMax: 10,
};

export function embeddedConfig(over: Partial<NodeConfig> = {}): NodeConfig {
  return {
    ip: '127.0.0.1',
    port: 0,
    nodeVersion: REFERENCE_VERSION,
    serviceName: 'fuelrail',
    dbType: 'in-memory',
    dbPath: null,
    snapshotPath: null,
    debug: true,
    historicalExecution: false,
    utxoValidation: true,
    vmBacktrace: false,
    vmRules: 'auto',
    nativeExecutorVersion: null,
    consensusKey: DEV_CONSENSUS_KEY,
    trigger: { type: 'instant' },
    coinbaseRecipient: null,
    productionTimeoutMs: 20_000,
    workerCount: null,
    expensiveSubscriptions: true,
    gasPrice: {
      startingExecPrice: 0n,
      minExecPrice: 0n,
      execChangePercent: 10,
      thresholdPercent: 50,
      minDaPrice: 0n,
      maxDaPrice: 100_000n,
      daPComponent: 799_999_999_999_993n,
      daDComponent: 10_000_000_000_000_000n,
    },
    pool: POOL_DEFAULTS,
    statusCacheTtlMs: 5_000,
    subscriptionCountMax: 4_064,
    graphql: GRAPHQL_DEFAULTS,
    relayer: null,
    committer: null,
    rollup: null,
    da: DA_DEFAULTS,
    dev: false,
    ...over,
  };
}
