/** From the flags of `run` and the environment to the node's settings. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { NodeConfig, Trigger } from '../node/config.ts';
import { DEV_CONSENSUS_KEY, REFERENCE_VERSION } from '../node/defaults.ts';
import { CodedError } from '../primitives/errors.ts';
import type { B256, UtxoKey } from '../primitives/types.ts';
import { daOf } from './daFlags.ts';
import { forkOf } from './devFlags.ts';
import { type FlagValue, parseB256, parseFlag } from './flagValue.ts';
import { committerOf, relayerOf, rollupOf, stateTreeOf } from './relayerFlags.ts';
import { type FlagRow, OWN_FLAGS, RUN_FLAGS } from './runFlags.ts';

/** What `fuelrail run` starts with. */
export type RunSettings = {
  readonly config: NodeConfig;
  /** Lines for the log: what was asked for and has no effect. */
  readonly notices: readonly string[];
  readonly exitWithParent: boolean;
};

/** Timers take no longer times: beyond it they fire at once. Almost 25 days. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export const ALL_FLAGS: readonly FlagRow[] = [...RUN_FLAGS, ...OWN_FLAGS];

/** Text of every flag that was given on the command line, by name without dashes. */
export type GivenFlags = ReadonlyMap<string, string>;

class Flags {
  readonly notices: string[] = [];
  readonly explicit: ReadonlySet<string>;
  private readonly values = new Map<string, FlagValue>();

  constructor(given: GivenFlags, env: Readonly<Record<string, string | undefined>>) {
    this.explicit = new Set(given.keys());
    for (const [name, kind, defaultText, envName, effect] of ALL_FLAGS) {
      const text = given.get(name);
      if (text !== undefined) {
        this.values.set(name, parseFlag(name, kind, text));
        this.noteEffect(name, effect);
        continue;
      }
      const fromEnv = envName === null ? undefined : env[envName];
      if (fromEnv !== undefined && fromEnv !== '' && this.takeEnv(name, kind, fromEnv, envName)) {
        this.noteEffect(name, effect);
      } else if (defaultText !== null) {
        this.values.set(name, parseFlag(name, kind, defaultText));
      }
    }
  }

  private takeEnv(name: string, kind: FlagRow[1], text: string, envName: string | null): boolean {
    try {
      this.values.set(name, parseFlag(name, kind, text));
      return true;
    } catch {
      this.notices.push(
        `The environment variable ${envName} is set but is not a value for --${name}: left aside`,
      );
      return false;
    }
  }

  private noteEffect(name: string, effect: FlagRow[4]): void {
    if (effect === 'unsupported') {
      this.notices.push(`--${name} is not supported yet and has no effect`);
    }
  }

  switch(name: string): boolean {
    return this.values.get(name) === true;
  }
  text(name: string): string | null {
    const value = this.values.get(name);
    return value === undefined ? null : String(value);
  }
  big(name: string): bigint {
    const value = this.values.get(name);
    return typeof value === 'bigint' ? value : 0n;
  }
  /** u64 as a number; what is beyond 2^53 is "no limit". */
  num(name: string): number {
    const value = this.big(name);
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
  }
  ms(name: string): number | null {
    const value = this.values.get(name);
    return typeof value === 'number' ? Math.min(value, TIMER_MS_MAX) : null;
  }
  list(name: string): readonly string[] {
    const value = this.values.get(name);
    return Array.isArray(value) ? value : [];
  }
}

function triggerOf(flags: Flags): Trigger {
  const intervalMs = flags.ms('poa-interval-period');
  const openMs = flags.ms('poa-open-period');
  const instantGiven = flags.explicit.has('poa-instant');
  const chosen = [
    instantGiven && flags.switch('poa-instant'),
    intervalMs !== null,
    openMs !== null,
  ];
  if (chosen.filter(Boolean).length > 1) {
    throw new CodedError(
      'CLI_CONFLICT',
      'choose one of --poa-instant true, --poa-interval-period and --poa-open-period',
    );
  }
  if (intervalMs !== null) return { type: 'interval', blockTimeMs: intervalMs };
  if (openMs !== null) return { type: 'open', periodMs: openMs };
  return flags.switch('poa-instant') ? { type: 'instant' } : { type: 'never' };
}

