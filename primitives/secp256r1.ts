import { p256 } from '@noble/curves/nist.js';
import { assert } from './errors.ts';
import { recoverOnCurve } from './weierstrass.ts';

const PARITY_BYTE = 32;
const PARITY_BIT = 0x80;

/**
 * The 64-byte secp256r1 (P-256) public key that made `signature` over the 32-byte `digest`, or null
 * when there is none. Same 64-byte form as for secp256k1: the highest bit of s is the parity of the
 * nonce point's y. Passkeys sign with this curve.
 */
export function recoverPublicKeyR1(signature: Uint8Array, digest: Uint8Array): Uint8Array | null {
  assert(signature.length === 64 && digest.length === 32, '64 signature bytes, 32 digest bytes');
  const rs = signature.slice();
  const parity = (rs[PARITY_BYTE]! & PARITY_BIT) === 0 ? 0 : 1;
  rs[PARITY_BYTE]! &= ~PARITY_BIT;
  return recoverOnCurve(p256.Point, rs, parity, digest);
}
