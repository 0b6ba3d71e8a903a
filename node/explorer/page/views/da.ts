/** How far the chain is on its way to the data-availability layer, and what is derived from it. */

import { bytesText, grouped } from '../../format.ts';
import { onTip, rest } from '../api.ts';
import { el, svg } from '../dom.ts';
import { blockLink, card, facts, soft } from '../parts.ts';
import type { Drawn, Place } from '../router.ts';

const EVERY_MS = 2000;

type Posting = {
  layer: string;
  sealed: number;
  posted: number;
  included: number;
  final: number;
  backlogBlocks: number;
  backlogBytes: number;
  frames: number;
  postedBytes: number;
  submissions: number;
  resubmissions: number;
  pricePerMegabyte: string | null;
  lastError: string | null;
};
type Following = {
  layer: string;
  height: number;
  layerHeight: string;
  layerTip: string;
  isAtTip: boolean;
  blocksPerSecond: number;
  etaSeconds: number | null;
  failure: string | null;
};
type Status = { posting: Posting | null; following: Following | null };

const STAGES = ['sealed', 'posted', 'included', 'final'] as const;
const MEANING: Readonly<Record<(typeof STAGES)[number], string>> = {
  sealed: 'made and committed here',
  posted: 'sent to the layer',
  included: 'seen on the layer',
  final: 'there for good',
};

/** One bar for each stage, as long as it is far. */
function stages(posting: Posting): HTMLElement {
  const top = Math.max(1, posting.sealed);
  const rows = STAGES.map((name) => {
    const height = posting[name];
    const share = height < 0 ? 0 : Math.max(0.004, (height + 1) / (top + 1));
    const bar = svg(
      'svg',
      { viewBox: '0 0 100 6', preserveAspectRatio: 'none', class: 'stage', 'aria-hidden': 'true' },
      svg('rect', { x: 0, y: 0, width: 100, height: 6, class: 'track' }),
      svg('rect', { x: 0, y: 0, width: share * 100, height: 6, class: `bar ${name}` }),
    );
    return el(
      'li',
      {},
      el('span', { class: 'stage-name' }, el('b', {}, name), ` ${MEANING[name]}`),
      bar,
      height < 0 ? el('span', { class: 'soft' }, 'none yet') : blockLink(height),
    );
  });
  return el('ol', { class: 'stages' }, rows);
}

function postingCard(posting: Posting): HTMLElement {
  return card(
    `Posting to ${posting.layer}`,
    stages(posting),
    posting.lastError === null ? null : el('p', { class: 'error' }, posting.lastError),
    facts([
      [
        'Not on the layer yet',
        `${grouped(posting.backlogBlocks)} blocks, ${bytesText(posting.backlogBytes)}`,
      ],
      [
        'Sent since the start',
        `${grouped(posting.frames)} frames, ${bytesText(posting.postedBytes)}`,
      ],
      [
        'Submissions',
        `${grouped(posting.submissions)}, ${grouped(posting.resubmissions)} of them again`,
      ],
      posting.pricePerMegabyte === null
        ? null
        : ['Price of a megabyte', grouped(posting.pricePerMegabyte)],
    ]),
  );
}

function followingCard(following: Following): HTMLElement {
  return card(
    `Following ${following.layer}`,
    following.failure === null ? null : el('p', { class: 'error' }, following.failure),
    facts([
      ['Derived up to', blockLink(following.height)],
      ['Read on the layer', `${grouped(following.layerHeight)} of ${grouped(following.layerTip)}`],
      [
        'State',
        following.isAtTip
          ? 'at the tip'
          : `${following.blocksPerSecond.toFixed(1)} blocks per second`,
      ],
      following.etaSeconds === null ? null : ['Done in', `${Math.ceil(following.etaSeconds)} s`],
    ]),
  );
}

function draw({ posting, following }: Status): Node[] {
  if (posting === null && following === null) {
    return [
      card(
        'Nothing is posted',
        soft('A chain in memory posts nothing unless it is told where, or no layer was chosen.'),
        el('p', {}, el('code', {}, 'fuelrail run --da-path DIRECTORY')),
      ),
    ];
  }
  return [posting && postingCard(posting), following && followingCard(following)].filter(
    (each) => each !== null,
  );
}

/** @see View */
export async function da(place: Place): Promise<Drawn> {
  const load = (): Promise<Status> => rest<Status>('/v1/fuelrail/da/status');
  const box = el('div', {});
  box.append(...draw(await load()));
  const refresh = async (): Promise<void> => {
    if (document.hidden || box.contains(document.activeElement)) return;
    try {
      const next = await load();
      if (!place.signal.aborted) box.replaceChildren(...draw(next));
    } catch {
      // The banner says that the node is away.
    }
  };
  const timer = setInterval(refresh, EVERY_MS);
  const stop = onTip(() => void refresh());
  place.signal.addEventListener('abort', () => {
    clearInterval(timer);
    stop();
  });
  return { title: 'Data availability', content: [box] };
}
