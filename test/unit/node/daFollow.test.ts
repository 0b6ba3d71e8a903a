/** A node that posts, and nodes that live on what it posted. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { composeNode, type Node } from '../../../node/compose.ts';
import type { NodeConfig } from '../../../node/config.ts';
import { DA_DEFAULTS, type DaSettings } from '../../../node/daSettings.ts';
import { verifyDa } from '../../../node/daVerify.ts';
import { embeddedConfig } from '../../../node/defaults.ts';
import type { BlockId } from '../../../primitives/types.ts';
import {
  coinOf,
  fundedChain,
  keyOf,
  roomyParams,
  transferOf,
  writeSnapshot,
} from '../../support/funded.ts';
import { until } from '../../support/until.ts';

const root = mkdtempSync(join(tmpdir(), 'fuelrail-follow-'));
after(() => rmSync(root, { recursive: true, force: true }));

const PARAMS = roomyParams();
const COINS = [...Array(40).keys()].map((n) => coinOf(n));
const SNAPSHOT = join(root, 'snapshot');
mkdirSync(SNAPSHOT);
writeSnapshot(SNAPSHOT, fundedChain(COINS));
const LOG = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

let directories = 0;
const nextDirectory = (): string => join(root, `da-${directories++}`);

function settings(directory: string, over: Partial<DaSettings> = {}): DaSettings {
  return { ...DA_DEFAULTS, layer: { type: 'local', directory }, followPollMs: 20, ...over };
}

async function nodeOf(da: DaSettings, over: Partial<NodeConfig> = {}): Promise<Node> {
  const config = embeddedConfig({ workerCount: 0, snapshotPath: SNAPSHOT, da, ...over });
  const node = await composeNode(config, { log: LOG });
  await node.start();
  return node;
}

/** Sends transfer number `n` of the funded coins and waits for its block. */
async function transfer(node: Node, n: number): Promise<void> {
  const height = node.services.visibleHeight();
  const { raw } = transferOf(COINS[n]!, keyOf(500 + (n % 7)).address, 1_000n, PARAMS);
  await node.services.txs.submit(raw);
  await node.services.waitForHeight(height + 1, AbortSignal.timeout(5_000));
}

function idsOf(node: Node): BlockId[] {
  const { store } = node.services;
  return store.blockIds(0, store.latest.height);
}

async function ask(node: Node, path: string): Promise<{ status: number; body: any }> {
  const { status, body } = await node.api.handle({ path, method: 'GET', headers: {}, body: '' });
  return { status, body: JSON.parse(body as string) };
}

describe('following the DA layer', () => {
  it('arrives at the same blocks, from blobs alone, while the chain goes on', async () => {
    const directory = nextDirectory();
    const sequencer = await nodeOf(settings(directory));
    for (let n = 0; n < 5; n++) await transfer(sequencer, n);
    await sequencer.services.blocks.produceBlocks(3, null);
    await until('posted', () => sequencer.services.da?.status()?.included === 8);
    const follower = await nodeOf(settings(directory, { follow: true }));
    await until('derived', () => follower.services.visibleHeight() === 8);
    for (let n = 5; n < 9; n++) await transfer(sequencer, n);
    await until('followed', () => follower.services.visibleHeight() === 12);
    assert.deepEqual(idsOf(follower), idsOf(sequencer));
    assert.equal(await follower.services.store.digest(), await sequencer.services.store.digest());

    const query = { query: '{ chain { latestBlock { id height } } }' };
    const answer = await follower.api.handle({
      path: '/v1/graphql',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(query),
    });
    const { latestBlock } = JSON.parse(answer.body as string).data.chain;
    assert.deepEqual(latestBlock, { id: idsOf(sequencer)[12], height: '12' });

    const { raw } = transferOf(COINS[30]!, keyOf(1).address, 1n, PARAMS);
    await assert.rejects(follower.services.txs.submit(raw), { code: 'FOLLOWER_READ_ONLY' });
    await assert.rejects(follower.services.blocks.produceBlocks(1, null), {
      code: 'NO_CONSENSUS_KEY',
    });
    const { following, posting } = (await ask(follower, '/v1/fuelrail/da/status')).body;
    assert.equal(posting, null);
    assert.equal(following.height, 12);
    assert.equal(following.failure, null);
    await follower.close();
    await sequencer.close();
  });

  it('goes on after a restart, and derives what was made meanwhile', async () => {
    const directory = nextDirectory();
    const disk = { dbType: 'disk', dbPath: join(root, 'follower') } as const;
    const sequencer = await nodeOf(settings(directory));
    await transfer(sequencer, 0);
    const first = await nodeOf(settings(directory, { follow: true }), disk);
    await until('derived', () => first.services.visibleHeight() === 1);
    await first.close();
    for (let n = 1; n < 4; n++) await transfer(sequencer, n);
    const expected = idsOf(sequencer);
    await sequencer.close();
    const second = await nodeOf(settings(directory, { follow: true }), disk);
    await until('caught up', () => second.services.visibleHeight() === 4);
    assert.deepEqual(idsOf(second), expected);
    await second.close();
  });

  it('does not take blocks of another signer', async () => {
    const directory = nextDirectory();
    const consensusKey = `0x${'77'.repeat(32)}` as const;
    const sequencer = await nodeOf(settings(directory), { consensusKey });
    await transfer(sequencer, 0);
    await sequencer.close();
    const follower = await nodeOf(settings(directory, { follow: true }));
    await until('read', () => follower.services.follower?.status().isAtTip === true);
    assert.equal(follower.services.visibleHeight(), 0);
    assert.ok((follower.services.follower?.status().foreignBlobs ?? 0) > 0);
    await follower.close();
  });
});

