/** Rows that hold the nodes of sparse trees: the number of what made them, the kind, two halves. */
import { equalBytes, writeU32 } from '../primitives/bytes.ts';
import { type SparseParts, sparseHash } from '../primitives/merkle/sparse.ts';

const HASH_BYTES = 32;
const NODE_BYTES = 4 + 1 + 2 * HASH_BYTES;

/** @param number of the block or batch that made the node; it begins the row, as 32 bits */
export function treeNodeRow(number: number, { kind, a, b }: SparseParts): Uint8Array {
  const row = new Uint8Array(NODE_BYTES);
  writeU32(row, 0, number);
  row[4] = kind === 'leaf' ? 0 : 1;
  row.set(a, 5);
  row.set(b, 5 + HASH_BYTES);
  return row;
}

/** null: the row is not that of the node with this hash. */
export function treeNodeOf(row: Uint8Array, hash: Uint8Array): SparseParts | null {
  if (row.length !== NODE_BYTES) return null;
  const parts: SparseParts = {
    kind: row[4] === 0 ? 'leaf' : 'inner',
    a: row.slice(5, 5 + HASH_BYTES),
    b: row.slice(5 + HASH_BYTES),
  };
  return equalBytes(sparseHash(parts), hash) ? parts : null;
}
