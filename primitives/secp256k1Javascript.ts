import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToBigInt } from './bytes.ts';
import type { Secp256k1Backend } from './secp256k1.ts';

const { Point } = secp256k1;
const scalars = Point.Fn;
const RECOVERED_SIGNATURE_FORMAT = { format: 'recovered', prehash: false, lowS: true } as const;

/** Plain JavaScript: runs anywhere, several times slower than the others. */
export const javascriptSecp256k1: Secp256k1Backend = {
  name: 'javascript',
  recover(rs, parity, digest) {
    const r = bytesToBigInt(rs.subarray(0, 32));
    const s = bytesToBigInt(rs.subarray(32));
    if (!scalars.isValidNot0(r) || !scalars.isValidNot0(s)) return null;
    const nonce = liftX(rs.subarray(0, 32), parity);
    if (nonce === null) return null;
    // Q = r^-1 (sR - hG)
    const rInverse = scalars.inv(r);
    const h = scalars.create(bytesToBigInt(digest));
    const base = Point.BASE.multiplyUnsafe(scalars.neg(scalars.mul(h, rInverse)));
    const key = base.add(nonce.multiplyUnsafe(scalars.mul(s, rInverse)));
    return key.is0() ? null : key.toBytes(false).slice(1);
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

function liftX(x: Uint8Array, parity: number): InstanceType<typeof Point> | null {
  const compressed = new Uint8Array(33);
  compressed[0] = 2 + parity;
  compressed.set(x, 1);
  try {
    return Point.fromBytes(compressed);
  } catch {
    return null; // x belongs to no point of the curve
  }
}
