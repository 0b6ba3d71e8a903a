/** The thread that keeps the state tree; see `threadTree.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { assert, CodedError } from '../../primitives/errors.ts';
import { openLocalTree, type TreeHost } from './localTree.ts';
import {
  type TreeAnswer,
  type TreeHello,
  type TreeQuestion,
  type TreeResult,
  type TreeTask,
  unpackBlock,
} from './treeMessages.ts';

assert(parentPort !== null, 'this file runs as a thread');
const port = parentPort;
const { path, settings } = workerData as TreeHello;
let tree: TreeHost | null = null;

function run(host: TreeHost, task: TreeTask): Promise<TreeResult> {
  switch (task.kind) {
    case 'begin':
      return host.begin(task.genesis);
    case 'take':
      return host.take(unpackBlock(task.block));
    case 'steps':
      return host.steps(unpackBlock(task.block));
    case 'rootsAt':
      return host.rootsAt(task.height);
    case 'prove':
      return host.prove(task.height, task.tree, task.key);
    case 'close':
      return host.close().then(() => null);
  }
}

async function answer(id: number, work: () => Promise<TreeResult>): Promise<void> {
  let outcome: { result: TreeResult } | Extract<TreeAnswer, { failure: unknown }>['failure'];
  try {
    outcome = { result: await work() };
  } catch (error) {
    const code = error instanceof CodedError ? error.code : null;
    outcome = { code, message: error instanceof Error ? error.message : String(error) };
  }
  const at = { id, tip: tree?.tip ?? null, workMs: tree?.workMs ?? 0 };
  port.postMessage(
    'result' in outcome ? { ...at, ...outcome } : ({ ...at, failure: outcome } as TreeAnswer),
  );
}

await answer(0, async () => {
  tree = await openLocalTree(path, settings);
  return null;
});
port.on('message', ({ id, task }: TreeQuestion) => void answer(id, () => run(tree!, task)));
