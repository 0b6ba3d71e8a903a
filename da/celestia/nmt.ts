/**
 * Range proofs of namespaced Merkle trees, checked here: that shares lie side by side in a row of a
 * block whose row root is under the block's data root.
 *
 * @source celestia nmt v0.24 (behaviour of range proofs); data root: RFC 6962 over row and column roots
 */
import {
  bytesToHex,
  compareBytes,
  concatBytes,
  equalBytes,
  hexToBytes,
} from '../../primitives/bytes.ts';
import { sha256 } from '../../primitives/hash.ts';
import type { Hex } from '../../primitives/types.ts';
import type { NmtInclusion } from '../ports.ts';
import { NAMESPACE_BYTES, nmtLeaf, powerAtMost, rfc6962Root } from './shares.ts';

/** Namespace, namespace, digest. */
export const NMT_NODE_BYTES: number = 2 * NAMESPACE_BYTES + 32;
/** Shares of the erasure code; they count for no namespace range. */
export const PARITY_NAMESPACE: Uint8Array = new Uint8Array(NAMESPACE_BYTES).fill(0xff);
/** Widest square: 512 shares, extended to twice that. */
const ROWS_MAX = 1_024;
const NODE: Uint8Array = Uint8Array.of(1);

/** A parent; null when the children are not in the order of namespaces. */
export function nmtParent(left: Uint8Array, right: Uint8Array): Uint8Array | null {
  const leftMin = left.subarray(0, NAMESPACE_BYTES);
  const leftMax = left.subarray(NAMESPACE_BYTES, 2 * NAMESPACE_BYTES);
  const rightMin = right.subarray(0, NAMESPACE_BYTES);
  const rightMax = right.subarray(NAMESPACE_BYTES, 2 * NAMESPACE_BYTES);
  if (compareBytes(leftMax, rightMin) > 0) return null;
  const max = equalBytes(rightMin, PARITY_NAMESPACE) ? leftMax : rightMax;
  return concatBytes(leftMin, max, sha256(concatBytes(NODE, left, right)));
}

export type RowProof = NmtInclusion['rows'][number];

/** The root that a range proof leads to; null for a proof that makes no sense. */
export function rootOfRange(leaves: readonly Uint8Array[], proof: RowProof): Uint8Array | null {
  const { start, end } = proof;
  if (start < 0 || end <= start || end > ROWS_MAX || leaves.length !== end - start) return null;
  const nodes = proof.nodes.map((node) => hexToBytes(node));
  if (nodes.some(({ length }) => length !== NMT_NODE_BYTES)) return null;
  let leafAt = 0;
  let nodeAt = 0;
  let isBroken = false;
  const walk = (from: number, to: number): Uint8Array | null => {
    const isOutside = to <= start || from >= end;
    if (isOutside) return nodes[nodeAt++] ?? null;
    if (to - from === 1) return leaves[leafAt++] ?? null;
    const middle = from + powerAtMost(to - from - 1);
    const left = walk(from, middle);
    const right = walk(middle, to);
    if (left === null || right === null) return left;
    const parent = nmtParent(left, right);
    isBroken ||= parent === null;
    return parent;
  };
  const width = end === 1 ? 1 : 2 * powerAtMost(end - 1);
  let root = walk(0, width);
  while (root !== null && nodeAt < nodes.length) root = nmtParent(root, nodes[nodeAt++]!);
  return isBroken || leafAt !== leaves.length ? null : root;
}

/**
 * From a proof of more shares of a row to a proof of some of them.
 *
 * @param leaves those of `proof`
 * @param width leaves of the row, a power of two
 * @returns null when the proof makes no sense, or does not hold the range
 */
export function narrowedRange(
  leaves: readonly Uint8Array[],
  proof: RowProof,
  width: number,
  range: { readonly start: number; readonly end: number },
): RowProof | null {
  const isInside = range.start < range.end && range.start >= proof.start && range.end <= proof.end;
  if (!isInside || leaves.length !== proof.end - proof.start || proof.end > width) return null;
  const given = proof.nodes.map((node) => hexToBytes(node));
  let nodeAt = 0;
  const nodeOver = (from: number, to: number): Uint8Array | null => {
    if (to <= proof.start || from >= proof.end) return given[nodeAt++] ?? null;
    if (to - from === 1) return leaves[from - proof.start] ?? null;
    const middle = (from + to) / 2;
    const left = nodeOver(from, middle);
    const right = nodeOver(middle, to);
    return left === null || right === null ? null : nmtParent(left, right);
  };
  const nodes: Hex[] = [];
  let isBroken = false;
  const walk = (from: number, to: number): void => {
    const isApart = to <= range.start || from >= range.end;
    if (isApart) {
      const value = nodeOver(from, to);
      if (value === null) isBroken = true;
      else nodes.push(bytesToHex(value));
    } else if (to - from > 1) {
      walk(from, (from + to) / 2);
      walk((from + to) / 2, to);
    }
  };
  walk(0, width);
  return isBroken ? null : { row: proof.row, start: range.start, end: range.end, nodes };
}

/**
 * Whether the shares of a blob lie, in order, in the rows that a proof names, and those rows under
 * its data root.
 */
export function verifyInclusion(
  namespace: Uint8Array,
  shares: readonly Uint8Array[],
  proof: NmtInclusion,
): boolean {
  const { rowRoots, columnRoots } = proof;
  if (rowRoots.length > ROWS_MAX || rowRoots.length !== columnRoots.length) return false;
  const roots = [...rowRoots, ...columnRoots].map((root) => hexToBytes(root));
  if (bytesToHex(rfc6962Root(roots)) !== proof.dataRoot) return false;
  let at = 0;
  let row = proof.rows[0]?.row ?? 0;
  for (const each of proof.rows) {
    const root = roots[each.row];
    if (each.row !== row || each.row >= rowRoots.length || root === undefined) return false;
    // The square of data is a quarter of the extended one; a blob goes on at the begin of a row.
    if (each.end > rowRoots.length / 2 || (at > 0 && each.start !== 0)) return false;
    const leaves = shares.slice(at, at + each.end - each.start);
    const found = rootOfRange(
      leaves.map((share) => nmtLeaf(namespace, share)),
      each,
    );
    if (found === null || !equalBytes(found, root)) return false;
    at += leaves.length;
    row += 1;
  }
  return at === shares.length;
}
