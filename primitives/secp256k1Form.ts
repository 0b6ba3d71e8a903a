/** The 64-byte form of a signature: r ‖ s, and the parity of the nonce point's y in the top bit of s. */

const PARITY_BYTE = 32;
const PARITY_BIT = 0x80;

/** @param signature 64 bytes; they stay as they are */
export function splitSignature(signature: Uint8Array): {
  /** r ‖ s. */
  readonly rs: Uint8Array;
  readonly parity: 0 | 1;
} {
  const rs = signature.slice();
  const parity = (rs[PARITY_BYTE]! & PARITY_BIT) === 0 ? 0 : 1;
  rs[PARITY_BYTE]! &= ~PARITY_BIT;
  return { rs, parity };
}

/** The reverse. @param parity of which the lowest bit counts */
export function joinSignature(rs: Uint8Array, parity: number): Uint8Array {
  const signature = rs.slice();
  signature[PARITY_BYTE]! |= (parity & 1) === 0 ? 0 : PARITY_BIT;
  return signature;
}
