/**
 * One seeded run of a poster on a layer where everything goes wrong, and of a reader behind it.
 * The world is simulated: time passes when the poster says that it waits.
 */
import assert from 'node:assert/strict';
import { type DaJournal, memoryJournal } from '../../da/journal.ts';
import { frameMaker } from '../../da/maker.ts';
import type { PostPolicy } from '../../da/policy.ts';
import type { DataAvailability } from '../../da/ports.ts';
import { Poster } from '../../da/post.ts';
import { FrameWalk, newBlocks, type RecoveredFrame } from '../../da/recover.ts';
import { CodedError } from '../../primitives/errors.ts';
import { addressOfSecret } from '../../primitives/secp256k1.ts';
import type { BlockId } from '../../primitives/types.ts';
import { decodeTx } from '../../tx/codec/transaction.ts';
import { randomOf } from './chainMaker.ts';
import { type FakeFaults, FakeLayer, fakeDa, NO_FAULTS } from './daFake.ts';
import { historyOf, type Traffic } from './daTraffic.ts';

export const SECRET: Uint8Array = new Uint8Array(32).fill(0x42);
export const AUTHORITIES: ReadonlySet<`0x${string}`> = new Set([addressOfSecret(SECRET)]);
export const never: AbortSignal = new AbortController().signal;

export const TEST_POLICY: PostPolicy = {
  batchBytes: 4_000,
  batchBlocks: 5,
  batchAgeMs: 3_000,
  behindBlocks: 20,
  behindAgeMs: 30_000,
  cheapPerMegabyte: 0n,
  toleranceMax: 3,
  backlogBlocksMax: 1_000,
  backlogBytesMax: 10_000_000,
  resendAfterMs: 2_000,
  submitTimeoutMs: 60_000,
  retryMs: 500,
  finalityPollMs: 500,
};

class Crash extends Error {}

/** Crashes before or after what it was asked to do, by chance. */
function crashing<T extends object>(target: T, names: readonly (keyof T)[], crash: () => void): T {
  return new Proxy(target, {
    get(of, name) {
      const value = Reflect.get(of, name) as unknown;
      if (typeof value !== 'function') return value;
      if (!names.includes(name as keyof T)) return value.bind(of);
      return async (...args: unknown[]) => {
        crash();
        const result = await (value as (...all: unknown[]) => unknown).apply(of, args);
        crash();
        return result;
      };
    },
  });
}

export type RunResult = {
  readonly crashes: number;
  readonly resubmissions: number;
  readonly duplicates: number;
  readonly foreign: number;
  readonly reorganisations: number;
  readonly ids: readonly BlockId[];
};

const NO_LOG = { info: () => {}, warn: () => {}, error: () => {} };

/** Reads the layer through an adapter that lies; starts again where it ended until it is through. */
export async function readAll(
  da: DataAvailability,
  traffic: Traffic,
  tries: number,
): Promise<{ ids: BlockId[]; duplicates: number; foreign: number }> {
  const ids: BlockId[] = [];
  const tally = { foreignBlobs: 0, duplicateFrames: 0 };
  let cursor: RecoveredFrame['cursor'] | null = null;
  const history = historyOf(traffic.blocks, (raw) => decodeTx(raw).tx);
  const walkFrom = (from: RecoveredFrame['cursor'] | null): FrameWalk =>
    new FrameWalk(da, { chainId: 9889n, authorities: AUTHORITIES, from, tally });
  let walk = walkFrom(null);
  for (let attempt = 0; ; attempt++) {
    try {
      for await (const recovered of walk.frames(never)) {
        for (const block of newBlocks(recovered, history)) ids.push(block.header.id);
        cursor = recovered.cursor;
      }
      assert.equal(walk.gap(), null);
      return { ids, duplicates: tally.duplicateFrames, foreign: tally.foreignBlobs };
    } catch (error) {
      const code = error instanceof CodedError ? error.code : '';
      const isRetryable = ['DA_UNAVAILABLE', 'DA_CORRUPT', 'DA_NOT_FOUND'].includes(code);
      if (!isRetryable || attempt >= tries) throw error;
      // A reader that is started anew knows only its cursor.
      if (attempt % 40 === 39) walk = walkFrom(cursor);
    }
  }
}

