import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { type DaBlock, encodeBlockPayload } from '../../../da/block.ts';
import { type ChainHistory, NO_HISTORY, Registry } from '../../../da/compact/history.ts';
import {
  decodeFrame,
  encodeFrame,
  FRAME_BODY_BYTES_MAX,
  FRAME_OVERHEAD_BYTES,
  frameCommitment,
} from '../../../da/frame.ts';
import {
  concatBytes,
  hexToBytes,
  utf8,
  writeU16,
  writeU32,
  writeU64,
} from '../../../primitives/bytes.ts';
import { sha256 } from '../../../primitives/hash.ts';
import type { B256 } from '../../../primitives/types.ts';
import { randomOf } from '../../support/chainMaker.ts';
import { REALISTIC, Traffic } from '../../support/daTraffic.ts';
import { testDataUrl } from '../../vectors/host.ts';

const CHAIN_ID = 9889n;
const PREVIOUS: B256 = `0x${'5a'.repeat(32)}`;

function traffic(): Traffic {
  const made = new Traffic({ ...REALISTIC, accounts: 30 });
  for (let i = 0; i < 3; i++) made.next(4);
  return made;
}
const BLOCKS = traffic().blocks;
const DA_BLOCKS = BLOCKS.map(({ block }) => block);

async function sample(leavesResultsOut: boolean = false): Promise<Uint8Array> {
  const registry = new Registry(leavesResultsOut);
  const context = { chainId: CHAIN_ID, registry, history: NO_HISTORY };
  return await encodeFrame(PREVIOUS, BLOCKS, context);
}
const SAMPLE = await sample();
const WITHOUT_RESULTS = await sample(true);

/** A frame as version 1 wrote it. */
function oldFrame(blocks: readonly DaBlock[], isDeflated: boolean): Uint8Array {
  const payloads = blocks.map(encodeBlockPayload);
  const body = new Uint8Array(payloads.reduce((sum, { length }) => sum + 4 + length, 0));
  let at = 0;
  for (const payload of payloads) {
    writeU32(body, at, payload.length);
    body.set(payload, at + 4);
    at += 4 + payload.length;
  }
  const stored = isDeflated ? deflateRawSync(body) : body;
  const head = new Uint8Array(63);
  head.set(utf8('FRDA'));
  writeU16(head, 4, 1);
  head[6] = isDeflated ? 1 : 0;
  writeU64(head, 7, CHAIN_ID);
  writeU32(head, 15, blocks[0]!.header.height);
  writeU32(head, 19, blocks.at(-1)!.header.height);
  head.set(hexToBytes(PREVIOUS), 23);
  writeU32(head, 55, body.length);
  writeU32(head, 59, stored.length);
  const signed = concatBytes(head, stored);
  return concatBytes(signed, sha256(signed));
}

/** Changes bytes and makes the checksum right again. */
function forged(change: (bytes: Uint8Array) => void, from: Uint8Array = SAMPLE): Uint8Array {
  const bytes = from.slice();
  change(bytes);
  const signed = bytes.subarray(0, bytes.length - 32);
  return concatBytes(signed, sha256(signed));
}

function blocksOf(blob: Uint8Array, history: ChainHistory = NO_HISTORY): DaBlock[] {
  return [...decodeFrame(blob, CHAIN_ID).blocks(history)];
}

function refuses(blob: Uint8Array, message: RegExp, chainId: bigint = CHAIN_ID): void {
  assert.throws(() => [...decodeFrame(blob, chainId).blocks(NO_HISTORY)], {
    code: 'DA_FRAME_INVALID',
    message,
  });
}

describe('frames', () => {
  it('come back as they went', () => {
    const frame = decodeFrame(SAMPLE, CHAIN_ID);
    assert.equal(frame.firstHeight, 1);
    assert.equal(frame.lastHeight, 3);
    assert.equal(frame.previous, PREVIOUS);
    assert.equal(frame.commitment, frameCommitment(SAMPLE));
    assert.deepEqual(blocksOf(SAMPLE), DA_BLOCKS);
  });

  it('are the same bytes for the same blocks', async () => {
    assert.deepEqual(await sample(), SAMPLE);
  });

  it('of version 1 are read still', () => {
    for (const isDeflated of [true, false]) {
      const blob = oldFrame(DA_BLOCKS, isDeflated);
      assert.deepEqual(blocksOf(blob), DA_BLOCKS);
      for (let length = 0; length < blob.length; length += 97) {
        assert.throws(() => blocksOf(blob.subarray(0, length)), { code: 'DA_FRAME_INVALID' });
      }
    }
    const bomb = oldFrame(DA_BLOCKS, true);
    refuses(
      forged((bytes) => writeU32(bytes, 55, 100), bomb),
      /inflate/,
    );
    refuses(
      forged((bytes) => writeU32(bytes, 55, FRAME_BODY_BYTES_MAX), bomb),
      /inflate/,
    );
  });

  it('of version 2 are read still', () => {
    const { frame, blockIds } = JSON.parse(readFileSync(testDataUrl('daFrameV2.json'), 'utf8'));
    const read = blocksOf(new Uint8Array(Buffer.from(frame, 'base64')));
    const ids = read.map(({ header }) => header.id);
    assert.deepEqual(ids, blockIds);
  });

  it('are refused when anything is off', () => {
    refuses(SAMPLE, /it is of chain 9889/, 1n);
    refuses(new Uint8Array(0), /ends too early/);
    refuses(SAMPLE.subarray(0, FRAME_OVERHEAD_BYTES - 1), /ends too early/);
    refuses(SAMPLE.subarray(0, FRAME_OVERHEAD_BYTES + 5), /checksum/);
    const cases: [RegExp, (bytes: Uint8Array) => void][] = [
      [/no magic/, (bytes) => bytes.set([0])],
      [/version 4/, (bytes) => bytes.set([4], 5)],
      [/version 0/, (bytes) => bytes.set([0], 5)],
      [/encoding 1/, (bytes) => bytes.set([1], 6)],
      [/encoding 9/, (bytes) => bytes.set([9], 6)],
      [/heights/, (bytes) => writeU32(bytes, 19, 0)],
      [/heights/, (bytes) => writeU32(bytes, 19, 1 + 65_536)],
      [/ends too early/, (bytes) => writeU32(bytes, 19, 4)],
      [/holds too much/, (bytes) => writeU32(bytes, 19, 2)],
      [/above/, (bytes) => writeU32(bytes, 55, FRAME_BODY_BYTES_MAX + 1)],
      [/length is wrong/, (bytes) => writeU32(bytes, 59, 3)],
      [/impossible length/, (bytes) => bytes.fill(0xff, 63, 67)],
    ];
    for (const [message, change] of cases) refuses(forged(change), message);
  });

  it('never answer damage with anything but their own error', () => {
    const seed = 4242;
    const random = randomOf(seed);
    for (let round = 0; round < 1_500; round++) {
      const blob = forged(
        (bytes) => {
          for (let i = 0; i <= random(3); i++) bytes[4 + random(bytes.length - 36)] = random(256);
        },
        round % 2 === 0 ? SAMPLE : WITHOUT_RESULTS,
      );
      try {
        const frame = decodeFrame(blob, CHAIN_ID);
        const blocks = [...frame.blocks(NO_HISTORY)];
        assert.equal(blocks.length, frame.lastHeight - frame.firstHeight + 1);
      } catch (error) {
        const { code } = error as { code?: string };
        assert.equal(code, 'DA_FRAME_INVALID', `seed ${seed} round ${round}: ${String(error)}`);
      }
    }
  });
});
