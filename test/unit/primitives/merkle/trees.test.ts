import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { bytesToHex, hexToBytes } from '../../../../primitives/bytes.ts';
import {
  BinaryMerkle,
  binaryProof,
  binaryRoot,
  verifyBinaryProof,
} from '../../../../primitives/merkle/binary.ts';
import { SparseMerkle, verifySparseProof } from '../../../../primitives/merkle/sparse.ts';
import { dataFile } from '../../../support/dataFile.ts';

type Vector = {
  request: { kind: string; leaves: string[]; set: [string, string | null][]; prove: string };
  answer: { root: string; roots: string[]; proof: { index: number; kind: string; set: string[] } };
};

const vectors = gunzipSync(readFileSync(dataFile('merkle.jsonl.gz')))
  .toString()
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);
const hex = (bytes: Uint8Array): string => bytesToHex(bytes).slice(2);

test('binary roots and proofs are the reference’s', () => {
  const chosen = vectors.filter((one) => one.request.kind === 'binary');
  assert.ok(chosen.length > 3);
  for (const { request, answer } of chosen) {
    const leaves = request.leaves.map(hexToBytes);
    assert.equal(hex(binaryRoot(leaves)), answer.root);
    if (!answer.proof) continue;
    const { index, set } = answer.proof;
    const { root, proof } = binaryProof(leaves, index);
    assert.deepEqual(proof.map(hex), set);
    assert.ok(verifyBinaryProof(root, leaves[index]!, proof, index, leaves.length));
    assert.ok(!verifyBinaryProof(root, new Uint8Array(99), proof, index, leaves.length));
    assert.ok(!verifyBinaryProof(root, leaves[index]!, [...proof, root], index, leaves.length));
  }
});

test('a binary tree goes on from its peaks', () => {
  let tree = new BinaryMerkle();
  const leaves: Uint8Array[] = [];
  for (let i = 0; i < 70; i++) {
    leaves.push(Uint8Array.of(i));
    tree.append(Uint8Array.of(i));
    tree = new BinaryMerkle(tree.export());
    assert.deepEqual(tree.root(), binaryProof(leaves, i).root);
  }
});

test('sparse roots after each step, and proofs, are the reference’s', () => {
  const chosen = vectors.filter((one) => one.request.kind === 'sparse');
  assert.ok(chosen.length > 3);
  for (const { request, answer } of chosen) {
    const tree = new SparseMerkle();
    const values = new Map<string, Uint8Array>();
    request.set.forEach(([key, value], i) => {
      if (value === null) tree.delete(hexToBytes(key));
      else tree.update(hexToBytes(key), hexToBytes(value));
      values.set(key, hexToBytes(value ?? ''));
      assert.equal(hex(tree.root()), answer.roots[i]);
    });
    const key = hexToBytes(request.prove);
    const proof = tree.prove(key);
    assert.equal(proof.kind, answer.proof.kind);
    assert.deepEqual(proof.proof.map(hex), answer.proof.set);
    const value = values.get(request.prove) ?? new Uint8Array(0);
    assert.ok(verifySparseProof(tree.root(), proof, key, value));
    assert.ok(!verifySparseProof(new Uint8Array(32).fill(1), proof, key, value));
  }
});
