/** Paths of the state's trees as the contract `Settlement` follows them. */
import { bytesToHex } from '../primitives/bytes.ts';
import { binaryProof } from '../primitives/merkle/binary.ts';
import { type SparseMerkle, type SparseProof, sparsePlace } from '../primitives/merkle/sparse.ts';
import { type B256, ZERO_B256 } from '../primitives/types.ts';
import { type ChangePath, encodeStep, type Step } from '../tx/stateSteps.ts';

/** `TreeOp` of the contract. */
export type TreeOpStruct = {
  readonly siblings: readonly B256[];
  readonly a: B256;
  readonly b: B256;
  readonly kind: number;
};

/** What stands beside the leaf that goes, or where the one that comes will stand. */
export const TREE_OP = { besideLeaf: 0, besideNode: 1, empty: 2, leaf: 3 } as const;

/** Of a step that changes no tree. */
export const NO_TREE_OP: TreeOpStruct = {
  siblings: [],
  a: ZERO_B256,
  b: ZERO_B256,
  kind: TREE_OP.empty,
};

/** The siblings of a proof, from the leaf upwards. */
export function siblingsOf({ proof }: SparseProof): B256[] {
  return proof.map(bytesToHex);
}

/** One change of a tree. */
export function treeOpOf({ proof, sibling }: ChangePath): TreeOpStruct {
  const siblings = siblingsOf(proof);
  if (proof.kind === 'exclusion') {
    if (proof.leaf === null) return { ...NO_TREE_OP, siblings };
    const { place, valueHash } = proof.leaf;
    return { siblings, a: bytesToHex(place), b: bytesToHex(valueHash), kind: TREE_OP.leaf };
  }
  if (sibling === null) return { ...NO_TREE_OP, siblings, kind: TREE_OP.besideLeaf };
  const kind = sibling.kind === 'inner' ? TREE_OP.besideNode : TREE_OP.besideLeaf;
  return { siblings, a: bytesToHex(sibling.a), b: bytesToHex(sibling.b), kind };
}

/**
 * What stands at the place of a key, other than what is claimed.
 * @param valueHash of what is there, when something is
 */
export function absenceOf(
  tree: SparseMerkle,
  key: Uint8Array,
  valueHash: Uint8Array | null,
): TreeOpStruct {
  const path = tree.proveRemoval(key);
  if (path.proof.kind === 'exclusion' || valueHash === null) return treeOpOf(path);
  const [a, b] = [sparsePlace(key), valueHash].map(bytesToHex);
  return { siblings: siblingsOf(path.proof), a: a!, b: b!, kind: TREE_OP.leaf };
}

/** `Step` of the contract: a step with its path under the root of the steps. */
export type StepStruct = Step & { readonly proof: readonly B256[] };

/** @param index among all steps of the block */
export function stepStruct(steps: readonly Step[], index: number): StepStruct {
  const { proof } = binaryProof(steps.map(encodeStep), index);
  return { ...steps[index]!, proof: proof.map(bytesToHex) };
}
