/** What the parallelism view and the pool view share. */

import type { ReadableKey } from '../../../explain/keys.ts';
import type { ExplainedKey, PoolExplanation } from '../../../explain/types.ts';
import { el } from '../dom.ts';

export type Pool = PoolExplanation;

/** Keys with how many transactions touch each. */
export function keysText(keys: readonly (ReadableKey | ExplainedKey)[]): string {
  return keys
    .map((key) => ('txCount' in key ? `${key.text} (${key.txCount})` : key.text))
    .join(', ');
}

export function whyList(why: readonly string[]): HTMLElement {
  return el(
    'ul',
    { class: 'why' },
    why.map((text) => el('li', {}, text)),
  );
}

/** A cost in the unit of its block. */
export function costText(cost: number, unit: 'ms' | 'gas'): string {
  return unit === 'gas' ? `${Math.round(cost)} gas` : `${cost.toFixed(cost < 1 ? 3 : 2)} ms`;
}
