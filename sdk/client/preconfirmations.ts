/** Preconfirmations of many transactions as one stream. */
import type { TxId } from '../../primitives/types.ts';
import type { Client } from './graphql.ts';
import { followTransaction, type TxStatus } from './transactions.ts';

/** A status, and whose. */
export type IdentifiedStatus = { readonly id: TxId; readonly status: TxStatus };

/**
 * Every status of these transactions as it comes, preconfirmations included, until all are final.
 * Leaving the loop closes the subscriptions.
 */
export async function* followAll(
  client: Client,
  ids: readonly TxId[],
): AsyncGenerator<IdentifiedStatus, void, undefined> {
  type Step = { readonly from: Source; readonly result: IteratorResult<TxStatus, void> };
  type Source = { readonly id: TxId; readonly statuses: AsyncGenerator<TxStatus, void, undefined> };
  const take = async (from: Source): Promise<Step> => ({
    from,
    result: await from.statuses.next(),
  });
  const sources = ids.map((id): Source => ({ id, statuses: followTransaction(client, id) }));
  const waiting = new Map(sources.map((source) => [source, take(source)]));
  try {
    while (waiting.size > 0) {
      const { from, result } = await Promise.race(waiting.values());
      if (result.done) {
        waiting.delete(from);
        continue;
      }
      waiting.set(from, take(from));
      yield { id: from.id, status: result.value };
    }
  } finally {
    for (const { statuses } of waiting.keys()) void statuses.return();
  }
}

/** Only the moments in which a result was certain: preconfirmed, or in a block without that. */
export async function* followPreconfirmations(
  client: Client,
  ids: readonly TxId[],
): AsyncGenerator<IdentifiedStatus, void, undefined> {
  const known = new Set<TxId>();
  for await (const each of followAll(client, ids)) {
    if (each.status.type === 'submitted' || known.has(each.id)) continue;
    known.add(each.id);
    yield each;
    if (known.size === new Set(ids).size) return;
  }
}
