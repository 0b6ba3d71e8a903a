/**
 * From what a node answers to a proof that can be checked without it. A node proves the shares of
 * whole rows of a namespace; what belongs to other blobs there is folded into the proof.
 *
 * @source celestia-node v0.32: share.GetNamespaceData, header.GetByHeight
 */
import { bytesToHex, compareBytes } from '../../primitives/bytes.ts';
import type { NmtInclusion } from '../ports.ts';
import { NMT_NODE_BYTES, narrowedRange, type RowProof } from './nmt.ts';
import { NAMESPACE_BYTES, nmtLeaf, SHARE_BYTES } from './shares.ts';

/** The shares of a namespace in one row. */
export type RpcRow = {
  readonly shares?: readonly string[] | null;
  readonly proof?: {
    /** The node leaves zeros out. */
    readonly start?: number;
    readonly end?: number;
    readonly nodes?: readonly string[] | null;
  } | null;
};

export type RpcHeader = {
  readonly header: { readonly height: string; readonly data_hash: string };
  readonly dah: { readonly row_roots: string[]; readonly column_roots: string[] };
};

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

export function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

/** Whether a row holds shares of the namespace, as its root says. */
function isWithin(namespace: Uint8Array, root: Uint8Array): boolean {
  if (root.length !== NMT_NODE_BYTES) return false;
  const least = root.subarray(0, NAMESPACE_BYTES);
  const most = root.subarray(NAMESPACE_BYTES, 2 * NAMESPACE_BYTES);
  return compareBytes(least, namespace) <= 0 && compareBytes(namespace, most) <= 0;
}

function rowProof(
  namespace: Uint8Array,
  given: RpcRow | undefined,
  at: { row: number; start: number; end: number; width: number },
): RowProof | null {
  const { proof, shares } = given ?? {};
  if (!proof || !shares) return null;
  const bytes = shares.map(fromBase64);
  if (bytes.some(({ length }) => length !== SHARE_BYTES)) return null;
  const leaves = bytes.map((share) => nmtLeaf(namespace, share));
  const nodes = (proof.nodes ?? []).map((node) => bytesToHex(fromBase64(node)));
  const whole = { row: at.row, start: proof.start ?? 0, end: proof.end ?? 0, nodes };
  return narrowedRange(leaves, whole, at.width, at);
}

/**
 * @param blob place of its first share in the extended square, row by row, and how many it has
 * @param rows every row that has shares of the namespace, in order
 * @returns null when the answers do not fit each other
 */
export function inclusionOf(
  namespace: Uint8Array,
  blob: { readonly index: number; readonly shares: number },
  rows: readonly RpcRow[],
  header: RpcHeader,
): NmtInclusion | null {
  const rowRoots = header.dah.row_roots.map(fromBase64);
  const width = rowRoots.length;
  const dataWidth = width / 2;
  const firstOfNamespace = rowRoots.findIndex((root) => isWithin(namespace, root));
  if (firstOfNamespace < 0) return null;
  const proofs: RowProof[] = [];
  let left = blob.shares;
  let row = Math.floor(blob.index / width);
  for (let start = blob.index % width; left > 0; start = 0, row++) {
    const end = Math.min(dataWidth, start + left);
    const at = { row, start, end, width };
    const proof = rowProof(namespace, rows[row - firstOfNamespace], at);
    if (proof === null) return null;
    proofs.push(proof);
    left -= end - start;
  }
  return {
    dataRoot: `0x${header.header.data_hash.toLowerCase()}`,
    rowRoots: rowRoots.map(bytesToHex),
    columnRoots: header.dah.column_roots.map((root) => bytesToHex(fromBase64(root))),
    rows: proofs,
  };
}
