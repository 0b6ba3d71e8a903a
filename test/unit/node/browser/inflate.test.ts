import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constants, gzipSync } from 'node:zlib';
import { gunzip } from '../../../../node/browser/inflate.ts';
import { mulberry } from '../../../support/random.ts';

const SEED = 7;

describe('gunzip without Node', () => {
  it('gives back what was packed, of every kind of block', () => {
    const random = mulberry(SEED);
    for (const size of [0, 1, 255, 5000, 70_000]) {
      for (const spread of [1, 4, 256]) {
        const bytes = Uint8Array.from({ length: size }, () => Math.floor(random() * spread));
        const why = `seed ${SEED}, ${size} bytes of ${spread} values`;
        for (const level of [0, 1, 9]) {
          assert.deepEqual(gunzip(new Uint8Array(gzipSync(bytes, { level }))), bytes, why);
        }
        const fixed = gzipSync(bytes, { strategy: constants.Z_FIXED });
        assert.deepEqual(gunzip(new Uint8Array(fixed)), bytes, why);
      }
    }
  });

  it('refuses what is none, is cut, or has another length', () => {
    const packed = new Uint8Array(gzipSync(new Uint8Array(1000).fill(3)));
    const broken = { code: 'GZIP_BROKEN' };
    assert.throws(() => gunzip(Uint8Array.of(1, 2, 3)), broken);
    assert.throws(() => gunzip(packed.subarray(0, 14)), broken);
    const other = packed.slice();
    other[other.length - 4]! ^= 1;
    assert.throws(() => gunzip(other), broken);
    const badBlock = packed.slice();
    badBlock[10] = 0b111;
    assert.throws(() => gunzip(badBlock), broken);
  });
});
