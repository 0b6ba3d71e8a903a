/** A proof that a message left the chain in one block, against the header of a later one. */
import type { Address, B256, Nonce } from '../primitives/types.ts';
import type { BlockHeader } from './block.ts';

/** A leaf's place, and the hashes beside its way to the root. */
export type MerklePath = { readonly proofIndex: number; readonly proofSet: readonly B256[] };

/** Answer of the API's `messageProof`. */
export type MessageProof = {
  readonly sender: Address;
  /** An Ethereum address has twelve zero bytes in front. */
  readonly recipient: Address;
  readonly nonce: Nonce;
  /** Base asset units: 10⁻⁹ ether. */
  readonly amount: bigint;
  readonly data: Uint8Array;
  /** Of the message among those of its block. */
  readonly messageProof: MerklePath;
  /** Of that block among all blocks before the commit block. */
  readonly blockProof: MerklePath;
  readonly messageBlockHeader: BlockHeader;
  readonly commitBlockHeader: BlockHeader;
};
