/** Addresses of Celestia. @source BIP-173 */
import { ripemd160 } from '@noble/hashes/legacy.js';
import { concatBytes, utf8 } from '../../primitives/bytes.ts';
import { sha256 } from '../../primitives/hash.ts';

const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
const CHECKSUM_CHARACTERS = 6;
const PREFIX = 'celestia';

function polymod(values: Iterable<number>): number {
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    GENERATOR.forEach((generator, i) => {
      if ((top >>> i) & 1) check ^= generator;
    });
  }
  return check >>> 0;
}

/** 8 bits to 5, the rest filled with zeros. */
function fiveBits(bytes: Uint8Array): number[] {
  const out: number[] = [];
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) out.push((held >> (bits - 5)) & 31);
    held &= (1 << bits) - 1;
  }
  if (bits > 0) out.push((held << (5 - bits)) & 31);
  return out;
}

/** Text of 20 bytes under a prefix. */
export function bech32(prefix: string, bytes: Uint8Array): string {
  const data = fiveBits(bytes);
  const letters = utf8(prefix);
  const spread = [...letters.map((letter) => letter >> 5), 0, ...letters.map((l) => l & 31)];
  const padding = new Array<number>(CHECKSUM_CHARACTERS).fill(0);
  const check = polymod([...spread, ...data, ...padding]) ^ 1;
  for (let i = 0; i < CHECKSUM_CHARACTERS; i++) data.push((check >>> (5 * (5 - i))) & 31);
  return `${prefix}1${data.map((value) => ALPHABET[value]).join('')}`;
}

/** Address of a compressed secp256k1 key. */
export function celestiaAddress(publicKey33: Uint8Array): string {
  return bech32(PREFIX, ripemd160(sha256(concatBytes(publicKey33))));
}
