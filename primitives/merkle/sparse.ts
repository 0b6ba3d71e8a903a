/**
 * The sparse Merkle tree of Fuel: 2^256 places, nearly all empty.
 *
 * A storage key is hashed to find its place, so nobody can choose keys that make the tree deep.
 * An empty subtree hashes to 32 zero bytes; a subtree with one leaf hashes to that leaf, wherever
 * it stands; any other is hashed from its two halves. Leaf: 0x00 ‖ place ‖ sha256(value).
 *
 * The content of a node is never changed after it was made, and its hash is computed when first
 * asked for: a batch of updates hashes each touched node once, and a copy of a tree shares all its
 * nodes. A tree may lie in a store, by hash; then nodes are loaded when they are passed through.
 */
import { equalBytes } from '../bytes.ts';
import { assert } from '../errors.ts';
import { sha256 } from '../hash.ts';

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
const HASH_BYTES = 32;
const TREE_DEPTH = 8 * HASH_BYTES;
const ZERO_HASH: Uint8Array = new Uint8Array(HASH_BYTES);

type Leaf = {
  readonly kind: 'leaf';
  readonly place: Uint8Array;
  readonly valueHash: Uint8Array;
  hash: Uint8Array | null;
  isSaved: boolean;
};
type Inner = {
  readonly kind: 'inner';
  left: Node;
  right: Node;
  hash: Uint8Array | null;
  isSaved: boolean;
};
/** A node that is in the store and not in memory. */
type Stub = { readonly kind: 'stub'; readonly hash: Uint8Array; readonly isSaved: true };
type Full = Leaf | Inner;
/** null is an empty subtree. */
type Node = Full | Stub | null;

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

/** What a node is the hash of, behind its prefix: a leaf's place and value hash, or two subtrees. */
export type SparseParts = {
  readonly kind: 'leaf' | 'inner';
  readonly a: Uint8Array;
  readonly b: Uint8Array;
};

/** Where the nodes of a tree lie, by hash. */
export interface SparseNodes {
  /** @throws CodedError when there is none */
  load(hash: Uint8Array): SparseParts;
}

/** A sparse Merkle tree in memory, or loaded from a store as far as it is passed through. */
export class SparseMerkle {
  #top: Node = null;
  readonly #nodes: SparseNodes | null;
  /** Hashes of saved nodes that the tree no longer holds. */
  #replaced: Uint8Array[] = [];

  /** Without arguments: an empty tree in memory. */
  constructor(from?: { readonly root: Uint8Array; readonly nodes: SparseNodes }) {
    this.#nodes = from?.nodes ?? null;
    if (from !== undefined) this.#top = stubOf(from.root);
  }

  /** An independent tree with the same content. O(1). */
  clone(): SparseMerkle {
    const from = this.#nodes === null ? undefined : { root: ZERO_HASH, nodes: this.#nodes };
    const copy = new SparseMerkle(from);
    copy.#top = this.#top;
    return copy;
  }

  /** Sets the value of a raw storage key; an empty value is a value. */
  update(storageKey: Uint8Array, value: Uint8Array): void {
    this.updateHashed(sparsePlace(storageKey), sha256(value));
  }

  /** As {@link update}, from the key's place and the value's hash (32 bytes each). */
  updateHashed(place: Uint8Array, valueHash: Uint8Array): void {
    const leaf: Leaf = { kind: 'leaf', place, valueHash, hash: null, isSaved: false };
    this.#top = this.#put(this.#top, leaf, 0);
  }

  /** Removes a raw storage key, if it is there. */
  delete(storageKey: Uint8Array): void {
    this.deleteHashed(sparsePlace(storageKey));
  }

  /** As {@link delete}, from the key's place. */
  deleteHashed(place: Uint8Array): void {
    this.#top = this.#remove(this.#top, place, 0);
  }

