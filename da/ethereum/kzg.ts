/**
 * Commitments to blobs. The library computes them on threads of its own; its setup takes a second or
 * two and is made once.
 *
 * @source EIP-4844 (versioned hash), EIP-7594 (cell proofs)
 */

import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { sha256 } from '../../primitives/hash.ts';
import type { Hex } from '../../primitives/types.ts';

const VERSION_KZG = 1;

export interface Kzg {
  commitment(blob: Uint8Array): Promise<Uint8Array>;
  /** One proof for the whole blob, as transactions carried it before EIP-7594. */
  blobProof(blob: Uint8Array, commitment: Uint8Array): Promise<Uint8Array>;
  /** One proof for each of the 128 cells. */
  cellProofs(blob: Uint8Array): Promise<Uint8Array[]>;
}

let loaded: Promise<Kzg> | null = null;

/** @throws CodedError DA_KZG_MISSING when the optional package is not there for this machine */
export function loadKzg(): Promise<Kzg> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Kzg> {
  let library: typeof import('@crate-crypto/node-eth-kzg');
  try {
    library = await import('@crate-crypto/node-eth-kzg');
  } catch (error) {
    throw new CodedError(
      'DA_KZG_MISSING',
      'Ethereum blobs need the package @crate-crypto/node-eth-kzg: npm install it',
      {},
      error,
    );
  }
  const context = library.DasContextJs.create({ usePrecomp: false });
  return {
    commitment: (blob) => context.asyncBlobToKzgCommitment(blob),
    blobProof: (blob, commitment) => context.asyncComputeBlobKzgProof(blob, commitment),
    cellProofs: async (blob) => (await context.asyncComputeCellsAndKzgProofs(blob)).proofs,
  };
}

/** What a transaction names a blob by. */
export function versionedHash(commitment: Uint8Array): Hex {
  const hash = sha256(commitment).slice();
  hash[0] = VERSION_KZG;
  return bytesToHex(hash);
}
