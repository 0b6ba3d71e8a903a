/**
 * The binary Merkle tree of Fuel, in the shape of RFC 6962: a leaf is hashed behind a 0x00 byte,
 * an inner node behind a 0x01 byte, and the left subtree holds the largest power of two of leaves
 * that is smaller than their number. The root of no leaves is the hash of no bytes.
 */
import { equalBytes } from '../bytes.ts';
import { assert } from '../errors.ts';
import { sha256 } from '../hash.ts';

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
const HASH_BYTES = 32;

/** Hash of a leaf's data. */
export function binaryLeafHash(data: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + data.length);
  input[0] = LEAF_PREFIX;
  input.set(data, 1);
  return sha256(input);
}

/** Hash of an inner node. Both children are 32 bytes. */
export function binaryNodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = new Uint8Array(1 + 2 * HASH_BYTES);
  input[0] = NODE_PREFIX;
  input.set(left, 1);
  input.set(right, 1 + HASH_BYTES);
  return sha256(input);
}

/** Root of the tree over the data of all leaves. */
export function binaryRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const tree = new BinaryMerkle();
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
}

/** What {@link binaryProof} gives: the root, and the siblings from the leaf upwards. */
export type BinaryProof = { readonly root: Uint8Array; readonly proof: Uint8Array[] };

/** Proof that the leaf at `index` is in the tree over `leaves`. `index` must be in range. */
export function binaryProof(leaves: readonly Uint8Array[], index: number): BinaryProof {
  return binaryProofOfHashes(leaves.map(binaryLeafHash), index);
}

/** As {@link binaryProof}, from leaves that are hashed already. */
export function binaryProofOfHashes(hashes: readonly Uint8Array[], index: number): BinaryProof {
  assert(Number.isInteger(index) && index >= 0 && index < hashes.length, 'leaf index in range');
  const proof: Uint8Array[] = [];
  let level: readonly Uint8Array[] = hashes;
  let at = index;
  while (level.length > 1) {
    const sibling = level[at ^ 1];
    // The last node of an odd level moves up unchanged and has no sibling there.
    if (sibling !== undefined) proof.push(sibling);
    level = parents(level);
    at >>= 1;
  }
  return { root: level[0]!, proof };
}

function parents(level: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let i = 0; i < level.length; i += 2) {
    const right = level[i + 1];
    above.push(right === undefined ? level[i]! : binaryNodeHash(level[i]!, right));
  }
  return above;
}

/** Whether `proof` shows that `leaf` is number `index` of `leafCount` leaves under `root`. */
export function verifyBinaryProof(
  root: Uint8Array,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  index: number | bigint,
  leafCount: number | bigint,
): boolean {
  let at = BigInt(index);
  let last = BigInt(leafCount) - 1n;
  if (at < 0n || at > last) return false;
  let sum = binaryLeafHash(leaf);
  let used = 0;
  // Climb level by level; the last node of an odd level moves up without a sibling.
  for (; last > 0n; at >>= 1n, last >>= 1n) {
    const isRight = (at & 1n) === 1n;
    if (!isRight && at === last) continue;
    const sibling = proof[used++];
    if (sibling === undefined) return false;
    sum = isRight ? binaryNodeHash(sibling, sum) : binaryNodeHash(sum, sibling);
  }
  return used === proof.length && equalBytes(sum, root);
}

/** The part of a {@link BinaryMerkle} that has to be kept to go on appending. */
export type BinaryPeaks = {
  readonly leafCount: number;
  /** Roots of the complete subtrees, largest (leftmost) first: one for each 1 bit of the count. */
  readonly peaks: readonly Uint8Array[];
};

/** A binary Merkle tree that only grows. Keeps the peaks alone: O(log n) memory. */
export class BinaryMerkle {
  #leafCount: number;
  readonly #peaks: Uint8Array[];

  /** Empty, or going on from exported peaks. */
  constructor(from: BinaryPeaks = { leafCount: 0, peaks: [] }) {
    assert(Number.isSafeInteger(from.leafCount) && from.leafCount >= 0, 'leaf count is a number');
    assert(from.peaks.length === oneBits(from.leafCount), 'one peak for each 1 bit of the count');
    this.#leafCount = from.leafCount;
    this.#peaks = [...from.peaks];
  }

  get leafCount(): number {
    return this.#leafCount;
  }

  /** Adds a leaf by its data. */
  append(data: Uint8Array): void {
    this.appendHash(binaryLeafHash(data));
  }

  /** Adds a leaf that is hashed already. */
  appendHash(leafHash: Uint8Array): void {
    let peak = leafHash;
    // As in binary addition: each trailing 1 bit of the count is a peak to merge with.
    for (let count = this.#leafCount; count % 2 === 1; count = Math.floor(count / 2)) {
      peak = binaryNodeHash(this.#peaks.pop()!, peak);
    }
    this.#peaks.push(peak);
    this.#leafCount++;
  }

  /** Root over all leaves so far. O(log n). */
  root(): Uint8Array {
    let at = this.#peaks.length - 1;
    if (at < 0) return sha256(new Uint8Array(0));
    let root = this.#peaks[at]!;
    while (--at >= 0) root = binaryNodeHash(this.#peaks[at]!, root);
    return root;
  }

  /** A copy of the state, to be stored and given to the constructor later. */
  export(): BinaryPeaks {
    return { leafCount: this.#leafCount, peaks: [...this.#peaks] };
  }
}

function oneBits(count: number): number {
  let bits = 0;
  for (let rest = count; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  return bits;
}
