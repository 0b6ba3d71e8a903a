/**
 * Proofs about the state behind a block: that a coin, a message, a slot … is there with a value, or
 * that it is not. Checked here; the node is trusted with nothing but the root, which is compared with
 * one that is committed on Ethereum or known otherwise.
 */
import { hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { verifySparseProof } from '../../primitives/merkle/sparse.ts';
import type { B256, BlockId, Hex } from '../../primitives/types.ts';
import { stateRootOf } from '../../tx/stateSteps.ts';
import { placeOf, type StateSubject } from '../../tx/stateSubject.ts';
import { askOwnRoute, type NodeTarget } from './ownRoutes.ts';

export type { StateSubject };

/** As the node gives it; plain data, can be kept and sent. */
export type StateProof = {
  readonly height: number;
  readonly roots: {
    readonly blockId: BlockId;
    readonly coins: B256;
    readonly messages: B256;
    readonly rest: B256;
    readonly held: string;
    readonly out: string;
    readonly stateRoot: B256;
  };
  /** null: it is not there. */
  readonly value: Hex | null;
  readonly siblings: readonly Hex[];
  readonly leaf: { readonly place: Hex; readonly valueHash: Hex } | null;
};

/** What a proof shows. */
export type ProvenState = {
  /** Bytes as the tree holds them (docs/settlement.md); null: there is no such thing. */
  readonly value: Hex | null;
  readonly stateRoot: B256;
  readonly height: number;
};

function pathOf(subject: StateSubject): string {
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
 * @param height a block; left out: the newest of which the node has the tree
 * @throws CodedError PROOF_INVALID, STATE_TREE_…, NOT_FUELRAIL (needs a node with --state-tree)
 */
export async function getStateProof(
  target: NodeTarget,
  subject: StateSubject,
  height?: number,
): Promise<StateProof> {
  const at = height === undefined ? '' : `/at/${height}`;
  const path = `/v1/fuelrail/state/${pathOf(subject)}${at}`;
  const proof = await askOwnRoute<StateProof>(target, path);
  verifyStateProof(subject, proof);
  if (height === undefined || proof.height === height) return proof;
  throw new CodedError(
    'PROOF_INVALID',
    `asked about block ${height}, the node proved ${proof.height}`,
  );
}

/**
 * Checks a proof by itself. What it shows is worth as much as the root: compare `stateRoot` with the
 * one that is committed for this height.
 * @throws CodedError PROOF_INVALID
 */
export function verifyStateProof(subject: StateSubject, proof: StateProof): ProvenState {
  const { roots, value, leaf, height } = proof;
  const { coins, messages, rest, stateRoot } = roots;
  const parts = { coins, messages, rest, held: BigInt(roots.held), out: BigInt(roots.out) };
  const invalid = (why: string): never => {
    throw new CodedError('PROOF_INVALID', `the proof does not hold: ${why}`);
  };
  if (stateRootOf(parts) !== stateRoot) invalid('the parts are not those of the root');
  const { tree, key } = placeOf(subject);
  const siblings = proof.siblings.map(hexToBytes);
  const holds = verifySparseProof(
    hexToBytes(roots[tree]),
    value !== null
      ? { kind: 'inclusion', proof: siblings }
      : {
          kind: 'exclusion',
          proof: siblings,
          leaf: leaf && {
            place: hexToBytes(leaf.place),
            valueHash: hexToBytes(leaf.valueHash),
          },
        },
    key,
    hexToBytes(value ?? '0x'),
  );
  if (!holds) invalid(`it is not what stands under the root of the ${tree}`);
  return { value, stateRoot, height };
}
