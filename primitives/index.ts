/** Public door of primitives: bytes, hashes, signatures, Merkle trees. Knows no chain. */
export * from './bn254.ts';
export * from './bytes.ts';
export * from './clock.ts';
export * from './ed25519.ts';
export * from './errors.ts';
export * from './hash.ts';
export * from './merkle/binary.ts';
export * from './merkle/sparse.ts';
export * from './secp256k1.ts';
export * from './secp256r1.ts';
export * from './service.ts';
export * from './tai64.ts';
export * from './types.ts';
export * from './u64.ts';
