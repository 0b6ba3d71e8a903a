import type { Secp256k1Backend } from './secp256k1.ts';

type NodeModule = typeof import('node:module');
/** The part of the native library that is used here. */
type Native = {
  ecdsaRecover(
    rs: Uint8Array,
    recovery: number,
    digest: Uint8Array,
    compressed: boolean,
  ): Uint8Array;
  ecdsaSign(digest: Uint8Array, secret: Uint8Array): { signature: Uint8Array; recid: number };
  privateKeyVerify(secret: Uint8Array): boolean;
  publicKeyCreate(secret: Uint8Array, compressed: boolean): Uint8Array;
};

/** The native library, or null in a browser and where its binary does not load. */
export function nativeSecp256k1(): Secp256k1Backend | null {
  const native = loadNative();
  if (native === null) return null;
  return {
    name: 'native',
    recover(rs, parity, digest) {
      try {
        return native.ecdsaRecover(rs, parity, digest, false).subarray(1);
      } catch {
        return null; // lengths are checked by the caller: what is left is a bad signature
      }
    },
    sign(secret, digest) {
      const { signature, recid } = native.ecdsaSign(digest, secret);
      return { rs: signature, parity: recid };
    },
    publicKey(secret) {
      if (!native.privateKeyVerify(secret)) return null;
      return native.publicKeyCreate(secret, false).subarray(1);
    },
  };
}

function loadNative(): Native | null {
  const host = globalThis.process as NodeJS.Process | undefined;
  const nodeModule = host?.getBuiltinModule?.('node:module') as NodeModule | undefined;
  if (nodeModule === undefined) return null;
  try {
    // The package's main file falls back to a slow library in silence; its bindings do not.
    return nodeModule.createRequire(import.meta.url)('secp256k1/bindings.js') as Native;
  } catch {
    return null;
  }
}
