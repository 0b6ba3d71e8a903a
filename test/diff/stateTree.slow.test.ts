/**
 * One state root for everybody: made step by step from the bytes of blocks, and made at once from
 * the state that the executor leaves; with and without threads, produced and re-executed.
 *
 * TREE_SEEDS: seeds of random chains, three blocks each (default 6); SEED: the first.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { LaneRunner } from '../../executor/block.ts';
import { mergeChanges } from '../../executor/merge.ts';
import { createPoolRunner } from '../../executor/pool.ts';
import {
  type Changes,
  type ExecutedBlock,
  emptyChanges,
  type SealedBlock,
  type TxToExecute,
} from '../../executor/ports.ts';
import { produceBlock } from '../../executor/produce.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { executeBlock } from '../../executor/validate.ts';
import { freshTreeBlock, treeGenesis } from '../../node/stateTree/blocks.ts';
import { bytesToHex } from '../../primitives/bytes.ts';
import { sparseRoot } from '../../primitives/merkle/sparse.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { openMemoryEngine } from '../../state/engine/memory.ts';
import { restChanges } from '../../state/restTree.ts';
import { type BlockRoots, StateTree } from '../../state/stateTree.ts';
import { coinKey, coinValue, messageTreeKey, messageValue } from '../../tx/stateSteps.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { idOf } from '../support/chainMaker.ts';
import { memoryState } from '../support/memoryState.ts';
import { listSource, RandomChain, testEnv } from '../support/randomBlock.ts';
import { paramsOf } from '../vectors/host.ts';

const SEED_COUNT = Number(process.env['TREE_SEEDS'] ?? 6);
const SEED_FIRST = Number(process.env['SEED'] ?? 1);
const PARAMS = paramsOf({ params: 'local' });
const WORKER = new URL('../../node/worker.js', import.meta.url);
const KNOWN = new Map([[0, { id: idOf('block 0'), time: 1n }]]);

const pool = (workerCount: number): LaneRunner =>
  createPoolRunner(
    { workerUrl: WORKER, use: 'always', laneTimeoutMs: 20_000, workerCount, batchTxCountMax: 4 },
    { partition: partitionByAccess },
  );
const runners = { serial: createSerialRunner(), 'one worker': pool(1), 'two workers': pool(2) };

after(async () => {
  for (const runner of Object.values(runners)) await runner.close();
});

const message = (name: string) => ({
  sender: idOf('l1'),
  recipient: idOf('somebody'),
  nonce: idOf(name),
  amount: 77n,
  data: new Uint8Array(name.length % 3),
  daHeight: 1n,
});

type Made = { readonly blocks: ExecutedBlock[]; readonly layers: Changes[] };

/** Three blocks, each with two messages. `again`: re-executes these instead. */
async function run(seed: number, runner: LaneRunner, again?: Made): Promise<Made> {
  const chain = new RandomChain(seed, PARAMS);
  const layers = [chain.genesis];
  const blocks: ExecutedBlock[] = [];
  const ids: `0x${string}`[] = [];
  const jobs = new Map<string, TxToExecute>();
  for (const height of [1, 2, 3]) {
    const given = again?.blocks[height - 1];
    const coinbaseRecipient = seed % 2 === 0 ? chain.contracts[0]! : ZERO_B256;
    const env = testEnv(PARAMS, { height, coinbaseRecipient, daHeight: 1n });
    const view = memoryState(layers, ids, KNOWN);
    const events = ['a', 'bb'].map(
      (name) => ({ type: 'message', message: message(`${name} ${height}`) }) as const,
    );
    const txs = chain.txs(30);
    for (const job of txs) jobs.set(job.id, job);
    const block =
      given === undefined
        ? await produceBlock(env, listSource(txs, 11), view, runner, { events })
        : await executeBlock(
            env,
            given.transactions.slice(0, -1).map(({ id }) => jobs.get(id)!),
            view,
            runner,
            events,
          );
    layers.push(block.changes);
    ids.push(...block.transactions.map(({ id }) => id));
    blocks.push(block);
  }
  return { blocks, layers };
}

const CONSENSUS = { type: 'poa', signature: new Uint8Array(64) } as const;
const sealed = (block: ExecutedBlock): SealedBlock => ({ ...block, consensus: CONSENSUS });

/** Roots of each block, step by step. */
async function rootsOf({ blocks, layers }: Made): Promise<BlockRoots[]> {
  const tree = new StateTree(
    openMemoryEngine(() => 1),
    { historyBlocks: 2 },
  );
  const header = { ...blocks[0]!.header, height: 0, id: idOf('block 0') };
  const first = { ...sealed(blocks[0]!), header, changes: layers[0]! };
  await tree.begin(treeGenesis(first, PARAMS.baseAssetId));
  const roots: BlockRoots[] = [];
  for (const block of blocks) {
    roots.push(await tree.take(freshTreeBlock(sealed(block), PARAMS.baseAssetId)));
  }
  return roots;
}

/** The same from the state alone, all at once. */
function rootsAtOnce(layers: readonly Changes[]): Pick<BlockRoots, 'coins' | 'messages' | 'rest'> {
  const all = emptyChanges();
  for (const changes of layers) mergeChanges(all, changes);
  const coins = [...all.coins].flatMap(([key, coin]) =>
    coin === null ? [] : [[coinKey(key), coinValue(coin)] as const],
  );
  const messages = [...all.messagesAdded.values()]
    .filter(({ nonce }) => !all.messagesSpent.has(nonce))
    .map((each) => [messageTreeKey(each.nonce), messageValue(each)] as const);
  const rest = restChanges(all).flatMap(({ key, value }) =>
    value === null ? [] : [[key, value] as const],
  );
  const [c, m, r] = [coins, messages, rest].map((rows) => bytesToHex(sparseRoot(rows)));
  return { coins: c!, messages: m!, rest: r! };
}

function heldByContracts(layers: readonly Changes[]): bigint {
  const all = emptyChanges();
  for (const changes of layers) mergeChanges(all, changes);
  let sum = 0n;
  for (const balances of all.balances.values()) sum += balances.get(PARAMS.baseAssetId) ?? 0n;
  return sum;
}

test('the same roots step by step and at once, for every runner', async (t) => {
  let [transactions, failed] = [0, 0];
  for (let seed = SEED_FIRST; seed < SEED_FIRST + SEED_COUNT; seed += 1) {
    const made = await run(seed, runners.serial);
    const expected = await rootsOf(made);
    expected.forEach((roots, i) => {
      const layers = made.layers.slice(0, i + 2);
      const { coins, messages, rest } = roots;
      const at = `seed ${seed}, block ${i + 1}`;
      assert.deepEqual({ coins, messages, rest }, rootsAtOnce(layers), at);
      assert.ok(roots.held >= heldByContracts(layers), `${at}: contracts hold what is theirs`);
    });
    for (const [name, runner] of Object.entries(runners)) {
      const produced = await rootsOf(await run(seed, runner));
      assert.deepEqual(produced, expected, `seed ${seed}, ${name}, produced`);
      const again = await rootsOf(await run(seed, runner, made));
      assert.deepEqual(again, expected, `seed ${seed}, ${name}, executed again`);
    }
    for (const { transactions: txs } of made.blocks) {
      transactions += txs.length;
      failed += txs.filter(({ success }) => !success).length;
    }
  }
  t.diagnostic(`seeds from ${SEED_FIRST}: ${transactions} transactions, ${failed} failed`);
  assert.ok(transactions > 100 && failed > 0);
});
