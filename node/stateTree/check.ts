/** Proofs about the state from another node: fetched, and believed only as far as they hold. */
import { hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { verifySparseProof } from '../../primitives/merkle/sparse.ts';
import { stateRootOf } from '../../tx/stateSteps.ts';
import type { ProofSubject, StateProof } from './proofs.ts';
import { askState } from './trace.ts';

/** Path of a subject below the prefix. */
function pathOf(subject: ProofSubject): string {
  switch (subject.type) {
    case 'coin':
      return `coin/${subject.utxo}`;
    case 'message':
      return `message/${subject.nonce}`;
    case 'contract':
      return `contract/${subject.contract}`;
    case 'code':
      return `contract/${subject.contract}/code`;
    default:
      return `contract/${subject.contract}/${subject.type}/${subject.name}`;
  }
}

/**
 * Whether a proof leads from its value, or from its absence, to the state root that it names. What
 * that root is worth, the batches on Ethereum say.
 */
export function isProven({ roots, tree, key, value, siblings, leaf }: StateProof): boolean {
  const parts = { ...roots, held: BigInt(roots.held), out: BigInt(roots.out) };
  if (stateRootOf(parts) !== roots.stateRoot) return false;
  const proof = siblings.map(hexToBytes);
  const other =
    leaf === null ? null : { place: hexToBytes(leaf.place), valueHash: hexToBytes(leaf.valueHash) };
  return verifySparseProof(
    hexToBytes(roots[tree]),
    value === null ? { kind: 'exclusion', proof, leaf: other } : { kind: 'inclusion', proof },
    hexToBytes(key),
    hexToBytes(value ?? '0x'),
  );
}

/**
 * @param height null: the newest block of the node's tree
 * @throws CodedError STATE_TREE_UNREACHABLE with the node's text, STATE_PROOF_INVALID
 */
export async function fetchProof(
  url: string,
  subject: ProofSubject,
  height: number | null,
): Promise<StateProof> {
  const at = height === null ? '' : `/at/${height}`;
  const proof = (await askState(url, pathOf(subject) + at)) as unknown as StateProof;
  if (isProven(proof)) return proof;
  throw new CodedError(
    'STATE_PROOF_INVALID',
    'the proof does not lead to the state root: do not believe this node',
  );
}
