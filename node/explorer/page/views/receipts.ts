/** Receipts as a list of sentences with their details. */
import { panicName } from '../../../../vm/panic.ts';
import { grouped } from '../../format.ts';
import { type Child, el } from '../dom.ts';
import { amountOf, badge, bytes, chain, copyButton, facts, idLink, soft } from '../parts.ts';
import { instructionText } from './code.ts';
import type { Receipt } from './transactionQuery.ts';

/** Receipts that are drawn before the rest is asked for. */
const RECEIPTS_SHOWN = 100;
const ZERO = `0x${'0'.repeat(64)}`;

const who = (id: string | null | undefined): Child =>
  id == null || id === ZERO ? 'the script' : ['contract ', idLink('contract', id)];
const numbers = (...values: (string | null | undefined)[]): string =>
  values.map((value) => grouped(value ?? '0')).join(', ');

/** Reason byte on top, the instruction below it. */
function panic(reason: string): Child {
  const word = BigInt(reason);
  const instruction = Number((word >> 24n) & 0xffff_ffffn);
  const text = el('code', {}, `0x${instruction.toString(16).padStart(8, '0')}`);
  instructionText(instruction).then((line) => {
    text.textContent = line;
  });
  return [badge(panicName(Number(word >> 56n)), 'bad'), ' at ', text];
}

function sentence(r: Receipt): Child {
  const asset = r.assetId ?? chain.base;
  switch (r.receiptType) {
    case 'CALL':
      return [
        who(r.id),
        ' calls ',
        who(r.to),
        ' with ',
        amountOf(r.amount ?? '0', asset),
        ` and ${grouped(r.gas ?? '0')} gas`,
      ];
    case 'RETURN':
      return [who(r.id), ` returns ${grouped(r.val ?? '0')}`];
    case 'RETURN_DATA':
      return [who(r.id), ' returns ', bytes(r.data ?? '0x', 'returned data')];
    case 'PANIC':
      return [who(r.id), ' panics: ', panic(r.reason ?? '0')];
    case 'REVERT':
      return [who(r.id), ' reverts with ', el('code', {}, `0x${BigInt(r.ra ?? '0').toString(16)}`)];
    case 'LOG':
      return [who(r.id), ` logs ${numbers(r.ra, r.rb, r.rc, r.rd)}`];
    case 'LOG_DATA':
      return [
        who(r.id),
        ` logs under ${grouped(r.rb ?? '0')}: `,
        bytes(r.data ?? '0x', 'logged data'),
      ];
    case 'TRANSFER':
      return [who(r.id), ' sends ', amountOf(r.amount ?? '0', asset), ' to ', who(r.to)];
    case 'TRANSFER_OUT':
      return [
        who(r.id),
        ' pays ',
        amountOf(r.amount ?? '0', asset),
        ' to ',
        idLink('account', r.toAddress ?? ''),
      ];
    case 'SCRIPT_RESULT':
      return [
        BigInt(r.result ?? '0') === 0n ? badge('success', 'good') : badge('failure', 'bad'),
        ` after ${grouped(r.gasUsed ?? '0')} gas`,
      ];
    case 'MESSAGE_OUT':
      return [
        who(r.sender),
        ' sends ',
        amountOf(r.amount ?? '0', chain.base),
        ' to Ethereum, message ',
        el('span', { class: 'id' }, r.nonce ?? ''),
        ' ',
        copyButton(r.nonce ?? '', 'nonce'),
      ];
    case 'MINT':
      return [
        who(r.contractId),
        ` mints ${grouped(r.val ?? '0')} of sub id `,
        el('span', { class: 'id' }, r.subId ?? ''),
      ];
    case 'BURN':
      return [
        who(r.contractId),
        ` burns ${grouped(r.val ?? '0')} of sub id `,
        el('span', { class: 'id' }, r.subId ?? ''),
      ];
    default:
      return r.receiptType;
  }
}

function item(r: Receipt, index: number): HTMLElement {
  const raw = Object.entries(r).filter(([, value]) => value !== null && value !== undefined);
  return el(
    'li',
    { class: 'receipt' },
    el('span', { class: 'soft n' }, String(index)),
    el(
      'div',
      {},
      sentence(r),
      el(
        'details',
        {},
        el('summary', {}, r.receiptType),
        facts(raw.map(([name, value]) => [name, el('span', { class: 'id' }, String(value))])),
      ),
    ),
  );
}

export function receiptsList(receipts: readonly Receipt[]): HTMLElement {
  if (receipts.length === 0) return soft('None.');
  const list = el('ol', { class: 'receipts' });
  const box = el('div', {}, list);
  list.append(...receipts.slice(0, RECEIPTS_SHOWN).map(item));
  const rest = receipts.slice(RECEIPTS_SHOWN);
  if (rest.length > 0) {
    const more = el('button', { type: 'button' }, `Show ${rest.length} more`);
    more.addEventListener('click', () => {
      list.append(...rest.map((each, i) => item(each, RECEIPTS_SHOWN + i)));
      more.remove();
    });
    box.append(more);
  }
  return box;
}
