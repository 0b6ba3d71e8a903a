/**
 * That a transaction is in a block, provable without the node: its bytes, its way up the Merkle
 * tree of the block, the header that has the root of that tree, and the signature under the header.
 */
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { binaryProof, verifyBinaryProof } from '../../primitives/merkle/binary.ts';
import { addressOfPublicKey, recoverPublicKey } from '../../primitives/secp256k1.ts';
import type { Address, BlockId, Hex, TxId } from '../../primitives/types.ts';
import type { BlockHeader } from '../../tx/block.ts';
import { decodeTx } from '../../tx/codec/index.ts';
import { computeHeader } from '../../tx/header.ts';
import { txId } from '../../tx/id.ts';
import type { Client } from './graphql.ts';
import { getRawBlock } from './rawBlocks.ts';

/** Everything that {@link verifyInclusion} needs; plain data, can be kept and sent. */
export type InclusionProof = {
  readonly txId: TxId;
  readonly chainId: bigint;
  readonly header: BlockHeader;
  /** Of the block id; null: the genesis block, or the node does not tell. */
  readonly signature: Hex | null;
  /** Canonical bytes of the transaction as it was executed. */
  readonly transaction: Hex;
  readonly index: number;
  /** Hashes beside the way to the root, the lowest first. */
  readonly path: readonly Hex[];
};

export type Inclusion = {
  readonly blockId: BlockId;
  readonly height: number;
  /** Who signed the block; null: no signature. */
  readonly signer: Address | null;
};

const WHERE = `query where($id: TransactionId!) {
  chain { consensusParameters { chainId } }
  transaction(id: $id) {
    status {
      ... on SuccessStatus { blockHeight block { consensus { ... on PoAConsensus { signature } } } }
      ... on FailureStatus { blockHeight block { consensus { ... on PoAConsensus { signature } } } }
    }
  }
}`;

type Where = {
  chain: { consensusParameters: { chainId: string } };
  transaction: {
    status: { blockHeight?: string; block?: { consensus?: { signature?: Hex } } } | null;
  } | null;
};

/**
 * Fetches the block of a transaction and makes the proof here: the node is not trusted with it.
 * @throws CodedError NOT_INCLUDED when it is in no block, PROOF_INVALID when the node's block does
 *   not hold together
 */
export async function getInclusionProof(client: Client, id: TxId): Promise<InclusionProof> {
  const { chain, transaction } = await client.request<Where>(WHERE, { id });
  const status = transaction?.status;
  if (status?.blockHeight === undefined) {
    throw new CodedError('NOT_INCLUDED', `transaction ${id} is in no block of this node`, { id });
  }
  const chainId = BigInt(chain.consensusParameters.chainId);
  const block = await getRawBlock(client, Number(status.blockHeight));
  const raws = block?.transactions ?? [];
  const index = raws.findIndex((raw) => txId(decodeTx(raw).tx, chainId) === id);
  if (block === null || index < 0) {
    throw new CodedError('PROOF_INVALID', `the node's block does not hold ${id}`, { id });
  }
  const proof: InclusionProof = {
    txId: id,
    chainId,
    header: block.header,
    signature: status.block?.consensus?.signature ?? null,
    transaction: bytesToHex(raws[index] as Uint8Array),
    index,
    path: binaryProof(raws, index).proof.map(bytesToHex),
  };
  verifyInclusion(proof);
  return proof;
}

function invalid(why: string): never {
  throw new CodedError('PROOF_INVALID', `the proof does not hold: ${why}`);
}

/**
 * Checks a proof by itself. Who wants to know that the block is the chain's compares `signer` with
 * the chain's signing key, or `blockId` with one that is committed elsewhere.
 * @throws CodedError PROOF_INVALID
 */
export function verifyInclusion(proof: InclusionProof): Inclusion {
  const raw = hexToBytes(proof.transaction);
  if (txId(decodeTx(raw).tx, proof.chainId) !== proof.txId) {
    invalid('the bytes are of another transaction');
  }
  const { header } = proof;
  const made = computeHeader(header);
  if (made.id !== header.id) invalid('the header has another id');
  const holds = verifyBinaryProof(
    hexToBytes(made.transactionsRoot),
    raw,
    proof.path.map(hexToBytes),
    proof.index,
    header.transactionsCount,
  );
  if (!holds) invalid('the transaction is not under the root of the block');
  let signer: Address | null = null;
  if (proof.signature !== null) {
    const key = recoverPublicKey(hexToBytes(proof.signature), hexToBytes(made.id));
    if (key === null) return invalid('the signature is none');
    signer = addressOfPublicKey(key);
  }
  return { blockId: made.id, height: header.height, signer };
}
