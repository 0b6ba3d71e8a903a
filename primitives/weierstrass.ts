import type { WeierstrassPoint, WeierstrassPointCons } from '@noble/curves/abstract/weierstrass.js';
import { bytesToBigInt } from './bytes.ts';

type Curve = WeierstrassPointCons<bigint>;

/**
 * Public key (x ‖ y, 64 bytes) that made the ECDSA signature `rs` over `digest`, or null. For
 * curves whose order is below the field's; r is always taken as the x coordinate itself, never as
 * x minus the order, because Fuel's form has no room to say so.
 */
export function recoverOnCurve(
  curve: Curve,
  rs: Uint8Array,
  parity: 0 | 1,
  digest: Uint8Array,
): Uint8Array | null {
  const scalars = curve.Fn;
  const r = bytesToBigInt(rs.subarray(0, 32));
  const s = bytesToBigInt(rs.subarray(32));
  if (!scalars.isValidNot0(r) || !scalars.isValidNot0(s)) return null;
  const nonce = liftX(curve, rs.subarray(0, 32), parity);
  if (nonce === null) return null;
  // key = r^-1 (s·nonce - digest·base)
  const rInverse = scalars.inv(r);
  const h = scalars.create(bytesToBigInt(digest));
  const base = curve.BASE.multiplyUnsafe(scalars.neg(scalars.mul(h, rInverse)));
  const key = base.add(nonce.multiplyUnsafe(scalars.mul(s, rInverse)));
  return key.is0() ? null : key.toBytes(false).slice(1);
}

function liftX(curve: Curve, x: Uint8Array, parity: 0 | 1): WeierstrassPoint<bigint> | null {
  const compressed = new Uint8Array(33);
  compressed[0] = 2 + parity;
  compressed.set(x, 1);
  try {
    return curve.fromBytes(compressed);
  } catch {
    return null; // x belongs to no point of the curve
  }
}
