/** An address: what it has, what it did. */
import { query } from '../api.ts';
import { type Child, el } from '../dom.ts';
import {
  amountOf,
  badge,
  blockLink,
  card,
  chain,
  facts,
  idLink,
  link,
  type PageInfo,
  pageArgs,
  pager,
  tableOr,
  when,
  wholeId,
} from '../parts.ts';
import { type Drawn, NotFound, type Place } from '../router.ts';
import { KIND_FIELDS, kindOf, type TxKind } from './txKinds.ts';

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

const PAGE = 'pageInfo { hasNextPage endCursor }';
const ACCOUNT = `query Account($owner: Address!, $contract: ContractId!, $balances: Int!,
  $balancesAfter: String, $coins: Int!, $coinsAfter: String, $messages: Int!,
  $messagesAfter: String, $last: Int!, $before: String) {
  contract(id: $contract) { id }
  balances(filter: { owner: $owner }, first: $balances, after: $balancesAfter) {
    ${PAGE} nodes { assetId amount amountU128 } }
  coins(filter: { owner: $owner }, first: $coins, after: $coinsAfter) {
    ${PAGE} nodes { utxoId amount assetId blockCreated } }
  messages(owner: $owner, first: $messages, after: $messagesAfter) {
    ${PAGE} nodes { nonce amount sender daHeight } }
  transactionsByOwner(owner: $owner, last: $last, before: $before) {
    ${PAGE} nodes { id ${KIND_FIELDS} status { type: __typename
      ... on SuccessStatus { blockHeight time }
      ... on FailureStatus { blockHeight time reason } } } }
}`;

function forward(search: URLSearchParams, name: string): Record<string, unknown> {
  const { first, after } = pageArgs(search, false, name) as { first: number; after?: string };
  return { [name]: first, ...(after === undefined ? {} : { [`${name}After`]: after }) };
}

function transactions(
  page: Answer['transactionsByOwner'],
  path: string,
  search: URLSearchParams,
): HTMLElement {
  const rows: Child[][] = page.nodes.map((tx) => [
    idLink('tx', tx.id),
    kindOf(tx),
    tx.status?.type === 'FailureStatus'
      ? badge(tx.status.reason ?? 'failed', 'bad')
      : badge('success', 'good'),
    tx.status?.blockHeight === undefined ? '' : blockLink(tx.status.blockHeight),
    tx.status?.time === undefined ? '' : when(tx.status.time),
  ]);
  return card(
    'History, newest first',
    tableOr('No transactions.', 'History', ['Id', 'Kind', 'Status', '#Block', 'Time'], rows),
    pager(path, search, page.pageInfo),
  );
}

function coinsCard(coins: Answer['coins'], path: string, search: URLSearchParams): HTMLElement {
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
    pager(path, search, coins.pageInfo, 'coins'),
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
    ...forward(search, 'balances'),
    ...forward(search, 'coins'),
    ...forward(search, 'messages'),
    ...pageArgs(search, true),
  });
  const { balances, coins, messages } = answer;
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
        pager(path, search, balances.pageInfo, 'balances'),
      ),
      transactions(answer.transactionsByOwner, path, search),
      coinsCard(coins, path, search),
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
        pager(path, search, messages.pageInfo, 'messages'),
      ),
    ],
  };
}
