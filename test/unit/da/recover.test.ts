import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Assembler } from '../../../da/assemble.ts';
import { type DaBlock, decodeBlockPayload, encodeBlockPayload } from '../../../da/block.ts';
import { NO_HISTORY, Registry } from '../../../da/compact/history.ts';
import { decodeFrame, encodeFrame, frameCommitment } from '../../../da/frame.ts';
import { encodeParts, PART_OVERHEAD_BYTES, type Part, readPart } from '../../../da/part.ts';
import type { DaPointer, DataAvailability } from '../../../da/ports.ts';
import {
  FrameWalk,
  lastFrame,
  newBlocks,
  ORPHANS_MAX,
  recoverBlocks,
  type WalkOptions,
} from '../../../da/recover.ts';
import { writeU32 } from '../../../primitives/bytes.ts';
import { sha256Hex } from '../../../primitives/hash.ts';
import { addressOfSecret } from '../../../primitives/secp256k1.ts';
import type { B256 } from '../../../primitives/types.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { decodeTx } from '../../../tx/codec/transaction.ts';
import { attemptOf } from '../../support/daContract.ts';
import { FakeLayer, fakeDa } from '../../support/daFake.ts';
import { AUTHORITIES, never, SECRET } from '../../support/daRuns.ts';
import { historyOf, REALISTIC, Traffic } from '../../support/daTraffic.ts';

const CHAIN_ID = 9889n;
const BLOB_BYTES_MAX = 600;
const OPTIONS: WalkOptions = { chainId: CHAIN_ID, authorities: AUTHORITIES };

const TRAFFIC: Traffic = new Traffic({ ...REALISTIC, accounts: 30 });
for (let i = 0; i < 12; i++) TRAFFIC.next(i % 3);
const BLOCKS = TRAFFIC.blocks;
const HISTORY = historyOf(BLOCKS, (raw) => decodeTx(raw).tx);

type Made = { frame: Uint8Array; parts: Uint8Array[]; commitment: B256 };

async function frameOf(
  first: number,
  last: number,
  previous: B256,
  secret = SECRET,
): Promise<Made> {
  const blocks = BLOCKS.slice(first - 1, last);
  const context = { chainId: CHAIN_ID, registry: new Registry(), history: HISTORY };
  const frame = await encodeFrame(previous, blocks, context);
  const head = { chainId: CHAIN_ID, firstHeight: first, lastHeight: last };
  const parts = encodeParts(frame, head, { secret, blobBytesMax: BLOB_BYTES_MAX });
  return { frame, parts, commitment: frameCommitment(frame) };
}

/** Frames of two blocks each, chained. */
async function chain(): Promise<Made[]> {
  const made: Made[] = [];
  for (let first = 1; first <= 12; first += 2) {
    made.push(await frameOf(first, first + 1, made.at(-1)?.commitment ?? ZERO_B256));
  }
  return made;
}
const FRAMES = await chain();

async function layerOf(blobs: readonly Uint8Array[]): Promise<DataAvailability> {
  const da = fakeDa(new FakeLayer(), { blobBytesMax: 2_000 });
  for (const blob of blobs) await da.submit([blob], attemptOf(), never);
  return da;
}

async function recovered(da: DataAvailability, options: WalkOptions = OPTIONS): Promise<number[]> {
  const heights: number[] = [];
  for await (const block of recoverBlocks(da, { ...options, history: HISTORY }, never)) {
    const { pointers: _, ...bare } = block;
    assert.deepEqual(bare, BLOCKS[block.header.height - 1]!.block);
    heights.push(block.header.height);
  }
  return heights;
}

const ALL = BLOCKS.map(({ block }) => block.header.height);
const allParts = (frames: readonly Made[] = FRAMES): Uint8Array[] =>
  frames.flatMap(({ parts }) => parts);

