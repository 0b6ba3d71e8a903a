/** Settings of posting to, and following, a data-availability layer. Durations in ms, sizes in bytes. */
import type { PostPolicy } from '../da/policy.ts';
import type { Address, B256, Hex } from '../primitives/types.ts';

export type DaLayerSettings =
  | { readonly type: 'none' }
  /** Files of this machine; `directory` null: below the node's own, nothing for a chain in memory. */
  | { readonly type: 'local'; readonly directory: string | null }
  | {
      readonly type: 'celestia';
      /** JSON-RPC of a bridge or light node. */
      readonly url: string;
      readonly token: string | null;
      /** 10 bytes; null: derived from the chain id. */
      readonly namespace: Hex | null;
      /** utia per unit of gas; null: the node's own choice. */
      readonly gasPrice: number | null;
      /** Pays through a consensus node itself instead of through the bridge's account. */
      readonly direct: { readonly consensusUrl: string; readonly secret: B256 } | null;
    }
  | {
      readonly type: 'ethereum';
      readonly url: string;
      readonly beaconUrl: string | null;
      /** Sends blobs and nothing else; null: reads only. */
      readonly secret: B256 | null;
      /** Blocks on top before a blob counts as final; null: the endpoint's finalized block. */
      readonly confirmations: number | null;
      readonly maxFeeCapWei: bigint;
      readonly bumpAfterMs: number;
    };

export type DaLayerName = DaLayerSettings['type'];

export type DaResults = 'auto' | 'carried' | 'derived';

export type DaSettings = {
  readonly layer: DaLayerSettings;
  /** Derive the chain from the layer instead of making blocks. */
  readonly follow: boolean;
  readonly policy: PostPolicy;
  /**
   * Whether frames carry what follows from execution. Disputes on a settlement layer need what a
   * producer claims; those who only follow find it out by themselves. `auto`: not on a layer that
   * is paid, unless the chain is settled.
   */
  readonly results: DaResults;
  /** Whose blobs are the chain's; null: those whom the chain configuration names. */
  readonly authorities: readonly Address[] | null;
  /** Nothing of the chain lies below this height of the layer. */
  readonly startHeight: bigint;
  /** How often a follower looks at the layer's tip. */
  readonly followPollMs: number;
};

/** Of a layer that costs nothing and answers at once. */
export const LOCAL_POLICY: PostPolicy = {
  batchBytes: 4_000_000,
  batchBlocks: 1_000,
  batchAgeMs: 0,
  behindBlocks: 1_000,
  behindAgeMs: 60_000,
  cheapPerMegabyte: 0n,
  toleranceMax: 1,
  backlogBlocksMax: 2_000,
  backlogBytesMax: 256_000_000,
  resendAfterMs: 0,
  submitTimeoutMs: 60_000,
  retryMs: 1_000,
  finalityPollMs: 1_000,
};

/** Of a layer where blobs are paid. */
export const PAID_POLICY: PostPolicy = {
  batchBytes: 1_800_000,
  batchBlocks: 10_000,
  batchAgeMs: 60_000,
  behindBlocks: 5_000,
  behindAgeMs: 600_000,
  cheapPerMegabyte: 0n,
  toleranceMax: 4,
  backlogBlocksMax: 20_000,
  backlogBytesMax: 256_000_000,
  resendAfterMs: 60_000,
  submitTimeoutMs: 120_000,
  retryMs: 3_000,
  finalityPollMs: 6_000,
};

export const DA_DEFAULTS: DaSettings = {
  layer: { type: 'local', directory: null },
  follow: false,
  policy: LOCAL_POLICY,
  results: 'auto',
  authorities: null,
  startHeight: 0n,
  followPollMs: 1_000,
};
