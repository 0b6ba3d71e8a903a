/** Checks answers of the reference to `merkle` requests: trees, proofs, content identifiers. */

import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { binaryProof, binaryRoot, verifyBinaryProof } from '../../primitives/merkle/binary.ts';
import type { SparseProof } from '../../primitives/merkle/sparse.ts';
import { SparseMerkle, sparseRoot, verifySparseProof } from '../../primitives/merkle/sparse.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import {
  assetIdOf,
  blobIdOf,
  codeRoot,
  contractId,
  initialStateRoot,
  predicateOwner,
} from '../../tx/contractId.ts';

import type { JsonObject } from './json.ts';

type Json = Record<string, unknown>;

function hex(bytes: Uint8Array): string {
  return bytesToHex(bytes).slice(2);
}

function bytesOf(list: unknown): Uint8Array[] {
  return (list as string[] | undefined)?.map(hexToBytes) ?? [];
}

function binaryAnswer(request: Json): Json {
  const leaves = bytesOf(request['leaves']);
  const root = hex(binaryRoot(leaves));
  const prove = request['prove'];
  if (prove === undefined) return { root };
  const index = Number(prove);
  if (index >= leaves.length) return { root, proof: null };
  const made = binaryProof(leaves, index);
  const verified = verifyBinaryProof(made.root, leaves[index]!, made.proof, index, leaves.length);
  return { root, proof: { index, set: made.proof.map(hex), verified } };
}

function verifyAnswer(request: Json): Json {
  const verified = verifyBinaryProof(
    hexToBytes(String(request['root'])),
    hexToBytes(String(request['leaf'])),
    bytesOf(request['set']),
    BigInt((request['index'] as number | string | undefined) ?? 0),
    BigInt((request['leaves'] as number | string | undefined) ?? 0),
  );
  return { verified };
}

function proofAnswer(proof: SparseProof, verified: boolean): Json {
  const set = proof.proof.map(hex);
  if (proof.kind === 'inclusion') return { kind: 'inclusion', set };
  const leaf =
    proof.leaf === null ? null : { key: hex(proof.leaf.place), value: hex(proof.leaf.valueHash) };
  return { kind: 'exclusion', set, leaf, verified };
}

function sparseAnswer(request: Json): Json {
  const tree = new SparseMerkle();
  const last = new Map<string, Uint8Array>();
  const roots: string[] = [];
  for (const [key, value] of request['set'] as [string, string | null][]) {
    last.delete(key);
    if (value === null) tree.delete(hexToBytes(key));
    else {
      tree.update(hexToBytes(key), hexToBytes(value));
      last.set(key, hexToBytes(value));
    }
    roots.push(hex(tree.root()));
  }
  const root = tree.root();
  const atOnce = sparseRoot([...last].map(([key, value]) => [hexToBytes(key), value] as const));
  if (hex(atOnce) !== hex(root)) throw new Error('a sparse root depends on the order of updates');
  const prove = request['prove'];
  if (prove === undefined) return { root: hex(root), roots };
  const key = hexToBytes(String(prove));
  const proof = tree.prove(key);
  const value = last.get(String(prove)) ?? new Uint8Array(0);
  return {
    root: hex(root),
    roots,
    proof: proofAnswer(proof, verifySparseProof(root, proof, key, value)),
  };
}

function contractAnswer(request: Json): Json {
  const code = hexToBytes(String(request['code']));
  const salt = request['salt'] === undefined ? ZERO_B256 : b256(String(request['salt']));
  const slots = ((request['slots'] as [string, string][] | undefined) ?? []).map(
    ([key, value]) => ({ key: b256(key), value: b256(value) }),
  );
  const stateRoot = initialStateRoot(slots);
  const id = contractId(code, salt, stateRoot);
  return {
    codeRoot: codeRoot(code).slice(2),
    stateRoot: stateRoot.slice(2),
    contractId: id.slice(2),
    predicateOwner: predicateOwner(code).slice(2),
    assetOfSubIdZero: assetIdOf(id, ZERO_B256).slice(2),
    blobId: blobIdOf(code).slice(2),
  };
}

function b256(text: string): `0x${string}` {
  return bytesToHex(hexToBytes(text));
}

const ANSWERS: Readonly<Record<string, (request: Json) => Json>> = {
  binary: binaryAnswer,
  verify: verifyAnswer,
  sparse: sparseAnswer,
  contract: contractAnswer,
};

/** null when every field agrees, else the first difference in one line. */
export function checkMerkleVector(request: JsonObject, answer: JsonObject): string | null {
  const kind = String(request['kind']);
  const ours = ANSWERS[kind]!(request);
  for (const key of new Set([...Object.keys(answer), ...Object.keys(ours)])) {
    const expected = canonical(answer[key]);
    const actual = canonical(ours[key]);
    if (expected !== actual) return `${kind}.${key}: expected ${expected}, got ${actual}`;
  }
  return null;
}

/** JSON text with sorted members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) => {
    if (typeof v !== 'object' || v === null || Array.isArray(v)) return v;
    return Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