type World = {
  readonly layer: FakeLayer;
  readonly random: (below: number) => number;
  readonly faults: FakeFaults;
  nowMs: number;
  crashes: number;
  reorganisations: number;
  isCalm: boolean;
};

/** Others write into our namespace: noise, and copies of what is there. */
function disturb(world: World): void {
  const { layer, random, faults } = world;
  if (random(100) < 15) layer.send([new Uint8Array(random(300)).fill(random(256))], 0);
  const somewhere = layer.heights[random(Math.max(1, layer.heights.length))];
  const copied = somewhere?.[0];
  if (copied !== undefined && random(100) < 15) layer.send([copied], random(4));
  if (copied !== undefined && copied.length > 0 && random(100) < 10) {
    const forged = copied.slice();
    forged[random(forged.length)]! ^= 1 + random(255);
    layer.send([forged], 0);
  }
  if (random(100) < faults.reorganised) {
    world.reorganisations += 1;
    layer.reorganise(1 + random(3), () => random(2) === 0);
  }
  layer.pricePerByte = random(10) === 0 ? BigInt(1 + random(5_000)) : 10n;
}

async function runPoster(traffic: Traffic, world: World): Promise<{ resubmissions: number }> {
  const { layer, random } = world;
  const crash = (): void => {
    if (world.isCalm || random(100) >= 2) return;
    world.crashes += 1;
    throw new Crash('the process ends here');
  };
  const journal: DaJournal = crashing(memoryJournal(), ['add', 'put'], crash);
  const faultsNow = (): FakeFaults => (world.isCalm ? NO_FAULTS : world.faults);
  const history = historyOf(traffic.blocks, (raw) => decodeTx(raw).tx);
  let resubmissions = 0;
  let tip = 0;
  const open = async (): Promise<Poster> => {
    for (;;) {
      const da = fakeDa(layer, { faults: faultsNow(), random, blobBytesMax: 700 });
      const poster = new Poster(TEST_POLICY, {
        da: crashing(da, ['submit', 'find'], crash),
        journal,
        nowMs: () => world.nowMs,
        chainId: 9889n,
        secret: SECRET,
        authorities: AUTHORITIES,
        block: (height) => traffic.blocks[height - 1]!,
        firstHeight: 1,
        start: { height: 0n, index: 0 },
        frames: frameMaker({ chainId: 9889n, leavesResultsOut: false, effort: 1 }, history),
        log: NO_LOG,
      });
      try {
        await poster.resume(tip, never);
        return poster;
      } catch (error) {
        if (!(error instanceof CodedError || error instanceof Crash)) throw error;
      }
    }
  };
  let poster = await open();
  const total = traffic.blocks.length;
  for (let turn = 0; poster.status().final < total; turn++) {
    assert.ok(
      turn < 5_000,
      `the poster gets nowhere: ${JSON.stringify(poster.status().lastError)}`,
    );
    if (tip < total && random(2) === 0) {
      tip += 1;
      poster.sealed(tip, 500);
    } else if (tip === total && !world.isCalm && turn > 60) {
      world.isCalm = true;
      resubmissions += poster.status().resubmissions;
      poster = await open();
    }
    if (!world.isCalm) disturb(world);
    try {
      const waitMs = await poster.step(never);
      world.nowMs += Math.max(waitMs, 50);
      if (waitMs > 0) layer.tick();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      resubmissions += poster.status().resubmissions;
      poster = await open();
    }
  }
  return { resubmissions: resubmissions + poster.status().resubmissions };
}

/** @returns what a reader got: every block once, in order, or an assertion has failed */
export async function faultRun(
  seed: number,
  traffic: Traffic,
  faults: FakeFaults,
): Promise<RunResult> {
  const random = randomOf(seed);
  const layer = new FakeLayer();
  layer.finalDepth = 4;
  const world: World = {
    layer,
    random,
    faults,
    nowMs: 1_000_000,
    crashes: 0,
    reorganisations: 0,
    isCalm: false,
  };
  const { resubmissions } = await runPoster(traffic, world);
  const lying = { ...NO_FAULTS, lies: faults.lies, down: faults.down };
  const da = fakeDa(layer, { faults: lying, random, blobBytesMax: 700 });
  const { ids, duplicates, foreign } = await readAll(da, traffic, 500);
  const { crashes, reorganisations } = world;
  return { crashes, resubmissions, duplicates, foreign, reorganisations, ids };
}
