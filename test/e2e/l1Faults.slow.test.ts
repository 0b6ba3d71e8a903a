/** Faults of Ethereum under a running node: reorganisations, an endpoint that is down, a crash. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { composeNode, type Node } from '../../node/compose.ts';
import { embeddedConfig } from '../../node/defaults.ts';
import { SILENT_LOG } from '../../node/log.ts';
import { ANVIL_KEYS, Anvil, anvilPath } from '../support/anvil.ts';
import { CHAIN_STATE, deployFuelBridge, type FuelBridge, PORTAL } from '../support/fuelBridge.ts';
import { coinOf, fundedChain, roomyParams } from '../support/funded.ts';
import { type SwitchedProxy, switchedProxy } from '../support/switchedProxy.ts';
import { until } from '../support/until.ts';

const INTERVAL = 4;
const TERMS = { timeToFinalizeS: 20n, interval: BigInt(INTERVAL), cooldownS: 20 };
const RECIPIENT = `0x${'09'.repeat(32)}` as const;
/** Blocks that are final are 32 behind the newest: reorganisations of 30 can happen. */
const EPOCH_SLOTS = 16;
const FINAL_DEPTH = 2 * EPOCH_SLOTS;
const GWEI = 10n ** 9n;

type World = {
  readonly anvil: Anvil;
  readonly bridge: FuelBridge;
  readonly proxy: SwitchedProxy;
  readonly directory: string;
};

async function openWorld(t: TestContext): Promise<World> {
  const anvil = await Anvil.start(EPOCH_SLOTS);
  t.after(() => anvil.stop());
  const bridge = await deployFuelBridge(anvil, TERMS);
  const proxy = await switchedProxy(anvil.url);
  t.after(() => proxy.close());
  const directory = mkdtempSync(join(tmpdir(), 'faults-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return { anvil, bridge, proxy, directory };
}

async function nodeOn(t: TestContext, world: World): Promise<Node> {
  const { bridge, proxy, directory } = world;
  const config = embeddedConfig({
    dbType: 'disk',
    dbPath: directory,
    trigger: { type: 'never' },
    workerCount: 0,
    relayer: {
      urls: [proxy.url],
      contracts: [bridge.portal],
      deployHeight: 0n,
      pageSize: 20,
      maxLogsPerPage: 100,
      minRoundMs: 20,
      syncingPollMs: 20,
      syncingLogMs: 1_000,
    },
    committer: {
      url: proxy.url,
      chainState: bridge.chainState,
      secret: ANVIL_KEYS[0]!,
      pollMs: 20,
      bumpAfterMs: 300,
      maxFeeCap: 1_000n * GWEI,
    },
  });
  const snapshot = fundedChain([coinOf(0)], [], roomyParams());
  const node = await composeNode(config, { log: SILENT_LOG, snapshot });
  t.after(() => node.close());
  await node.start();
  return node;
}

/** Everything so far is final on Ethereum, and in a block here. */
async function takeIn({ anvil }: World, node: Node): Promise<void> {
  const tip = await anvil.pub.getBlockNumber();
  await anvil.test.mine({ blocks: FINAL_DEPTH + 1 });
  await until('read', () => (node.services.relayer.progress()?.read ?? 0n) >= tip);
  await node.services.blocks.produceBlocks(1, null);
}

function deposit({ anvil, bridge }: World, units: number): Promise<unknown> {
  const value = BigInt(units) * GWEI;
  return anvil.send('depositETH', 1, bridge.portal, PORTAL, 'depositETH', [RECIPIENT], value);
}

/** Amounts of all messages here, in order. */
async function amounts(node: Node): Promise<number[]> {
  const messages = await node.services.store.messages(RECIPIENT, { limit: 100 });
  return messages.map(({ amount }) => Number(amount)).sort((a, b) => a - b);
}

async function committed(world: World, commit: number): Promise<string> {
  const { anvil, bridge } = world;
  return anvil.read(bridge.chainState, CHAIN_STATE, 'blockHashAtCommit', [BigInt(commit)]);
}

test('reorganisations under deposits and commits', { skip: anvilPath() === null }, async (t) => {
  const world = await openWorld(t);
  const { anvil } = world;
  const node = await nodeOn(t, world);
  const { store, blocks } = node.services;
  const expected: number[] = [];
  await anvil.test.mine({ blocks: 40 });
  for (const [round, depth] of [1, 2, 7, 19, 30].entries()) {
    // One that stays, and one that is taken back with everything behind it.
    await deposit(world, 100 + round);
    expected.push(100 + round);
    if (depth > 1) await anvil.test.mine({ blocks: depth - 1 });
    await deposit(world, 900 + round);
    // A commit among the blocks that will go.
    const due = (Math.floor(store.latest.height / INTERVAL) + 1) * INTERVAL;
    await blocks.produceBlocks(due - store.latest.height, null);
    await anvil.test.request({ method: 'anvil_reorg', params: [depth, []] } as never);
    await takeIn(world, node);
    const gone = await amounts(node);
    // The reorganised deposit either came back with its transaction or is gone; never twice.
    assert.deepEqual(
      gone.filter((amount) => amount < 900),
      expected,
      `depth ${depth}`,
    );
    assert.equal(new Set(gone).size, gone.length);
    await until(`commit ${due / INTERVAL}`, async () => {
      await anvil.test.mine({ blocks: 1 });
      return (await committed(world, due / INTERVAL)) === store.blockId(due);
    });
    await anvil.test.increaseTime({ seconds: 30 });
  }
});

test('an endpoint that is down, and a node that dies meanwhile', {
  skip: anvilPath() === null,
}, async (t) => {
  const world = await openWorld(t);
  const { anvil, proxy } = world;
  let node = await nodeOn(t, world);
  await deposit(world, 1);
  await takeIn(world, node);
  proxy.switchOff();
  await deposit(world, 2);
  await node.services.blocks.produceBlocks(INTERVAL, null);
  await until('noticed', () => node.services.relayer.progress()?.failure !== null);
  assert.deepEqual(await amounts(node), [1]);
  await node.close();
  node = await nodeOn(t, world);
  await new Promise((resolve) => setTimeout(resolve, 500));
  proxy.isOn = true;
  await takeIn(world, node);
  assert.deepEqual(await amounts(node), [1, 2]);
  const { store } = node.services;
  await until('committed', async () => {
    await anvil.test.mine({ blocks: 1 });
    return (await committed(world, 1)) === store.blockId(INTERVAL);
  });
  assert.equal(node.services.relayer.progress()?.failure, null);
});
