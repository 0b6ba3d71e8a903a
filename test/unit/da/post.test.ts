import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryJournal } from '../../../da/journal.ts';
import { frameMaker } from '../../../da/maker.ts';
import {
  isPriceRight,
  isWorthAFrame,
  lagOf,
  type PostPolicy,
  PriceWatch,
  type Waiting,
} from '../../../da/policy.ts';
import type { DataAvailability } from '../../../da/ports.ts';
import { Poster } from '../../../da/post.ts';
import { decodeTx } from '../../../tx/codec/transaction.ts';
import { FakeLayer, fakeDa } from '../../support/daFake.ts';
import { AUTHORITIES, never, readAll, SECRET, TEST_POLICY } from '../../support/daRuns.ts';
import { historyOf, REALISTIC, Traffic } from '../../support/daTraffic.ts';

const LOG = { info: () => {}, warn: () => {}, error: () => {} };

type World = { poster: Poster; layer: FakeLayer; traffic: Traffic; da: DataAvailability };

function worldOf(
  over: Partial<PostPolicy>,
  options: { nowMs?: () => number; blobBytesMax?: number; blocks?: number } = {},
  layer: FakeLayer = new FakeLayer(),
): World {
  const traffic = new Traffic({ ...REALISTIC, accounts: 50 });
  for (let i = 0; i < (options.blocks ?? 12); i++) traffic.next(3);
  const history = historyOf(traffic.blocks, (raw) => decodeTx(raw).tx);
  const da = fakeDa(layer, { blobBytesMax: options.blobBytesMax ?? 700 });
  const poster = new Poster(
    { ...TEST_POLICY, ...over },
    {
      da,
      journal: memoryJournal(),
      nowMs: options.nowMs ?? (() => 0),
      chainId: 9889n,
      secret: SECRET,
      authorities: AUTHORITIES,
      block: (height) => traffic.blocks[height - 1]!,
      firstHeight: 1,
      start: { height: 0n, index: 0 },
      frames: frameMaker({ chainId: 9889n, leavesResultsOut: false, effort: 1 }, history),
      log: LOG,
    },
  );
  return { poster, layer, traffic, da };
}

async function settle(poster: Poster): Promise<void> {
  for (let i = 0; i < 50; i++) if ((await poster.step(never)) > 0) return;
}

