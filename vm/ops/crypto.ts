/**
 * Signatures, hashes and curve operations on memory.
 *
 * @source fuel-vm 0.66.4, crypto
 */
import { bn254Add, bn254Mul, bn254PairingCheck } from '../../primitives/bn254.ts';
import { verifyEd25519 } from '../../primitives/ed25519.ts';
import { keccak256, sha256, sha256Hex } from '../../primitives/hash.ts';
import { recoverPublicKey } from '../../primitives/secp256k1.ts';
import { recoverPublicKeyR1 } from '../../primitives/secp256r1.ts';
import type { B256 } from '../../primitives/types.ts';
import { idText } from '../ids.ts';
import { ERR, FIRST_WRITABLE, type Machine } from '../machine.ts';
import { DIGEST_AT } from '../memory.ts';
import { PANIC } from '../panic.ts';
import type { Run, Step } from '../row.ts';
import { chargeKey } from './charge.ts';

const KEY_BYTES = 64;
const SIGNATURE_BYTES = 64;
const DIGEST_BYTES = 32;
const G1_BYTES = 64;
const G2_BYTES = 128;
const SCALAR_BYTES = 32;
/** Messages of length zero mean 32 bytes: contracts from before there was a length. */
const ED25519_OLD_LENGTH = 32n;

/** Longest input of the kernel: native code is faster on long ones. Unit: bytes. */
const KERNEL_BYTES = { sha256: 183, keccak256: Number.POSITIVE_INFINITY } as const;

type Recover = (signature: Uint8Array, digest: Uint8Array) => Uint8Array | null;

function recoverInto(m: Machine, to: number, sig: number, digest: number, how: Recover): Step {
  const wrong = m.checkRead(sig, SIGNATURE_BYTES) || m.checkRead(digest, DIGEST_BYTES);
  if (wrong !== 0) return wrong;
  const key = how(
    m.mem.slice(sig, sig + SIGNATURE_BYTES),
    m.mem.slice(digest, digest + DIGEST_BYTES),
  );
  const step = m.checkWrite(to, KEY_BYTES);
  if (step !== 0) return step;
  if (key === null) m.mem.fill(0, to, to + KEY_BYTES);
  else m.mem.set(key, to);
  m.setReg(ERR, key === null ? 1n : 0n);
  return 0;
}

/** Recovers a secp256k1 public key; $err = 1 and zeros when there is none. */
export const eck1: Run = (m, dst, signature, digest) =>
  recoverInto(m, m.num(dst), m.num(signature), m.num(digest), recoverPublicKey);

/** The same on secp256r1. */
export const ecr1: Run = (m, dst, signature, digest) =>
  recoverInto(m, m.num(dst), m.num(signature), m.num(digest), recoverPublicKeyR1);

/** $err = 0 when the ed25519 signature fits. Charges inside, for the length that counts. */
export const ed19: Run = (m, key, signature, message, length) => {
  const given = m.reg(length);
  const len = given === 0n ? ED25519_OLD_LENGTH : given;
  const paid = chargeKey(m, 'ed19', len);
  if (paid !== 0) return paid;
  const keyAt = m.num(key);
  const signatureAt = m.num(signature);
  const messageAt = m.num(message);
  const step =
    m.checkRead(keyAt, DIGEST_BYTES) ||
    m.checkRead(signatureAt, SIGNATURE_BYTES) ||
    m.checkRead(messageAt, Number(len));
  if (step !== 0) return step;
  const isValid = verifyEd25519(
    m.mem.slice(keyAt, keyAt + DIGEST_BYTES),
    m.mem.slice(signatureAt, signatureAt + SIGNATURE_BYTES),
    m.mem.slice(messageAt, messageAt + Number(len)),
  );
  m.setReg(ERR, isValid ? 0n : 1n);
  return 0;
};

type HashName = 'sha256' | 'keccak256';

