/**
 * Script of the explain page: no library, no build. Everything shown is set as text, never as
 * markup. Parts: asking, drawing (graph, lanes), views (block, transaction, pool), what-if.
 */

const ASKING = `
const API = '/v1/fuelrail/explain/';
const SVG = 'http://www.w3.org/2000/svg';
const $ = (id) => document.getElementById(id);
const short = (id) => id.length > 18 ? id.slice(0, 8) + '…' + id.slice(-4) : id;
const fixed = (n, digits) => n === null || n === undefined ? '–' : n.toFixed(digits);
const cost = (n, unit) => unit === 'gas' ? Math.round(n) + ' gas' : n.toFixed(n < 1 ? 3 : 2) + ' ms';
function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}
function draw(tag, attributes, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
}
async function ask(path, body) {
  const answer = await fetch(API + path, body === undefined ? {} : {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const parsed = await answer.json();
  if (!answer.ok) throw new Error(parsed.error ? parsed.error.message : 'HTTP ' + answer.status);
  return parsed;
}
const section = (title, ...content) => el('section', {}, el('h2', {}, title), ...content);
const whyList = (why) => el('ul', { class: 'why' }, ...why.map((text) => el('li', {}, text)));
const txLink = (id) => el('a', { href: '#tx/' + id, class: 'id', title: id }, short(id));
const keysText = (keys) => keys.map((key) => key.text + (key.txCount ? ' (' + key.txCount + ')' : ''))
  .join(', ');
function table(head, rows, more) {
  const cell = (tag, content, c) => el(tag, { class: head[c].startsWith('#') ? 'n' : null }, content);
  const body = rows.map((row) => el('tr', {}, ...row.map((content, c) => cell('td', content, c))));
  const heads = head.map((text, c) => cell('th', text.replace('#', ''), c));
  return el('div', { class: 'scroll', tabindex: '0' }, el('table', {},
    el('thead', {}, el('tr', {}, ...heads)), el('tbody', {}, ...body)),
    more > 0 ? el('p', { class: 'soft' }, 'and ' + more + ' more') : null);
}
/** How far a block is on its way to the DA layer; empty for a node that posts nothing. */
function daLine(height) {
  const line = el('p', { class: 'soft', id: 'da' });
  const get = (path) => fetch('/v1/fuelrail/da/' + path).then((answer) => answer.json());
  get('status').then(({ posting }) => posting === null ? null : get('block/' + height))
    .then((found) => {
      if (found === null || !found.stage) return;
      const frame = found.frame;
      line.textContent = 'On the DA layer: ' + found.stage + (frame === null ? '' :
        ', in the frame of blocks ' + frame.firstHeight + ' to ' + frame.lastHeight);
    }).catch(() => { line.textContent = ''; });
  return line;
}
function tiles(pairs) {
  return el('div', { class: 'tiles' }, ...pairs.map(([name, value]) =>
    el('div', {}, el('b', {}, String(value)), el('span', {}, name))));
}
`;

