/**
 * Blobs as Celestia sees them: namespaces, shares, and the commitment over them.
 *
 * A share has 512 bytes: namespace (29), info byte (version and whether a blob starts), in the first
 * share the length of the blob (4), data, zeros. The commitment is a Merkle root (RFC 6962) over
 * roots of namespaced trees, whose sizes follow from the number of shares.
 *
 * @source celestia-app v9 specifications "shares", "namespace", "data structures"; checked against
 *   the Rust implementation (test/data/celestiaCommitments.json)
 */
import { concatBytes, hexToBytes, utf8, writeU32, writeU64 } from '../../primitives/bytes.ts';
import { sha256 } from '../../primitives/hash.ts';
import type { Hex } from '../../primitives/types.ts';

export const SHARE_BYTES = 512;
export const NAMESPACE_BYTES = 29;
/** Bytes of a namespace that a user chooses. */
export const NAMESPACE_ID_BYTES = 10;
/** Data in the first share of a blob, and in those that follow. */
export const FIRST_SHARE_DATA_BYTES: number = SHARE_BYTES - NAMESPACE_BYTES - 1 - 4;
export const NEXT_SHARE_DATA_BYTES: number = SHARE_BYTES - NAMESPACE_BYTES - 1;

/** Below it a blob's trees have one share each. */
const SUBTREE_ROOT_THRESHOLD = 64;
const LEAF: Uint8Array = Uint8Array.of(0);
const NODE: Uint8Array = Uint8Array.of(1);

/** A namespace of version 0 from its ten bytes. */
export function namespaceOf(id: Uint8Array): Uint8Array {
  const namespace = new Uint8Array(NAMESPACE_BYTES);
  namespace.set(id, NAMESPACE_BYTES - NAMESPACE_ID_BYTES);
  return namespace;
}

/** The namespace of a chain: a digest of its id, or the ten bytes that were given. */
export function chainNamespace(chainId: bigint, given: Hex | null): Uint8Array {
  if (given !== null) return namespaceOf(hexToBytes(given));
  const id = new Uint8Array(8);
  writeU64(id, 0, chainId);
  return namespaceOf(sha256(concatBytes(utf8('fuelrail/da/'), id)).subarray(0, NAMESPACE_ID_BYTES));
}

/** Shares that a blob takes. */
export function shareCount(bytes: number): number {
  if (bytes <= FIRST_SHARE_DATA_BYTES) return 1;
  return 1 + Math.ceil((bytes - FIRST_SHARE_DATA_BYTES) / NEXT_SHARE_DATA_BYTES);
}

/** The shares of a blob, in order. */
export function sharesOf(namespace: Uint8Array, data: Uint8Array): Uint8Array[] {
  const shares: Uint8Array[] = [];
  let at = 0;
  do {
    const share = new Uint8Array(SHARE_BYTES);
    share.set(namespace);
    const isFirst = shares.length === 0;
    if (isFirst) {
      share[NAMESPACE_BYTES] = 1;
      writeU32(share, NAMESPACE_BYTES + 1, data.length);
    }
    const start = NAMESPACE_BYTES + (isFirst ? 5 : 1);
    const end = Math.min(data.length, at + SHARE_BYTES - start);
    share.set(data.subarray(at, end), start);
    at = end;
    shares.push(share);
  } while (at < data.length);
  return shares;
}

/** Hash of a leaf of a namespaced tree: smallest and largest namespace, and the digest. */
export function nmtLeaf(namespace: Uint8Array, share: Uint8Array): Uint8Array {
  return concatBytes(namespace, namespace, sha256(concatBytes(LEAF, namespace, share)));
}

function powerAtLeast(n: number): number {
  let power = 1;
  while (power < n) power *= 2;
  return power;
}

/** Largest power of two that is not above `n`. */
export function powerAtMost(n: number): number {
  let power = 1;
  while (power * 2 <= n) power *= 2;
  return power;
}

/** Root of a tree of one namespace; the number of leaves is a power of two. */
function blobSubtreeRoot(namespace: Uint8Array, shares: readonly Uint8Array[]): Uint8Array {
  let level = shares.map((share) => nmtLeaf(namespace, share));
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const digest = sha256(concatBytes(NODE, level[i]!, level[i + 1]!));
      next.push(concatBytes(namespace, namespace, digest));
    }
    level = next;
  }
  return level[0]!;
}

/** Merkle root as RFC 6962 has it. */
export function rfc6962Root(items: readonly Uint8Array[]): Uint8Array {
  if (items.length === 0) return sha256(new Uint8Array(0));
  if (items.length === 1) return sha256(concatBytes(LEAF, items[0]!));
  let split = powerAtMost(items.length);
  if (split === items.length) split /= 2;
  const left = rfc6962Root(items.slice(0, split));
  return sha256(concatBytes(NODE, left, rfc6962Root(items.slice(split))));
}

/** The commitment by which Celestia names a blob. */
export function shareCommitment(namespace: Uint8Array, data: Uint8Array): Uint8Array {
  const shares = sharesOf(namespace, data);
  const count = shares.length;
  const byThreshold = powerAtLeast(Math.ceil(count / SUBTREE_ROOT_THRESHOLD));
  const width = Math.min(byThreshold, powerAtLeast(Math.ceil(Math.sqrt(count))));
  const roots: Uint8Array[] = [];
  for (let at = 0; at < count; ) {
    const size = count - at >= width ? width : powerAtMost(count - at);
    roots.push(blobSubtreeRoot(namespace, shares.slice(at, at + size)));
    at += size;
  }
  return rfc6962Root(roots);
}
