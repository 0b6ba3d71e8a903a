/** Why a block, or a transaction, is or is not parallel; what would change that. */
import type { RecentBlock } from '../../../explain/service.ts';
import type { BlockExplanation, Neighbour, TxExplanation } from '../../../explain/types.ts';
import { grouped, plural } from '../../format.ts';
import { ApiError, daStage, onTip, query, rest } from '../api.ts';
import { byId, type Child, el } from '../dom.ts';
import { card, facts, idLink, link, soft, tableOr, tiles, wholeId } from '../parts.ts';
import { type Drawn, NotFound, type Place } from '../router.ts';
import { type Choose, graph, timeline } from './parallelGraph.ts';
import { costText, keysText, whyList } from './parallelTypes.ts';
import { whatIf } from './parallelWhatIf.ts';

const API = '/v1/fuelrail/explain/';
const ROWS_MAX = 50;

async function ask<T>(path: string): Promise<T> {
  try {
    return await rest<T>(API + path);
  } catch (error) {
    const isUnknown = error instanceof ApiError && error.code.startsWith('EXPLAIN_UNKNOWN');
    throw isUnknown ? new NotFound(error.message) : error;
  }
}

const fixed = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

function figures(block: BlockExplanation): HTMLElement {
  const { totals, costUnit } = block;
  const ran =
    block.mode === 'threads'
      ? plural(totals.workerCount, 'thread')
      : block.mode === 'serial'
        ? 'main thread'
        : 'not known';
  return tiles([
    ['Transactions', grouped(block.txs.length)],
    ['Disjoint sets', grouped(block.setCount)],
    ['Conflicts', grouped(block.edgeCount)],
    ['Work', costText(totals.work, costUnit)],
    ['Longest chain', costText(totals.criticalPath, costUnit)],
    ['Wall time', totals.wallMs === null ? '–' : costText(totals.wallMs, 'ms')],
    ['Ran on', ran],
    ['Speed-up', fixed(totals.speedUp)],
    ['Speed-up at most', fixed(totals.bound)],
    ['Efficiency', fixed(totals.efficiency)],
  ]);
}

function setsCard(block: BlockExplanation): HTMLElement {
  const together = block.sets.map((set, n) => ({ set, n })).filter(({ set }) => set.txs.length > 1);
  const alone = block.setCount - together.length;
  const rows = together
    .slice(0, ROWS_MAX)
    .map(({ set, n }): Child[] => [
      String(n),
      String(set.txs.length),
      String(set.chainTxCount),
      costText(set.work, block.costUnit),
      keysText(set.keys),
    ]);
  const head = ['#Set', '#Transactions', '#Longest chain', '#Work', 'Share'];
  return card(
    'Disjoint sets',
    rows.length > 0 && tableOr('', 'Disjoint sets', head, rows),
    alone > 0 && soft(`${plural(alone, 'set')} of one transaction`),
    block.setCount === 0 && soft('None.'),
  );
}

function detail(block: BlockExplanation, index: number): HTMLElement | null {
  const tx = block.txs[index];
  if (tx === undefined) return null;
  const others = (list: readonly number[], isBefore: boolean): Child => {
    const rows = list.slice(0, ROWS_MAX).map((other): Child[] => {
      const [from, to] = isBefore ? [other, index] : [index, other];
      const edge = block.edges.find((each) => each.from === from && each.to === to);
      const because = edge === undefined ? '' : keysText(edge.keys);
      return [String(other), idLink('tx', block.txs[other]?.id ?? ''), because];
    });
    return tableOr('nobody', 'Transactions', ['#Index', 'Transaction', 'Because of'], rows);
  };
  return card(
    `Transaction ${index}`,
    el('p', {}, wholeId(tx.id, 'transaction id', 'tx')),
    el(
      'p',
      {},
      `${tx.type}${tx.success ? '' : ', failed'}, ${costText(tx.cost, block.costUnit)}, `,
      `${grouped(tx.gas)} gas, set ${tx.set}`,
    ),
    el('h3', {}, 'Waits for'),
    others(tx.waitsFor, true),
    el('h3', {}, 'Awaited by'),
    others(tx.awaitedBy, false),
  );
}

function chooser(block: BlockExplanation, out: HTMLElement): Choose {
  return (index) => {
    for (const each of document.querySelectorAll('.chosen')) each.classList.remove('chosen');
    const group = document.querySelector(`[data-tx="${index}"]`);
    group?.classList.add('chosen');
    group?.firstElementChild?.classList.add('chosen');
    const box = detail(block, index);
    if (box === null) return;
    out.replaceChildren(box);
    box.scrollIntoView({ block: 'nearest' });
  };
}

/** Whether the newest block is followed; kept while the page is open. */
let isFollowing = false;

