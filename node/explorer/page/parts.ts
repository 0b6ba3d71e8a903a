/** Pieces that all views are made of. */

import { age, amount, bytesText, grouped, hexBytes, readable, short, timeText } from '../format.ts';
import { type Child, el, say } from './dom.ts';
import type { Around } from './paging.ts';

/** What all views know of the chain; filled before the first view. */
export const chain: { base: string; name: string } = { base: '', name: '' };

export function card(title: string, ...content: Child[]): HTMLElement {
  return el('section', { class: 'card' }, el('h2', {}, title), ...content);
}

export const soft = (...text: Child[]): HTMLElement => el('p', { class: 'soft' }, ...text);

export function copyButton(text: string, what: string): HTMLElement {
  const button = el('button', {
    type: 'button',
    class: 'copy',
    title: `Copy ${what}`,
    'aria-label': `Copy ${what}`,
    onclick: () => void copy(button, text, what),
  });
  return button;
}

async function copy(button: HTMLElement, text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure origin there is no clipboard: the old way has none of that.
    const area = el('textarea', { class: 'unseen', 'aria-hidden': 'true' });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
    button.focus();
  }
  button.classList.add('done');
  say(`Copied ${what}`);
  setTimeout(() => button.classList.remove('done'), 1500);
}

/** An id that leads somewhere. `whole`: not shortened. */
export function link(path: string, text: string, title?: string): HTMLElement {
  return el('a', { href: `/explorer/${path}`, title }, text);
}

export function idLink(kind: string, id: string): HTMLElement {
  return el('a', { href: `/explorer/${kind}/${id}`, title: id, class: 'id' }, short(id));
}

/** A whole id with a button beside it; a link when `kind` is given. */
export function wholeId(id: string, what: string, kind?: string): HTMLElement {
  const text =
    kind === undefined
      ? el('span', { class: 'id' }, id)
      : el('a', { href: `/explorer/${kind}/${id}`, class: 'id' }, id);
  return el('span', { class: 'with-copy' }, text, copyButton(id, what));
}

export const blockLink = (height: number | string): HTMLElement =>
  link(`block/${height}`, grouped(height));

/** Amount and asset; the exact number of units as title. */
export function amountOf(units: string, assetId: string): HTMLElement {
  const isBase = assetId === chain.base;
  return el(
    'span',
    { class: 'amount', title: `${units} units of ${assetId}` },
    amount(units, assetId, chain.base),
    ' ',
    isBase
      ? el('a', { href: `/explorer/asset/${assetId}`, class: 'soft' }, 'base asset')
      : idLink('asset', assetId),
  );
}

export function when(tai64: string): HTMLElement {
  const text = timeText(tai64);
  return el('time', { title: text, 'data-tai64': tai64 }, age(tai64));
}

/** Names and values. */
export function facts(pairs: readonly (readonly [string, Child] | null)[]): HTMLElement {
  const rows = pairs.flatMap((pair) =>
    pair === null ? [] : [el('div', {}, el('dt', {}, pair[0]), el('dd', {}, pair[1]))],
  );
  return el('dl', { class: 'facts' }, rows);
}

export function tiles(pairs: readonly (readonly [string, Child])[]): HTMLElement {
  return el(
    'dl',
    { class: 'tiles' },
    pairs.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))),
  );
}

/** Columns whose name starts with `#` hold numbers. */
export function table(
  label: string,
  head: readonly string[],
  rows: readonly Child[][],
): HTMLElement {
  const kind = (c: number): string | null => (head[c]?.startsWith('#') === true ? 'n' : null);
  const heads = head.map((text, c) =>
    el('th', { scope: 'col', class: kind(c) }, text.replace('#', '')),
  );
  const body = rows.map((row) =>
    el(
      'tr',
      {},
      row.map((content, c) => el('td', { class: kind(c) }, content)),
    ),
  );
  return el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': label },
    el('table', {}, el('thead', {}, el('tr', {}, heads)), el('tbody', {}, body)),
  );
}

/** A table, or words that there is nothing. */
export function tableOr(
  none: string,
  label: string,
  head: readonly string[],
  rows: readonly Child[][],
): HTMLElement {
  return rows.length === 0 ? soft(none) : table(label, head, rows);
}

/** Bytes: length, text where they are text, and all of it on demand. */
export function bytes(hex: string, what: string): Child {
  const count = hexBytes(hex);
  if (count === 0) return el('span', { class: 'soft' }, 'empty');
  if (count <= 36) {
    const text = readable(hex);
    return [
      el('span', { class: 'id' }, hex),
      copyButton(hex, what),
      text !== null && el('span', { class: 'soft' }, ` “${text}”`),
    ];
  }
  return el(
    'details',
    { class: 'bytes' },
    el('summary', {}, bytesText(count)),
    el('div', { class: 'hex' }, hex),
    copyButton(hex, what),
  );
}

export function badge(text: string, kind: 'good' | 'bad' | 'wait' | 'plain'): HTMLElement {
  return el('span', { class: `badge ${kind}` }, text);
}

/** Links to the pages around this one. @param key names the list in the address */
export function pager(
  path: string,
  search: URLSearchParams,
  { previous, next }: Around,
  key = 'page',
): Child {
  const isFirst = !search.has(key);
  if (isFirst && next === null) return null;
  const at = (cursor: string | null): string => {
    const to = new URLSearchParams(search);
    if (cursor === null) to.delete(key);
    else to.set(key, cursor);
    const text = to.toString();
    return `/explorer/${path}${text === '' ? '' : `?${text}`}`;
  };
  return el(
    'nav',
    { class: 'pager', 'aria-label': 'Pages' },
    !isFirst && el('a', { href: at(null) }, 'First page'),
    previous !== null && el('a', { href: at(previous), rel: 'prev' }, 'Previous page'),
    next !== null && el('a', { href: at(next), rel: 'next' }, 'Next page'),
  );
}
