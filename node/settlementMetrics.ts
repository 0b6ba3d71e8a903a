/** Following Ethereum and committing to it, in numbers; absent where neither is done. */
import type { NodeServices } from './services.ts';

/** Registers one gauge. */
export type AddGauge = (name: string, help: string, read: () => number) => void;

/** A failure is counted as 1, for an alert on it. */
const failing = (text: string | null | undefined): number => (text == null ? 0 : 1);

/** Of the state tree, where one is kept. */
function treeMetrics(add: AddGauge, { stateTree }: NodeServices): void {
  if (stateTree === undefined) return;
  const read = (name: 'height' | 'lag' | 'workMs') => (): number => stateTree.progress()[name] ?? 0;
  add('state_tree_height_blocks', 'Newest block in the state tree', read('height'));
  add('state_tree_lag_blocks', 'Blocks of the chain that are not in the tree yet', read('lag'));
  add('state_tree_work_ms', 'Time that the tree has taken since the start', read('workMs'));
  add('state_tree_failing', '1 while the tree does not go on', () =>
    failing(stateTree.progress().failure),
  );
}

export function settlementMetrics(add: AddGauge, services: NodeServices): void {
  const { relayer, committer } = services;
  treeMetrics(add, services);
  if (relayer.progress() !== null) {
    add('relayer_read_height_blocks', 'Newest Ethereum block that was read', () =>
      Number(relayer.progress()?.read ?? 0n),
    );
    add('relayer_finalized_height_blocks', 'Newest final one when last asked', () =>
      Number(relayer.progress()?.finalized ?? 0n),
    );
    add('relayer_failing', '1 while Ethereum cannot be followed', () =>
      failing(relayer.progress()?.failure),
    );
  }
  if (committer.progress() === null) return;
  add('committer_height_blocks', 'Newest block committed to Ethereum', () =>
    Number(committer.progress()?.committed?.height ?? 0),
  );
  add('committer_pending', '1 while a commit waits to be included', () =>
    committer.progress()?.pending == null ? 0 : 1,
  );
  add('committer_obstructed', '1 while nothing can be committed', () =>
    failing(committer.progress()?.obstacle),
  );
}
