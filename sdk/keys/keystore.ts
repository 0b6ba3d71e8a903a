/**
 * Encrypted keystores: Web3 Secret Storage, version 3, with a recovery phrase as the secret. It is
 * the file that forc-wallet reads and writes.
 *
 * @source ethereum.org "Web3 Secret Storage Definition"; scrypt RFC 7914
 */
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { bytesToHex, concatBytes, equalBytes, hexToBytes, utf8 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { keccak256 } from '../../primitives/hash.ts';

/** The JSON of a keystore file. Hex without `0x`. */
export type Keystore = {
  readonly crypto: {
    readonly cipher: 'aes-128-ctr';
    readonly cipherparams: { readonly iv: string };
    readonly ciphertext: string;
    readonly kdf: 'scrypt';
    readonly kdfparams: {
      readonly dklen: number;
      readonly n: number;
      readonly p: number;
      readonly r: number;
      readonly salt: string;
    };
    readonly mac: string;
  };
  readonly id: string;
  readonly version: 3;
};

/** Cost of one try at the password; what forc-wallet writes. */
export const SCRYPT_N: number = 8192;
const SCRYPT_R = 8;
const SCRYPT_P = 1;
const KEY_BYTES = 32;
/** A foreign file may ask for more work than ours, up to this: 1 GiB of memory. */
export const SCRYPT_MEMORY_MAX_BYTES: number = 1 << 30;
/** No phrase is longer; a larger file is no keystore of ours. */
export const CIPHERTEXT_MAX_BYTES: number = 4096;

function randomBytes(length: number): Uint8Array {
  return globalThis.crypto.getRandomValues(new Uint8Array(length));
}

const plainHex = (bytes: Uint8Array): string => bytesToHex(bytes).slice(2);

async function aesCtr(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Promise<Uint8Array> {
  const { subtle } = globalThis.crypto;
  const imported = await subtle.importKey('raw', key.slice(), 'AES-CTR', false, ['encrypt']);
  const how = { name: 'AES-CTR', counter: iv.slice(), length: 128 };
  return new Uint8Array(await subtle.encrypt(how, imported, bytes.slice()));
}

/** Encrypts a text under a password. The salt, the initial counter and the id are random. */
export async function encryptKeystore(text: string, password: string): Promise<Keystore> {
  const salt = randomBytes(KEY_BYTES);
  const iv = randomBytes(16);
  const options = { N: SCRYPT_N, r: SCRYPT_R, p: SCRYPT_P, dkLen: KEY_BYTES };
  const key = await scryptAsync(utf8(password), salt, options);
  const ciphertext = await aesCtr(key.subarray(0, 16), iv, utf8(text));
  return {
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: plainHex(iv) },
      ciphertext: plainHex(ciphertext),
      kdf: 'scrypt',
      kdfparams: {
        dklen: KEY_BYTES,
        n: SCRYPT_N,
        p: SCRYPT_P,
        r: SCRYPT_R,
        salt: plainHex(salt),
      },
      mac: plainHex(keccak256(concatBytes(key.subarray(16, 32), ciphertext))),
    },
    id: globalThis.crypto.randomUUID(),
    version: 3,
  };
}

function invalid(why: string): never {
  throw new CodedError('KEYSTORE_INVALID', `this is not a keystore that can be opened: ${why}`);
}

function bytesField(value: unknown, name: string): Uint8Array {
  if (typeof value !== 'string' || !/^(0x)?([0-9a-f]{2})*$/i.test(value)) {
    return invalid(`${name} is not hex`);
  }
  return hexToBytes(value);
}

function sizeField(value: unknown, name: string, max: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > max) {
    return invalid(`${name} is not a number from 1 to ${max}`);
  }
  return value;
}

type ObjectLike = { readonly [key: string]: unknown };

function objectField(value: unknown, name: string): ObjectLike {
  if (typeof value !== 'object' || value === null) return invalid(`${name} is missing`);
  return value as ObjectLike;
}

/** What a file has to hold before anything is computed from it. */
function parse(json: unknown): {
  iv: Uint8Array;
  ciphertext: Uint8Array;
  mac: Uint8Array;
  salt: Uint8Array;
  scrypt: { N: number; r: number; p: number; dkLen: number };
} {
  const file = objectField(json, 'the JSON object');
  if (file['version'] !== 3) invalid(`version is ${String(file['version'])}, not 3`);
  const crypto = objectField(file['crypto'] ?? file['Crypto'], 'crypto');
  if (crypto['cipher'] !== 'aes-128-ctr') invalid(`cipher ${String(crypto['cipher'])}`);
  if (crypto['kdf'] !== 'scrypt') {
    invalid(`key derivation ${String(crypto['kdf'])}; only scrypt is known`);
  }
  const kdf = objectField(crypto['kdfparams'], 'kdfparams');
  const N = sizeField(kdf['n'], 'n', 1 << 24);
  const r = sizeField(kdf['r'], 'r', 1024);
  const p = sizeField(kdf['p'], 'p', 64);
  const dkLen = sizeField(kdf['dklen'], 'dklen', 64);
  if ((N & (N - 1)) !== 0 || N < 2) invalid('n is not a power of two');
  if (dkLen < KEY_BYTES) invalid('dklen is less than 32');
  if (128 * N * r > SCRYPT_MEMORY_MAX_BYTES) invalid('it asks for more than 1 GiB of memory');
  const iv = bytesField(objectField(crypto['cipherparams'], 'cipherparams')['iv'], 'iv');
  if (iv.length !== 16) invalid('iv has not 16 bytes');
  const ciphertext = bytesField(crypto['ciphertext'], 'ciphertext');
  if (ciphertext.length > CIPHERTEXT_MAX_BYTES) invalid('the secret is too long');
  const mac = bytesField(crypto['mac'], 'mac');
  return { iv, ciphertext, mac, salt: bytesField(kdf['salt'], 'salt'), scrypt: { N, r, p, dkLen } };
}

/**
 * The secret bytes of a keystore.
 * @throws CodedError KEYSTORE_INVALID (what is wrong with the file), KEYSTORE_PASSWORD
 */
export async function decryptKeystore(json: unknown, password: string): Promise<Uint8Array> {
  const { iv, ciphertext, mac, salt, scrypt } = parse(json);
  // Memory is bounded above: the library's own, smaller bound would refuse what forc-wallet opens.
  const options = { ...scrypt, maxmem: SCRYPT_MEMORY_MAX_BYTES + 1024 * 1024 };
  const key = await scryptAsync(utf8(password), salt, options);
  if (!equalBytes(keccak256(concatBytes(key.subarray(16, 32), ciphertext)), mac)) {
    throw new CodedError('KEYSTORE_PASSWORD', 'the password does not open this wallet; try again');
  }
  return aesCtr(key.subarray(0, 16), iv, ciphertext);
}
