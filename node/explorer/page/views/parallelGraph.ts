/** Drawings of a block: who waits for whom, and what ran when. */
import type { BlockExplanation } from '../../../explain/types.ts';
import { type Child, el, svg } from '../dom.ts';
import { card, soft } from '../parts.ts';
import { costText, keysText } from './parallelTypes.ts';

const NODE_MAX = 400;
const COLUMN = 76;
const ROW = 30;
const BOX_W = 52;
const BOX_H = 20;
const LANE_H = 24;

type Spot = { x: number; y: number };
type Layout = { places: Map<number, Spot>; width: number; height: number; hidden: number };
export type Choose = (index: number) => void;

/** Columns by step, rows inside a set; sets below each other. */
function layout(block: BlockExplanation): Layout {
  const steps = new Map<number, number>();
  for (const tx of block.txs) {
    const step = tx.waitsFor.reduce((max, i) => Math.max(max, (steps.get(i) ?? 0) + 1), 0);
    steps.set(tx.index, step);
  }
  const places = new Map<number, Spot>();
  let [top, hidden, right] = [0, 0, 0];
  for (const set of block.sets) {
    if (set.txs.length < 2) continue;
    const used = new Map<number, number>();
    for (const index of set.txs) {
      if (places.size >= NODE_MAX) {
        hidden += 1;
        continue;
      }
      const column = steps.get(index) ?? 0;
      const row = used.get(column) ?? 0;
      used.set(column, row + 1);
      places.set(index, { x: 8 + column * COLUMN, y: 8 + top + row * ROW });
      right = Math.max(right, column);
    }
    if (used.size > 0) top += Math.max(...used.values()) * ROW + 12;
  }
  return { places, width: (right + 1) * COLUMN + 16, height: top + 8, hidden };
}

