/** A node with a state tree: over restarts, without its directory, and over HTTP. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { composeNode, type Node } from '../../../node/compose.ts';
import type { NodeConfig } from '../../../node/config.ts';
import { DA_DEFAULTS } from '../../../node/daSettings.ts';
import { embeddedConfig } from '../../../node/defaults.ts';
import { genesisOf } from '../../../node/genesisOf.ts';
import { startHttp } from '../../../node/http.ts';
import { SILENT_LOG } from '../../../node/log.ts';
import {
  openStateTree,
  StateTreeKeeper,
  TREE_THREAD_DEATHS_MAX,
} from '../../../node/stateTree/keeper.ts';
import { openLocalTree, type TreeHost } from '../../../node/stateTree/localTree.ts';
import { TREE_QUEUE_BLOCKS_MAX } from '../../../node/stateTree/threadTree.ts';
import { fetchTrace } from '../../../node/stateTree/trace.ts';
import { hexToBytes } from '../../../primitives/bytes.ts';
import { CodedError } from '../../../primitives/errors.ts';
import { verifySparseProof } from '../../../primitives/merkle/sparse.ts';
import { genesisBlock } from '../../../state/genesis.ts';
import type { BlockRoots } from '../../../state/stateTree.ts';
import { utxoKeyOf } from '../../../tx/accessKeys.ts';
import { coinKey, stateRootOf, stepRootOf } from '../../../tx/stateSteps.ts';
import { coinOf, fundedChain, keyOf, roomyParams, transferOf } from '../../support/funded.ts';
import { until } from '../../support/until.ts';

const PARAMS = roomyParams();
const COINS = Array.from({ length: 40 }, (_, n) => coinOf(n));
const folder = mkdtempSync(join(tmpdir(), 'fuelrail-tree-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function open(
  t: TestContext,
  name: string | null,
  keepsTree = true,
  over: Partial<NodeConfig> = {},
): Promise<Node> {
  const config = embeddedConfig({
    ...(name === null ? {} : { dbType: 'disk', dbPath: join(folder, name) }),
    stateTree: keepsTree ? { historyBlocks: 3 } : null,
    workerCount: 0,
    trigger: { type: 'never' },
    ...over,
  });
  const node = await composeNode(config, { log: SILENT_LOG, snapshot: fundedChain(COINS) });
  t.after(() => node.close());
  await node.start();
  return node;
}

async function spend(node: Node, from: number, count: number): Promise<void> {
  const { txs, blocks } = node.services;
  for (let n = from; n < from + count; n++) {
    await txs.submit(transferOf(COINS[n]!, keyOf(50).address, 300n, PARAMS).raw);
    await blocks.produceBlocks(1, null);
  }
}

async function caughtUp(node: Node): Promise<BlockRoots[]> {
  const { stateTree, store } = node.services;
  await until('the tree has caught up', () => {
    assert.equal(stateTree!.progress().failure, null);
    return stateTree!.progress().lag === 0;
  });
  const heights = Array.from({ length: store.latest.height + 1 }, (_, h) => h);
  return Promise.all(heights.map(async (h) => (await stateTree!.rootsAt(h))!));
}

type Json = Record<string, never> & { error?: { code: string } };

async function ask(node: Node, path: string): Promise<{ status: number; body: Json }> {
  const request = { path: `/v1/fuelrail/state/${path}`, method: 'GET', headers: {}, body: '' };
  const { status, body } = await node.api.handle(request);
  return { status, body: JSON.parse(body as string) as Json };
}

test('roots outlive a restart, and come back when the directory is lost', async (t) => {
  let node = await open(t, 'a');
  await spend(node, 0, 5);
  const before = await caughtUp(node);
  await node.close();
  node = await open(t, 'a');
  assert.deepEqual(await caughtUp(node), before);
  await spend(node, 5, 3);
  const longer = await caughtUp(node);
  assert.deepEqual(longer.slice(0, before.length), before);
  await node.close();
  rmSync(join(folder, 'a', 'state-tree'), { recursive: true });
  node = await open(t, 'a');
  assert.deepEqual(await caughtUp(node), longer);
  await node.close();
});

test('a thread makes the same roots, steps and proofs', async (t) => {
  const thread = { stateTree: { historyBlocks: 20, thread: true } };
  const here = await open(t, null, true, { stateTree: { historyBlocks: 20 } });
  const there = await open(t, 'c', true, thread);
  for (const node of [here, there]) await spend(node, 0, 12);
  const roots = await caughtUp(here);
  // Blocks differ by their times, states do not.
  const states = (all: readonly BlockRoots[]): string[] => all.map(({ stateRoot }) => stateRoot);
  assert.deepEqual(states(await caughtUp(there)), states(roots));
  const tree = there.services.stateTree!;
  for (const height of [1, 12]) {
    const steps = await tree.stepsAt(height);
    assert.equal(stepRootOf(steps), (await tree.rootsAt(height))!.stepRoot);
  }
  const { txId, outputIndex } = COINS[30]!.utxoId;
  const key = coinKey(utxoKeyOf(txId, outputIndex));
  assert.deepEqual(
    await tree.prove(9, 'coins', key),
    await here.services.stateTree!.prove(9, 'coins', key),
  );
  await assert.rejects(tree.prove(13, 'coins', key), { code: 'STATE_TREE_UNKNOWN_BLOCK' });
  assert.equal(await tree.rootsAt(13), null);
  assert.ok(tree.progress().workMs > 0);
});

test('a thread that dies is replaced, a few times', async (t) => {
  const chain = await open(t, null, true, { stateTree: { historyBlocks: 20 } });
  await spend(chain, 0, 20);
  const roots = await caughtUp(chain);
  const { store } = chain.services;
  const genesis = genesisBlock(genesisOf(null, fundedChain(COINS)));
  const worker = new URL('../../support/dyingTree.js', import.meta.url);
  const warnings: string[] = [];
  const log = { ...SILENT_LOG, warn: (text: string) => void warnings.push(text) };
  const deps = { store, genesis, log, nowMs: Date.now };
  const tree = await openStateTree(join(folder, 'dying'), { historyBlocks: 20 }, worker, deps);
  tree.start();
  await until('the tree has caught up', () => {
    assert.equal(tree.progress().failure, null);
    return tree.progress().lag === 0;
  });
  assert.equal(warnings.length, TREE_THREAD_DEATHS_MAX);
  assert.match(warnings[0]!, /starts again: the thread of the state tree has ended/);
  assert.deepEqual(await tree.rootsAt(20), roots[20]);
  await tree.close();
});

test('no more blocks are on their way than the queue holds; too many deaths are the end', async (t) => {
  const chain = await open(t, null, true, { stateTree: { historyBlocks: 20 } });
  await spend(chain, 0, 20);
  await caughtUp(chain);
  const { store } = chain.services;
  const genesis = genesisBlock(genesisOf(null, fundedChain(COINS)));
  let underWay = 0;
  let most = 0;
  let opened = 0;
  let goOn = (): void => {};
  const slow = async (): Promise<TreeHost> => {
    opened += 1;
    const tree = await openLocalTree(null, { historyBlocks: 20 });
    const released = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    return {
      tip: null,
      workMs: 0,
      queueMax: TREE_QUEUE_BLOCKS_MAX,
      begin: async (rows) => tree.begin(rows),
      async take() {
        underWay += 1;
        most = Math.max(most, underWay);
        await released;
        underWay -= 1;
        throw new CodedError('STATE_TREE_THREAD_DIED', 'it has died');
      },
      rootsAt: (height) => tree.rootsAt(height),
      steps: (block) => tree.steps(block),
      prove: (height, name, key) => tree.prove(height, name, key),
      close: () => tree.close(),
    };
  };
  const deps = { store, genesis, log: SILENT_LOG, nowMs: Date.now };
  const keeper = await StateTreeKeeper.open(slow, deps);
  keeper.start();
  await until('it has given up', () => {
    if (underWay === TREE_QUEUE_BLOCKS_MAX) goOn();
    return keeper.progress().failure !== null;
  });
  assert.equal(most, TREE_QUEUE_BLOCKS_MAX);
  assert.equal(opened, 1 + TREE_THREAD_DEATHS_MAX);
  assert.match(keeper.progress().failure!, /it has died/);
  await keeper.close();
});

test('who derives the chain from its blobs makes the same roots', async (t) => {
  const directory = join(folder, 'blobs');
  const da = { ...DA_DEFAULTS, layer: { type: 'local', directory } } as const;
  const sequencer = await open(t, null, true, { da });
  await spend(sequencer, 0, 6);
  const expected = await caughtUp(sequencer);
  const follower = await open(t, null, true, { da: { ...da, follow: true, followPollMs: 20 } });
  await until('derived', () => follower.services.store.latest.height === 6);
  assert.deepEqual(await caughtUp(follower), expected);
});

test('a chain whose changes were not kept says what to do', async (t) => {
  let node = await open(t, 'b', false);
  assert.equal(node.services.stateTree, undefined);
  await spend(node, 0, 1);
  assert.equal((await ask(node, 'status')).body.error?.code, 'STATE_TREE_OFF');
  await node.close();
  node = await open(t, 'b');
  await until('it says so', () => node.services.stateTree!.progress().failure !== null);
  assert.match(node.services.stateTree!.progress().failure!, /empty --db-path/);
  await node.close();
});

test('roots, steps and proofs over HTTP', async (t) => {
  const node = await open(t, null);
  await spend(node, 0, 6);
  await caughtUp(node);
  const { store } = node.services;
  const height = store.latest.height;
  const root = (await ask(node, `root/${height}`)).body as unknown as Record<string, string>;
  const parts = { ...root, held: BigInt(root['held']!), out: BigInt(root['out']!) } as never;
  assert.equal(stateRootOf(parts), root['stateRoot']);
  const steps = (await ask(node, `steps/${height}`)).body as unknown as {
    steps: { coins: `0x${string}`; messages: `0x${string}`; held: string; out: string }[];
  };
  const made = steps.steps.map((s) => ({ ...s, held: BigInt(s.held), out: BigInt(s.out) }));
  assert.equal(stepRootOf(made), root['stepRoot']);
  assert.equal(made.length, 1 + store.latest.transactionsCount);

  const utxo = (n: number): string => `${COINS[n]!.utxoId.txId}0000`;
  type Proof = {
    key: string;
    value: string | null;
    siblings: string[];
    leaf: never;
    height: number;
  };
  const check = async (path: string, tree: string): Promise<Proof> => {
    const { status, body } = await ask(node, path);
    assert.equal(status, 200, JSON.stringify(body));
    const answer = body as unknown as Proof & { roots: Record<string, string> };
    const proof = answer.siblings.map(hexToBytes);
    const { leaf } = answer as { leaf: { place: string; valueHash: string } | null };
    const full = {
      kind: answer.value === null ? 'exclusion' : 'inclusion',
      proof,
      leaf: leaf && { place: hexToBytes(leaf.place), valueHash: hexToBytes(leaf.valueHash) },
    } as never;
    const value = hexToBytes(answer.value ?? '0x');
    const against = hexToBytes(answer.roots[tree]!);
    assert.ok(verifySparseProof(against, full, hexToBytes(answer.key), value));
    return answer;
  };
  assert.notEqual((await check(`coin/${utxo(20)}`, 'coins')).value, null);
  assert.equal((await check(`coin/${utxo(5)}`, 'coins')).value, null, 'spent');
  const [made1] = store.block(height)!.transactionIds;
  assert.notEqual((await check(`coin/${made1}0000`, 'coins')).value, null);
  assert.equal((await check(`coin/${made1}0000/at/${height - 1}`, 'coins')).value, null);
  assert.equal((await check(`message/${root['blockId']}`, 'messages')).value, null);
  for (const rest of ['', '/code', `/slot/${root['coins']}`, `/asset/${PARAMS.baseAssetId}`]) {
    assert.equal((await check(`contract/${root['coins']}${rest}`, 'rest')).value, null);
  }

  const http = await startHttp(node.api, { ip: '127.0.0.1', port: 0 });
  t.after(() => http.close());
  const url = `http://127.0.0.1:${http.port}/v1/graphql`;
  const trace = await fetchTrace(url, height);
  assert.deepEqual(trace.steps, made);
  assert.equal(stateRootOf(trace.parts), trace.stateRoot);
  await assert.rejects(fetchTrace(url, 999), { code: 'STATE_TREE_UNREACHABLE' });
  await assert.rejects(fetchTrace('http://127.0.0.1:1/', 1), { code: 'STATE_TREE_UNREACHABLE' });

  const errors: [string, number, string][] = [
    ['root/999', 404, 'STATE_TREE_UNKNOWN_BLOCK'],
    [`coin/${utxo(1)}/at/999`, 404, 'STATE_TREE_UNKNOWN_BLOCK'],
    [`coin/${utxo(1)}/at/1`, 410, 'STATE_TREE_PRUNED'],
    // A coin of the genesis that is spent by now: nobody knows its fields any more.
    [`coin/${utxo(5)}/at/${height - 1}`, 409, 'STATE_TREE_VALUE_CHANGED'],
    ['coin/0x12', 404, 'STATE_UNKNOWN_PATH'],
    ['', 404, 'STATE_UNKNOWN_PATH'],
  ];
  for (const [path, status, code] of errors) {
    const answer = await ask(node, path);
    assert.deepEqual([answer.status, answer.body.error?.code], [status, code], path);
  }
  await node.close();
});
