/**
 * Signatures over secp256k1 in Fuel's 64-byte form: r (32 bytes) and s (32 bytes), big endian. A
 * normalised s never uses its highest bit, so that bit carries the parity of the nonce point's y.
 *
 * Three libraries do the work, with the same results (but see the JavaScript one on signing): a native one (Node, when its binary for
 * this machine loads), WebAssembly (after {@link loadWasmSecp256k1}), and plain JavaScript.
 */
import { CodedError } from './errors.ts';
import { sha256Hex } from './hash.ts';
import { joinSignature, splitSignature } from './secp256k1Form.ts';
import { javascriptSecp256k1 } from './secp256k1Javascript.ts';
import { nativeSecp256k1 } from './secp256k1Native.ts';
import type { Address } from './types.ts';

/** What a library has to do. Signatures here are plain r ‖ s, with the parity beside them. */
export type Secp256k1Backend = {
  readonly name: Secp256k1BackendName;
  /** Public key without prefix (64 bytes), or null when there is none. Accepts a high s. */
  recover(rs: Uint8Array, parity: 0 | 1, digest: Uint8Array): Uint8Array | null;
  /** Deterministic (RFC 6979), with the low one of both s. The secret is valid. */
  sign(secret: Uint8Array, digest: Uint8Array): { rs: Uint8Array; parity: number };
  /** Public key without prefix (64 bytes), or null for a secret that is 0 or too large. */
  publicKey(secret: Uint8Array): Uint8Array | null;
};
export type Secp256k1BackendName = 'native' | 'wasm' | 'javascript';

const SIGNATURE_BYTES = 64;
const DIGEST_BYTES = 32;
const SECRET_BYTES = 32;

const backends = new Map<Secp256k1BackendName, Secp256k1Backend>();
let active: Secp256k1Backend = pickFirst();

function pickFirst(): Secp256k1Backend {
  backends.set('javascript', javascriptSecp256k1);
  const native = nativeSecp256k1();
  if (native === null) return javascriptSecp256k1;
  backends.set('native', native);
  return native;
}

/** The library in use. */
export function secp256k1BackendName(): Secp256k1BackendName {
  return active.name;
}

/** Libraries that can be selected now. */
export function secp256k1BackendNames(): readonly Secp256k1BackendName[] {
  return [...backends.keys()];
}

/**
 * Forces a library, for comparisons and measurements.
 * @throws CodedError SECP256K1_BACKEND_MISSING when it did not load on this machine.
 */
export function selectSecp256k1Backend(name: Secp256k1BackendName): void {
  const wanted = backends.get(name);
  if (wanted === undefined) {
    throw new CodedError(
      'SECP256K1_BACKEND_MISSING',
      `the ${name} library for secp256k1 is not loaded; for wasm await loadWasmSecp256k1() first`,
      { name },
    );
  }
  active = wanted;
}

/** Loads the WebAssembly library, and uses it from then on unless the native one is in use. */
export async function loadWasmSecp256k1(): Promise<void> {
  if (!backends.has('wasm')) {
    const { wasmSecp256k1 } = await import('./secp256k1Wasm.ts');
    backends.set('wasm', await wasmSecp256k1());
  }
  if (active.name === 'javascript') active = backends.get('wasm')!;
}

/**
 * The 64-byte public key that made `signature` over `digest`, or null when no key can have made it:
 * r or s is 0 or not below the group's order, r is no x coordinate, or the key is at infinity.
 * A high s below 2^255 is accepted, as the reference does.
 */
export function recoverPublicKey(signature: Uint8Array, digest: Uint8Array): Uint8Array | null {
  expectLength('signature', signature, SIGNATURE_BYTES);
  expectLength('digest', digest, DIGEST_BYTES);
  const { rs, parity } = splitSignature(signature);
  return active.recover(rs, parity, digest);
}

/**
 * Fuel signature over a 32-byte digest. Same secret and digest, same bytes.
 * @throws CodedError SECRET_KEY_INVALID when the secret is 0 or not below the group's order.
 */
export function sign(secret: Uint8Array, digest: Uint8Array): Uint8Array {
  expectLength('digest', digest, DIGEST_BYTES);
  publicKeyOf(secret);
  const { rs, parity } = active.sign(secret, digest);
  return joinSignature(rs, parity);
}

/**
 * The 64-byte public key (x ‖ y) of a secret.
 * @throws CodedError SECRET_KEY_INVALID when the secret is 0 or not below the group's order.
 */
export function publicKeyOf(secret: Uint8Array): Uint8Array {
  expectLength('secret key', secret, SECRET_BYTES);
  const key = active.publicKey(secret);
  if (key === null) {
    throw new CodedError(
      'SECRET_KEY_INVALID',
      'secret key is zero or not below the order of secp256k1; use another 32 random bytes',
    );
  }
  return key;
}

/** Address of a 64-byte public key: its SHA-256. */
export function addressOfPublicKey(publicKey: Uint8Array): Address {
  return sha256Hex(publicKey);
}

/**
 * Address that a secret signs for.
 * @throws CodedError SECRET_KEY_INVALID
 */
export function addressOfSecret(secret: Uint8Array): Address {
  return addressOfPublicKey(publicKeyOf(secret));
}

function expectLength(what: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) {
    throw new CodedError('BAD_LENGTH', `${what} must have ${length} bytes, not ${bytes.length}`, {
      length: bytes.length,
    });
  }
}