const DRAWING = String.raw`
const NODE_MAX = 400, COLUMN = 76, ROW = 30, BOX_W = 52, BOX_H = 20;
/** Columns by step, rows inside a set; sets below each other. */
function layout(block) {
  const steps = new Map();
  for (const tx of block.txs) {
    steps.set(tx.index, tx.waitsFor.reduce((max, i) => Math.max(max, steps.get(i) + 1), 0));
  }
  const places = new Map();
  let top = 0, hidden = 0, left = 0;
  const shown = block.sets.filter((set) => set.txs.length > 1);
  for (const set of shown) {
    const used = new Map();
    for (const index of set.txs) {
      if (places.size >= NODE_MAX) { hidden += 1; continue; }
      const column = steps.get(index), row = used.get(column) || 0;
      used.set(column, row + 1);
      places.set(index, { x: 8 + column * COLUMN, y: 8 + top + row * ROW });
      left = Math.max(left, column);
    }
    if (used.size) top += Math.max(...used.values()) * ROW + 12;
  }
  return { places, width: (left + 1) * COLUMN + 16, height: top + 8, hidden };
}
function graph(block, choose) {
  const { places, width, height, hidden } = layout(block);
  const alone = block.setCount - block.sets.filter((set) => set.txs.length > 1).length;
  const notes = [];
  if (alone) notes.push(alone + ' transactions conflict with nobody and are not drawn');
  if (hidden) notes.push(hidden + ' more are not drawn');
  const critical = new Set(block.criticalPath);
  const follows = new Map(block.criticalPath.map((index, at) => [index, block.criticalPath[at - 1]]));
  const svg = draw('svg', { width, height, role: 'group', 'aria-label': 'conflict graph' });
  for (const { from, to, keys } of block.edges) {
    const a = places.get(from), b = places.get(to);
    if (!a || !b) continue;
    const [x1, y1, x2, y2] = [a.x + BOX_W, a.y + BOX_H / 2, b.x, b.y + BOX_H / 2];
    const bend = Math.max(12, (x2 - x1) / 2);
    const path = draw('path', { class: follows.get(to) === from ? 'edge critical' : 'edge',
      d: 'M' + x1 + ' ' + y1 + 'C' + (x1 + bend) + ' ' + y1 + ' ' + (x2 - bend) + ' ' + y2 + ' ' + x2 + ' ' + y2 });
    path.append(draw('title', {}, from + ' before ' + to + ': ' + keysText(keys)));
    svg.append(path);
  }
  for (const [index, { x, y }] of places) {
    const tx = block.txs[index], group = draw('g', { 'data-tx': index });
    const box = draw('rect', { x, y, width: BOX_W, height: BOX_H, rx: 4, tabindex: 0, role: 'button',
      class: 'node' + (critical.has(index) ? ' critical' : '') + (tx.success ? '' : ' failed'),
      'aria-label': 'transaction ' + index + ', ' + cost(tx.cost, block.costUnit) });
    box.append(draw('title', {}, tx.id + '\n' + cost(tx.cost, block.costUnit)));
    box.addEventListener('click', () => choose(index));
    box.addEventListener('keydown', (event) => walk(event, block, index, choose));
    group.append(box, draw('text', { x: x + 6, y: y + 14 }, String(index)));
    svg.append(group);
  }
  return section('Conflict graph', el('div', { class: 'legend' },
    el('span', {}, el('i', {}), 'transaction, waits for those to its left'),
    el('span', {}, el('i', { class: 'critical' }), 'on the longest chain'),
    ...notes.map((note) => el('span', {}, note))),
    places.size ? el('div', { class: 'scroll' }, svg) : el('p', { class: 'soft' }, 'No conflicts.'));
}
/** Arrow keys follow the edges. */
function walk(event, block, index, choose) {
  const tx = block.txs[index];
  if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); choose(index); return; }
  const side = { ArrowLeft: tx.waitsFor[0], ArrowRight: tx.awaitedBy[0] }[event.key];
  const next = side === undefined ? null : document.querySelector('[data-tx="' + side + '"] .node');
  if (!next) return;
  event.preventDefault();
  next.focus();
}
function lanes(block, choose) {
  const { totals } = block;
  if (!block.lanes.length) {
    return section('Timeline', el('p', { class: 'soft' }, block.costUnit === 'gas'
      ? 'Not kept: the block ran before the node started, or too long ago. Costs are gas.'
      : 'Nothing ran.'));
  }
  const workers = [...new Set(block.lanes.map((lane) => lane.worker))].sort((a, b) => a - b);
  const end = Math.max(totals.wallMs || 0, ...block.lanes.map((lane) => lane.endMs)) || 1;
  const room = $('view').clientWidth - 62;
  const [left, width, high] = [74, Math.max(400, room - 94), 24], scale = (ms) => left + (ms / end) * width;
  const height = workers.length * (high + 6) + 24;
  const svg = draw('svg', { width: left + width + 20, height, role: 'img',
    'aria-label': 'timeline of ' + workers.length + ' workers' });
  for (let i = 0; i <= 4; i += 1) {
    const x = scale((end * i) / 4);
    svg.append(draw('line', { class: 'grid', x1: x, x2: x, y1: 0, y2: height - 18 }));
    svg.append(draw('text', { x, y: height - 4, 'text-anchor': i === 4 ? 'end' : 'middle' },
      ((end * i) / 4).toFixed(2) + ' ms'));
  }
  const critical = new Set(block.criticalPath);
  workers.forEach((worker, row) => {
    const y = row * (high + 6) + 2;
    svg.append(draw('text', { x: 0, y: y + 16 }, worker < 0 ? 'main' : 'worker ' + worker));
    for (const lane of block.lanes.filter((each) => each.worker === worker)) {
      const total = lane.txs.reduce((sum, tx) => sum + tx.runMs, 0) || 1;
      let at = lane.startMs;
      for (const tx of lane.txs) {
        const share = (tx.runMs / total) * (lane.endMs - lane.startMs);
        const box = draw('rect', { x: scale(at), y, width: Math.max(.6, scale(at + share) - scale(at)),
          height: high, class: critical.has(tx.index) ? 'lane critical' : 'lane' });
        box.append(draw('title', {}, tx.index + ': ' + tx.runMs.toFixed(3) + ' ms'));
        box.addEventListener('click', () => choose(tx.index));
        svg.append(box);
        at += share;
      }
    }
  });
  return section('Timeline', el('div', { class: 'scroll', tabindex: '0' }, svg));
}
`;