describe('recovery from the DA layer', () => {
  it('gives every block back, over several blobs per frame', async () => {
    assert.ok(FRAMES.some(({ parts }) => parts.length > 1));
    assert.deepEqual(await recovered(await layerOf(allParts())), ALL);
  });

  it('takes blobs in any order, and as often as they come', async () => {
    assert.deepEqual(await recovered(await layerOf(allParts().reverse())), ALL);
    const parts = allParts();
    assert.deepEqual(await recovered(await layerOf([...parts, ...parts, parts[0]!])), ALL);
  });

  it('passes over what others write', async () => {
    const stranger = new Uint8Array(32).fill(9);
    const theirs = await frameOf(1, 4, ZERO_B256, stranger);
    const noise = [new Uint8Array(0), new Uint8Array(300).fill(1), FRAMES[0]!.frame];
    const forged = allParts().map((part) => {
      const copy = part.slice();
      copy[80]! ^= 1;
      return copy;
    });
    const blobs = [...noise, ...theirs.parts, ...forged, ...allParts(), ...noise];
    const tally = { foreignBlobs: 0, duplicateFrames: 0 };
    const da = await layerOf(blobs);
    assert.deepEqual(await recovered(da, { ...OPTIONS, tally }), ALL);
    assert.equal(tally.foreignBlobs, blobs.length - allParts().length);
    assert.deepEqual(await recovered(da, { ...OPTIONS, chainId: 5n }), []);
    assert.equal(await lastFrame(await layerOf(noise), OPTIONS, never), null);
  });

  it('goes on behind a known frame', async () => {
    const da = await layerOf(allParts(FRAMES.slice(0, 3)));
    const from = await lastFrame(da, OPTIONS, never);
    assert.equal(from?.lastHeight, 6);
    assert.equal(from?.commitment, FRAMES[2]!.commitment);
    for (const blob of allParts(FRAMES.slice(3))) await da.submit([blob], attemptOf(), never);
    assert.deepEqual(await recovered(da, { ...OPTIONS, from }), ALL.slice(6));
    assert.equal((await lastFrame(da, OPTIONS, never))?.lastHeight, 12);
  });

  it('may be broken off and resumed at every frame, also where parts are mixed up', async () => {
    const parts = allParts();
    const mixed = [...parts.filter((_, i) => i % 3 === 1), ...parts.filter((_, i) => i % 3 !== 1)];
    const da = await layerOf(mixed);
    const whole = new FrameWalk(da, OPTIONS);
    for await (const { cursor } of whole.frames(never)) {
      const rest = await recovered(da, { ...OPTIONS, from: cursor });
      assert.deepEqual(rest, ALL.slice(cursor.lastHeight));
    }
  });

  it('takes the same blocks framed another way once', async () => {
    const wide = await frameOf(1, 5, ZERO_B256);
    const onto = await frameOf(6, 8, wide.commitment);
    // Both follow the first frame; the second run of frames overlaps the first.
    const blobs = [...allParts(FRAMES.slice(0, 2)), ...wide.parts, ...onto.parts];
    assert.deepEqual(await recovered(await layerOf(blobs)), ALL.slice(0, 8));
  });

  it('reports a gap, wrong heights and a frame that does not decode', async () => {
    const gap = await layerOf(allParts([...FRAMES.slice(0, 1), ...FRAMES.slice(2)]));
    await assert.rejects(recovered(gap), { code: 'DA_CHAIN_BROKEN', message: /not there/ });

    const skipping = await frameOf(5, 6, FRAMES[0]!.commitment);
    const skipped = await layerOf(allParts([FRAMES[0]!, skipping]));
    await assert.rejects(recovered(skipped), {
      code: 'DA_CHAIN_BROKEN',
      message: /block 5, not 3/,
    });

    const head = { chainId: CHAIN_ID, firstHeight: 1, lastHeight: 2 };
    const junk = encodeParts(new Uint8Array(200), head, { secret: SECRET, blobBytesMax: 600 });
    await assert.rejects(recovered(await layerOf(junk)), { code: 'DA_FRAME_INVALID' });
  });

  it('finds nothing on an empty layer', async () => {
    assert.deepEqual(await recovered(await layerOf([])), []);
    assert.equal(await lastFrame(await layerOf([]), OPTIONS, never), null);
  });

  it('reads again what it had to drop behind a gap', async () => {
    const traffic = new Traffic({ ...REALISTIC, accounts: 5 });
    const made: Made[] = [];
    for (let height = 1; height <= ORPHANS_MAX + 8; height++) {
      const blocks = [traffic.next(0)];
      const context = { chainId: CHAIN_ID, registry: new Registry(), history: NO_HISTORY };
      const frame = await encodeFrame(made.at(-1)?.commitment ?? ZERO_B256, blocks, context);
      const head = { chainId: CHAIN_ID, firstHeight: height, lastHeight: height };
      const parts = encodeParts(frame, head, { secret: SECRET, blobBytesMax: 2_000 });
      made.push({ frame, parts, commitment: frameCommitment(frame) });
    }
    const [first, ...rest] = allParts(made);
    const da = await layerOf([...rest, first!]);
    const ids: B256[] = [];
    const walk = new FrameWalk(da, OPTIONS);
    for await (const frame of walk.frames(never)) {
      for (const { header } of newBlocks(frame, NO_HISTORY)) ids.push(header.id);
    }
    assert.deepEqual(
      ids,
      traffic.blocks.map(({ block }) => block.header.id),
    );
    assert.equal(walk.gap(), null);
  });
});

