import { secp256k1 } from '@noble/curves/secp256k1.js';
import type { Secp256k1Backend } from './secp256k1.ts';
import { recoverOnCurve } from './weierstrass.ts';

const RECOVERED_SIGNATURE_FORMAT = { format: 'recovered', prehash: false, lowS: true } as const;

/**
 * Plain JavaScript: runs anywhere, several times slower than the others. Over a digest that is not
 * below the group's order (one in 2^128) it signs validly but with another nonce than the others.
 */
export const javascriptSecp256k1: Secp256k1Backend = {
  name: 'javascript',
  recover(rs, parity, digest) {
    return recoverOnCurve(secp256k1.Point, rs, parity, digest);
  },
  sign(secret, digest) {
    const signature = secp256k1.sign(digest, secret, RECOVERED_SIGNATURE_FORMAT);
    return { rs: signature.slice(1), parity: signature[0]! };
  },
  publicKey(secret) {
    if (!secp256k1.utils.isValidSecretKey(secret)) return null;
    return secp256k1.getPublicKey(secret, false).slice(1);
  },
};
