/** A thread of the state tree that dies as it gets some of the blocks, each time once. */
import { existsSync, writeFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { TreeHello, TreeQuestion } from '../../node/stateTree/treeMessages.ts';

/** Blocks that kill it. */
const DEADLY: ReadonlySet<number> = new Set([5, 6, 14]);

const { path } = workerData as TreeHello;
parentPort!.on('message', ({ task }: TreeQuestion) => {
  if (task.kind !== 'take' || !DEADLY.has(task.block.height)) return;
  const mark = `${path}-died-at-${task.block.height}`;
  if (existsSync(mark)) return;
  writeFileSync(mark, '');
  process.exit(1);
});
await import('../../node/stateTree/treeWorker.ts');
