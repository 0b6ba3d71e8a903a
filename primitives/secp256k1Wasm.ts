import { instantiateSecp256k1, type RecoveryId } from '@bitauth/libauth';
import type { Secp256k1Backend } from './secp256k1.ts';

/** The reference's own C library, compiled to WebAssembly. */
export async function wasmSecp256k1(): Promise<Secp256k1Backend> {
  const wasm = await instantiateSecp256k1();
  return {
    name: 'wasm',
    recover(rs, parity, digest) {
      const key = wasm.recoverPublicKeyUncompressed(rs, parity satisfies RecoveryId, digest);
      return typeof key === 'string' ? null : key.slice(1);
    },
    sign(secret, digest) {
      const made = wasm.signMessageHashRecoverableCompact(secret, digest);
      if (typeof made === 'string') throw new Error(`a checked secret must sign: ${made}`);
      return { rs: made.signature, parity: made.recoveryId };
    },
    publicKey(secret) {
      const key = wasm.derivePublicKeyUncompressed(secret);
      return typeof key === 'string' ? null : key.slice(1);
    },
  };
}