function workerCountOf(flags: Flags): number | null {
  if (flags.text('workers') !== null) return flags.num('workers');
  if (!flags.explicit.has('executor-number-of-cores')) return null;
  const cores = flags.num('executor-number-of-cores');
  return cores <= 1 ? 0 : Math.min(cores, 4 * availableParallelism());
}

function consensusKeyOf(flags: Flags, debug: boolean): B256 | null {
  const text = flags.text('consensus-key');
  if (text !== null) return parseB256('consensus-key', text);
  return debug ? DEV_CONSENSUS_KEY : null;
}

function utxoKeys(items: readonly string[]): UtxoKey[] {
  return items.map((item): UtxoKey => {
    const digits = item.replace(/^0x/i, '').toLowerCase();
    if (!/^[0-9a-f]{68}$/.test(digits)) {
      throw new CodedError(
        'CLI_BAD_VALUE',
        `invalid value '${item}' for '--tx-blacklist-coins': expected 68 hex digits`,
      );
    }
    return `0x${digits}`;
  });
}

function contractPercentOf(flags: Flags): number {
  const percent = flags.num('tx-contract-gas-percentage');
  if (percent <= 100) return percent;
  throw new CodedError(
    'CLI_BAD_VALUE',
    "invalid value for '--tx-contract-gas-percentage': expected 0 to 100, 0 is no limit",
  );
}

function poolOf(flags: Flags): NodeConfig['pool'] {
  const ids = (name: string): B256[] => flags.list(name).map((item) => parseB256(name, item));
  return {
    txCountMax: flags.num('tx-max-number'),
    gasMax: flags.big('tx-max-total-gas'),
    bytesMax: flags.num('tx-max-total-bytes'),
    depthMax: flags.num('tx-max-depth'),
    ttlMs: flags.ms('tx-pool-ttl') ?? 300_000,
    ttlCheckIntervalMs: flags.ms('tx-ttl-check-interval') ?? 60_000,
    pendingTtlMs: flags.ms('tx-pending-pool-ttl') ?? 3_000,
    pendingPercentMax: flags.num('tx-pending-pool-size-percentage'),
    maxWaitMs: flags.ms('tx-max-wait') ?? 30_000,
    contractGasPercentMax: contractPercentOf(flags),
    verificationQueueMax: flags.num('tx-size-of-verification-queue') || 2_000,
    blacklist: {
      addresses: ids('tx-blacklist-addresses'),
      coins: utxoKeys(flags.list('tx-blacklist-coins')),
      messages: ids('tx-blacklist-messages'),
      contracts: ids('tx-blacklist-contracts'),
    },
  };
}

function graphqlOf(flags: Flags): NodeConfig['graphql'] {
  return {
    bodyBytesMax: flags.num('graphql-request-body-bytes-limit'),
    depthMax: flags.num('graphql-max-depth'),
    complexityMax: flags.num('graphql-max-complexity'),
    recursiveDepthMax: flags.num('graphql-max-recursive-depth'),
    directivesMax: flags.num('graphql-max-directives'),
    requestTimeoutMs: flags.ms('api-request-timeout') ?? 30_000,
    heightTolerance: flags.num('graphql-required-block-height-tolerance'),
    heightWaitMs: flags.ms('graphql-required-block-height-min-timeout-seconds') ?? 30_000,
    assembleDryRunsMax: flags.num('assemble-tx-dry-run-limit'),
    assembleEstimatesMax: flags.num('assemble-tx-estimate-predicates-limit'),
  };
}

function gasPriceOf(flags: Flags): NodeConfig['gasPrice'] {
  return {
    startingExecPrice: flags.big('starting-gas-price'),
    minExecPrice: flags.big('min-gas-price'),
    execChangePercent: flags.num('gas-price-change-percent'),
    thresholdPercent: flags.num('gas-price-threshold-percent'),
    minDaPrice: flags.big('min-da-gas-price'),
    maxDaPrice: flags.big('max-da-gas-price'),
    daPComponent: flags.big('da-gas-price-p-component'),
    daDComponent: flags.big('da-gas-price-d-component'),
  };
}