describe('the poster', () => {
  it('holds who makes blocks while the backlog is full, and lets go when there is room', async () => {
    const { poster } = worldOf({ backlogBlocksMax: 3, batchBlocks: 3, batchAgeMs: 1e9 });
    await poster.resume(0, never);
    for (let height = 1; height <= 2; height++) {
      poster.sealed(height, 1);
      await poster.room(never);
    }
    poster.sealed(3, 1);
    let held = true;
    const waiting = poster.room(never).then(() => {
      held = false;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(held, true);
    await settle(poster);
    await waiting;
    assert.equal(held, false);
    const stopping = new AbortController();
    for (let height = 4; height <= 6; height++) poster.sealed(height, 1);
    const released = poster.room(stopping.signal);
    stopping.abort();
    await released;
  });

  it('cuts frames by blocks and by bytes, and waits for neither beyond the age', async () => {
    let nowMs = 0;
    const policy = { batchBlocks: 4, batchBytes: 1e9, batchAgeMs: 100 };
    const { poster } = worldOf(policy, { nowMs: () => nowMs });
    await poster.resume(0, never);
    for (let height = 1; height <= 3; height++) poster.sealed(height, 1);
    await settle(poster);
    assert.equal(poster.status().posted, 0);
    poster.sealed(4, 1);
    await settle(poster);
    assert.equal(poster.status().included, 4);
    poster.sealed(5, 1);
    nowMs += 100;
    await settle(poster);
    assert.equal(poster.status().included, 5);
    const small = worldOf({ batchBlocks: 1_000, batchBytes: 600, batchAgeMs: 1e9 });
    await small.poster.resume(0, never);
    for (let height = 1; height <= 12; height++) small.poster.sealed(height, 2_000);
    await settle(small.poster);
    assert.ok(small.poster.status().frames > 1, 'more than one frame of about 600 bytes');
  });

  it('spreads a frame over blobs and submissions', async () => {
    const blobs = { blobBytesMax: 200 };
    const { poster, layer, traffic, da } = worldOf({ batchBlocks: 12, batchBytes: 1e9 }, blobs);
    await poster.resume(0, never);
    for (let height = 1; height <= 12; height++) poster.sealed(height, 1);
    await settle(poster);
    const { note } = poster.blockStage(12);
    assert.ok((note?.groups.length ?? 0) > 1);
    assert.ok(layer.heights.flat().every(({ length }) => length <= 200));
    const expected = traffic.blocks.map(({ block }) => block.header.id);
    assert.deepEqual((await readAll(da, traffic, 0)).ids, expected);
  });

  it('does not go on behind a chain that the layer has further', async () => {
    const first = worldOf({ batchBlocks: 2, batchAgeMs: 1e9 });
    await first.poster.resume(0, never);
    for (let height = 1; height <= 4; height++) first.poster.sealed(height, 1);
    await settle(first.poster);
    const again = worldOf({}, {}, first.layer);
    await assert.rejects(again.poster.resume(3, never), { code: 'DA_AHEAD' });
    await again.poster.resume(4, never);
    assert.equal(again.poster.status().posted, 4);
    await again.poster.resume(5, never);
    assert.equal(again.poster.status().sealed, 5);
  });

  it('says of every block how far it is', async () => {
    const { poster, layer } = worldOf({ batchBlocks: 2, batchAgeMs: 1e9, finalityPollMs: 0 });
    layer.finalDepth = 2;
    await poster.resume(0, never);
    for (let height = 1; height <= 3; height++) poster.sealed(height, 1);
    assert.equal(poster.blockStage(1).stage, 'sealed');
    await poster.step(never);
    assert.equal(poster.blockStage(1).stage, 'posted');
    await settle(poster);
    assert.equal(poster.blockStage(1).stage, 'included');
    assert.equal(poster.blockStage(3).stage, 'sealed');
    for (let i = 0; i < 3; i++) layer.tick();
    await settle(poster);
    assert.equal(poster.blockStage(2).stage, 'final');
    assert.equal(poster.status().final, 2);
  });

  it('waits for a better price, but not for ever', async () => {
    let nowMs = 0;
    const policy = { batchAgeMs: 0, behindAgeMs: 10_000, behindBlocks: 100, toleranceMax: 1 };
    const { poster, layer } = worldOf(policy, { nowMs: () => nowMs });
    await poster.resume(0, never);
    layer.pricePerByte = 10n;
    poster.sealed(1, 500);
    await settle(poster);
    assert.equal(poster.status().included, 1);
    layer.pricePerByte = 500n;
    poster.sealed(2, 500);
    for (let i = 0; i < 5; i++) {
      nowMs += 100;
      await settle(poster);
    }
    assert.equal(poster.status().posted, 1, 'too dear');
    nowMs += 10_000;
    await settle(poster);
    assert.equal(poster.status().included, 2, 'too far behind');
    poster.sealed(3, 500);
    poster.isFlushing = true;
    await settle(poster);
    assert.equal(poster.status().included, 3, 'the process ends');
  });
});

describe('rules of posting', () => {
  const waiting = (over: Partial<Waiting>): Waiting => ({
    blocks: 1,
    bytes: 0,
    oldestAgeMs: 0,
    ...over,
  });

  it('each limit alone is enough, just below none is', () => {
    const { batchBytes, batchBlocks, batchAgeMs } = TEST_POLICY;
    const below = { bytes: batchBytes - 1, blocks: batchBlocks - 1, oldestAgeMs: batchAgeMs - 1 };
    assert.equal(isWorthAFrame(below, TEST_POLICY), false);
    assert.equal(isWorthAFrame({ ...below, bytes: batchBytes }, TEST_POLICY), true);
    assert.equal(isWorthAFrame({ ...below, blocks: batchBlocks }, TEST_POLICY), true);
    assert.equal(isWorthAFrame({ ...below, oldestAgeMs: batchAgeMs }, TEST_POLICY), true);
    const none = { blocks: 0, bytes: batchBytes, oldestAgeMs: batchAgeMs };
    assert.equal(isWorthAFrame(none, TEST_POLICY), false);
  });

  it('tolerance grows with the lag', () => {
    const prices = new PriceWatch();
    assert.equal(isPriceRight(waiting({}), prices, TEST_POLICY), true, 'nothing is paid');
    for (let i = 0; i < 200; i++) prices.see(100n);
    for (let i = 0; i < 12; i++) prices.see(250n);
    assert.equal(lagOf(waiting({ blocks: 10 }), TEST_POLICY), 0.5);
    assert.equal(isPriceRight(waiting({ blocks: 1 }), prices, TEST_POLICY), false);
    assert.equal(isPriceRight(waiting({ blocks: 14 }), prices, TEST_POLICY), true);
    assert.equal(isPriceRight(waiting({ blocks: 20 }), prices, TEST_POLICY), true);
    const cheap = { ...TEST_POLICY, cheapPerMegabyte: 250n };
    assert.equal(isPriceRight(waiting({ blocks: 1 }), prices, cheap), true);
  });
});