const VIEWS = String.raw`
let shown = null;
function detail(block, index, move) {
  const tx = block.txs[index];
  for (const g of document.querySelectorAll('g.chosen')) g.classList.remove('chosen');
  for (const g of document.querySelectorAll('.node.chosen')) g.classList.remove('chosen');
  const group = document.querySelector('[data-tx="' + index + '"]');
  if (group) { group.classList.add('chosen'); group.firstChild.classList.add('chosen'); }
  const why = (list, direction) => table(['#index', 'transaction', 'because of'],
    list.slice(0, 50).map((other) => {
      const [from, to] = direction ? [other, index] : [index, other];
      const edge = block.edges.find((each) => each.from === from && each.to === to);
      return [String(other), txLink(block.txs[other].id), edge ? keysText(edge.keys) : ''];
    }), list.length - 50);
  const box = section('Transaction ' + index,
    el('p', {}, el('a', { href: '#tx/' + tx.id, class: 'id' }, tx.id)),
    el('p', {}, tx.type + (tx.success ? '' : ', failed') + ', ' + cost(tx.cost, block.costUnit) +
      ', ' + tx.gas + ' gas, set ' + tx.set),
    el('h2', {}, 'Waits for'), tx.waitsFor.length ? why(tx.waitsFor, true) : el('p', {}, 'nobody'),
    el('h2', {}, 'Awaited by'), tx.awaitedBy.length ? why(tx.awaitedBy, false) : el('p', {}, 'nobody'));
  $('detail').replaceChildren(box);
  if (move !== false) box.scrollIntoView({ block: 'nearest' });
}
function whatIf(block) {
  if (!block.canRunAgain) return section('What if', el('p', { class: 'soft' },
    'The node no longer knows the state before this block.'));
  const field = (id, name, hint) => el('label', {}, name, el('input', { id, placeholder: hint }));
  const out = el('div', { id: 'what-if-result', 'aria-live': 'polite' });
  const idOf = (text) => /^\d+$/.test(text) && block.txs[text] ? block.txs[text].id : text;
  const list = (id) => $(id).value.split(/[\s,]+/).filter(Boolean);
  const form = el('form', { style: 'display:block', onsubmit: async (event) => {
    event.preventDefault();
    out.replaceChildren(el('p', { class: 'soft' }, 'Running again …'));
    const [tx, contracts] = $('declare').value.split('=');
    try {
      const report = await ask('what-if/' + block.height, { drop: list('drop').map(idOf),
        add: list('add'), reorder: list('reorder').map(idOf), workers: [1, 2, 4, 8, 16],
        declare: tx.trim() ? [{ tx: idOf(tx.trim()),
          contracts: (contracts || '').split(/[\s,]+/).filter(Boolean) }] : [] });
      out.replaceChildren(...result(report));
    } catch (error) { out.replaceChildren(el('p', { class: 'error' }, error.message)); }
  } }, el('div', { class: 'row' }, field('drop', 'drop', '3, 5'), field('reorder', 'reorder', '4, 1')),
  el('div', { class: 'row' }, field('declare', 'declare', '2=0xcontract,0xcontract'),
    field('add', 'add', 'transaction in hex')),
  el('div', { class: 'row' }, el('button', {}, 'Run again'),
    el('span', { class: 'soft' }, 'Nothing is committed. Transactions by index or id.')));
  return section('What if', form, out);
}
function result(report) {
  const { before, after } = report, rows = [
    ['transactions', before.txCount, after.txCount], ['disjoint sets', before.setCount, after.setCount],
    ['conflicts', before.edgeCount, after.edgeCount],
    ['work', before.workMs.toFixed(3) + ' ms', after.workMs.toFixed(3) + ' ms'],
    ['longest chain', before.criticalPathMs.toFixed(3) + ' ms', after.criticalPathMs.toFixed(3) + ' ms'],
    ...before.simulated.map((each, at) => ['simulated, ' + each.workers + ' workers',
      each.wallMs.toFixed(3) + ' ms', after.simulated[at].wallMs.toFixed(3) + ' ms']),
    ['gas', report.gas.before, report.gas.after]].map((row) => row.map(String));
  const moved = report.differences.filter((each) => each.what.join() === 'place');
  const rest = report.differences.filter((each) => each.what.join() !== 'place');
  const status = (outcome) => outcome ? outcome.reason || outcome.status : '–';
  return [table(['', '#as it was', '#changed'], rows),
    el('h2', {}, rest.length + ' results differ, ' + moved.length + ' more only moved'),
    table(['transaction', 'what', 'was', 'would be'], rest.map((each) =>
      [txLink(each.id), each.what.join(', '), status(each.before), status(each.after)])),
    el('p', {}, 'State after the block: ' + report.state.coins + ' coins, ' + report.state.slots +
      ' slots, ' + report.state.balances + ' balances differ.'), whyList(report.notes)];
}
function showBlock(block) {
  shown = block.height;
  document.title = 'Block ' + block.height + ' – parallelism';
  const { totals } = block, choose = (index) => detail(block, index);
  const ran = block.mode === 'threads' ? totals.workerCount + ' threads'
    : block.mode === 'serial' ? 'main thread' : 'unknown';
  const together = block.sets.map((set, n) => [set, n]).filter(([set]) => set.txs.length > 1);
  const alone = block.setCount - together.length;
  const sets = el('div', {}, together.length ? table(
    ['#set', '#transactions', '#chain', '#work', 'shared'],
    together.slice(0, 50).map(([set, n]) => [String(n), String(set.txs.length),
      String(set.chainTxCount), cost(set.work, block.costUnit), keysText(set.keys)]),
    together.length - 50) : '', alone ? el('p', { class: 'soft' },
    alone + (alone === 1 ? ' set' : ' sets') + ' of one transaction') : '');
  $('view').replaceChildren(
    section('Block ' + block.height, el('p', { class: 'id' }, block.id), daLine(block.height), tiles([
      ['transactions', block.txs.length], ['disjoint sets', block.setCount],
      ['conflicts', block.edgeCount], ['work', cost(totals.work, block.costUnit)],
      ['longest chain', cost(totals.criticalPath, block.costUnit)],
      ['wall time', totals.wallMs === null ? '–' : cost(totals.wallMs, 'ms')], ['ran on', ran],
      ['speed-up', fixed(totals.speedUp, 2)], ['of at most', fixed(totals.bound, 2)],
      ['efficiency', fixed(totals.efficiency, 2)]])),
    section('Why', whyList(block.why)),
    lanes(block, choose), graph(block, choose), el('div', { id: 'detail' }),
    section('With more workers', el('p', { class: 'soft' },
      'Simulated by the real scheduler, without any overhead.'), tiles(block.forecast.map((each) =>
      [each.workers + (each.workers === 1 ? ' worker' : ' workers'), each.speedUp.toFixed(1) + '×']))),
    section('Disjoint sets', sets),
    block.skipped.length ? section('Skipped', table(['transaction', 'reason'],
      block.skipped.map((each) => [short(each.id), each.reason]))) : '',
    whatIf(block));
}
function showTx(tx) {
  shown = null;
  document.title = 'Transaction – parallelism';
  const others = (list) => list.length ? table(['#index', 'transaction', 'because of'],
    list.map((each) => [each.index < 0 ? '–' : String(each.index), txLink(each.id),
      keysText(each.keys)])) : el('p', {}, 'nobody');
  const { block } = tx;
  $('view').replaceChildren(section('Transaction', el('p', { class: 'id' }, tx.id),
    block ? el('p', {}, 'In ', el('a', { href: '#block/' + block.height }, 'block ' + block.height),
      ' at index ' + block.index + ', in a set of ' + block.set.txCount +
      (block.isCritical ? ', on the longest chain' : '') + '. Cost ' +
      cost(block.cost, block.costUnit) + ', could start after ' +
      cost(block.earliestStart, block.costUnit) + (block.lane ? ', ran on ' + (block.lane.worker < 0
        ? 'the main thread' : 'worker ' + block.lane.worker) + ' from ' +
      cost(block.lane.startMs, 'ms') : '') + '.') : el('p', {}, 'In the pool.')),
    section('Why', whyList(tx.why)),
    section(block ? 'Waited for' : 'Disputes keys with', others(tx.waitedFor)),
    block ? section('Awaited by', others(tx.awaitedBy)) : '',
    section('Declares', el('ul', { class: 'why' }, ...tx.declares.map((key) =>
      el('li', { title: key.id }, key.text)))));
}
function showPool(pool) {
  shown = null;
  document.title = 'Pool – parallelism';
  $('view').replaceChildren(section('Pool', tiles([['transactions', pool.txCount],
    ['disjoint sets', pool.setCount]])), section('Why', whyList(pool.why)),
    section('Biggest sets', table(['#set', '#transactions', '#chain', '#max gas', 'shared'],
      pool.sets.map((set, n) => [String(n), String(set.txCount), String(set.chainTxCount), set.gas,
        keysText(set.keys)]))));
}
`;

