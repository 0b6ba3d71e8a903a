import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { bytesToHex } from './bytes.ts';
import type { B256 } from './types.ts';

type NodeCrypto = typeof import('node:crypto');
type Digest = (bytes: Uint8Array) => Uint8Array;
type HexDigest = (bytes: Uint8Array) => B256;

const nodeCrypto: NodeCrypto | undefined = findNodeCrypto();

/** SHA-256. Native in Node, pure JavaScript elsewhere. */
export const sha256: Digest = pickSha256();

/** SHA-256 as a lower-case 32-byte id. */
export const sha256Hex: HexDigest = pickSha256Hex();

/** Asks for the built-in at run time: a bundle for browsers then holds no `node:` import. */
function findNodeCrypto(): NodeCrypto | undefined {
  const host = globalThis.process as NodeJS.Process | undefined;
  return host?.getBuiltinModule?.('node:crypto');
}

function pickSha256(): Digest {
  if (nodeCrypto === undefined) return nobleSha256;
  const { createHash, hash } = nodeCrypto;
  // As text and back is twice as fast as asking for a Buffer: those are dear to make.
  if (typeof hash === 'function') return (bytes) => fromBinary(hash('sha256', bytes, 'binary'));
  return (bytes) => plain(createHash('sha256').update(bytes).digest());
}

/** Bytes of a text whose every character stands for one byte. */
function fromBinary(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function pickSha256Hex(): HexDigest {
  const hash = nodeCrypto?.hash;
  if (typeof hash === 'function') return (bytes) => `0x${hash('sha256', bytes, 'hex')}`;
  return (bytes) => bytesToHex(sha256(bytes));
}

/** A Buffer is not deeply equal to a Uint8Array of the same bytes, so none leaves this folder. */
function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

type WasmKeccak = Awaited<ReturnType<typeof import('hash-wasm')['createKeccak']>>;
let wasmKeccak: WasmKeccak | 'not asked' | 'loading' | 'missing' = 'not asked';

/**
 * Keccak-256 with the padding from before SHA-3, as Ethereum uses it. The first call starts to
 * load a WebAssembly version, about seven times faster; until it is there, JavaScript does the work.
 */
export function keccak256(bytes: Uint8Array): Uint8Array {
  if (typeof wasmKeccak !== 'string') {
    return wasmKeccak.init().update(bytes).digest('binary');
  }
  if (wasmKeccak === 'not asked') void loadWasmKeccak();
  return keccak_256(bytes);
}

async function loadWasmKeccak(): Promise<void> {
  wasmKeccak = 'loading';
  try {
    const { createKeccak } = await import('hash-wasm');
    wasmKeccak = await createKeccak(256);
  } catch {
    wasmKeccak = 'missing'; // no WebAssembly here: JavaScript gives the same bytes
  }
}