describe('parts', () => {
  const [blob] = FRAMES[0]!.parts as [Uint8Array];

  it('are read by those who know the chain and its signer', () => {
    const part = readPart(blob, CHAIN_ID, AUTHORITIES);
    assert.equal(part?.commitment, FRAMES[0]!.commitment);
    assert.equal(part?.index, 0);
    assert.equal(part?.count, FRAMES[0]!.parts.length);
    assert.equal(readPart(blob, 1n, AUTHORITIES), null);
    const other = new Set([addressOfSecret(new Uint8Array(32).fill(1))]);
    assert.equal(readPart(blob, CHAIN_ID, other), null);
  });

  it('are foreign when a single bit is changed, or cut', () => {
    for (let at = 0; at < blob.length; at++) {
      const changed = blob.slice();
      changed[at]! ^= 1 << (at % 8);
      assert.equal(readPart(changed, CHAIN_ID, AUTHORITIES), null, `byte ${at}`);
    }
    for (let length = 0; length < blob.length; length += 7) {
      assert.equal(readPart(blob.subarray(0, length), CHAIN_ID, AUTHORITIES), null);
    }
  });

  it('fill blobs to the last byte', () => {
    for (const extra of [-1, 0, 1]) {
      const frame = new Uint8Array(3 * (BLOB_BYTES_MAX - PART_OVERHEAD_BYTES) + extra).fill(5);
      const head = { chainId: CHAIN_ID, firstHeight: 1, lastHeight: 2 };
      const options = { secret: SECRET, blobBytesMax: BLOB_BYTES_MAX };
      const parts = encodeParts(frame, head, options);
      assert.equal(parts.length, extra === 1 ? 4 : 3);
      assert.ok(parts.every(({ length }) => length <= BLOB_BYTES_MAX));
    }
  });

  it('do not fill the memory of who waits for the rest', () => {
    const assembler = new Assembler(1_000);
    const part = (frame: number, index: number): Part => ({
      commitment: sha256Hex(Uint8Array.of(frame)),
      frameBytes: 1_200,
      firstHeight: 1,
      lastHeight: 1,
      index,
      count: 3,
      data: new Uint8Array(400),
    });
    const at = (height: number): DaPointer => ({
      layer: 'fake',
      height: BigInt(height),
      index: 0,
      commitment: ZERO_B256,
    });
    assembler.add(part(1, 0), at(1));
    assembler.add(part(2, 0), at(2));
    const dropped = (): bigint | null => assembler.dropped?.height ?? null;
    assert.equal(dropped(), null);
    assembler.add(part(3, 0), at(3));
    assert.equal(dropped(), 1n);
    assert.equal(assembler.firstWaiting()?.height, 2n);
  });
});

describe('block payloads of version 1', () => {
  it('are refused when cut, prolonged or changed', () => {
    const block: DaBlock = BLOCKS[2]!.block;
    const payload = encodeBlockPayload(block);
    assert.deepEqual(decodeBlockPayload(payload), block);
    const refused = { code: 'DA_FRAME_INVALID' };
    for (let length = 0; length < payload.length; length += 13) {
      assert.throws(() => decodeBlockPayload(payload.subarray(0, length)), refused);
    }
    assert.throws(() => decodeBlockPayload(Uint8Array.of(...payload, 0)), refused);
    const changed = payload.slice();
    changed[changed.length - 1]! ^= 1;
    assert.throws(() => decodeBlockPayload(changed), { ...refused, message: /root/ });
    const huge = payload.slice();
    writeU32(huge, 0, 0xffff_ffff);
    assert.throws(() => decodeBlockPayload(huge), { ...refused, message: /above/ });
  });

  it('belong to the frame that names their heights', async () => {
    const { frame } = FRAMES[0]!;
    const heights = [...decodeFrame(frame, CHAIN_ID).blocks(HISTORY)].map((b) => b.header.height);
    assert.deepEqual(heights, [1, 2]);
  });
});