/** In the machine's memory where that is possible and worth it, else outside. */
function hashInto(m: Machine, to: number, from: number, len: number, name: HashName): Step {
  const step = m.checkRead(from, len) || m.checkWrite(to, DIGEST_BYTES);
  if (step !== 0) return step;
  const kernel = m.hashes;
  if (kernel !== null && len <= KERNEL_BYTES[name]) {
    if (name === 'sha256') kernel.sha256(from, len, to);
    else kernel.keccak256(from, len, to);
    return 0;
  }
  const hash = name === 'sha256' ? sha256 : keccak256;
  m.mem.set(hash(m.mem.subarray(from, from + len)), to);
  return 0;
}

/** The SHA-256 of a readable range, as text. */
export function digestAt(m: Machine, from: number, len: number): B256 {
  const kernel = m.hashes;
  if (kernel === null || len > KERNEL_BYTES.sha256) {
    return sha256Hex(m.mem.subarray(from, from + len));
  }
  kernel.sha256(from, len, DIGEST_AT);
  return idText(m.whole, DIGEST_AT);
}

/** Writes the keccak-256 of `len` bytes. */
export const k256: Run = (m, dst, source, length) =>
  hashInto(m, m.num(dst), m.num(source), m.lengthOf(length), 'keccak256');

/** Writes the sha-256 of `len` bytes. */
export const s256: Run = (m, dst, source, length) =>
  hashInto(m, m.num(dst), m.num(source), m.lengthOf(length), 'sha256');

/** Curve 0 is alt_bn128; operation 0 adds two points, 1 multiplies a point by a scalar. */
export const ecop: Run = (m, dst, curve, operation, points) => {
  if (m.reg(curve) !== 0n) return PANIC.UnsupportedCurveId;
  const which = m.reg(operation);
  if (which > 1n) return PANIC.UnsupportedOperationType;
  const at = m.num(points);
  const isSum = which === 0n;
  const rest = isSum ? G1_BYTES : SCALAR_BYTES;
  const unreadable = m.checkRead(at, G1_BYTES);
  if (unreadable !== 0) return unreadable;
  const short = m.checkRead(at + G1_BYTES, rest);
  // The first point is judged before the rest is read.
  if (short !== 0) return isPoint(m, at) ? short : PANIC.InvalidEllipticCurvePoint;
  const input = m.mem.slice(at, at + G1_BYTES + rest);
  const result = isSum ? bn254Add(input) : bn254Mul(input);
  if (result === null) return PANIC.InvalidEllipticCurvePoint;
  const to = m.num(dst);
  const step = m.checkWrite(to, G1_BYTES);
  if (step !== 0) return step;
  m.mem.set(result, to);
  return 0;
};

function isPoint(m: Machine, at: number): boolean {
  const doubled = new Uint8Array(2 * G1_BYTES);
  doubled.set(m.mem.subarray(at, at + G1_BYTES));
  return bn254Add(doubled) !== null;
}

/** dst = 1 when the product of the pairings is one. */
export const epar: Run = (m, dst, curve, _count, elements) => {
  if (dst < FIRST_WRITABLE) return PANIC.ReservedRegisterNotWritable;
  if (m.reg(curve) !== 0n) return PANIC.UnsupportedOperationType;
  const at = m.num(elements);
  const pairs = Number(m.units);
  let readable = 0;
  let wrong: Step = 0;
  while (readable < pairs && wrong === 0) {
    const pairAt = at + readable * (G1_BYTES + G2_BYTES);
    wrong = m.checkRead(pairAt, G1_BYTES);
    if (wrong === 0) {
      wrong = m.checkRead(pairAt + G1_BYTES, G2_BYTES);
      if (wrong !== 0 && !isPoint(m, pairAt)) wrong = PANIC.InvalidEllipticCurvePoint;
    }
    if (wrong === 0) readable++;
  }
  const end = at + readable * (G1_BYTES + G2_BYTES);
  const isOne = bn254PairingCheck(readable === 0 ? new Uint8Array(0) : m.mem.slice(at, end));
  if (isOne === null) return PANIC.InvalidEllipticCurvePoint;
  if (wrong !== 0) return wrong;
  m.setReg(dst, isOne ? 1n : 0n);
  return 0;
};
