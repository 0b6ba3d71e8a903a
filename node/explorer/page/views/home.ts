/** The newest blocks as they come, and the chain in figures. */

import { grouped, short, unixOf } from '../../format.ts';
import { onTip, query } from '../api.ts';
import { type Child, el, svg } from '../dom.ts';
import { blockLink, card, chain, facts, idLink, table, tableOr, tiles, when } from '../parts.ts';
import type { Drawn, Place } from '../router.ts';
import { KIND_FIELDS, kindOf, outcomeBadge, type TxKind } from './txKinds.ts';

const BLOCK_ROWS = 12;
const BAR_COUNT = 60;
const TX_ROWS = 10;
/** Every block ends with a mint, which is not listed. */
const TX_ASKED = 3 * TX_ROWS;

type Line = { height: string; id: string; header: { time: string; transactionsCount: string } };
type TxLine = TxKind & {
  id: string;
  status: { type: string; blockHeight?: string; totalGas?: string; reason?: string } | null;
};
type Answer = {
  transactions: { nodes: TxLine[] };
  blocks: { nodes: Line[] };
  chain: {
    name: string;
    daHeight: string;
    consensusParameters: { baseAssetId: string; chainId: string; blockGasLimit: string };
  };
  nodeInfo: {
    nodeVersion: string;
    utxoValidation: boolean;
    txPoolStats: { txCount: string; totalGas: string; totalSize: string };
  };
  estimateGasPrice: { gasPrice: string };
  latestGasPrice: { gasPrice: string };
};

const HOME = `query Home($count: Int!, $txs: Int!) {
  transactions(last: $txs) { nodes { id ${KIND_FIELDS} status { type: __typename
    ... on SuccessStatus { blockHeight totalGas }
    ... on FailureStatus { blockHeight totalGas reason } } } }
  blocks(last: $count) { nodes { height id header { time transactionsCount } } }
  chain { name daHeight consensusParameters { baseAssetId chainId blockGasLimit } }
  nodeInfo { nodeVersion utxoValidation txPoolStats { txCount totalGas totalSize } }
  estimateGasPrice(blockHorizon: "10") { gasPrice }
  latestGasPrice { gasPrice }
}`;

/** Transactions of a block without its mint. */
const txsOf = (line: Line): number => Math.max(0, Number(line.header.transactionsCount) - 1);

function bars(lines: readonly Line[]): HTMLElement | null {
  // A chain that has just begun has nothing to draw.
  if (lines.every((line) => txsOf(line) === 0)) return null;
  const [width, height, step] = [600, 56, 10];
  const oldestFirst = [...lines].reverse();
  const most = Math.max(1, ...oldestFirst.map(txsOf));
  const first = BAR_COUNT - oldestFirst.length;
  const drawn = oldestFirst.map((line, i) => {
    const high = Math.max(1, (txsOf(line) / most) * height);
    const bar = svg('rect', {
      x: (first + i) * step + 1,
      y: height - high,
      width: step - 2,
      height: high,
      class: 'bar',
    });
    bar.append(svg('title', {}, `block ${line.height}: ${txsOf(line)} transactions`));
    return bar;
  });
  const label = `Transactions in each of the last ${oldestFirst.length} blocks, at most ${most}`;
  return el(
    'figure',
    {},
    svg(
      'svg',
      {
        viewBox: `0 0 ${width} ${height}`,
        preserveAspectRatio: 'none',
        class: 'bars',
        role: 'img',
        'aria-label': label,
      },
      drawn,
    ),
    el('figcaption', { class: 'soft' }, label),
  );
}

/** Transactions a second over the blocks shown; null when they span no time. */
function pace(all: readonly Line[]): number | null {
  // The first block has no time of its own.
  const lines = all.filter(({ header }) => unixOf(header.time) > 0);
  const [newest] = lines;
  const oldest = lines.at(-1);
  if (newest === undefined || oldest === undefined) return null;
  const seconds = Number(BigInt(newest.header.time) - BigInt(oldest.header.time));
  if (seconds <= 0) return null;
  return lines.slice(0, -1).reduce((sum, line) => sum + txsOf(line), 0) / seconds;
}

