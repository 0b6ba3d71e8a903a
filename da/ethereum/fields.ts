/**
 * Bytes in a blob of Ethereum: 4,096 field elements of 32 bytes, each below the field's modulus. 31
 * bytes go into each element behind a zero; the first four say how many bytes there are. (Ending at
 * the last set bit, as libraries do, loses bytes when a payload spans blobs.)
 */
import { readU32, writeU32 } from '../../primitives/bytes.ts';

export const FIELD_ELEMENTS = 4_096;
export const ETH_BLOB_BYTES: number = FIELD_ELEMENTS * 32;
const ELEMENT_BYTES = 31;
const LENGTH_BYTES = 4;
/** What one blob holds. Unit: bytes. */
export const ETH_BLOB_DATA_BYTES_MAX: number = FIELD_ELEMENTS * ELEMENT_BYTES - LENGTH_BYTES;

/** @param data at most {@link ETH_BLOB_DATA_BYTES_MAX} */
export function toEthBlob(data: Uint8Array): Uint8Array {
  const plain = new Uint8Array(FIELD_ELEMENTS * ELEMENT_BYTES);
  writeU32(plain, 0, data.length);
  plain.set(data, LENGTH_BYTES);
  const blob = new Uint8Array(ETH_BLOB_BYTES);
  for (let i = 0; i < FIELD_ELEMENTS; i++) {
    blob.set(plain.subarray(i * ELEMENT_BYTES, (i + 1) * ELEMENT_BYTES), i * 32 + 1);
  }
  return blob;
}

/** Inverse of {@link toEthBlob}; empty for a blob that was not made by it. */
export function fromEthBlob(blob: Uint8Array): Uint8Array {
  if (blob.length !== ETH_BLOB_BYTES) return new Uint8Array(0);
  const plain = new Uint8Array(FIELD_ELEMENTS * ELEMENT_BYTES);
  for (let i = 0; i < FIELD_ELEMENTS; i++) {
    plain.set(blob.subarray(i * 32 + 1, (i + 1) * 32), i * ELEMENT_BYTES);
  }
  const length = readU32(plain, 0);
  if (length > ETH_BLOB_DATA_BYTES_MAX) return new Uint8Array(0);
  return plain.slice(LENGTH_BYTES, LENGTH_BYTES + length);
}
