import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToHex } from '../../../primitives/bytes.ts';
import { binaryRoot } from '../../../primitives/merkle/binary.ts';
import { rootBuilder } from '../../../primitives/merkle/rootBuilder.ts';
import { transactionsRoot } from '../../../tx/header.ts';

const transaction = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + seed) & 255);

test('the root over transactions is that of the plain tree, whatever their number and length', () => {
  for (const count of [0, 1, 2, 3, 255, 256, 257, 700]) {
    const raws = Array.from({ length: count }, (_, i) => transaction((i * 37) % 900, i));
    assert.equal(transactionsRoot(raws), bytesToHex(binaryRoot(raws)), `${count} transactions`);
  }
});

test('a transaction that is too long for the builder counts like any other', () => {
  const longest = rootBuilder()!.leafBytesMax;
  for (const length of [longest, longest + 1]) {
    const raws = [transaction(300, 1), transaction(length, 2), transaction(8, 3)];
    assert.equal(transactionsRoot(raws), bytesToHex(binaryRoot(raws)), `${length} bytes`);
  }
  assert.equal(transactionsRoot([transaction(8, 3)]), bytesToHex(binaryRoot([transaction(8, 3)])));
});
