/** Plain data of the pool. */
import type { Gas, TxId } from '../primitives/types.ts';
import type { AccessList } from '../tx/access.ts';
import type { ChargeableTx } from '../tx/types.ts';

/** A verified transaction with everything the pool needs to order and split. */
export type PooledTx = {
  readonly id: TxId;
  readonly tx: ChargeableTx;
  /** Canonical bytes. */
  readonly raw: Uint8Array;
  readonly minGas: Gas;
  readonly maxGas: Gas;
  /** Metered size in bytes. */
  readonly sizeBytes: number;
  readonly tip: bigint;
  readonly maxFee: bigint;
  /** ceil(maxFee · factor / maxGas). */
  readonly maxGasPrice: bigint;
  /** Clock at admission. */
  readonly arrivedAtMs: number;
  /** Order of arrival, unique. */
  readonly sequence: number;
  readonly access: AccessList;
  readonly verified: boolean;
};

/**
 * Disjoint sets: two transactions of different sets share no key of which one writes.
 * Indices refer to the list that was partitioned, in canonical order.
 */
export type Partition = {
  /** Every index exactly once; ascending inside a set; sets ordered by their first index. */
  readonly sets: readonly (readonly number[])[];
  /** For each index, the earlier indices it must wait for (direct conflicts only), ascending. */
  readonly predecessors: readonly (readonly number[])[];
  /**
   * For each index, its written keys that another index declares too, as numbers: what is equal
   * is the same key. Two that run at the same time have none in common.
   */
  readonly sharedWrites: readonly (readonly number[])[];
};
