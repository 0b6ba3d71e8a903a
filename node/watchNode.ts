/**
 * A node inside the watcher: derives the chain from its DA layer, executes every block again, and
 * keeps the state tree. What it says of a block is nobody's word.
 */
import { CodedError } from '../primitives/errors.ts';
import type { BlockRoots } from '../state/stateTree.ts';
import type { BlockSource } from './committedBlocks.ts';
import { composeNode, type Node } from './compose.ts';
import type { NodeConfig } from './config.ts';
import type { Log } from './log.ts';
import type { StateTreeService } from './stateTree/keeper.ts';

export type WatchNode = BlockSource & { close(): Promise<void> };

/** @param config of a node that follows a DA layer and keeps a state tree */
export async function openWatchNode(config: NodeConfig, log: Log): Promise<WatchNode> {
  const node = await composeNode(config, { log });
  await node.start();
  return {
    async source(height) {
      await derived(node, height);
      return blockOf(node, height);
    },
    trace: async (height) => traceOf(node, height),
    close: () => node.close(),
  };
}

/** How often a follower is looked at. Unit: ms. */
const POLL_MS = 20;

/** Until the block is there, or the layer has nothing more, or the follower is stuck. */
async function derived({ services: { store, follower } }: Node, height: number): Promise<void> {
  while (store.latest.height < height) {
    const status = follower?.status();
    if (status === undefined || status.isAtTip || status.failure !== null) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function blockOf({ services }: Node, height: number): Awaited<ReturnType<BlockSource['source']>> {
  const { store, follower } = services;
  const block = store.block(height);
  if (block !== null) {
    const transactions = block.transactionIds.map((id) => store.transaction(id)!.raw);
    return { header: block.header, transactions };
  }
  const failure = follower?.status().failure ?? null;
  const why = failure === null ? '' : `: ${failure}`;
  throw new CodedError(
    'L1_DATA_MISSING',
    `the DA layer has given blocks up to ${store.latest.height}, not ${height}${why}`,
  );
}

async function traceOf(
  { services }: Node,
  height: number,
): Promise<Awaited<ReturnType<BlockSource['trace']>>> {
  const tree = services.stateTree as StateTreeService;
  const roots = await rootsSoon(tree, height);
  const { stateRoot, stepRoot, ...parts } = roots;
  return { stateRoot, stepRoot, parts, steps: await tree.stepsAt(height) };
}

/** The tree follows behind the blocks. */
async function rootsSoon(tree: StateTreeService, height: number): Promise<BlockRoots> {
  for (;;) {
    const roots = await tree.rootsAt(height);
    if (roots !== null) return roots;
    const { failure } = tree.progress();
    if (failure !== null) throw new CodedError('STATE_TREE_UNREACHABLE', failure);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
