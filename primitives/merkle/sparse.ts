/**
 * The sparse Merkle tree of Fuel: 2^256 places, nearly all empty.
 *
 * A storage key is hashed to find its place, so nobody can choose keys that make the tree deep.
 * An empty subtree hashes to 32 zero bytes; a subtree with one leaf hashes to that leaf, wherever
 * it stands; any other is hashed from its two halves. Leaf: 0x00 ‖ place ‖ sha256(value).
 *
 * Nodes are never changed after they were made, and their hash is computed when first asked for:
 * a batch of updates hashes each touched node once, and a copy of a tree shares all its nodes.
 */
import { equalBytes } from '../bytes.ts';
import { sha256 } from '../hash.ts';

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
const HASH_BYTES = 32;
const TREE_DEPTH = 8 * HASH_BYTES;
const ZERO_HASH: Uint8Array = new Uint8Array(HASH_BYTES);

type Leaf = { readonly place: Uint8Array; readonly valueHash: Uint8Array; hash: Uint8Array | null };
type Inner = { readonly left: Node; readonly right: Node; hash: Uint8Array | null };
/** null is an empty subtree. */
type Node = Leaf | Inner | null;

/** Place of a storage key in the tree: its hash. */
export function sparsePlace(storageKey: Uint8Array): Uint8Array {
  return sha256(storageKey);
}

/** Root over raw storage keys and their values. A key that occurs twice has its last value. */
export function sparseRoot(
  entries: Iterable<readonly [key: Uint8Array, value: Uint8Array]>,
): Uint8Array {
  const tree = new SparseMerkle();
  for (const [key, value] of entries) tree.update(key, value);
  return tree.root();
}

/** Proof that a key is in the tree, or that it is not. Siblings run from the leaf upwards. */
export type SparseProof =
  | { readonly kind: 'inclusion'; readonly proof: readonly Uint8Array[] }
  | {
      readonly kind: 'exclusion';
      readonly proof: readonly Uint8Array[];
      /** The leaf that stands where the key would be; null when the place is empty. */
      readonly leaf: SparseLeaf | null;
    };

export type SparseLeaf = { readonly place: Uint8Array; readonly valueHash: Uint8Array };

/** A sparse Merkle tree in memory. */
export class SparseMerkle {
  #top: Node = null;

  /** An independent tree with the same content. O(1). */
  clone(): SparseMerkle {
    const copy = new SparseMerkle();
    copy.#top = this.#top;
    return copy;
  }

  /** Sets the value of a raw storage key; an empty value is a value. */
  update(storageKey: Uint8Array, value: Uint8Array): void {
    this.updateHashed(sparsePlace(storageKey), sha256(value));
  }

  /** As {@link update}, from the key's place and the value's hash (32 bytes each). */
  updateHashed(place: Uint8Array, valueHash: Uint8Array): void {
    this.#top = put(this.#top, { place, valueHash, hash: null }, 0);
  }

  /** Removes a raw storage key, if it is there. */
  delete(storageKey: Uint8Array): void {
    this.deleteHashed(sparsePlace(storageKey));
  }

  /** As {@link delete}, from the key's place. */
  deleteHashed(place: Uint8Array): void {
    this.#top = remove(this.#top, place, 0);
  }