  /** 32 bytes; zeros when the tree is empty. */
  root(): Uint8Array {
    return hashOf(this.#top);
  }

  /** Proof about a raw storage key against the present root. */
  prove(storageKey: Uint8Array): SparseProof {
    return this.#walk(sparsePlace(storageKey)).proof;
  }

  /**
   * As {@link prove}, with what removing the key has to know of the lowest sibling: a leaf moves up,
   * a node stays. null: there is no sibling, or the key is not in the tree.
   */
  proveRemoval(storageKey: Uint8Array): { proof: SparseProof; sibling: SparseParts | null } {
    const { proof, sibling } = this.#walk(sparsePlace(storageKey));
    const isKnown = proof.kind === 'inclusion' && sibling !== null;
    return { proof, sibling: isKnown ? partsOf(this.#full(sibling)) : null };
  }

  /** Hash of the value of a raw storage key; null: it is not in the tree. */
  valueHash(storageKey: Uint8Array): Uint8Array | null {
    const { leaf, proof } = this.#walk(sparsePlace(storageKey));
    return proof.kind === 'inclusion' && leaf !== null ? leaf.valueHash : null;
  }

  /** Hands over every node that is not in the store yet; then they count as saved. */
  save(put: (hash: Uint8Array, parts: SparseParts) => void): void {
    saveNode(this.#top, put);
  }

  /**
   * Hashes of saved nodes that left the tree since the last call; each may occur twice, and one that
   * came back is handed to {@link save} again.
   */
  takeReplaced(): readonly Uint8Array[] {
    const replaced = this.#replaced;
    this.#replaced = [];
    return replaced;
  }

  /** Forgets saved nodes below a depth: they are loaded again when needed. */
  unload(depth: number): void {
    if (this.#nodes !== null) this.#top = unloadBelow(this.#top, depth);
  }

  #walk(place: Uint8Array): { proof: SparseProof; sibling: Node; leaf: Leaf | null } {
    const proof: Uint8Array[] = [];
    let sibling: Node = null;
    let node = this.#top === null ? null : this.#full(this.#top);
    for (let depth = 0; node?.kind === 'inner'; depth++) {
      const goesRight = bitAt(place, depth);
      sibling = goesRight ? node.left : node.right;
      proof.push(hashOf(sibling));
      node = this.#child(node, goesRight);
    }
    proof.reverse();
    const leaf = node;
    if (leaf === null) return { proof: { kind: 'exclusion', proof, leaf }, sibling, leaf };
    if (equalBytes(leaf.place, place))
      return { proof: { kind: 'inclusion', proof }, sibling, leaf };
    const { place: other, valueHash } = leaf;
    const found = { place: other, valueHash };
    return { proof: { kind: 'exclusion', proof, leaf: found }, sibling, leaf };
  }

  /** The node itself; loaded when it is a stub. */
  #full(node: Full | Stub): Full {
    if (node.kind !== 'stub') return node;
    assert(this.#nodes !== null, 'a tree without a store has no stubs');
    const { kind, a, b } = this.#nodes.load(node.hash);
    const { hash } = node;
    if (kind === 'leaf') return { kind, place: a, valueHash: b, hash, isSaved: true };
    return { kind, left: stubOf(a), right: stubOf(b), hash, isSaved: true };
  }

  /** A child, kept in its parent once it is loaded. */
  #child(node: Inner, goesRight: boolean): Full | null {
    const child = goesRight ? node.right : node.left;
    if (child === null || child.kind !== 'stub') return child;
    const full = this.#full(child);
    if (goesRight) node.right = full;
    else node.left = full;
    return full;
  }

  #drop(node: Full): void {
    if (node.isSaved && node.hash !== null) this.#replaced.push(node.hash);
  }

  #put(at: Node, leaf: Leaf, depth: number): Node {
    if (at === null) return leaf;
    const node = this.#full(at);
    if (node.kind === 'leaf') {
      if (!equalBytes(node.place, leaf.place)) return join(node, leaf, depth);
      if (equalBytes(node.valueHash, leaf.valueHash)) return node;
      this.#drop(node);
      return leaf;
    }
    const goesRight = bitAt(leaf.place, depth);
    const before = this.#child(node, goesRight);
    const after = this.#put(before, leaf, depth + 1);
    if (after === before) return node;
    this.#drop(node);
    return goesRight ? inner(node.left, after) : inner(after, node.right);
  }

  #remove(at: Node, place: Uint8Array, depth: number): Node {
    if (at === null) return null;
    const node = this.#full(at);
    if (node.kind === 'leaf') {
      if (!equalBytes(node.place, place)) return node;
      this.#drop(node);
      return null;
    }
    const goesRight = bitAt(place, depth);
    const before = this.#child(node, goesRight);
    const after = this.#remove(before, place, depth + 1);
    if (after === before) return node;
    this.#drop(node);
    const sibling = goesRight ? node.left : node.right;
    // A leaf left alone stands for the whole subtree, so it moves up.
    if (after === null) {
      const alone = this.#child(node, !goesRight);
      if (alone === null || alone.kind === 'leaf') return alone;
    } else if (sibling === null && after.kind === 'leaf') return after;
    return goesRight ? inner(sibling, after) : inner(after, sibling);
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

/** Hash of the node with these parts. */
export function sparseHash({ kind, a, b }: SparseParts): Uint8Array {
  return prefixedHash(kind === 'leaf' ? LEAF_PREFIX : NODE_PREFIX, a, b);
}

function stubOf(hash: Uint8Array): Stub | null {
  return equalBytes(hash, ZERO_HASH) ? null : { kind: 'stub', hash, isSaved: true };
}

function partsOf(node: Full): SparseParts {
  if (node.kind === 'leaf') return { kind: 'leaf', a: node.place, b: node.valueHash };
  return { kind: 'inner', a: hashOf(node.left), b: hashOf(node.right) };
}

function saveNode(node: Node, put: (hash: Uint8Array, parts: SparseParts) => void): void {
  if (node === null || node.kind === 'stub' || node.isSaved) return;
  if (node.kind === 'inner') {
    saveNode(node.left, put);
    saveNode(node.right, put);
  }
  put(hashOf(node), partsOf(node));
  node.isSaved = true;
}

function unloadBelow(node: Node, depth: number): Node {
  if (node === null || node.kind !== 'inner') return node;
  if (depth === 0) return node.isSaved ? stubOf(hashOf(node)) : node;
  node.left = unloadBelow(node.left, depth - 1);
  node.right = unloadBelow(node.right, depth - 1);
  return node;
}

/** Bit number `depth` from the left: true leads to the right child. */
function bitAt(place: Uint8Array, depth: number): boolean {
  return ((place[depth >> 3]! >> (7 - (depth & 7))) & 1) === 1;
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

function inner(left: Node, right: Node): Inner {
  return { kind: 'inner', left, right, hash: null, isSaved: false };
}

function hashOf(node: Node): Uint8Array {
  if (node === null) return ZERO_HASH;
  if (node.kind === 'stub') return node.hash;
  if (node.hash === null) {
    node.hash =
      node.kind === 'inner'
        ? prefixedHash(NODE_PREFIX, hashOf(node.left), hashOf(node.right))
        : leafHash(node.place, node.valueHash);
  }
  return node.hash;
}

function leafHash(place: Uint8Array, valueHash: Uint8Array): Uint8Array {
  return prefixedHash(LEAF_PREFIX, place, valueHash);
}

/** Filled anew for each hash: nobody keeps it. */
const HASH_INPUT: Uint8Array = new Uint8Array(1 + 2 * HASH_BYTES);

function prefixedHash(prefix: number, first: Uint8Array, second: Uint8Array): Uint8Array {
  HASH_INPUT[0] = prefix;
  HASH_INPUT.set(first, 1);
  HASH_INPUT.set(second, 1 + HASH_BYTES);
  return sha256(HASH_INPUT);
}
