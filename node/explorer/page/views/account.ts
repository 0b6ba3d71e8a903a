/** An address: what it has, what it did. */
import { query } from '../api.ts';
import { type Child, el } from '../dom.ts';
import { type PageInfo, pageArgs, pageOf } from '../paging.ts';
import {
  amountOf,
  blockLink,
  card,
  chain,
  facts,
  idLink,
  link,
  pager,
  tableOr,
  when,
  wholeId,
} from '../parts.ts';
import { type Drawn, NotFound, type Place } from '../router.ts';
import { KIND_FIELDS, kindOf, outcomeBadge, type TxKind } from './txKinds.ts';

type Page<T> = { pageInfo: PageInfo; nodes: T[] };
type Answer = {
  balances: Page<{ assetId: string; amount: string; amountU128: string }>;
  coins: Page<{ utxoId: string; amount: string; assetId: string; blockCreated: string }>;
  messages: Page<{ nonce: string; amount: string; sender: string; daHeight: string }>;
  transactionsByOwner: Page<
    TxKind & {
      id: string;
      status: { type: string; blockHeight?: string; time?: string; reason?: string } | null;
    }
  >;
  contract: { id: string } | null;
};

const PAGE = 'pageInfo { hasNextPage startCursor endCursor }';
/** Declares, or passes on, the place in one of the lists. */
const declared = (list: string): string =>
  `$${list}First: Int, $${list}After: String, $${list}Last: Int, $${list}Before: String`;
const passed = (list: string): string =>
  `first: $${list}First, after: $${list}After, last: $${list}Last, before: $${list}Before`;
const ACCOUNT = `query Account($owner: Address!, $contract: ContractId!, ${declared('balances')},
  ${declared('coins')}, ${declared('messages')}, ${declared('history')}) {
  contract(id: $contract) { id }
  balances(filter: { owner: $owner }, ${passed('balances')}) {
    ${PAGE} nodes { assetId amount amountU128 } }
  coins(filter: { owner: $owner }, ${passed('coins')}) {
    ${PAGE} nodes { utxoId amount assetId blockCreated } }
  messages(owner: $owner, ${passed('messages')}) {
    ${PAGE} nodes { nonce amount sender daHeight } }
  transactionsByOwner(owner: $owner, ${passed('history')}) {
    ${PAGE} nodes { id ${KIND_FIELDS} status { type: __typename
      ... on SuccessStatus { blockHeight time }
      ... on FailureStatus { blockHeight time reason } } } }
}`;

function transactions(
  answer: Answer['transactionsByOwner'],
  path: string,
  search: URLSearchParams,
): HTMLElement {
  const page = pageOf(search, answer);
  const rows: Child[][] = page.nodes.map((tx) => [
    idLink('tx', tx.id),
    kindOf(tx),
    outcomeBadge(tx),
    tx.status?.blockHeight === undefined ? '' : blockLink(tx.status.blockHeight),
    tx.status?.time === undefined ? '' : when(tx.status.time),
  ]);
  return card(
    'History, newest first',
    tableOr('No transactions.', 'History', ['Id', 'Kind', 'Status', '#Block', 'Time'], rows),
    pager(path, search, page),
  );
}

function coinsCard(answer: Answer['coins'], path: string, search: URLSearchParams): HTMLElement {
  const coins = pageOf(search, answer, 'coins');
  return card(
    'Coins',
    tableOr(
      'No coins.',
      'Coins',
      ['Amount', 'From transaction', '#Block'],
      coins.nodes.map((coin) => [
        amountOf(coin.amount, coin.assetId),
        [
          link(`tx/${coin.utxoId.slice(0, 66)}`, coin.utxoId.slice(0, 10), coin.utxoId),
          ` output ${Number.parseInt(coin.utxoId.slice(66), 16)}`,
        ],
        blockLink(coin.blockCreated),
      ]),
    ),
    pager(path, search, coins, 'coins'),
  );
}

/** @see View */
export async function account({ args, search }: Place): Promise<Drawn> {
  const owner = (args[0] ?? '').toLowerCase();
  if (!/^0x[0-9a-f]{64}$/.test(owner)) throw new NotFound(`“${owner}” is no address`);
  const path = `account/${owner}`;
  const answer = await query<Answer>(ACCOUNT, {
    owner,
    contract: owner,
    ...pageArgs(search, false, 'balances', 'balances'),
    ...pageArgs(search, false, 'coins', 'coins'),
    ...pageArgs(search, false, 'messages', 'messages'),
    ...pageArgs(search, true, 'page', 'history'),
  });
  const balances = pageOf(search, answer.balances, 'balances');
  const messages = pageOf(search, answer.messages, 'messages');
  return {
    title: 'Account',
    content: [
      card(
        'Address',
        facts([
          ['Address', wholeId(owner, 'address')],
          answer.contract === null
            ? null
            : ['Also', link(`contract/${owner}`, 'a contract has this id')],
        ]),
      ),
      card(
        'Balances',
        tableOr(
          'No balance.',
          'Balances',
          ['Amount'],
          balances.nodes.map((each) => [amountOf(each.amountU128, each.assetId)]),
        ),
        pager(path, search, balances, 'balances'),
      ),
      transactions(answer.transactionsByOwner, path, search),
      coinsCard(answer.coins, path, search),
      card(
        'Messages from Ethereum, not spent',
        tableOr(
          'No messages.',
          'Messages',
          ['Nonce', 'Amount', 'Sender', '#Ethereum height'],
          messages.nodes.map((each) => [
            idLink('message', each.nonce),
            amountOf(each.amount, chain.base),
            el('span', { class: 'id' }, each.sender),
            each.daHeight,
          ]),
        ),
        pager(path, search, messages, 'messages'),
      ),
    ],
  };
}