const ROUTING = `
let turn = 0;
async function route() {
  const [what, which] = (location.hash.slice(1) || 'block/latest').split('/');
  const mine = ++turn;
  try {
    const path = what === 'pool' ? 'pool' : what + '/' + encodeURIComponent(which || '');
    const answer = await ask(path).catch(async (error) => {
      // An id may be one of a block.
      if (what !== 'tx') throw error;
      const block = await ask('block/' + encodeURIComponent(which)).catch(() => { throw error; });
      if (mine === turn) location.hash = '#block/' + block.height;
      return null;
    });
    if (answer === null) return;
    if (mine !== turn) return;
    ({ block: showBlock, tx: showTx, pool: showPool })[what](answer);
    if (what === 'block') $('which').value = answer.height;
    mark();
  } catch (error) {
    if (mine !== turn) return;
    shown = null;
    $('view').replaceChildren(el('section', {}, el('p', { class: 'error', role: 'alert' }, error.message)));
  }
}
function mark() {
  for (const a of $('blocks').children) {
    if (Number(a.dataset.height) === shown) a.setAttribute('aria-current', 'true');
    else a.removeAttribute('aria-current');
  }
}
async function refresh() {
  if (document.hidden) return;
  try {
    const blocks = await ask('blocks');
    $('blocks').replaceChildren(...blocks.map((block) => el('a', { href: '#block/' + block.height,
      'data-height': block.height }, 'Block ' + block.height, el('small', {}, block.txCount + ' txs' +
      (block.setCount === null ? '' : ', ' + block.setCount + (block.setCount === 1 ? ' set' : ' sets'))))));
    mark();
    const latest = blocks[0] && blocks[0].height;
    if ($('follow').getAttribute('aria-pressed') === 'true' && shown !== null && shown !== latest) {
      location.hash = '#block/' + latest;
    }
  } catch { /* The node is away: the next turn asks again. */ }
}
const step = (by) => { if (shown !== null && shown + by >= 0) location.hash = '#block/' + (shown + by); };
$('go').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('which').value.trim().toLowerCase();
  location.hash = /^0x[0-9a-f]{64}$/.test(text) ? '#tx/' + text : '#block/' + (text || 'latest');
});
$('before').onclick = () => step(-1);
$('after').onclick = () => step(1);
$('follow').onclick = () => $('follow').setAttribute('aria-pressed',
  String($('follow').getAttribute('aria-pressed') !== 'true'));
addEventListener('keydown', (event) => {
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.ctrlKey || event.metaKey) return;
  if (event.key === 'p') step(-1);
  if (event.key === 'n') step(1);
  if (event.key === '/') { event.preventDefault(); $('which').focus(); }
});
addEventListener('hashchange', route);
refresh();
setInterval(refresh, 3000);
route();
`;

export const EXPLAIN_SCRIPT: string = ASKING + DRAWING + VIEWS + ROUTING;
