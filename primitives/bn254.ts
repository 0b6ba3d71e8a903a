/**
 * The pairing-friendly curve bn254 (alt_bn128 of EIP-196 and EIP-197) on raw bytes: coordinates are
 * 32 bytes, big endian, below the field's prime; the point at infinity is all zeros. A coordinate in
 * the quadratic extension has its imaginary part first.
 */
import { bn254 } from '@noble/curves/bn254.js';
import { bigIntToBytes, bytesToBigInt, concatBytes } from './bytes.ts';
import { assert } from './errors.ts';

const { Fp, Fp2, Fp12 } = bn254.fields;
const G1 = bn254.G1.Point;
const G2 = bn254.G2.Point;
type G1Point = InstanceType<typeof G1>;
type G2Point = InstanceType<typeof G2>;

const FIELD_BYTES = 32;
const SCALAR_BYTES = 32;
/** Bytes of a point x ‖ y over the field. */
export const BN254_G1_BYTES: number = 2 * FIELD_BYTES;
/** Bytes of a point over the quadratic extension. */
export const BN254_G2_BYTES: number = 4 * FIELD_BYTES;
const PAIR_BYTES = BN254_G1_BYTES + BN254_G2_BYTES;

/** Sum of the two points in `input` (128 bytes) as 64 bytes; null when one is no point. */
export function bn254Add(input: Uint8Array): Uint8Array | null {
  assert(input.length === 2 * BN254_G1_BYTES, 'two points');
  const a = readG1(input.subarray(0, BN254_G1_BYTES));
  const b = readG1(input.subarray(BN254_G1_BYTES));
  return a === null || b === null ? null : writeG1(a.add(b));
}

/**
 * `input` is a point (64 bytes) and a scalar (32 bytes, any value, taken modulo the group's order).
 * Their product as 64 bytes; null when the point is none.
 */
export function bn254Mul(input: Uint8Array): Uint8Array | null {
  assert(input.length === BN254_G1_BYTES + SCALAR_BYTES, 'a point and a scalar');
  const point = readG1(input.subarray(0, BN254_G1_BYTES));
  if (point === null) return null;
  const scalar = G1.Fn.create(bytesToBigInt(input.subarray(BN254_G1_BYTES)));
  return writeG1(scalar === 0n ? G1.ZERO : point.multiplyUnsafe(scalar));
}

/**
 * Whether the product of the pairings is one. `input` holds any number of pairs of a point over the
 * field (64 bytes) and one over its extension (128 bytes); no pairs give true. Null when one is no
 * point, or lies outside the subgroup.
 */
export function bn254PairingCheck(input: Uint8Array): boolean | null {
  assert(input.length % PAIR_BYTES === 0, 'whole pairs');
  const pairs: { g1: G1Point; g2: G2Point }[] = [];
  for (let at = 0; at < input.length; at += PAIR_BYTES) {
    const g1 = readG1(input.subarray(at, at + BN254_G1_BYTES));
    if (g1 === null) return null;
    const g2 = readG2(input.subarray(at + BN254_G1_BYTES, at + PAIR_BYTES));
    if (g2 === null) return null;
    if (!g1.is0() && !g2.is0()) pairs.push({ g1, g2 }); // infinity pairs to one
  }
  if (pairs.length === 0) return true;
  return Fp12.eql(bn254.pairingBatch(pairs), Fp12.ONE);
}

function readG1(bytes: Uint8Array): G1Point | null {
  const x = coordinate(bytes, 0);
  const y = coordinate(bytes, 1);
  if (x === null || y === null) return null;
  if (x === 0n && y === 0n) return G1.ZERO;
  try {
    const point = G1.fromAffine({ x, y });
    point.assertValidity();
    return point;
  } catch {
    return null; // not on the curve
  }
}

function readG2(bytes: Uint8Array): G2Point | null {
  const xImaginary = coordinate(bytes, 0);
  const xReal = coordinate(bytes, 1);
  const yImaginary = coordinate(bytes, 2);
  const yReal = coordinate(bytes, 3);
  if (xImaginary === null || xReal === null || yImaginary === null || yReal === null) return null;
  const x = Fp2.create({ c0: xReal, c1: xImaginary });
  const y = Fp2.create({ c0: yReal, c1: yImaginary });
  if (Fp2.is0(x) && Fp2.is0(y)) return G2.ZERO;
  try {
    const point = G2.fromAffine({ x, y });
    point.assertValidity();
    return point.isTorsionFree() ? point : null;
  } catch {
    return null; // not on the curve
  }
}

function coordinate(bytes: Uint8Array, index: number): bigint | null {
  const at = index * FIELD_BYTES;
  const value = bytesToBigInt(bytes.subarray(at, at + FIELD_BYTES));
  return value < Fp.ORDER ? value : null;
}

function writeG1(point: G1Point): Uint8Array {
  if (point.is0()) return new Uint8Array(BN254_G1_BYTES);
  const { x, y } = point.toAffine();
  return concatBytes(bigIntToBytes(x, FIELD_BYTES), bigIntToBytes(y, FIELD_BYTES));
}