function figures(answer: Answer): HTMLElement {
  const { txPoolStats } = answer.nodeInfo;
  const lines = answer.blocks.nodes;
  const perSecond = pace(lines.slice(0, BAR_COUNT));
  return tiles([
    ['Height', blockLink(lines[0]?.height ?? '0')],
    ['Last block', lines[0] === undefined ? '–' : when(lines[0].header.time)],
    ['Per second', perSecond === null ? '–' : perSecond.toFixed(2)],
    ['In the pool', el('a', { href: '/explorer/pool' }, grouped(txPoolStats.txCount))],
    ['Gas price', grouped(answer.latestGasPrice.gasPrice)],
  ]);
}

function blocksTable(lines: readonly Line[]): HTMLElement {
  return table(
    'Latest blocks',
    ['#Height', 'Id', '#Transactions', 'Made'],
    lines
      .slice(0, BLOCK_ROWS)
      .map((line) => [
        blockLink(line.height),
        idLink('block', line.id),
        String(txsOf(line)),
        when(line.header.time),
      ]),
  );
}

function txsTable(lines: readonly TxLine[]): HTMLElement {
  const rows = lines
    .filter((tx) => !tx.isMint)
    .slice(0, TX_ROWS)
    .map((tx): Child[] => [
      idLink('tx', tx.id),
      kindOf(tx),
      outcomeBadge(tx),
      grouped(tx.status?.totalGas ?? '0'),
      tx.status?.blockHeight === undefined ? '' : blockLink(tx.status.blockHeight),
    ]);
  return tableOr(
    'None yet.',
    'Latest transactions',
    ['Id', 'Kind', 'Status', '#Gas', '#Block'],
    rows,
  );
}

function aboutChain(answer: Answer): HTMLElement {
  const { name, daHeight, consensusParameters: params } = answer.chain;
  const { nodeVersion, utxoValidation } = answer.nodeInfo;
  return facts([
    ['Chain', `${name} (id ${params.chainId})`],
    [
      'Base asset',
      el(
        'a',
        { href: `/explorer/asset/${params.baseAssetId}`, class: 'id' },
        short(params.baseAssetId),
      ),
    ],
    ['Block gas limit', grouped(params.blockGasLimit)],
    ['Gas price in 10 blocks, at most', grouped(answer.estimateGasPrice.gasPrice)],
    ['Ethereum height taken in', grouped(daHeight)],
    ['Speaks as fuel-core', nodeVersion],
    utxoValidation ? null : ['Careful', 'inputs and signatures are not checked here'],
  ]);
}

/** @see View */
export async function home(place: Place): Promise<Drawn> {
  const load = (): Promise<Answer> => query<Answer>(HOME, { count: BAR_COUNT, txs: TX_ASKED });
  const answer = await load();
  const live = el('div', { id: 'live' });
  const draw = (given: Answer): void => {
    const parts: Child[] = [
      card(given.chain.name, figures(given), bars(given.blocks.nodes)),
      card('Latest blocks', blocksTable(given.blocks.nodes)),
      card('Latest transactions', txsTable(given.transactions.nodes)),
    ];
    live.replaceChildren(...(parts as Node[]));
  };
  draw(answer);
  let shown = Number(answer.blocks.nodes[0]?.height ?? 0);
  let loading = false;
  const stop = onTip(async (tip) => {
    if (tip.height <= shown || loading || document.hidden) return;
    loading = true;
    try {
      const next = await load();
      shown = Number(next.blocks.nodes[0]?.height ?? shown);
      if (!place.signal.aborted) keepFocus(live, () => draw(next));
    } catch {
      // The banner says that the node is away; the next tip comes back here.
    } finally {
      loading = false;
    }
  });
  place.signal.addEventListener('abort', stop);
  chain.name = answer.chain.name;
  return { title: 'Latest', content: [live, card('Chain', aboutChain(answer))] };
}

/** Drawing anew takes the focus from a link; it goes to the same link again. */
function keepFocus(within: HTMLElement, draw: () => void): void {
  const active = document.activeElement;
  const href = within.contains(active) ? active?.getAttribute('href') : null;
  draw();
  if (href == null) return;
  for (const each of within.querySelectorAll<HTMLElement>('a')) {
    if (each.getAttribute('href') === href) return each.focus();
  }
}
