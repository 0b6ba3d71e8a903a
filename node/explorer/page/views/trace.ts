/** The call tree of a transaction, as the node's tracer answers it. */
import { type Child, el } from '../dom.ts';
import { card } from '../parts.ts';

/** JSON of `/trace/ID`; only what every version of it has is relied on. */
export type CallTree = Readonly<Record<string, unknown>>;

export function callTree(tree: CallTree): HTMLElement {
  return card(
    'Trace',
    el('pre', { class: 'listing', tabindex: 0 }, JSON.stringify(tree, null, 2) as Child),
  );
}
