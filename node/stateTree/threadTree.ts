/** The state tree in a thread of its own: hashing it takes nothing from who makes the blocks. */
import { Worker } from 'node:worker_threads';
import { CodedError } from '../../primitives/errors.ts';
import type { SparseProof } from '../../primitives/merkle/sparse.ts';
import type { BlockHeight } from '../../primitives/types.ts';
import type { BlockRoots, TreeGenesis } from '../../state/stateTree.ts';
import type { Step } from '../../tx/stateSteps.ts';
import type { TreeName } from '../../tx/stateSubject.ts';
import type { SourcedBlock } from './blocks.ts';
import type { StateTreeSettings, TreeHost } from './localTree.ts';
import {
  packBlock,
  type TreeAnswer,
  type TreeHello,
  type TreeQuestion,
  type TreeResult,
  type TreeTask,
} from './treeMessages.ts';

/**
 * Blocks that are on their way to the thread at most. All others lie in the chain's database, so a
 * tree that is behind costs no memory.
 */
export const TREE_QUEUE_BLOCKS_MAX = 8;

type Waiting = {
  readonly resolve: (result: TreeResult) => void;
  readonly reject: (why: Error) => void;
};

const DIED = 'STATE_TREE_THREAD_DIED';

/** Whether the tree can be opened again and gone on with. */
export function hasDied(error: unknown): boolean {
  return error instanceof CodedError && error.code === DIED;
}

class ThreadTree implements TreeHost {
  readonly queueMax: number = TREE_QUEUE_BLOCKS_MAX;
  readonly #worker: Worker;
  readonly #waiting: Map<number, Waiting> = new Map();
  #lastId = 0;
  #isDead = false;
  tip: BlockHeight | null = null;
  workMs = 0;

  constructor(workerUrl: URL, hello: TreeHello) {
    this.#worker = new Worker(workerUrl, { workerData: hello });
    this.#worker.unref();
    this.#worker.on('message', (answer: TreeAnswer) => this.#answered(answer));
    this.#worker.once('error', (error) => this.#ended(error));
    this.#worker.once('exit', () => this.#ended(null));
  }

  /** @throws CodedError STATE_…, STATE_TREE_CORRUPT */
  opened(): Promise<TreeResult> {
    return this.#await(0);
  }

  begin({ coins, messages, ...genesis }: TreeGenesis): Promise<BlockRoots> {
    const rows = { ...genesis, coins: [...coins], messages: [...messages] };
    return this.#ask({ kind: 'begin', genesis: rows }) as Promise<BlockRoots>;
  }

  take(block: SourcedBlock): Promise<BlockRoots> {
    const { packed, transfer } = packBlock(block);
    return this.#ask({ kind: 'take', block: packed }, transfer) as Promise<BlockRoots>;
  }

  rootsAt(height: BlockHeight): Promise<BlockRoots | null> {
    return this.#ask({ kind: 'rootsAt', height }) as Promise<BlockRoots | null>;
  }

  steps(block: SourcedBlock): Promise<readonly Step[]> {
    const { packed, transfer } = packBlock(block);
    return this.#ask({ kind: 'steps', block: packed }, transfer) as Promise<readonly Step[]>;
  }

  prove(height: BlockHeight, tree: TreeName, key: Uint8Array): Promise<SparseProof> {
    const asked = { kind: 'prove', height, tree, key: key.slice() } as const;
    return this.#ask(asked) as Promise<SparseProof>;
  }

  async close(): Promise<void> {
    if (!this.#isDead) await this.#ask({ kind: 'close' }).catch(() => {});
    await this.#worker.terminate();
  }

  #ask(task: TreeTask, transfer: ArrayBuffer[] = []): Promise<TreeResult> {
    this.#lastId += 1;
    const question: TreeQuestion = { id: this.#lastId, task };
    const answer = this.#await(question.id);
    if (!this.#isDead) this.#worker.postMessage(question, transfer);
    return answer;
  }

  #await(id: number): Promise<TreeResult> {
    return new Promise((resolve, reject) => {
      if (this.#isDead) return reject(died(null));
      this.#waiting.set(id, { resolve, reject });
      // Somebody waits for the answer: the process does not end before it.
      this.#worker.ref();
    });
  }

  #answered(answer: TreeAnswer): void {
    const { id, tip, workMs } = answer;
    [this.tip, this.workMs] = [tip, workMs];
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if ('result' in answer) return waiting?.resolve(answer.result);
    const { code, message } = answer.failure;
    waiting?.reject(code === null ? new Error(message) : new CodedError(code, message));
  }

  #ended(cause: Error | null): void {
    this.#isDead = true;
    for (const { reject } of this.#waiting.values()) reject(died(cause));
    this.#waiting.clear();
  }
}

function died(cause: Error | null): CodedError {
  const why = cause === null ? '' : ` (${cause.message})`;
  return new CodedError(
    DIED,
    `the thread of the state tree has ended${why}`,
    {},
    cause ?? undefined,
  );
}

/**
 * @param path directory; null: in memory
 * @throws CodedError STATE_…, STATE_TREE_CORRUPT, STATE_TREE_THREAD_DIED
 */
export async function openThreadTree(
  workerUrl: URL,
  path: string | null,
  settings: StateTreeSettings,
): Promise<TreeHost> {
  const tree = new ThreadTree(workerUrl, { path, settings });
  try {
    await tree.opened();
    return tree;
  } catch (error) {
    await tree.close();
    throw error;
  }
}
