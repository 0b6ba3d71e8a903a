/**
 * Parts: what one blob carries. A frame is cut to the size of the layer's blobs; each part names
 * its frame and is signed with the key that signs the chain's blocks. Where anyone can write, what
 * is not signed by the chain is foreign: it costs a reader one recovery and nothing else.
 *
 * Version 1, integers big endian:
 *
 * | bytes | what                                      |
 * |-------|-------------------------------------------|
 * | 4     | magic `FRPT`                              |
 * | 1     | version                                   |
 * | 8     | chain id                                  |
 * | 32    | commitment of the frame: its sha256       |
 * | 4     | length of the frame                       |
 * | 4, 4  | height of its first and of its last block |
 * | 2, 2  | place of this part, number of parts       |
 * | 4     | length of the data                        |
 * | …     | data                                      |
 * | 64    | signature over the sha256 of all above    |
 */
import {
  bytesToHex,
  concatBytes,
  equalBytes,
  hexToBytes,
  utf8,
  writeU16,
  writeU32,
  writeU64,
} from '../primitives/bytes.ts';
import { assert } from '../primitives/errors.ts';
import { sha256 } from '../primitives/hash.ts';
import { addressOfPublicKey, recoverPublicKey, sign } from '../primitives/secp256k1.ts';
import type { Address, B256, BlockHeight } from '../primitives/types.ts';
import { FrameReader } from './bytes.ts';
import { FRAME_BYTES_MAX, type FrameHead } from './frame.ts';

export const PART_VERSION = 1;
/** Bytes of a part beside its data. */
export const PART_OVERHEAD_BYTES = 129;
/** Most parts of one frame. */
export const PARTS_MAX = 4_096;

const MAGIC: Uint8Array = utf8('FRPT');
const HEAD_BYTES = 65;
const SIGNATURE_BYTES = 64;

export type Part = {
  readonly commitment: B256;
  readonly frameBytes: number;
  readonly firstHeight: BlockHeight;
  readonly lastHeight: BlockHeight;
  readonly index: number;
  readonly count: number;
  /** A view into the blob. */
  readonly data: Uint8Array;
};

/** Cuts a frame to blobs. @param blobBytesMax the layer's bound */
export function encodeParts(
  frame: Uint8Array,
  head: Pick<FrameHead, 'chainId' | 'firstHeight' | 'lastHeight'>,
  options: { readonly secret: Uint8Array; readonly blobBytesMax: number },
): Uint8Array[] {
  const dataMax = options.blobBytesMax - PART_OVERHEAD_BYTES;
  assert(dataMax > 0, 'a blob has room for a part');
  const count = Math.max(1, Math.ceil(frame.length / dataMax));
  assert(count <= PARTS_MAX, 'a frame has a bounded number of parts');
  const commitment = sha256(frame);
  return [...Array(count).keys()].map((index) => {
    const data = frame.subarray(index * dataMax, (index + 1) * dataMax);
    const bytes = new Uint8Array(HEAD_BYTES);
    bytes.set(MAGIC);
    bytes[4] = PART_VERSION;
    writeU64(bytes, 5, head.chainId);
    bytes.set(commitment, 13);
    writeU32(bytes, 45, frame.length);
    writeU32(bytes, 49, head.firstHeight);
    writeU32(bytes, 53, head.lastHeight);
    writeU16(bytes, 57, index);
    writeU16(bytes, 59, count);
    writeU32(bytes, 61, data.length);
    const signed = concatBytes(bytes, data);
    return concatBytes(signed, sign(options.secret, sha256(signed)));
  });
}

function readHead(reader: FrameReader): Part & { chainId: bigint; version: number } {
  reader.take(MAGIC.length);
  const version = reader.take(1)[0]!;
  const chainId = reader.u64();
  const commitment = bytesToHex(reader.take(32));
  const frameBytes = reader.u32();
  const firstHeight = reader.u32();
  const lastHeight = reader.u32();
  const index = reader.u16();
  const count = reader.u16();
  const data = new Uint8Array(0);
  return {
    version,
    chainId,
    commitment,
    frameBytes,
    firstHeight,
    lastHeight,
    index,
    count,
    data,
  };
}

/**
 * A part of the chain `chainId` signed by one of `authorities`, or null for anything else. Never
 * throws: everything can lie in a namespace.
 */
export function readPart(
  blob: Uint8Array,
  chainId: bigint,
  authorities: ReadonlySet<Address>,
): Part | null {
  if (blob.length < PART_OVERHEAD_BYTES) return null;
  if (!equalBytes(blob.subarray(0, MAGIC.length), MAGIC)) return null;
  const reader = new FrameReader(blob);
  const head = readHead(reader);
  const length = reader.u32();
  const isSound =
    head.version === PART_VERSION &&
    head.chainId === chainId &&
    head.frameBytes <= FRAME_BYTES_MAX &&
    head.index < head.count &&
    head.count <= PARTS_MAX &&
    head.firstHeight <= head.lastHeight &&
    length === reader.left - SIGNATURE_BYTES &&
    length <= head.frameBytes;
  if (!isSound) return null;
  const end = HEAD_BYTES + length;
  const key = recoverPublicKey(blob.subarray(end), sha256(blob.subarray(0, end)));
  if (key === null || !authorities.has(addressOfPublicKey(key))) return null;
  const { version: _v, chainId: _c, ...part } = head;
  return { ...part, data: blob.subarray(HEAD_BYTES, end) };
}

/** Whether a blob looks like a part, of whatever chain. */
export function isPart(blob: Uint8Array): boolean {
  return equalBytes(blob.subarray(0, MAGIC.length), MAGIC);
}

/** The secret as bytes. */
export function partSecret(secret: B256): Uint8Array {
  return hexToBytes(secret);
}
