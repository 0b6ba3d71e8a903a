/** The node's settings: plain validated data. Durations in ms, sizes in bytes, prices per `gasPriceFactor`. */

import type { Address, B256, ContractId, Nonce, UtxoKey } from '../primitives/types.ts';
import type {
  BatchSettings,
  L1Address,
  LaneSettings,
  RelayerSettings,
} from '../settlement/index.ts';
import type { EngineSetting } from '../vm/engine.ts';
import type { DaSettings } from './daSettings.ts';
import type { ForkSettings } from './dev/fork/source.ts';
import type { StateTreeSettings } from './stateTree/localTree.ts';

/** When blocks are made. */
export type Trigger =
  | { readonly type: 'instant' }
  | { readonly type: 'interval'; readonly blockTimeMs: number }
  | { readonly type: 'open'; readonly periodMs: number }
  | { readonly type: 'never' };

export type NodeConfig = {
  readonly ip: string;
  /** 0: the operating system chooses. */
  readonly port: number;
  readonly nodeVersion: string;
  readonly serviceName: string;
  readonly dbType: 'in-memory' | 'disk';
  /** Directory of the disk engine and of the local DA layer; null with `in-memory`. */
  readonly dbPath: string | null;
  /** Directory with metadata.json; null: the built-in local chain. */
  readonly snapshotPath: string | null;
  readonly debug: boolean;
  readonly historicalExecution: boolean;
  readonly utxoValidation: boolean;
  readonly vmBacktrace: boolean;
  readonly vmRules: 'auto' | '0.66';
  /** How programs are run, in every thread (docs/jit.md); absent: as the thread is set already. */
  readonly vmEngine?: EngineSetting;
  readonly nativeExecutorVersion: number | null;
  /** 32-byte secret of the block signer; null: blocks cannot be produced. */
  readonly consensusKey: B256 | null;
  readonly trigger: Trigger;
  readonly coinbaseRecipient: ContractId | null;
  readonly productionTimeoutMs: number;
  /** Threads that execute lanes; 0: serial only, null: chosen from the machine. */
  readonly workerCount: number | null;
  /** What may run ahead on hot contracts; absent: nothing. */
  readonly speculation?: { readonly readers: boolean; readonly slots: boolean };
  readonly expensiveSubscriptions: boolean;
  readonly gasPrice: {
    readonly startingExecPrice: bigint;
    readonly minExecPrice: bigint;
    readonly execChangePercent: number;
    readonly thresholdPercent: number;
    readonly minDaPrice: bigint;
    readonly maxDaPrice: bigint;
    readonly daPComponent: bigint;
    readonly daDComponent: bigint;
  };
  readonly pool: {
    readonly txCountMax: number;
    readonly gasMax: bigint;
    readonly bytesMax: number;
    readonly depthMax: number;
    readonly ttlMs: number;
    readonly ttlCheckIntervalMs: number;
    readonly pendingTtlMs: number;
    readonly pendingPercentMax: number;
    /** Who waited so long goes first in a block, oldest first; 0: nobody. */
    readonly maxWaitMs: number;
    /** Percent of a block's gas for transactions of one contract, 1…99; anything else: all. */
    readonly contractGasPercentMax: number;
    readonly verificationQueueMax: number;
    readonly blacklist: {
      readonly addresses: readonly Address[];
      readonly coins: readonly UtxoKey[];
      readonly messages: readonly Nonce[];
      readonly contracts: readonly ContractId[];
    };
  };
  readonly statusCacheTtlMs: number;
  readonly subscriptionCountMax: number;
  readonly graphql: {
    readonly bodyBytesMax: number;
    readonly depthMax: number;
    readonly complexityMax: number;
    readonly recursiveDepthMax: number;
    readonly directivesMax: number;
    readonly requestTimeoutMs: number;
    readonly heightTolerance: number;
    readonly heightWaitMs: number;
    readonly assembleDryRunsMax: number;
    readonly assembleEstimatesMax: number;
  };
  /** Follows Ethereum through these endpoints; null: no relayer. */
  readonly relayer: (RelayerSettings & { readonly urls: readonly string[] }) | null;
  /** Commits blocks to Fuel's contract on Ethereum; null: no committer. */
  readonly committer:
    | (LaneSettings & {
        readonly url: string;
        readonly chainState: L1Address;
        /** Key of the committer on Ethereum, with nothing else to send. */
        readonly secret: B256;
        /** How often Ethereum is asked what became of a commit. */
        readonly pollMs: number;
      })
    | null;
  /** Where blocks are posted, or followed from. */
  readonly da: DaSettings;
  /** Commits batches to the project's own contract on Ethereum; null: it does not. */
  readonly rollup:
    | (LaneSettings &
        BatchSettings & {
          readonly url: string;
          readonly settlement: L1Address;
          readonly secret: B256;
          readonly pollMs: number;
        })
    | null;
  /** Executes a block while the one before is written. Absent: true; measurements set it to false. */
  readonly commitBehind?: boolean;
  /** Keeps the state as a tree, for roots and proofs; absent or null: it does not. */
  readonly stateTree?: StateTreeSettings | null;
  /** The chain goes on from another one, read as it is needed; only with `dev`. */
  readonly fork?: ForkSettings;
  /** Own development controls; off unless asked for. */
  readonly dev: boolean;
};
