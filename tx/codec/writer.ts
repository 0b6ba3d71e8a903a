/** Writing of canonical bytes; see `reader.ts` for the layout rules. */
import { assert } from '../../primitives/errors.ts';

const NIBBLES: Uint8Array = nibbleTable();

function nibbleTable(): Uint8Array {
  const table = new Uint8Array(256).fill(255);
  for (let i = 0; i < 10; i++) table[48 + i] = i;
  for (let i = 0; i < 6; i++) {
    table[97 + i] = 10 + i;
    table[65 + i] = 10 + i;
  }
  return table;
}

/** Length of a byte vector with its padding. Unit: bytes. */
export function paddedLength(length: number): number {
  return length + ((8 - (length & 7)) & 7);
}

/** Ids that were written lately, as bytes: the same few come again and again. */
const KNOWN_IDS_MAX = 256;
const knownIds: Map<string, Uint8Array> = new Map();

/** Fills a buffer of known size, or one that is used again and again. */
export class Writer {
  readonly bytes: Uint8Array;
  pos: number;
  readonly #view: DataView;

  /** `into`: write over these bytes, and set `pos` back between uses. */
  constructor(size: number, into?: Uint8Array) {
    this.bytes = into ?? new Uint8Array(size);
    this.pos = 0;
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  }

  /** A scalar below 2^32 in its 8 bytes. */
  word(value: number): void {
    this.#view.setUint32(this.pos, 0);
    this.#view.setUint32(this.pos + 4, value);
    this.pos += 8;
  }

  u64(value: bigint): void {
    this.#view.setBigUint64(this.pos, value);
    this.pos += 8;
  }

  /** 4 bytes, not padded. */
  rawU32(value: number): void {
    this.#view.setUint32(this.pos, value);
    this.pos += 4;
  }

  /** 2 bytes, not padded. */
  rawU16(value: number): void {
    this.#view.setUint16(this.pos, value);
    this.pos += 2;
  }

  rawU8(value: number): void {
    this.#view.setUint8(this.pos, value);
    this.pos += 1;
  }

  /** 32 bytes from `0x…` text. */
  b256(hex: string): void {
    assert(hex.length === 66, '32-byte ids have 66 characters');
    const { bytes } = this;
    let at = this.pos;
    let nibbles = 0;
    let codes = 0;
    for (let i = 2; i < 66; i += 2) {
      const first = hex.charCodeAt(i);
      const second = hex.charCodeAt(i + 1);
      const high = NIBBLES[first & 255]!;
      const low = NIBBLES[second & 255]!;
      codes |= first | second;
      nibbles |= high | low;
      bytes[at++] = (high << 4) | low;
    }
    assert(codes < 256 && nibbles < 16, '32-byte ids are hex text');
    this.pos = at;
  }

  /** As `b256`, for ids that are likely to be written again soon. */
  knownId(hex: string): void {
    let bytes = knownIds.get(hex);
    if (bytes === undefined) {
      const from = this.pos;
      this.b256(hex);
      bytes = this.bytes.slice(from, this.pos);
      if (knownIds.size >= KNOWN_IDS_MAX) knownIds.clear();
      knownIds.set(hex, bytes);
      return;
    }
    this.bytes.set(bytes, this.pos);
    this.pos += bytes.length;
  }

  paddedBytes(value: Uint8Array): void {
    this.bytes.set(value, this.pos);
    this.pos += paddedLength(value.length);
  }

  rawBytes(value: Uint8Array): void {
    this.bytes.set(value, this.pos);
    this.pos += value.length;
  }

  /** The filled buffer. */
  done(): Uint8Array {
    assert(this.pos === this.bytes.length, 'the computed size is what was written');
    return this.bytes;
  }
}
