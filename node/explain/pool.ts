/** Explains what waits in the pool. */
import type { Conflict } from '../../txpool/conflictGraph.ts';
import type { PartitionView } from '../../txpool/partitionView.ts';
import type { PooledTx } from '../../txpool/types.ts';
import { readableKey, shortId } from './keys.ts';
import type { ExplainedKey, PoolExplanation, TxExplanation } from './types.ts';
import { adviceFor, plural, sharedSentence } from './why.ts';

/** Sets, and hottest keys of the pool and of each set, in one answer. */
export const POOL_SET_COUNT_MAX = 50;
export const POOL_KEY_COUNT_MAX = 10;
/** Transactions named of a set. */
export const POOL_SET_TX_COUNT_MAX = 100;
const NEIGHBOUR_COUNT_MAX = 100;
/** Sentences about keys. */
const MENTION_COUNT = 3;

type Source = {
  partitionView(limits: { setCountMax: number; keyCountMax: number }): PartitionView;
};

export function explainPool(pool: Source): PoolExplanation {
  const view = pool.partitionView({
    setCountMax: POOL_SET_COUNT_MAX,
    keyCountMax: POOL_KEY_COUNT_MAX,
  });
  return {
    txCount: view.txCount,
    setCount: view.setCount,
    sizes: view.sizes,
    sets: view.sets.map(({ txIds, gas, chainTxCount, keys }) => ({
      txIds: txIds.slice(0, POOL_SET_TX_COUNT_MAX),
      txCount: txIds.length,
      gas: String(gas),
      chainTxCount,
      keys: keys.map(explained),
    })),
    keys: view.keys.map(explained),
    why: whyPool(view),
  };
}

function explained({ key, txCount }: PartitionView['keys'][number]): ExplainedKey {
  return { ...readableKey(key), txCount };
}

function whyPool({ txCount, setCount, keys }: PartitionView): string[] {
  if (txCount === 0) return ['The pool is empty.'];
  if (setCount === txCount) {
    return [`Nobody waits for anybody: ${plural(txCount, 'transaction')}, as many disjoint sets.`];
  }
  return keys
    .slice(0, MENTION_COUNT)
    .map(({ key, txCount: users }, at) => sharedSentence(key, users, txCount, keys[at - 1]?.key));
}

/** @param conflicts who in the pool disputes a key with it */
export function explainPooledTx(
  { id, access }: PooledTx,
  conflicts: readonly Conflict[],
): TxExplanation {
  const neighbours = conflicts.slice(0, NEIGHBOUR_COUNT_MAX).map((conflict) => ({
    id: conflict.with,
    index: -1,
    keys: conflict.keys.map(readableKey),
  }));
  const keys = new Map<string, number>();
  for (const conflict of conflicts) {
    for (const key of conflict.keys) keys.set(key, (keys.get(key) ?? 0) + 1);
  }
  const hottest = [...keys].sort((a, b) => b[1] - a[1]).slice(0, MENTION_COUNT);
  const why = hottest.map(([key, count]) => {
    const { text, kind } = readableKey(key);
    return `It disputes ${text} with ${plural(count, 'other', 'others')} of the pool. ${adviceFor(kind)}`;
  });
  return {
    id,
    where: 'pool',
    block: null,
    declares: [...access.writes, ...access.reads].map(readableKey),
    // In the pool the order is not decided yet.
    waitedFor: neighbours,
    awaitedBy: [],
    why: why.length > 0 ? why : [`${shortId(id)} conflicts with nobody in the pool.`],
  };
}
