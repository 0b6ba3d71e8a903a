/** A sample of the reference's answers; the whole sets are checked by test/vectors. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testDataUrl } from '../../vectors/host.ts';
import { readVectors } from '../../vectors/json.ts';
import { checkMerkleVector } from '../../vectors/merkle.ts';
import { checkTxVector } from '../../vectors/tx.ts';

test('transactions agree with the reference', () => {
  let count = 0;
  for (const { n, request, answer } of readVectors(fileURLToPath(testDataUrl('tx.jsonl.gz')))) {
    assert.equal(checkTxVector(request, answer), null, n);
    count++;
  }
  assert.equal(count, 220);
});

test('a changed answer is noticed', () => {
  const [first] = readVectors(fileURLToPath(testDataUrl('tx.jsonl.gz')));
  assert.ok(first !== undefined);
  assert.notEqual(checkTxVector(first.request, { ...first.answer, id: '00' }), null);
});

test('Merkle trees and content ids agree with the reference', () => {
  let count = 0;
  const path = fileURLToPath(testDataUrl('merkle.jsonl.gz'));
  for (const { n, request, answer } of readVectors(path)) {
    assert.equal(checkMerkleVector(request, answer), null, n);
    count++;
  }
  assert.equal(count, 40);
});
