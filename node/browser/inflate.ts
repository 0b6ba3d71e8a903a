/**
 * Gzip, the way back, without Node: browsers unpack only asynchronously, and the built-in genesis
 * is wanted at once. Small and slow; what it unpacks is a few kilobytes.
 *
 * @source RFC 1951 (deflate), RFC 1952 (gzip)
 */
import { CodedError } from '../../primitives/errors.ts';

const GZIP_HEAD_BYTES = 10;
const GZIP_TAIL_BYTES = 8;
const CODE_BITS_MAX = 15;
const END_OF_BLOCK = 256;
/** Order in which the lengths of the code of lengths come. */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function broken(why: string): never {
  throw new CodedError('GZIP_BROKEN', `these bytes cannot be unpacked: ${why}`);
}

/** Bits from the lowest of each byte on. */
class Bits {
  readonly #bytes: Uint8Array;
  #at: number;
  #bit = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  one(): number {
    if (this.#at >= this.#bytes.length) broken('they end too early');
    const bit = (this.#bytes[this.#at]! >> this.#bit) & 1;
    this.#bit = (this.#bit + 1) & 7;
    if (this.#bit === 0) this.#at += 1;
    return bit;
  }

  take(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++) value |= this.one() << i;
    return value;
  }

  /** Whole bytes behind the present one. */
  stored(): Uint8Array {
    if (this.#bit !== 0) this.#at += 1;
    this.#bit = 0;
    const length = this.take(16);
    if (this.take(16) !== (~length & 0xffff)) broken('a stored block is damaged');
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) broken('they end too early');
    return this.#bytes.subarray(start, this.#at);
  }
}

/** Canonical prefix code: how many codes of each length, and the symbols in their order. */
type Code = { readonly counts: readonly number[]; readonly symbols: readonly number[] };

function codeOf(lengths: readonly number[]): Code {
  const counts = new Array<number>(CODE_BITS_MAX + 1).fill(0);
  for (const length of lengths) counts[length]! += 1;
  counts[0] = 0;
  const starts = [0];
  for (let i = 0; i < CODE_BITS_MAX; i++) starts.push(starts[i]! + counts[i]!);
  const symbols: number[] = [];
  lengths.forEach((length, symbol) => {
    if (length > 0) symbols[starts[length]!++] = symbol;
  });
  return { counts, symbols };
}

function symbolOf(bits: Bits, { counts, symbols }: Code): number {
  let [code, first, index] = [0, 0, 0];
  for (let length = 1; length <= CODE_BITS_MAX; length++) {
    code |= bits.one();
    const count = counts[length]!;
    if (code - count < first) return symbols[index + (code - first)]!;
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  return broken('a code is unknown');
}

const FIXED: readonly [Code, Code] = [
  codeOf([
    ...new Array<number>(144).fill(8),
    ...new Array<number>(112).fill(9),
    ...new Array<number>(24).fill(7),
    ...new Array<number>(8).fill(8),
  ]),
  codeOf(new Array<number>(30).fill(5)),
];

function readCodes(bits: Bits): [Code, Code] {
  const [literalCount, distanceCount] = [bits.take(5) + 257, bits.take(5) + 1];
  const ofLengths = new Array<number>(19).fill(0);
  const given = bits.take(4) + 4;
  for (let i = 0; i < given; i++) ofLengths[LENGTH_ORDER[i]!] = bits.take(3);
  const lengthCode = codeOf(ofLengths);
  const lengths: number[] = [];
  while (lengths.length < literalCount + distanceCount) {
    const symbol = symbolOf(bits, lengthCode);
    if (symbol < 16) {
      lengths.push(symbol);
      continue;
    }
    const value = symbol === 16 ? (lengths.at(-1) ?? broken('nothing to repeat')) : 0;
    const count =
      symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    for (let i = 0; i < count; i++) lengths.push(value);
  }
  const end = literalCount + distanceCount;
  return [codeOf(lengths.slice(0, literalCount)), codeOf(lengths.slice(literalCount, end))];
}

/** Length of a copy by its symbol, less 257. */
function copyLength(bits: Bits, symbol: number): number {
  if (symbol < 8) return symbol + 3;
  if (symbol === 28) return 258;
  if (symbol > 28) return broken('a length is unknown');
  const extra = (symbol >> 2) - 1;
  return ((4 + (symbol & 3)) << extra) + 3 + bits.take(extra);
}

function copyDistance(bits: Bits, symbol: number): number {
  if (symbol < 4) return symbol + 1;
  if (symbol > 29) return broken('a distance is unknown');
  const extra = (symbol >> 1) - 1;
  return ((2 + (symbol & 1)) << extra) + 1 + bits.take(extra);
}

function readBlock(bits: Bits, [literals, distances]: readonly [Code, Code], out: number[]): void {
  for (;;) {
    const symbol = symbolOf(bits, literals);
    if (symbol === END_OF_BLOCK) return;
    if (symbol < END_OF_BLOCK) {
      out.push(symbol);
      continue;
    }
    const length = copyLength(bits, symbol - END_OF_BLOCK - 1);
    const from = out.length - copyDistance(bits, symbolOf(bits, distances));
    if (from < 0) broken('a copy starts before the first byte');
    for (let i = 0; i < length; i++) out.push(out[from + i]!);
  }
}

/**
 * Unpacks one gzip member without optional parts in its head.
 * @throws CodedError GZIP_BROKEN
 */
export function gunzip(bytes: Uint8Array): Uint8Array {
  const isPlain = bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8 && bytes[3] === 0;
  if (!isPlain) broken('they are not gzip of the plain kind');
  const bits = new Bits(bytes, GZIP_HEAD_BYTES);
  const out: number[] = [];
  for (let isLast = false; !isLast; ) {
    isLast = bits.one() === 1;
    const kind = bits.take(2);
    if (kind === 0) out.push(...bits.stored());
    else if (kind === 1) readBlock(bits, FIXED, out);
    else if (kind === 2) readBlock(bits, readCodes(bits), out);
    else broken('a block is of no known kind');
  }
  const tail = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - GZIP_TAIL_BYTES);
  if (tail.getUint32(4, true) !== out.length >>> 0) broken('the length is another than promised');
  return Uint8Array.from(out);
}
