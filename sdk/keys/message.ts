/** Signatures over free texts and bytes, as forc-wallet and `fuels` make them. */
import { utf8 } from '../../primitives/bytes.ts';
import { sha256 } from '../../primitives/hash.ts';
import { addressOfPublicKey, recoverPublicKey, sign } from '../../primitives/secp256k1.ts';
import type { Address } from '../../primitives/types.ts';

/** Signs the SHA-256 of a message. @returns 64 bytes */
export function signMessage(secret: Uint8Array, message: string | Uint8Array): Uint8Array {
  return sign(secret, sha256(typeof message === 'string' ? utf8(message) : message));
}

/** Who signed a message; null: no key can have made this signature. */
export function signerOf(signature: Uint8Array, message: string | Uint8Array): Address | null {
  const digest = sha256(typeof message === 'string' ? utf8(message) : message);
  const key = recoverPublicKey(signature, digest);
  return key === null ? null : addressOfPublicKey(key);
}
