/**
 * Names for the byte strings and numbers that travel through every folder.
 *
 * 32-byte ids are lower-case hex strings with a `0x` prefix: they compare with `===`, serve as map
 * keys, and are what GraphQL prints. Variable-length bytes stay `Uint8Array`.
 */

/** Bytes as lower-case hex with a `0x` prefix. */
export type Hex = `0x${string}`;

/** 32 bytes: `0x` and 64 lower-case hex digits. */
export type B256 = Hex;

export type TxId = B256;
export type BlockId = B256;
export type ContractId = B256;
export type AssetId = B256;
/** Address of an account: sha256 of its 64-byte public key, or a predicate's root. */
export type Address = B256;
/** Identifier of a message from the settlement layer. */
export type Nonce = B256;
export type BlobId = B256;
/** Key of a contract's storage slot. */
export type SlotKey = B256;

/** `0x` + 32-byte transaction id + output index as 2 bytes: 68 hex digits. */
export type UtxoKey = Hex;

/** u32; genesis is 0 (or the last height + 1 after a regenesis). */
export type BlockHeight = number;

/** u64 in units of gas. */
export type Gas = bigint;

/** u64, TAI64 label: Unix seconds + 2^62 + 10. */
export type Tai64 = bigint;

export const ZERO_B256: B256 = `0x${'00'.repeat(32)}`;