describe('posting', () => {
  it('says of each block how far it is', async () => {
    const sequencer = await nodeOf(settings(nextDirectory()));
    await transfer(sequencer, 0);
    await until('final', () => sequencer.services.da?.status()?.final === 1);
    const { status, body } = await ask(sequencer, '/v1/fuelrail/da/block/1');
    assert.equal(status, 200);
    assert.equal(body.stage, 'final');
    assert.equal(body.frame.lastHeight, 1);
    assert.equal(body.frame.groups[0].pointers[0].layer, 'local');
    assert.equal((await ask(sequencer, '/v1/fuelrail/da/block/2')).status, 404);
    assert.equal((await ask(sequencer, '/v1/fuelrail/da/nothing')).status, 404);
    const { posting } = (await ask(sequencer, '/v1/fuelrail/da/status')).body;
    assert.equal(posting.backlogBlocks, 0);
    const metrics = await sequencer.api.handle({
      path: '/v1/metrics',
      method: 'GET',
      headers: {},
      body: '',
    });
    for (const stage of ['sealed', 'posted', 'included', 'final']) {
      const line = new RegExp(`^da_${stage}_height_blocks 1$`, 'm');
      assert.match(String(metrics.body), line);
    }
    await sequencer.close();
  });

  it('goes on where the layer ends after a restart', async () => {
    const directory = nextDirectory();
    const disk = { dbType: 'disk', dbPath: join(root, 'sequencer') } as const;
    for (let round = 0; round < 3; round++) {
      const node = await nodeOf(settings(directory), disk);
      await transfer(node, round);
      await node.close();
    }
    const options = {
      da: settings(directory),
      dbPath: null,
      snapshotPath: SNAPSHOT,
      vmRules: 'auto',
      workerCount: 0,
      utxoValidation: true,
      proofs: true,
    } as const;
    const report = await verifyDa(options);
    assert.equal(report.tipHeight, 3);
    assert.equal(report.blocks, 4);
    assert.equal(report.proofs, report.frames);
    const part = await verifyDa({ ...options, firstHeight: 2, lastHeight: 2 });
    assert.equal(part.tipHeight, 2);
    assert.equal(part.blocks, 3, 'the state needs those below');
    assert.equal(part.proofs, 1);
    for (const beyond of [{ firstHeight: 4 }, { lastHeight: 4 }]) {
      await assert.rejects(verifyDa({ ...options, ...beyond }), {
        code: 'DA_RANGE',
        message: /ends with block 3: it has no block 4/,
      });
    }
  });

  it('does nothing for a chain in memory without a directory', async () => {
    const node = await nodeOf(DA_DEFAULTS);
    await transfer(node, 0);
    assert.equal(node.services.da?.status(), null);
    assert.deepEqual((await ask(node, '/v1/fuelrail/da/status')).body, {
      posting: null,
      following: null,
    });
    await node.close();
  });
});
