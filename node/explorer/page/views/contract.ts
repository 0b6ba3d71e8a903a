/** A contract: code, what it holds, its storage. */

import { bytesText, grouped, hexBytes } from '../../format.ts';
import { query, rest } from '../api.ts';
import { type Child, el } from '../dom.ts';
import { backTo, cursorOf, type PageInfo, pageArgs, pageOf } from '../paging.ts';
import { amountOf, bytes, card, facts, pager, soft, tableOr, wholeId } from '../parts.ts';
import { type Drawn, NotFound, type Place } from '../router.ts';
import { codeOf } from './code.ts';

type Answer = {
  contract: { id: string; bytecode: string } | null;
  contractBalances: { pageInfo: PageInfo; nodes: { assetId: string; amount: string }[] };
};
type Slots = {
  slots: { key: string; value: string }[];
  previous: string | null;
  next: string | null;
};

const CONTRACT = `query Contract($id: ContractId!, $first: Int, $after: String, $last: Int,
  $before: String) {
  contract(id: $id) { id bytecode }
  contractBalances(filter: { contract: $id }, first: $first, after: $after, last: $last,
    before: $before) {
    pageInfo { hasNextPage startCursor endCursor } nodes { assetId amount } }
}`;

const slotRow = (slot: { key: string; value: string }): Child[] => [
  el('span', { class: 'id' }, slot.key),
  bytes(slot.value, 'slot value'),
];

/** Looks a key up without leaving the page. */
function slotSearch(id: string): HTMLElement {
  const input = el('input', {
    id: 'slot-key',
    'aria-label': 'Slot key',
    placeholder: '0x… key of 32 bytes',
    spellcheck: 'false',
  });
  const out = el('div', { 'aria-live': 'polite' });
  const look = async (event: Event): Promise<void> => {
    event.preventDefault();
    const key = input.value.trim().toLowerCase();
    if (!/^0x[0-9a-f]{64}$/.test(key)) {
      out.replaceChildren(el('p', { class: 'error' }, 'A key is 0x and 64 hex digits.'));
      return;
    }
    const path = `/v1/fuelrail/contract/${id}/slot/${key}`;
    const { value } = await rest<{ value: string | null }>(path);
    out.replaceChildren(
      el(
        'p',
        {},
        ...(value === null ? ['Not set.'] : ([bytes(value, 'slot value')].flat() as Node[])),
      ),
    );
  };
  const form = el('form', { class: 'row', onsubmit: look }, input, el('button', {}, 'Look up'));
  return el('div', {}, form, out);
}

async function storage(id: string, search: URLSearchParams): Promise<HTMLElement> {
  const { cursor, isBack } = cursorOf(search, 'slots');
  const place = cursor === null ? '' : `/${isBack ? 'before/' : ''}${cursor}`;
  const { slots, previous, next } = await rest<Slots>(`/v1/fuelrail/contract/${id}/slots${place}`);
  const around = { previous: previous === null ? null : backTo(previous), next };
  return card(
    'Storage',
    slotSearch(id),
    tableOr('No slots are set.', 'Slots', ['Key', 'Value'], slots.map(slotRow)),
    pager(`contract/${id}`, search, around, 'slots'),
  );
}

/** @see View */
export async function contract({ args, search }: Place): Promise<Drawn> {
  const id = (args[0] ?? '').toLowerCase();
  if (!/^0x[0-9a-f]{64}$/.test(id)) throw new NotFound(`“${id}” is no contract id`);
  const answer = await query<Answer>(CONTRACT, { id, ...pageArgs(search, false) });
  if (answer.contract === null) throw new NotFound(`There is no contract ${id}`);
  const { bytecode } = answer.contract;
  const balances = pageOf(search, answer.contractBalances);
  // A contract of the genesis state has no known salt, which is an error of the whole query.
  const salt = await query<{ contract: { salt: string } }>(
    'query($id: ContractId!){contract(id: $id){salt}}',
    { id },
  ).catch(() => null);
  return {
    title: 'Contract',
    content: [
      card(
        'About',
        facts([
          ['Id', wholeId(id, 'contract id')],
          ['Salt', salt === null ? soft('not known') : wholeId(salt.contract.salt, 'salt')],
          ['Code', `${bytesText(hexBytes(bytecode))}, ${grouped(hexBytes(bytecode) >> 2)} words`],
        ]),
      ),
      card(
        'Balances',
        tableOr(
          'It holds nothing.',
          'Balances',
          ['Amount'],
          balances.nodes.map((each) => [amountOf(each.amount, each.assetId)]),
        ),
        pager(`contract/${id}`, search, balances),
      ),
      await storage(id, search),
      card('Code', codeOf(bytecode, 'code')),
    ],
  };
}