/** A chain under development controls is in memory; who asks for a disk as well is told. */
function namesDisk({ explicit }: Flags): boolean {
  return explicit.has('db-type') || explicit.has('db-path');
}

/** `random` is for tests: the engines take turns. */
const VM_ENGINES = ['auto', 'interpreter', 'jit', 'random'] as const;

/**
 * @throws CodedError CLI_BAD_VALUE, CLI_CONFLICT: text says what to change
 */
export function runSettings(
  given: GivenFlags,
  env: Readonly<Record<string, string | undefined>>,
): RunSettings {
  const flags = new Flags(given, env);
  const notices = [...flags.notices];
  const dev = flags.switch('dev');
  const debug = flags.switch('debug');
  if (!debug && !dev && !flags.switch('utxo-validation')) {
    notices.push('Validation of UTXOs is always on without --debug');
  }
  const vmRules = flags.text('vm-rules');
  if (vmRules !== 'auto' && vmRules !== '0.66') {
    throw new CodedError('CLI_BAD_VALUE', "invalid value for '--vm-rules': expected auto or 0.66");
  }
  const engineText = flags.text('vm-engine');
  const vmEngine = VM_ENGINES.find((each) => each === engineText);
  if (vmEngine === undefined) {
    const wanted = VM_ENGINES.join(', ');
    throw new CodedError('CLI_BAD_VALUE', `invalid value for '--vm-engine': one of ${wanted}`);
  }
  const port = flags.num('port');
  if (port > 65_535) {
    throw new CodedError('CLI_BAD_VALUE', "invalid value for '--port': expected 0 to 65535");
  }
  const inMemory = flags.text('db-type') === 'in-memory' || (dev && !namesDisk(flags));
  const snapshot = flags.text('snapshot');
  const coinbase = flags.text('coinbase-recipient');
  const nativeVersion = flags.text('native-executor-version');
  const config: NodeConfig = {
    ip: flags.text('ip') ?? '127.0.0.1',
    port,
    nodeVersion: flags.text('node-version') ?? REFERENCE_VERSION,
    serviceName: flags.text('service-name') ?? 'fuelrail',
    dbType: inMemory ? 'in-memory' : 'disk',
    dbPath: inMemory ? null : resolve(flags.text('db-path') ?? './.fuelrail'),
    snapshotPath: snapshot === null ? null : resolve(snapshot),
    debug: debug || dev,
    historicalExecution: flags.switch('historical-execution'),
    utxoValidation: flags.switch('utxo-validation') || !debug,
    vmBacktrace: flags.switch('vm-backtrace'),
    vmRules,
    vmEngine,
    nativeExecutorVersion: nativeVersion === null ? null : Number(nativeVersion),
    consensusKey: consensusKeyOf(flags, debug || dev),
    trigger: triggerOf(flags),
    coinbaseRecipient: coinbase === null ? null : parseB256('coinbase-recipient', coinbase),
    productionTimeoutMs: flags.ms('production-timeout') ?? 20_000,
    workerCount: workerCountOf(flags),
    speculation: {
      readers: flags.switch('speculate-readers'),
      slots: flags.switch('speculate-slots'),
    },
    expensiveSubscriptions: flags.switch('expensive-subscriptions'),
    gasPrice: gasPriceOf(flags),
    pool: poolOf(flags),
    statusCacheTtlMs: flags.ms('tx-status-manager-cache-ttl') ?? 5_000,
    subscriptionCountMax: flags.num('tx-number-active-subscriptions'),
    graphql: graphqlOf(flags),
    relayer: relayerOf(flags),
    committer: committerOf(flags),
    rollup: rollupOf(flags),
    stateTree: stateTreeOf(flags, dev),
    da: daOf(flags),
    ...forkOf(flags, dev),
    dev,
  };
  return { config, notices, exitWithParent: flags.switch('exit-with-parent') };
}