function edges(block: BlockExplanation, places: ReadonlyMap<number, Spot>): SVGElement[] {
  const path = block.criticalPath;
  const before = new Map(path.map((index, at) => [index, path[at - 1]]));
  return block.edges.flatMap(({ from, to, keys }) => {
    const [a, b] = [places.get(from), places.get(to)];
    if (a === undefined || b === undefined) return [];
    const [x1, y1, x2, y2] = [a.x + BOX_W, a.y + BOX_H / 2, b.x, b.y + BOX_H / 2];
    const bend = Math.max(12, (x2 - x1) / 2);
    const d = `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
    const kind = before.get(to) === from ? 'edge critical' : 'edge';
    const title = svg('title', {}, `${from} before ${to}: ${keysText(keys)}`);
    return [svg('path', { class: kind, d }, title)];
  });
}

/** Arrow keys follow the edges. */
function walk(event: KeyboardEvent, block: BlockExplanation, index: number, choose: Choose): void {
  if (event.key === 'Enter' || event.key === ' ') {
    event.preventDefault();
    choose(index);
    return;
  }
  const tx = block.txs[index];
  const side =
    event.key === 'ArrowLeft'
      ? tx?.waitsFor[0]
      : event.key === 'ArrowRight'
        ? tx?.awaitedBy[0]
        : undefined;
  if (side === undefined) return;
  event.preventDefault();
  document.querySelector<SVGElement>(`[data-tx="${side}"] .node`)?.focus();
}

function node(block: BlockExplanation, index: number, at: Spot, choose: Choose): SVGElement {
  const tx = block.txs[index];
  const cost = costText(tx?.cost ?? 0, block.costUnit);
  const isCritical = block.criticalPath.includes(index);
  const kind = `node${isCritical ? ' critical' : ''}${tx?.success === false ? ' failed' : ''}`;
  const box = svg('rect', {
    x: at.x,
    y: at.y,
    width: BOX_W,
    height: BOX_H,
    rx: 4,
    tabindex: 0,
    role: 'button',
    class: kind,
    'aria-label': `transaction ${index}, ${cost}`,
    onclick: () => choose(index),
    onkeydown: (event: KeyboardEvent) => walk(event, block, index, choose),
  });
  box.append(svg('title', {}, `${tx?.id ?? ''}\n${cost}`));
  const label = svg('text', { x: at.x + 6, y: at.y + 14 }, String(index));
  return svg('g', { 'data-tx': index }, box, label);
}

export function graph(block: BlockExplanation, choose: Choose): HTMLElement {
  const { places, width, height, hidden } = layout(block);
  const alone = block.setCount - block.sets.filter((set) => set.txs.length > 1).length;
  const notes: string[] = [];
  if (alone === 1) notes.push('1 transaction conflicts with nobody and is not drawn');
  if (alone > 1) notes.push(`${alone} transactions conflict with nobody and are not drawn`);
  if (hidden > 0) notes.push(`${hidden} more are not drawn`);
  const drawn: Child[] = [...edges(block, places)];
  for (const [index, at] of places) drawn.push(node(block, index, at, choose));
  const attributes = { width, height, role: 'group', 'aria-label': 'conflict graph' };
  const legend = el(
    'div',
    { class: 'legend' },
    places.size > 0 && el('span', {}, el('i', {}), 'transaction, waits for those to its left'),
    places.size > 0 && el('span', {}, el('i', { class: 'critical' }), 'on the longest chain'),
    notes.map((note) => el('span', {}, note)),
  );
  const picture = el('div', { class: 'scroll drawing' }, svg('svg', attributes, drawn));
  return card('Conflict graph', legend, places.size > 0 ? picture : soft('No conflicts.'));
}

type Lane = BlockExplanation['lanes'][number];

function laneBoxes(
  block: BlockExplanation,
  lane: Lane,
  y: number,
  scale: (ms: number) => number,
  choose: Choose,
): SVGElement[] {
  const total = lane.txs.reduce((sum, tx) => sum + tx.runMs, 0) || 1;
  let at = lane.startMs;
  return lane.txs.map((tx) => {
    const share = (tx.runMs / total) * (lane.endMs - lane.startMs);
    const x = scale(at);
    const width = Math.max(0.6, scale(at + share) - x);
    at += share;
    const kind = block.criticalPath.includes(tx.index) ? 'lane critical' : 'lane';
    const title = svg('title', {}, `${tx.index}: ${tx.runMs.toFixed(3)} ms`);
    const onclick = (): void => choose(tx.index);
    return svg('rect', { x, y, width, height: LANE_H, class: kind, onclick }, title);
  });
}

/** What ran when, a row for each thread. */
export function timeline(block: BlockExplanation, room: number, choose: Choose): HTMLElement {
  if (block.lanes.length === 0) {
    const kept = 'Not kept: the block ran before the node started, or too long ago. Costs are gas.';
    return card('Timeline', soft(block.costUnit === 'gas' ? kept : 'Nothing ran.'));
  }
  const workers = [...new Set(block.lanes.map((lane) => lane.worker))].sort((a, b) => a - b);
  const end = Math.max(block.totals.wallMs ?? 0, ...block.lanes.map((lane) => lane.endMs)) || 1;
  const [left, width] = [74, Math.max(400, room - 170)];
  const scale = (ms: number): number => left + (ms / end) * width;
  const height = workers.length * (LANE_H + 6) + 24;
  const drawn: Child[] = [];
  for (let i = 0; i <= 4; i++) {
    const x = scale((end * i) / 4);
    const anchor = i === 4 ? 'end' : 'middle';
    drawn.push(svg('line', { class: 'grid', x1: x, x2: x, y1: 0, y2: height - 18 }));
    const text = `${((end * i) / 4).toFixed(2)} ms`;
    drawn.push(svg('text', { x, y: height - 4, 'text-anchor': anchor }, text));
  }
  workers.forEach((worker, row) => {
    const y = row * (LANE_H + 6) + 2;
    const name = worker < 0 ? 'main' : `worker ${worker}`;
    drawn.push(svg('text', { x: 0, y: y + 16 }, name));
    for (const lane of block.lanes) {
      if (lane.worker === worker) drawn.push(...laneBoxes(block, lane, y, scale, choose));
    }
  });
  const label = `timeline of ${workers.length} threads`;
  const picture = svg(
    'svg',
    { width: left + width + 20, height, role: 'img', 'aria-label': label },
    drawn,
  );
  return card(
    'Timeline',
    el(
      'div',
      { class: 'scroll drawing', tabindex: 0, role: 'region', 'aria-label': label },
      picture,
    ),
  );
}