  /** 32 bytes; zeros when the tree is empty. */
  root(): Uint8Array {
    return hashOf(this.#top);
  }

  /** Proof about a raw storage key against the present root. */
  prove(storageKey: Uint8Array): SparseProof {
    const place = sparsePlace(storageKey);
    const proof: Uint8Array[] = [];
    let node = this.#top;
    for (let depth = 0; node !== null && isInner(node); depth++) {
      const goesRight = bitAt(place, depth);
      proof.push(hashOf(goesRight ? node.left : node.right));
      node = goesRight ? node.right : node.left;
    }
    proof.reverse();
    if (node === null) return { kind: 'exclusion', proof, leaf: null };
    if (equalBytes(node.place, place)) return { kind: 'inclusion', proof };
    return { kind: 'exclusion', proof, leaf: { place: node.place, valueHash: node.valueHash } };
  }
}

/** Whether `proof` shows that `storageKey` has this value (or, for an exclusion, has none). */
export function verifySparseProof(
  root: Uint8Array,
  proof: SparseProof,
  storageKey: Uint8Array,
  value: Uint8Array,
): boolean {
  const place = sparsePlace(storageKey);
  const siblings = proof.proof;
  if (siblings.length > TREE_DEPTH) return false;
  let sum: Uint8Array;
  if (proof.kind === 'inclusion') {
    sum = leafHash(place, sha256(value));
  } else if (proof.leaf === null) {
    sum = ZERO_HASH;
  } else {
    if (equalBytes(proof.leaf.place, place)) return false;
    sum = leafHash(proof.leaf.place, proof.leaf.valueHash);
  }
  for (let i = 0; i < siblings.length; i++) {
    const sibling = siblings[i]!;
    const isRight = bitAt(place, siblings.length - 1 - i);
    sum = isRight
      ? prefixedHash(NODE_PREFIX, sibling, sum)
      : prefixedHash(NODE_PREFIX, sum, sibling);
  }
  return equalBytes(sum, root);
}

function isInner(node: Leaf | Inner): node is Inner {
  return 'left' in node;
}

/** Bit number `depth` from the left: true leads to the right child. */
function bitAt(place: Uint8Array, depth: number): boolean {
  return ((place[depth >> 3]! >> (7 - (depth & 7))) & 1) === 1;
}

function put(node: Node, leaf: Leaf, depth: number): Node {
  if (node === null) return leaf;
  if (!isInner(node)) {
    if (equalBytes(node.place, leaf.place)) return leaf;
    return join(node, leaf, depth);
  }
  return bitAt(leaf.place, depth)
    ? inner(node.left, put(node.right, leaf, depth + 1))
    : inner(put(node.left, leaf, depth + 1), node.right);
}

/** Two leaves under one node: the bits they share become nodes with an empty side. */
function join(a: Leaf, b: Leaf, depth: number): Inner {
  const aRight = bitAt(a.place, depth);
  if (aRight === bitAt(b.place, depth)) {
    const below = join(a, b, depth + 1);
    return aRight ? inner(null, below) : inner(below, null);
  }
  return aRight ? inner(b, a) : inner(a, b);
}

function remove(node: Node, place: Uint8Array, depth: number): Node {
  if (node === null) return null;
  if (!isInner(node)) return equalBytes(node.place, place) ? null : node;
  const goesRight = bitAt(place, depth);
  const before = goesRight ? node.right : node.left;
  const after = remove(before, place, depth + 1);
  if (after === before) return node;
  const sibling = goesRight ? node.left : node.right;
  // A leaf left alone stands for the whole subtree, so it moves up.
  if (after === null && (sibling === null || !isInner(sibling))) return sibling;
  if (sibling === null && after !== null && !isInner(after)) return after;
  return goesRight ? inner(sibling, after) : inner(after, sibling);
}

function inner(left: Node, right: Node): Inner {
  return { left, right, hash: null };
}

function hashOf(node: Node): Uint8Array {
  if (node === null) return ZERO_HASH;
  if (node.hash === null) {
    node.hash = isInner(node)
      ? prefixedHash(NODE_PREFIX, hashOf(node.left), hashOf(node.right))
      : leafHash(node.place, node.valueHash);
  }
  return node.hash;
}

function leafHash(place: Uint8Array, valueHash: Uint8Array): Uint8Array {
  return prefixedHash(LEAF_PREFIX, place, valueHash);
}

function prefixedHash(prefix: number, first: Uint8Array, second: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = prefix;
  input.set(first, 1);
  input.set(second, 1 + HASH_BYTES);
  return sha256(input);
}
