import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToHex, equalBytes } from '../../../../primitives/bytes.ts';
import {
  SparseMerkle,
  type SparseNodes,
  type SparseParts,
  sparseHash,
  sparsePlace,
  verifySparseProof,
} from '../../../../primitives/merkle/sparse.ts';
import { randomOf } from '../../../support/chainMaker.ts';

const SEED = 4711;

/** Nodes by hash, as a database would hold them. */
function nodeStore(): SparseNodes & { rows: Map<string, SparseParts> } {
  const rows = new Map<string, SparseParts>();
  return {
    rows,
    load(hash) {
      const row = rows.get(bytesToHex(hash));
      assert.ok(row !== undefined, 'every node that is asked for was saved');
      assert.ok(equalBytes(sparseHash(row), hash));
      return row;
    },
  };
}

const keyOf = (n: number): Uint8Array => Uint8Array.of(n >> 8, n & 0xff);

test('a tree in a store is the tree in memory, through saving and forgetting', () => {
  const random = randomOf(SEED);
  const store = nodeStore();
  const memory = new SparseMerkle();
  let stored = new SparseMerkle({ root: new Uint8Array(32), nodes: store });
  for (let round = 0; round < 60; round++) {
    for (let i = random(12); i >= 0; i--) {
      const key = keyOf(random(300));
      const value = Uint8Array.of(random(4));
      for (const tree of [memory, stored]) {
        if (value[0] === 0) tree.delete(key);
        else tree.update(key, value);
      }
    }
    assert.deepEqual(stored.root(), memory.root(), `seed ${SEED}, round ${round}`);
    // In this order: what left the tree may have come back.
    for (const hash of stored.takeReplaced()) store.rows.delete(bytesToHex(hash));
    stored.save((hash, parts) => void store.rows.set(bytesToHex(hash), parts));
    if (round % 3 === 0) stored.unload(random(4));
    if (round % 7 === 0) stored = new SparseMerkle({ root: memory.root(), nodes: store });
    const key = keyOf(random(300));
    assert.deepEqual(stored.prove(key), memory.prove(key));
    assert.deepEqual(stored.proveRemoval(key), memory.proveRemoval(key));
  }
});

test('what the store holds is the tree and nothing else', () => {
  const store = nodeStore();
  const tree = new SparseMerkle({ root: new Uint8Array(32), nodes: store });
  const save = (): void => {
    for (const hash of tree.takeReplaced()) store.rows.delete(bytesToHex(hash));
    tree.save((hash, parts) => void store.rows.set(bytesToHex(hash), parts));
  };
  for (let n = 0; n < 40; n++) {
    tree.update(keyOf(n), Uint8Array.of(n));
    save();
  }
  for (let n = 0; n < 40; n += 2) {
    tree.delete(keyOf(n));
    save();
  }
  const used = new Set<string>();
  const visit = (hash: Uint8Array): void => {
    if (hash.every((byte) => byte === 0)) return;
    used.add(bytesToHex(hash));
    const { kind, a, b } = store.load(hash);
    if (kind === 'inner') [a, b].forEach(visit);
  };
  visit(tree.root());
  assert.deepEqual([...store.rows.keys()].sort(), [...used].sort());
});

test('the same value changes nothing', () => {
  const store = nodeStore();
  const tree = new SparseMerkle({ root: new Uint8Array(32), nodes: store });
  for (let n = 0; n < 9; n++) tree.update(keyOf(n), Uint8Array.of(n));
  tree.save((hash, parts) => void store.rows.set(bytesToHex(hash), parts));
  tree.update(keyOf(3), Uint8Array.of(3));
  tree.delete(keyOf(100));
  assert.deepEqual(tree.takeReplaced(), []);
  tree.save(() => assert.fail('nothing is new'));
});

test('a removal is followed from its proof alone: a lone leaf moves up, a node stays', () => {
  const random = randomOf(SEED);
  const kinds = new Set<string>();
  for (let round = 0; round < 200; round++) {
    const tree = new SparseMerkle();
    const count = 1 + random(12);
    for (let n = 0; n < count; n++) tree.update(keyOf(n), Uint8Array.of(n));
    const key = keyOf(random(count));
    const { proof, sibling } = tree.proveRemoval(key);
    kinds.add(sibling?.kind ?? 'none');
    const place = sparsePlace(key);
    const root = rootWithout(place, proof.proof, sibling);
    tree.delete(key);
    assert.deepEqual(root, tree.root(), `seed ${SEED}, round ${round}`);
    assert.ok(verifySparseProof(root, tree.prove(key), key, new Uint8Array(0)));
  }
  assert.deepEqual([...kinds].sort(), ['inner', 'leaf', 'none']);
});

/** What the contract computes. */
function rootWithout(
  place: Uint8Array,
  siblings: readonly Uint8Array[],
  lowest: SparseParts | null,
): Uint8Array {
  const zero = new Uint8Array(32);
  if (lowest === null) return zero;
  let from = 0;
  let sum: Uint8Array = zero;
  if (lowest.kind === 'leaf') {
    sum = sparseHash(lowest);
    from = 1;
    while (from < siblings.length && equalBytes(siblings[from]!, zero)) from += 1;
  }
  for (let i = from; i < siblings.length; i++) {
    const depth = siblings.length - 1 - i;
    const isRight = ((place[depth >> 3]! >> (7 - (depth & 7))) & 1) === 1;
    const [a, b] = isRight ? [siblings[i]!, sum] : [sum, siblings[i]!];
    sum = sparseHash({ kind: 'inner', a, b });
  }
  return sum;
}
