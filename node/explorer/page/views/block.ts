/** A block, and the list of all blocks. */

import { grouped, timeText } from '../../format.ts';
import { daStage, query } from '../api.ts';
import { type Child, el } from '../dom.ts';
import { PAGE_ROWS, type PageInfo, pageArgs, pageOf } from '../paging.ts';
import {
  blockLink,
  card,
  facts,
  idLink,
  link,
  pager,
  soft,
  tableOr,
  when,
  wholeId,
} from '../parts.ts';
import { type Drawn, NotFound, type Place } from '../router.ts';
import { kindOf, outcomeBadge, type TxKind } from './txKinds.ts';

type TxLine = TxKind & {
  id: string;
  status: { type: string; totalGas?: string; totalFee?: string; reason?: string } | null;
};
type Header = Readonly<Record<string, string>>;
type Block = {
  height: string;
  id: string;
  header: Header;
  consensus: { type: string; signature?: string };
  transactions: TxLine[];
};

const BLOCK = `query Block($id: BlockId, $height: U32) {
  block(id: $id, height: $height) {
    height id
    header { version daHeight consensusParametersVersion stateTransitionBytecodeVersion
      transactionsCount messageReceiptCount transactionsRoot messageOutboxRoot eventInboxRoot
      prevRoot time applicationHash }
    consensus { type: __typename ... on PoAConsensus { signature } }
    transactions { id isScript isCreate isMint isUpgrade isUpload isBlob
      status { type: __typename ... on SuccessStatus { totalGas totalFee }
        ... on FailureStatus { totalGas totalFee reason } } }
  }
}`;

const LIST = `query Blocks($first: Int, $after: String, $last: Int, $before: String) {
  blocks(first: $first, after: $after, last: $last, before: $before) {
    pageInfo { hasNextPage startCursor endCursor }
    nodes { height id header { time transactionsCount daHeight } }
  }
}`;

/** Transactions of a block that are listed before the rest is asked for. */
const TX_ROWS = 200;

async function find(which: string): Promise<Block> {
  if (!/^(\d{1,10}|0x[0-9a-f]{64})$/i.test(which)) throw new NotFound(`“${which}” is no block`);
  const isHeight = /^\d+$/.test(which);
  const asked = isHeight ? { height: which } : { id: which };
  const { block } = await query<{ block: Block | null }>(BLOCK, asked);
  if (block === null) throw new NotFound(`There is no block ${which}`);
  return block;
}

function txRows(txs: readonly TxLine[]): Child[][] {
  return txs.map((tx, index) => [
    String(index),
    idLink('tx', tx.id),
    kindOf(tx),
    outcomeBadge(tx),
    grouped(tx.status?.totalGas ?? '0'),
    grouped(tx.status?.totalFee ?? '0'),
  ]);
}

function txCard(txs: readonly TxLine[]): HTMLElement {
  const head = ['#Index', 'Id', 'Kind', 'Status', '#Gas', '#Fee'];
  const box = el('div');
  const draw = (count: number): void => {
    const rest = txs.length - count;
    const more =
      rest > 0 &&
      el('button', { type: 'button', onclick: () => draw(txs.length) }, `Show ${rest} more`);
    box.replaceChildren(tableOr('None.', 'Transactions', head, txRows(txs.slice(0, count))));
    if (more !== false) box.append(more);
  };
  draw(TX_ROWS);
  return card(`Transactions (${txs.length})`, box);
}

/** @see View */
export async function block({ args }: Place): Promise<Drawn> {
  const found = await find(args[0] ?? '');
  const { header, consensus, height } = found;
  const [stage, next] = await Promise.all([
    daStage(height),
    query<{ block: { id: string } | null }>('query($h: U32){block(height: $h){id}}', {
      h: String(Number(height) + 1),
    }),
  ]);
  const root = (name: string): Child => el('span', { class: 'id' }, header[name] ?? '');
  const around = el(
    'nav',
    { class: 'pager', 'aria-label': 'Neighbours' },
    Number(height) > 0 && link(`block/${Number(height) - 1}`, 'Previous block'),
    next.block !== null && link(`block/${Number(height) + 1}`, 'Next block'),
    link(`parallel/${height}`, 'Parallelism'),
  );
  const about = facts([
    ['Id', wholeId(found.id, 'block id')],
    ['Time', [timeText(header['time'] ?? '0'), ' (', when(header['time'] ?? '0'), ')']],
    ['Ethereum height', grouped(header['daHeight'] ?? '0')],
    [
      'Sealed',
      consensus.type === 'Genesis' ? 'the first block: not signed' : 'by proof of authority',
    ],
    stage === null ? null : ['DA layer', link('da', stage)],
    ['Messages sent', grouped(header['messageReceiptCount'] ?? '0')],
  ]);
  const roots = el(
    'details',
    {},
    el('summary', {}, 'Roots and versions'),
    facts([
      ['Previous blocks', root('prevRoot')],
      ['Transactions', root('transactionsRoot')],
      ['Message outbox', root('messageOutboxRoot')],
      ['Event inbox', root('eventInboxRoot')],
      ['Application hash', root('applicationHash')],
      ['Consensus parameters', `version ${header['consensusParametersVersion']}`],
      ['State transition', `version ${header['stateTransitionBytecodeVersion']}`],
      consensus.signature === undefined
        ? null
        : ['Signature', el('span', { class: 'id' }, consensus.signature)],
    ]),
  );
  return {
    title: `Block ${grouped(height)}`,
    content: [card('Header', around, about, roots), txCard(found.transactions)],
  };
}

type ListAnswer = {
  blocks: { pageInfo: PageInfo; nodes: { height: string; id: string; header: Header }[] };
};

/** @see View */
export async function blocks({ search }: Place): Promise<Drawn> {
  const answer = await query<ListAnswer>(LIST, pageArgs(search, true));
  const page = pageOf(search, answer.blocks);
  const rows = page.nodes.map(({ height, id, header }) => [
    blockLink(height),
    idLink('block', id),
    String(Math.max(0, Number(header['transactionsCount']) - 1)),
    grouped(header['daHeight'] ?? '0'),
    when(header['time'] ?? '0'),
  ]);
  const head = ['#Height', 'Id', '#Transactions', '#Ethereum height', 'Made'];
  return {
    title: 'Blocks',
    content: [
      card(
        'All blocks, newest first',
        tableOr('None.', 'Blocks', head, rows),
        pager('blocks', search, page),
        soft(`${PAGE_ROWS} on a page. The mint of each block is not counted.`),
      ),
    ],
  };
}
