/** Identifiers that are made from content. @source fuel-specs identifiers; fuel-tx 0.66.4 */

import { bytesToHex, concatBytes, hexToBytes, utf8 } from '../primitives/bytes.ts';
import { sha256Hex } from '../primitives/hash.ts';
import { binaryRoot } from '../primitives/merkle/binary.ts';
import { sparseRoot } from '../primitives/merkle/sparse.ts';
import type { Address, AssetId, B256, BlobId, ContractId } from '../primitives/types.ts';
import { paddedLength } from './codec/writer.ts';
import type { StorageSlot } from './types.ts';

const CODE_LEAF_BYTES = 16 * 1024;
const SEED: Uint8Array = utf8('FUEL');

/** Root of code: a binary tree over leaves of 16 KiB, the last one padded to 8 bytes. */
export function codeRoot(code: Uint8Array): B256 {
  const leaves: Uint8Array[] = [];
  for (let at = 0; at < code.length; at += CODE_LEAF_BYTES) {
    const leaf = code.subarray(at, at + CODE_LEAF_BYTES);
    const padded = new Uint8Array(paddedLength(leaf.length));
    padded.set(leaf);
    leaves.push(padded);
  }
  return bytesToHex(binaryRoot(leaves));
}

/** State root that a new contract is named by: the sparse tree over its initial slots. */
export function initialStateRoot(slots: Iterable<StorageSlot>): B256 {
  const entries: [Uint8Array, Uint8Array][] = [];
  for (const { key, value } of slots) entries.push([hexToBytes(key), hexToBytes(value)]);
  return bytesToHex(sparseRoot(entries));
}

/** Identifier of a contract, from its code or its code root. */
export function contractId(code: Uint8Array | B256, salt: B256, stateRoot: B256): ContractId {
  const root = typeof code === 'string' ? code : codeRoot(code);
  return sha256Hex(concatBytes(SEED, hexToBytes(salt), hexToBytes(root), hexToBytes(stateRoot)));
}

/** Address of a predicate. */
export function predicateOwner(code: Uint8Array): Address {
  return sha256Hex(concatBytes(SEED, hexToBytes(codeRoot(code))));
}

/** Asset that a contract mints under a sub id. */
export function assetIdOf(contract: ContractId, subId: B256): AssetId {
  return sha256Hex(concatBytes(hexToBytes(contract), hexToBytes(subId)));
}

/** Identifier of a blob. */
export function blobIdOf(blob: Uint8Array): BlobId {
  return sha256Hex(blob);
}
