/** The pool's limits. Every number has a meaning in the reference's flags, named beside it. */
import type { Address, ContractId, Nonce, UtxoKey } from '../primitives/types.ts';

export type Blacklist = {
  readonly addresses: readonly Address[];
  readonly coins: readonly UtxoKey[];
  readonly messages: readonly Nonce[];
  readonly contracts: readonly ContractId[];
};

export type PoolConfig = {
  /** Transactions. `--tx-max-number` */
  readonly txCountMax: number;
  /** Sum of max gas. `--tx-pool-max-gas` */
  readonly gasMax: bigint;
  /** Sum of metered sizes, bytes. `--tx-pool-max-bytes` */
  readonly bytesMax: number;
  /** Ancestors of one transaction, and descendants of one, itself included. `--tx-max-depth` */
  readonly depthMax: number;
  /** `--tx-pool-ttl` */
  readonly ttlMs: number;
  /** `--tx-ttl-check-interval` */
  readonly ttlCheckIntervalMs: number;
  /** How long a transaction waits for a missing coin or contract. `--tx-pending-pool-ttl` */
  readonly pendingTtlMs: number;
  /** Share of the three limits above that waiting transactions may use, in percent. */
  readonly pendingPercentMax: number;
  /**
   * Who waited so long goes before everybody who waited less, whatever they tip; oldest first.
   * 0: nobody does.
   */
  readonly maxWaitMs: number;
  /**
   * Percent of a block's gas that transactions of one contract may take, 1…99; anything else: all
   * of it. A contract's first transaction in a block always may.
   */
  readonly contractGasPercentMax: number;
  /** Transactions being verified at one time. */
  readonly verificationQueueMax: number;
  readonly blacklist: Blacklist;
};

/** The reference's defaults; it knows neither longest waits nor shares of contracts. */
export const DEFAULT_POOL_CONFIG: PoolConfig = {
  txCountMax: 4064,
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
