/**
 * The streams of a compact body. Values of one kind lie side by side, so that the general
 * compressor behind finds what they have in common; what is random (signatures) is kept out of its
 * way.
 *
 * Body: per stream in the order of {@link STREAMS} its plain length and its stored length (varints),
 * then the stored bytes of all. A stream is stored plain where both lengths are equal.
 */
import { brotliCompress, brotliDecompressSync, constants } from 'node:zlib';
import { assert } from '../../primitives/errors.ts';
import { frameInvalid } from '../bytes.ts';
import { ByteSink, ByteSource } from '../varint.ts';

/** Names of the streams; the order is part of the format. */
// biome-ignore format: one row per group
export const STREAMS = [
  'shape', 'shapeDef',                                  // which form a transaction has
  'id', 'literal', 'refHeight', 'refTx', 'refValue',    // 32-byte values
  'inHeight', 'inTx', 'inOutput',                       // where a spent output was made
  'amount', 'exponent', 'fee', 'gas', 'policy', 'number',
  'text', 'textLength', 'textBytes',                    // scripts, predicates, data
  'header', 'signature', 'textId',
] as const;
export type StreamName = (typeof STREAMS)[number];
/** Those of frames of version 2. */
export const STREAMS_V2: readonly StreamName[] = STREAMS.filter((name) => name !== 'textId');

/** Largest sum of the plain streams of one frame. Unit: bytes. */
export const STREAMS_BYTES_MAX: number = 48 * 1024 * 1024;
/** Brotli's effort, 0 to 11: beyond 9 it takes ten times as long for a hundredth. */
export const EFFORT_BEST = 9;
/** For a layer that costs nothing. */
export const EFFORT_FAST = 3;
/** Windows no larger than what lies in them: most streams are small. */
const WINDOW_BITS_MIN = 10;
const WINDOW_BITS_MAX = 24;
/** Streams below this do not get smaller. Unit: bytes. */
const COMPRESSED_BYTES_MIN = 24;
/** Nothing in them that a compressor could find. */
const RANDOM: ReadonlySet<StreamName> = new Set(['signature']);

export type Sinks = Readonly<Record<StreamName, ByteSink>>;
export type Sources = Readonly<Record<StreamName, ByteSource>>;

export function newSinks(): Sinks {
  return Object.fromEntries(STREAMS.map((name) => [name, new ByteSink()])) as Record<
    StreamName,
    ByteSink
  >;
}

function windowBits(bytes: number): number {
  const needed = Math.ceil(Math.log2(bytes + 16));
  return Math.min(WINDOW_BITS_MAX, Math.max(WINDOW_BITS_MIN, needed));
}

function compress(plain: Uint8Array, effort: number): Promise<Uint8Array> {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: effort,
    [constants.BROTLI_PARAM_LGWIN]: windowBits(plain.length),
    [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
  };
  return new Promise((resolve, reject) => {
    brotliCompress(plain, { params }, (error, done) => (error ? reject(error) : resolve(done)));
  });
}

async function stored(name: StreamName, plain: Uint8Array, effort: number): Promise<Uint8Array> {
  if (RANDOM.has(name) || plain.length < COMPRESSED_BYTES_MIN) return plain;
  const smaller = await compress(plain, effort);
  return smaller.length < plain.length ? smaller : plain;
}

/** Sum of the plain lengths. Unit: bytes. */
export function plainBytesOf(sinks: Sinks): number {
  return STREAMS.reduce((sum, name) => sum + sinks[name].length, 0);
}

/** The body of a frame. */
export async function packStreams(sinks: Sinks, effort: number = EFFORT_BEST): Promise<Uint8Array> {
  assert(plainBytesOf(sinks) <= STREAMS_BYTES_MAX, 'the streams of a frame stay within their size');
  const parts = await Promise.all(STREAMS.map((name) => stored(name, sinks[name].done(), effort)));
  const out = new ByteSink();
  STREAMS.forEach((name, i) => {
    out.varint(sinks[name].length);
    out.varint(parts[i]!.length);
  });
  for (const part of parts) out.bytes(part);
  return out.done();
}

function expanded(part: Uint8Array, plainBytes: number): Uint8Array {
  if (part.length === plainBytes) return part;
  try {
    const plain = brotliDecompressSync(part, { maxOutputLength: Math.max(1, plainBytes) });
    if (plain.length === plainBytes) {
      // Not a Buffer: its `slice` would share memory.
      return new Uint8Array(plain.buffer, plain.byteOffset, plain.length);
    }
  } catch {
    // Answered below: damaged, or longer than stated.
  }
  throw frameInvalid('a stream does not expand to its stated length', 0);
}

/** Bytes that each stream of a body takes there. @throws CodedError DA_FRAME_INVALID */
export function storedSizes(body: Uint8Array): Readonly<Record<StreamName, number>> {
  const lengths = readLengths(new ByteSource(body), STREAMS);
  const entries = STREAMS.map((name, i): [StreamName, number] => [name, lengths[i]!.kept]);
  return Object.fromEntries(entries) as Record<StreamName, number>;
}

type StatedLengths = { readonly plain: number; readonly kept: number };

function readLengths(source: ByteSource, names: readonly StreamName[]): StatedLengths[] {
  let plainTotal = 0;
  return names.map(() => {
    const plain = source.varint();
    const kept = source.varint();
    plainTotal += plain;
    if (plainTotal > STREAMS_BYTES_MAX || kept > plain) {
      throw frameInvalid('a stream states an impossible length', source.at);
    }
    return { plain, kept };
  });
}

/**
 * Inverse of {@link packStreams}. What is stated is checked before anything is expanded.
 * @param names streams of a body as it was written; the others are empty
 * @throws CodedError DA_FRAME_INVALID
 */
export function unpackStreams(body: Uint8Array, names: readonly StreamName[] = STREAMS): Sources {
  const source = new ByteSource(body);
  const lengths = readLengths(source, names);
  const entries = STREAMS.map((name, i): [StreamName, ByteSource] => {
    const { plain, kept } = lengths[i] ?? { plain: 0, kept: 0 };
    return [name, new ByteSource(expanded(source.take(kept), plain))];
  });
  if (source.left > 0) throw frameInvalid('bytes follow the last stream', source.at);
  return Object.fromEntries(entries) as Record<StreamName, ByteSource>;
}

/** @throws CodedError DA_FRAME_INVALID unless every stream was read to its end */
export function checkDrained(sources: Sources): void {
  for (const name of STREAMS) {
    if (sources[name].left > 0) throw frameInvalid(`stream ${name} holds too much`, 0);
  }
}
