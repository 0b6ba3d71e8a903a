/** The pool's limits, and who has to go when they are hit. */
import type { Gas } from '../primitives/types.ts';
import type { PoolConfig } from './config.ts';
import { refusal } from './errors.ts';
import type { Placement, PoolNode } from './graph.ts';
import { compareRatios } from './ratio.ts';
import type { PooledTx } from './types.ts';

type Totals = {
  readonly txCount: number;
  readonly totalGas: Gas;
  readonly totalSizeBytes: number;
};

/**
 * Finds room for `entry`: the cheapest executable transactions with their dependents, as long as
 * none of them pays better. What several of them share is counted more than once; the limits are
 * not that strict.
 * @returns transactions to remove with their dependents; empty when there is room
 * @throws CodedError POOL_FULL
 */
export function makeRoom(
  entry: PooledTx,
  placement: Placement,
  pool: {
    readonly config: PoolConfig;
    readonly stats: Totals;
    readonly worstFirst: Iterable<PoolNode>;
  },
): PoolNode[] {
  const { txCountMax, gasMax, bytesMax } = pool.config;
  let gas = pool.stats.totalGas + entry.maxGas;
  let bytes = pool.stats.totalSizeBytes + entry.sizeBytes;
  let count = pool.stats.txCount + 1;
  const fits = (): boolean => gas <= gasMax && bytes <= bytesMax && count <= txCountMax;
  if (fits()) return [];
  if (placement.ancestors.size > 0) throw refusal.full();
  const victims: PoolNode[] = [];
  for (const node of pool.worstFirst) {
    if (compareRatios(node.tipSum, node.gasSum, entry.tip, entry.maxGas) > 0) break;
    victims.push(node);
    gas -= node.gasSum;
    bytes -= node.bytesSum;
    count -= node.countSum;
    if (fits()) return victims;
  }
  throw refusal.full();
}

/** May `entry` wait for a missing input? It must fit both the pool and the share of waiters. */
export function hasRoomToWait(
  entry: PooledTx,
  pool: {
    readonly config: PoolConfig;
    readonly stats: Totals;
    readonly pending: { readonly gas: Gas; readonly bytes: number; readonly txCount: number };
  },
): boolean {
  const { txCountMax, gasMax, bytesMax, pendingPercentMax } = pool.config;
  const { stats, pending } = pool;
  const share = (limit: number): number => Math.floor((limit * pendingPercentMax) / 100);
  return (
    stats.totalGas + entry.maxGas <= gasMax &&
    stats.totalSizeBytes + entry.sizeBytes <= bytesMax &&
    stats.txCount + 1 <= txCountMax &&
    pending.gas + entry.maxGas <= (gasMax * BigInt(pendingPercentMax)) / 100n &&
    pending.bytes + entry.sizeBytes <= share(bytesMax) &&
    pending.txCount + 1 <= share(txCountMax)
  );
}
