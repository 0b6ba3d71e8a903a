import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  decodeFrame,
  encodeFrame,
  FRAME_BODY_BYTES_MAX,
  FRAME_OVERHEAD_BYTES,
  frameCommitment,
} from '../../../da/frame.ts';
import { concatBytes, writeU32 } from '../../../primitives/bytes.ts';
import { sha256 } from '../../../primitives/hash.ts';
import type { B256 } from '../../../primitives/types.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { randomOf } from '../../support/chainMaker.ts';

const CHAIN_ID = 9889n;
const PREVIOUS: B256 = `0x${'5a'.repeat(32)}`;

function sample(): Uint8Array {
  const payloads = [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(500).fill(9)];
  return encodeFrame({ chainId: CHAIN_ID, firstHeight: 7, previous: PREVIOUS, payloads });
}

/** Changes bytes and makes the checksum right again. */
function forged(change: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = sample();
  change(bytes);
  const signed = bytes.subarray(0, bytes.length - 32);
  return concatBytes(signed, sha256(signed));
}

function refuses(blob: Uint8Array, message: RegExp, chainId: bigint = CHAIN_ID): void {
  assert.throws(() => decodeFrame(blob, chainId), { code: 'DA_FRAME_INVALID', message });
}

describe('frames', () => {
  it('come back as they went', () => {
    const frame = decodeFrame(sample(), CHAIN_ID);
    assert.equal(frame.firstHeight, 7);
    assert.equal(frame.lastHeight, 9);
    assert.equal(frame.previous, PREVIOUS);
    assert.deepEqual([...frame.payloads[0]!], [1, 2, 3]);
    assert.equal(frame.payloads[1]!.length, 0);
    assert.equal(frame.payloads[2]!.length, 500);
    assert.ok(sample().length < 500, 'the body is deflated');
    assert.equal(frameCommitment(sample()), frameCommitment(sample()));
  });

  it('stay plain when deflation does not help', () => {
    const payloads = [Uint8Array.of(1, 2, 3)];
    const blob = encodeFrame({ chainId: 1n, firstHeight: 0, previous: ZERO_B256, payloads });
    assert.equal(blob.length, FRAME_OVERHEAD_BYTES + 4 + 3);
    assert.deepEqual(decodeFrame(blob, 1n).payloads, payloads);
  });

  it('are refused when anything is off', () => {
    refuses(sample(), /it is of chain 9889/, 1n);
    refuses(new Uint8Array(0), /ends too early/);
    refuses(sample().subarray(0, 90), /ends too early/);
    refuses(sample().subarray(0, 100), /checksum/);
    refuses(
      forged((bytes) => bytes.set([0])),
      /no magic/,
    );
    refuses(
      forged((bytes) => bytes.set([2], 5)),
      /version 2/,
    );
    refuses(
      forged((bytes) => bytes.set([2], 6)),
      /encoding 2/,
    );
    refuses(
      forged((bytes) => writeU32(bytes, 19, 6)),
      /heights/,
    );
    refuses(
      forged((bytes) => writeU32(bytes, 19, 7 + 65_536)),
      /heights/,
    );
    refuses(
      forged((bytes) => writeU32(bytes, 19, 10)),
      /ends too early/,
    );
    refuses(
      forged((bytes) => writeU32(bytes, 19, 8)),
      /follow its last block/,
    );
    refuses(
      forged((bytes) => writeU32(bytes, 55, FRAME_BODY_BYTES_MAX + 1)),
      /above/,
    );
    refuses(
      forged((bytes) => writeU32(bytes, 55, 514)),
      /inflate/,
    );
    refuses(
      forged((bytes) => writeU32(bytes, 55, 516)),
      /inflate/,
    );
    refuses(
      forged((bytes) => writeU32(bytes, 59, 3)),
      /length is wrong/,
    );
    refuses(
      forged((bytes) => bytes.fill(0xff, 63, 70)),
      /inflate/,
    );
  });

  it('never answer damage with anything but their own error', () => {
    const seed = 4242;
    const random = randomOf(seed);
    for (let round = 0; round < 2000; round++) {
      const blob = forged((bytes) => {
        for (let i = 0; i <= random(3); i++) bytes[4 + random(bytes.length - 36)] = random(256);
      });
      try {
        const frame = decodeFrame(blob, CHAIN_ID);
        assert.equal(frame.payloads.length, frame.lastHeight - frame.firstHeight + 1);
      } catch (error) {
        const { code } = error as { code?: string };
        assert.equal(code, 'DA_FRAME_INVALID', `seed ${seed} round ${round}: ${String(error)}`);
      }
    }
  });
});
