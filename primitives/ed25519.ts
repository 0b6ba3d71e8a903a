/**
 * Ed25519 verification with the strict rules of the reference: s is below the group's order, neither
 * the key nor R has small order, and R must be, byte for byte, the encoding of s·B - k·A (so without
 * the cofactor, and R itself is canonical). A key in a non-canonical encoding is accepted.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { bytesToBigInt, bytesToHex, concatBytes, equalBytes, hexToBytes } from './bytes.ts';
import { assert } from './errors.ts';

type NodeCrypto = typeof import('node:crypto');
/** Whether the equation holds, apart from small orders; null when this library cannot tell. */
type Equation = (key: Uint8Array, signature: Uint8Array, message: Uint8Array) => boolean | null;

const { Point } = ed25519;
const SIGN_BIT = 0x80;

/** What precedes a raw key in the DER form (RFC 8410) that Node takes. */
const DER_PREFIX = hexToBytes('302a300506032b6570032100');

/** Every y (little endian, sign bit off) of a point whose order divides 8, canonical or not. */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  '0x0000000000000000000000000000000000000000000000000000000000000000',
  '0x0100000000000000000000000000000000000000000000000000000000000000',
  '0x26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '0xc7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '0xecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0xedffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0xeeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

const nativeEquation: Equation | null = findNative();

/** Whether `signature` (64 bytes) over `message` was made by `publicKey` (32 bytes). */
export function verifyEd25519(
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): boolean {
  assert(publicKey.length === 32 && signature.length === 64, '32 key bytes, 64 signature bytes');
  if (hasSmallOrder(publicKey) || hasSmallOrder(signature.subarray(0, 32))) return false;
  const answer = nativeEquation?.(publicKey, signature, message) ?? null;
  return answer ?? javascriptEquation(publicKey, signature, message);
}

/** As {@link verifyEd25519}, without native code: what a browser runs. */
export function verifyEd25519Javascript(
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
): boolean {
  if (hasSmallOrder(publicKey) || hasSmallOrder(signature.subarray(0, 32))) return false;
  return javascriptEquation(publicKey, signature, message);
}

function hasSmallOrder(encoded: Uint8Array): boolean {
  const y = encoded.slice();
  y[31]! &= ~SIGN_BIT;
  return SMALL_ORDER_Y.has(bytesToHex(y));
}

function javascriptEquation(key: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  const encodedR = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  if (s >= Point.Fn.ORDER) return false;
  let a: InstanceType<typeof Point>;
  try {
    a = Point.fromBytes(key, true); // true: a y that is not below the field's prime is reduced
  } catch {
    return false; // no point of the curve
  }
  const k = Point.Fn.create(littleEndian(sha512(concatBytes(encodedR, key, message))));
  const r = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k));
  return equalBytes(r.toBytes(), encodedR);
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytesToBigInt(bytes.slice().reverse());
}

function findNative(): Equation | null {
  const host = globalThis.process as NodeJS.Process | undefined;
  const crypto = host?.getBuiltinModule?.('node:crypto') as NodeCrypto | undefined;
  if (crypto === undefined) return null;
  return (key, signature, message) => {
    try {
      const der = concatBytes(DER_PREFIX, key) as Buffer;
      const publicKey = crypto.createPublicKey({ key: der, format: 'der', type: 'spki' });
      return crypto.verify(null, message, publicKey, signature);
    } catch {
      return null; // a Node without this algorithm
    }
  };
}
