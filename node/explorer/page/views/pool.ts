/** The pool: who waits, in which disjoint sets. */

import { bytesText, grouped } from '../../format.ts';
import { onTip, query, rest } from '../api.ts';
import { type Child, el } from '../dom.ts';
import { card, idLink, tableOr, tiles } from '../parts.ts';
import type { Drawn, Place } from '../router.ts';
import { keysText, type Pool, whyList } from './parallelTypes.ts';

const EVERY_MS = 2000;
const IDS_SHOWN = 5;

type Stats = {
  nodeInfo: { txPoolStats: { txCount: string; totalGas: string; totalSize: string } };
};
const STATS = '{ nodeInfo { txPoolStats { txCount totalGas totalSize } } }';

async function load(): Promise<{ pool: Pool; stats: Stats['nodeInfo']['txPoolStats'] }> {
  const [pool, { nodeInfo }] = await Promise.all([
    rest<Pool>('/v1/fuelrail/explain/pool'),
    query<Stats>(STATS),
  ]);
  return { pool, stats: nodeInfo.txPoolStats };
}

function idsOf(ids: readonly string[]): Child[] {
  const shown = ids.slice(0, IDS_SHOWN).flatMap((id): Child[] => [idLink('tx', id), ' ']);
  return ids.length > IDS_SHOWN ? [...shown, `and ${ids.length - IDS_SHOWN} more`] : shown;
}

function draw({ pool, stats }: Awaited<ReturnType<typeof load>>): Node[] {
  const sets = pool.sets.map((set, n): Child[] => [
    String(n + 1),
    String(set.txCount),
    String(set.chainTxCount),
    grouped(set.gas),
    keysText(set.keys) || 'nothing',
    idsOf(set.txIds),
  ]);
  return [
    card(
      'Waiting',
      tiles([
        ['Transactions', grouped(stats.txCount)],
        ['Disjoint sets', grouped(pool.setCount)],
        ['Gas, at most', grouped(stats.totalGas)],
        ['Size', bytesText(Number(stats.totalSize))],
      ]),
      whyList(pool.why),
    ),
    card(
      'Disjoint sets, biggest first',
      tableOr(
        'The pool is empty.',
        'Disjoint sets',
        ['#Set', '#Transactions', '#Longest chain', '#Gas, at most', 'Share', 'Transactions'],
        sets,
      ),
    ),
  ];
}

/** @see View */
export async function pool(place: Place): Promise<Drawn> {
  const box = el('div', {});
  box.append(...draw(await load()));
  const refresh = async (): Promise<void> => {
    if (document.hidden || box.contains(document.activeElement)) return;
    try {
      const next = await load();
      if (!place.signal.aborted) box.replaceChildren(...draw(next));
    } catch {
      // The banner says that the node is away.
    }
  };
  const timer = setInterval(refresh, EVERY_MS);
  const stop = onTip(() => void refresh());
  place.signal.addEventListener('abort', () => {
    clearInterval(timer);
    stop();
  });
  return { title: 'Pool', content: [box] };
}
