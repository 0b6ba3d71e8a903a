import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bumpedFees, checkCap, firstFees, isReplacement } from '../../../../da/ethereum/fees.ts';
import {
  ETH_BLOB_BYTES,
  ETH_BLOB_DATA_BYTES_MAX,
  fromEthBlob,
  toEthBlob,
} from '../../../../da/ethereum/fields.ts';
import { readMemo } from '../../../../da/ethereum/sender.ts';
import { randomOf } from '../../../support/chainMaker.ts';

describe('bytes in a blob', () => {
  it('come back whatever they end with, up to the last that fits', () => {
    const seed = 11;
    const random = randomOf(seed);
    const max = ETH_BLOB_DATA_BYTES_MAX;
    for (const length of [0, 1, 26, 27, 28, 31, 62, 1_000, max - 1, max]) {
      for (const end of [0x00, 0x80, 0xff]) {
        const data = Uint8Array.from({ length }, () => random(256));
        if (length > 0) data[length - 1] = end;
        const blob = toEthBlob(data);
        assert.equal(blob.length, ETH_BLOB_BYTES);
        for (let at = 0; at < blob.length; at += 32) assert.equal(blob[at], 0, 'a field element');
        assert.deepEqual(fromEthBlob(blob), data, `seed ${seed} length ${length}`);
      }
    }
  });

  it('are none when the blob was made by others', () => {
    assert.equal(fromEthBlob(new Uint8Array(5)).length, 0);
    assert.equal(fromEthBlob(new Uint8Array(ETH_BLOB_BYTES).fill(0xff)).length, 0);
  });
});

describe('fees of blob transactions', () => {
  it('a replacement doubles all three, or offers what is asked for now', () => {
    const first = firstFees(100n, 5n, 7n);
    assert.deepEqual(first, {
      maxPriorityFeePerGas: 5n,
      maxFeePerGas: 205n,
      maxFeePerBlobGas: 15n,
    });
    const next = bumpedFees(first, firstFees(100n, 5n, 1_000n));
    assert.ok(isReplacement(first, next));
    assert.equal(next.maxFeePerGas, 410n);
    assert.equal(next.maxFeePerBlobGas, 2_001n);
    const short = { ...next, maxPriorityFeePerGas: 9n };
    assert.equal(isReplacement(first, short), false, 'one fee is not enough');
  });

  it('never go above what the operator allows', () => {
    const fees = firstFees(100n, 5n, 7n);
    assert.doesNotThrow(() => checkCap(fees, 205n));
    assert.throws(() => checkCap(fees, 204n), { code: 'DA_FEE_CAP' });
  });

  it('a memo that says nothing is none', () => {
    assert.equal(readMemo({}), null);
    assert.deepEqual(readMemo({ nonce: '0x5', hashes: '0xa 0xb', fees: '1 2 3' }), {
      nonce: 5n,
      hashes: ['0xa', '0xb'],
      fees: { maxFeePerGas: 1n, maxPriorityFeePerGas: 2n, maxFeePerBlobGas: 3n },
    });
  });
});
