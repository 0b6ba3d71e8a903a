/** Which transactions can run side by side: those that declare nothing in common. */
import type { TxId } from '../../primitives/types.ts';
import { type AccessList, accessListOf } from '../../tx/access.ts';
import { txId } from '../../tx/id.ts';
import type { ChargeableTx } from '../../tx/types.ts';

/** Why two transactions cannot run side by side. */
export type Conflict = {
  /** Keys that both declare and at least one writes: `u:` coin, `m:` message, `c:` contract, `b:` blob. */
  readonly keys: readonly string[];
  /** One of them stands alone in a block: it changes the chain's rules. */
  readonly barrier: boolean;
};

type Listed =
  | AccessList
  | { readonly tx: ChargeableTx; readonly chainId?: bigint; readonly id?: TxId };

function listOf(given: Listed): AccessList {
  if ('writes' in given) return given;
  return accessListOf(given.tx, given.id ?? txId(given.tx, given.chainId ?? 0n));
}

/**
 * What keeps `b` from running beside `a`; null: nothing does. Everything is known before either has
 * run. Transactions are given with their chain id (0 unless said otherwise), or as access lists.
 */
export function conflictsWith(a: Listed, b: Listed): Conflict | null {
  const [one, other] = [listOf(a), listOf(b)];
  const barrier = one.barrier || other.barrier;
  const keys = [
    ...shared(one.writes, [...other.writes, ...other.reads]),
    ...shared(one.reads, other.writes),
  ];
  return keys.length === 0 && !barrier ? null : { keys, barrier };
}

function shared(mine: readonly string[], others: readonly string[]): string[] {
  const theirs = new Set(others);
  return mine.filter((key) => theirs.has(key));
}
