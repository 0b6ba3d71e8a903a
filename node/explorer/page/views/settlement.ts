/** What Ethereum knows of this chain, and what came from there. */

import { bytesText, grouped, short, timeText } from '../../format.ts';
import { ApiError, rest } from '../api.ts';
import { type Child, el } from '../dom.ts';
import { amountOf, badge, blockLink, card, chain, facts, idLink, soft, tableOr } from '../parts.ts';
import type { Drawn } from '../router.ts';

/** A larger nonce is no count. */
const COUNTED_MAX = 1n << 53n;
const TAI64_EPOCH = (1n << 62n) + 10n;

type Batch = {
  number: number;
  first: number;
  last: number;
  root: string;
  time: number;
  proposer: string;
  final: boolean;
};
type Deposit = {
  nonce: string;
  sender: string;
  recipient: string;
  amount: string;
  daHeight: string;
  status: string;
  data: number;
};
type Withdrawal = {
  messageId: string;
  height: number;
  recipient: string;
  amount: string;
  txId: string;
  state: string;
};
type Dispute = { batch: number; fraud: string; challenger: string; block: number };
type Settlement = {
  enabled: boolean;
  kind?: string | null;
  relayer?: { read: string | null; finalized: string | null; failure: string | null } | null;
  committer?: {
    committed: { height: number } | null;
    pending: number | null;
    obstacle: string | null;
  } | null;
  /** Why Ethereum could not be asked; then only what the node knows is told. */
  failure?: string | null;
  batches?: Batch[];
  deposits?: Deposit[];
  withdrawals?: Withdrawal[];
  disputes?: Dispute[];
};

/** An address of Ethereum in the form of this chain: 12 bytes of zeros, then 20. */
const PADDED = /^0x0{24}(?=[0-9a-f]{40}$)/;

function mono(id: string): HTMLElement {
  const text = id.replace(PADDED, '0x');
  return el('span', { class: 'id', title: text }, short(text));
}

async function load(): Promise<Settlement> {
  try {
    return await rest<Settlement>('/v1/fuelrail/settlement');
  } catch (error) {
    if (error instanceof ApiError) return { enabled: false };
    throw error;
  }
}

function state(text: string): HTMLElement {
  if (text === 'paid' || text === 'final' || text === 'SPENT')
    return badge(text.toLowerCase(), 'good');
  return badge(text.toLowerCase(), 'wait');
}

function progress({ kind, relayer, committer, failure }: Settlement): HTMLElement {
  const unknown = (value: string | null): string =>
    value === null ? 'not known yet' : grouped(value);
  const troubles = [failure, relayer?.failure, committer?.obstacle].filter((each) => each != null);
  const contracts = kind === 'own' ? "Fuelrail's, with disputes" : "Fuel's bridge";
  const committed = committer?.committed ?? null;
  return card(
    'Progress',
    troubles.map((text) => el('p', { class: 'error' }, text)),
    facts([
      kind == null ? null : ['Contracts', contracts],
      relayer == null ? null : ['Ethereum read up to', unknown(relayer.read)],
      relayer == null ? null : ['Ethereum final up to', unknown(relayer.finalized)],
      committer == null
        ? null
        : ['Committed up to block', committed === null ? 'none yet' : blockLink(committed.height)],
      committer?.pending == null ? null : ['Under way', `commit ${committer.pending}`],
    ]),
  );
}

function batchRow(each: Batch): Child[] {
  // Fuel's contracts tell neither time nor who committed.
  const isFuel = each.time === 0;
  return [
    String(each.number),
    [blockLink(each.first), ' to ', blockLink(each.last)],
    mono(each.root),
    isFuel ? '–' : timeText(String(BigInt(each.time) + TAI64_EPOCH)),
    isFuel ? '–' : mono(each.proposer),
    each.final
      ? badge('final', 'good')
      : badge(isFuel ? 'not final yet' : 'can be disputed', 'wait'),
  ];
}

/** Both kinds of contracts count their messages. */
function messageLink(nonce: string): HTMLElement {
  const number = BigInt(nonce);
  const text = number < COUNTED_MAX ? grouped(String(number)) : short(nonce);
  return el('a', { href: `/explorer/message/${nonce}`, title: nonce, class: 'id' }, text);
}

function depositRow(each: Deposit): Child[] {
  return [
    messageLink(each.nonce),
    amountOf(each.amount, chain.base),
    idLink('account', each.recipient),
    mono(each.sender),
    grouped(each.daHeight),
    bytesText(each.data),
    state(each.status),
  ];
}

function withdrawalRow(each: Withdrawal): Child[] {
  return [
    mono(each.messageId),
    amountOf(each.amount, chain.base),
    mono(each.recipient),
    idLink('tx', each.txId),
    blockLink(each.height),
    state(each.state),
  ];
}

function disputeRow(each: Dispute): Child[] {
  return [String(each.batch), each.fraud, mono(each.challenger), grouped(each.block)];
}

const HEADS = {
  batches: ['#Number', 'Blocks', 'Root', 'Time', 'Proposer', 'State'],
  deposits: ['Nonce', 'Amount', 'To', 'From', '#Ethereum height', '#Data', 'State'],
  withdrawals: ['Message', 'Amount', 'To', 'Transaction', '#Block', 'State'],
  disputes: ['#Batch', 'Fraud', 'Challenger', '#Ethereum height'],
} as const;

function tables(given: Settlement): HTMLElement[] {
  const { batches = [], deposits = [], withdrawals = [], disputes = [] } = given;
  const list = (title: string, head: readonly string[], rows: readonly Child[][]): HTMLElement =>
    card(title, tableOr('None.', title, head, rows));
  return [
    list('Batches', HEADS.batches, batches.map(batchRow)),
    list('Deposits', HEADS.deposits, deposits.map(depositRow)),
    list('Withdrawals', HEADS.withdrawals, withdrawals.map(withdrawalRow)),
    list('Disputes', HEADS.disputes, disputes.map(disputeRow)),
  ];
}

/** @see View */
export async function settlement(): Promise<Drawn> {
  const given = await load();
  if (!given.enabled) {
    const why =
      'This node neither follows Ethereum nor commits to it. docs/settlement.md says how.';
    return { title: 'Settlement', content: [card('Off', soft(why))] };
  }
  return { title: 'Settlement', content: [progress(given), ...tables(given)] };
}
