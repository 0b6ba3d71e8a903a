/** The explorer: paths to views, links without loading, search, keys, the state of the node. */

import { age, timeText } from '../format.ts';
import { ApiError, followTips, onReach, query, Unreachable } from './api.ts';
import { byId, type Child, el, say } from './dom.ts';
import { card, chain, soft } from './parts.ts';
import { type Drawn, NotFound, type Place, type View } from './router.ts';
import { account } from './views/account.ts';
import { block, blocks } from './views/block.ts';
import { contract } from './views/contract.ts';
import { da } from './views/da.ts';
import { find } from './views/find.ts';
import { home } from './views/home.ts';
import { parallel } from './views/parallel.ts';
import { pool } from './views/pool.ts';
import { settlement } from './views/settlement.ts';
import { asset, blob, message } from './views/things.ts';
import { transaction } from './views/transaction.ts';

const ROOT = '/explorer';
const VIEWS: Readonly<Record<string, View>> = {
  '': home,
  blocks,
  block,
  tx: transaction,
  account,
  contract,
  asset,
  blob,
  message,
  pool,
  parallel,
  da,
  settlement,
  search: find,
};
const AGES_EVERY_MS = 1000;
const RETRY_MS = 2000;

let leave = new AbortController();
let retry: ReturnType<typeof setTimeout> | undefined;

function go(path: string): void {
  history.pushState(null, '', path === '' ? ROOT : `${ROOT}/${path}`);
  void show(true);
}

function failed(error: unknown): Drawn {
  if (error instanceof NotFound) {
    const help = 'Search for a height, an address, or the id of anything on the chain.';
    return {
      title: 'Not found',
      content: [card('Not found', el('p', { class: 'error' }, error.message), soft(help))],
    };
  }
  if (error instanceof Unreachable) {
    clearTimeout(retry);
    retry = setTimeout(() => void show(false), RETRY_MS);
    const why = 'The node does not answer. This page tries again by itself.';
    return { title: 'Node away', content: [card('Node away', el('p', {}, why))] };
  }
  const { message } = error as Error;
  const code = error instanceof ApiError ? `${error.code}: ` : '';
  return {
    title: 'Error',
    content: [card('Error', el('p', { class: 'error', role: 'alert' }, `${code}${message}`))],
  };
}

function markNav(name: string): void {
  for (const a of byId('nav').querySelectorAll('a')) {
    const own = new URL(a.href).pathname;
    const isHere = own === (name === '' ? ROOT : `${ROOT}/${name}`);
    if (isHere) a.setAttribute('aria-current', 'page');
    else a.removeAttribute('aria-current');
  }
}

/** Draws what the address says. `moved`: the reader went there, so focus and scroll follow. */
async function show(moved: boolean): Promise<void> {
  leave.abort();
  leave = new AbortController();
  const mine = leave.signal;
  const [name = '', ...args] = location.pathname
    .slice(ROOT.length + 1)
    .split('/')
    .map(decodeURIComponent);
  const search = new URLSearchParams(location.search);
  const place: Place = {
    args,
    search,
    signal: mine,
    go: (path) => {
      history.replaceState(null, '', `${ROOT}/${path}`);
      queueMicrotask(() => void show(moved));
    },
    again: () => void show(false),
  };
  const main = byId('view');
  main.setAttribute('aria-busy', 'true');
  let drawn: Drawn;
  try {
    const view = Object.hasOwn(VIEWS, name) ? VIEWS[name] : undefined;
    if (view === undefined) throw new NotFound(`There is no page ${location.pathname}`);
    if (chain.base === '') await learnChain();
    drawn = await view(place);
  } catch (error) {
    drawn = failed(error);
  }
  if (mine.aborted) return;
  main.removeAttribute('aria-busy');
  document.title = `${drawn.title} – ${chain.name === '' ? 'Fuelrail' : chain.name}`;
  const heading = el('h1', { tabindex: -1 }, drawn.title);
  const content: Child[] = [heading, ...drawn.content];
  const holder = el('div', {}, content);
  main.replaceChildren(...holder.childNodes);
  markNav(name);
  if (!moved) return;
  scrollTo(0, 0);
  heading.focus({ preventScroll: true });
  say(drawn.title);
}

async function learnChain(): Promise<void> {
  const text = '{ chain { name consensusParameters { baseAssetId } } }';
  const answer = await query<{
    chain: { name: string; consensusParameters: { baseAssetId: string } };
  }>(text);
  chain.name = answer.chain.name;
  chain.base = answer.chain.consensusParameters.baseAssetId;
}

/** Links inside the explorer change the view only. */
function onClick(event: MouseEvent): void {
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  const a = (event.target as Element).closest('a');
  if (!isPlain || a === null || a.target !== '' || a.hash !== '') return;
  const isOurs = a.pathname === ROOT || a.pathname.startsWith(`${ROOT}/`);
  if (a.origin !== location.origin || !isOurs || a.pathname.startsWith(`${ROOT}/assets/`)) return;
  event.preventDefault();
  history.pushState(null, '', a.href);
  void show(true);
}

function onKey(event: KeyboardEvent): void {
  const target = event.target as Element;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
  if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  byId('query').focus();
}

function tellAges(): void {
  if (document.hidden) return;
  for (const time of document.querySelectorAll<HTMLElement>('time[data-tai64]')) {
    const { tai64 = '0' } = time.dataset;
    const text = age(tai64);
    if (time.textContent !== text) time.textContent = text;
    if (time.title === '') time.title = timeText(tai64);
  }
}

/** The old page had its places behind the hash. */
function fromHash(): void {
  const [what, which] = location.hash.slice(1).split('/');
  if (what === 'tx' || what === 'block') {
    history.replaceState(null, '', `${ROOT}/parallel/${what === 'tx' ? 'tx/' : ''}${which ?? ''}`);
  } else if (what === 'pool') {
    history.replaceState(null, '', `${ROOT}/pool`);
  }
}

onReach((up) => {
  byId('offline').hidden = up;
});
document.addEventListener('click', onClick);
document.addEventListener('keydown', onKey);
addEventListener('popstate', () => void show(true));
byId<HTMLFormElement>('search').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = byId<HTMLInputElement>('query').value.trim();
  if (text !== '') go(`search?q=${encodeURIComponent(text)}`);
});
setInterval(tellAges, AGES_EVERY_MS);
fromHash();
followTips();
void show(false);