/** @param tip the newest block there is */
function around(height: number, tip: number, place: Place): HTMLElement {
  const next = link(`parallel/${height + 1}`, 'Next block', 'key: n');
  next.hidden = height >= tip;
  const follow = el(
    'button',
    {
      type: 'button',
      id: 'follow',
      'aria-pressed': String(isFollowing),
      onclick: () => {
        isFollowing = !isFollowing;
        follow.setAttribute('aria-pressed', String(isFollowing));
      },
    },
    'Follow',
  );
  const keys = (event: KeyboardEvent): void => {
    const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test((event.target as Element).tagName);
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'p' && height > 0) place.go(`parallel/${height - 1}`);
    if (event.key === 'n' && !next.hidden) place.go(`parallel/${height + 1}`);
  };
  document.addEventListener('keydown', keys, { signal: place.signal });
  const stop = onTip((newest) => {
    next.hidden = height >= newest.height;
    if (isFollowing && newest.height !== height) place.go(`parallel/${newest.height}`);
  });
  place.signal.addEventListener('abort', stop);
  return el(
    'nav',
    { class: 'pager', 'aria-label': 'Neighbours' },
    height > 0 && link(`parallel/${height - 1}`, 'Previous block', 'key: p'),
    next,
    link(`block/${height}`, 'What is in it'),
    link('parallel/blocks', 'Recent blocks'),
    follow,
  );
}

async function ofBlock(which: string, place: Place): Promise<Drawn> {
  const block = await ask<BlockExplanation>(`block/${encodeURIComponent(which)}`);
  const [stage, { chain }] = await Promise.all([
    daStage(block.height),
    query<{ chain: { latestBlock: { height: string } } }>('{chain{latestBlock{height}}}'),
  ]);
  const out = el('div', { id: 'detail' });
  const choose = chooser(block, out);
  const forecast = block.forecast.map(
    (each) => [plural(each.workers, 'worker'), `${each.speedUp.toFixed(1)}×`] as const,
  );
  const skipped = block.skipped.map((each): Child[] => [idLink('tx', each.id), each.reason]);
  return {
    title: `Parallelism of block ${grouped(block.height)}`,
    content: [
      card(
        'In short',
        around(block.height, Number(chain.latestBlock.height), place),
        figures(block),
        stage === null ? null : el('p', { class: 'soft', id: 'da' }, `On the DA layer: ${stage}`),
      ),
      card('Why', whyList(block.why)),
      timeline(block, byId('view').clientWidth, choose),
      graph(block, choose),
      out,
      card(
        'With more workers',
        soft('Simulated by the real scheduler, without any overhead.'),
        tiles(forecast),
      ),
      setsCard(block),
      skipped.length > 0 &&
        card('Skipped', tableOr('', 'Skipped', ['Transaction', 'Reason'], skipped)),
      whatIf(block),
    ],
  };
}

function neighbours(list: readonly Neighbour[]): HTMLElement {
  const rows = list.map((each): Child[] => [
    each.index < 0 ? '–' : String(each.index),
    link(`parallel/tx/${each.id}`, each.id.slice(0, 10), each.id),
    keysText(each.keys),
  ]);
  return tableOr('nobody', 'Transactions', ['#Index', 'Transaction', 'Because of'], rows);
}

function placeOf({ block }: TxExplanation): HTMLElement {
  if (block === null) return el('p', {}, 'In the pool.');
  const { lane } = block;
  const thread = lane !== null && lane.worker < 0 ? 'the main thread' : `worker ${lane?.worker}`;
  return facts([
    [
      'Block',
      [link(`parallel/${block.height}`, grouped(block.height)), ` at index ${block.index}`],
    ],
    [
      'Set',
      `${plural(block.set.txCount, 'transaction')}${block.isCritical ? ', on the longest chain' : ''}`,
    ],
    ['Cost', costText(block.cost, block.costUnit)],
    ['Could start after', costText(block.earliestStart, block.costUnit)],
    lane === null ? null : ['Ran on', `${thread} from ${costText(lane.startMs, 'ms')}`],
  ]);
}

async function ofTx(id: string): Promise<Drawn> {
  const tx = await ask<TxExplanation>(`tx/${encodeURIComponent(id)}`);
  return {
    title: 'Parallelism of a transaction',
    content: [
      card('Transaction', el('p', {}, wholeId(tx.id, 'transaction id', 'tx')), placeOf(tx)),
      card('Why', whyList(tx.why)),
      card(tx.block === null ? 'Disputes keys with' : 'Waited for', neighbours(tx.waitedFor)),
      tx.block !== null && card('Awaited by', neighbours(tx.awaitedBy)),
      card(
        'Declares',
        el(
          'ul',
          { class: 'why' },
          tx.declares.map((key) => el('li', { title: key.id }, key.text)),
        ),
      ),
    ],
  };
}

async function recent(): Promise<Drawn> {
  const blocks = await ask<RecentBlock[]>('blocks');
  const rows = blocks.map((block): Child[] => [
    link(`parallel/${block.height}`, grouped(block.height)),
    grouped(block.txCount),
    block.setCount === null ? 'not kept' : grouped(block.setCount),
    block.workMs === null ? '–' : costText(block.workMs, 'ms'),
    block.wallMs === null ? '–' : costText(block.wallMs, 'ms'),
    block.workerCount === null
      ? '–'
      : block.workerCount === 0
        ? 'main thread'
        : plural(block.workerCount, 'thread'),
  ]);
  const head = ['#Block', '#Transactions', '#Disjoint sets', '#Work', '#Wall time', 'Ran on'];
  return {
    title: 'Parallelism of recent blocks',
    content: [card('Newest first', tableOr('None.', 'Blocks', head, rows))],
  };
}

/** `parallel`, `parallel/HEIGHT`, `parallel/blocks`, `parallel/tx/ID`. @see View */
export async function parallel(place: Place): Promise<Drawn> {
  const [first = 'latest', id = ''] = place.args;
  if (first === 'tx') return await ofTx(id);
  if (first === 'blocks') return await recent();
  return await ofBlock(first, place);
}
