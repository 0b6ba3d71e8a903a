/** What if a block had been otherwise: asked of the node, which runs it again. */
import type { BlockExplanation } from '../../../explain/types.ts';
import type { WhatIfReport } from '../../../explain/whatIf.ts';
import { rest } from '../api.ts';
import { type Child, el } from '../dom.ts';
import { card, idLink, soft, table, tableOr } from '../parts.ts';
import { whyList } from './parallelTypes.ts';

/** Worker counts that are simulated. */
const WORKERS = [1, 2, 4, 8, 16];

const ms = (value: number): string => `${value.toFixed(3)} ms`;

function figures({ before, after, gas }: WhatIfReport): Child[][] {
  const rows: [string, string | number, string | number][] = [
    ['transactions', before.txCount, after.txCount],
    ['disjoint sets', before.setCount, after.setCount],
    ['conflicts', before.edgeCount, after.edgeCount],
    ['work', ms(before.workMs), ms(after.workMs)],
    ['longest chain', ms(before.criticalPathMs), ms(after.criticalPathMs)],
    ...before.simulated.map((each, at): [string, string, string] => [
      `simulated, ${each.workers} workers`,
      ms(each.wallMs),
      ms(after.simulated[at]?.wallMs ?? 0),
    ]),
    ['gas', gas.before, gas.after],
  ];
  return rows.map((row) => row.map(String));
}

function result(report: WhatIfReport): Node[] {
  const isMove = (each: WhatIfReport['differences'][number]): boolean =>
    each.what.join() === 'place';
  const moved = report.differences.filter(isMove);
  const others = report.differences.filter((each) => !isMove(each));
  const status = (outcome: { status: string; reason?: string | null } | null): string =>
    outcome === null ? '–' : (outcome.reason ?? outcome.status);
  const rows = others.map((each): Child[] => [
    idLink('tx', each.id),
    each.what.join(', '),
    status(each.before),
    status(each.after),
  ]);
  const { coins, slots, balances } = report.state;
  return [
    table('Figures', ['', '#As it was', '#Changed'], figures(report)),
    el('h3', {}, `${others.length} results differ, ${moved.length} more only moved`),
    tableOr('None differ.', 'Differences', ['Transaction', 'What', 'Was', 'Would be'], rows),
    soft(`State after the block: ${coins} coins, ${slots} slots, ${balances} balances differ.`),
    whyList(report.notes),
  ];
}

export function whatIf(block: BlockExplanation): HTMLElement {
  if (!block.canRunAgain) {
    return card('What if', soft('The node no longer knows the state before this block.'));
  }
  const field = (id: string, name: string, hint: string): [HTMLElement, HTMLInputElement] => {
    const input = el('input', { id, placeholder: hint, spellcheck: 'false' });
    return [el('label', {}, name, input), input];
  };
  const [dropField, drop] = field('drop', 'drop', '3, 5');
  const [reorderField, reorder] = field('reorder', 'reorder', '4, 1');
  const [declareField, declare] = field('declare', 'declare', '2=0xcontract,0xcontract');
  const [addField, add] = field('add', 'add', 'transaction in hex');
  const out = el('div', { id: 'what-if-result', 'aria-live': 'polite' });
  const idOf = (text: string): string =>
    /^\d+$/.test(text) ? (block.txs[Number(text)]?.id ?? text) : text;
  const list = (input: HTMLInputElement): string[] => input.value.split(/[\s,]+/).filter(Boolean);
  const run = async (event: Event): Promise<void> => {
    event.preventDefault();
    out.replaceChildren(soft('Running again …'));
    const [tx = '', contracts = ''] = declare.value.split('=');
    const declared = { tx: idOf(tx.trim()), contracts: contracts.split(/[\s,]+/).filter(Boolean) };
    try {
      const report = await rest<WhatIfReport>(`/v1/fuelrail/explain/what-if/${block.height}`, {
        drop: list(drop).map(idOf),
        add: list(add),
        reorder: list(reorder).map(idOf),
        workers: WORKERS,
        declare: tx.trim() === '' ? [] : [declared],
      });
      out.replaceChildren(...result(report));
    } catch (error) {
      out.replaceChildren(el('p', { class: 'error', role: 'alert' }, (error as Error).message));
    }
  };
  const form = el(
    'form',
    { onsubmit: run },
    el('div', { class: 'row' }, dropField, reorderField),
    el('div', { class: 'row' }, declareField, addField),
    el(
      'div',
      { class: 'row' },
      el('button', {}, 'Run again'),
      el('span', { class: 'soft' }, 'Nothing is committed. Transactions by index or id.'),
    ),
  );
  return card('What if', form, out);
}
