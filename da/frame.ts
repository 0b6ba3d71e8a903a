/**
 * Frames: a run of blocks as it is posted. Each names the commitment of the one before it, so that
 * a reader with the blobs alone finds their order and sees a gap. A frame needs nothing but the
 * chain before its first block.
 *
 * Integers big endian:
 *
 * | bytes | what                                                             |
 * |-------|------------------------------------------------------------------|
 * | 4     | magic `FRDA`                                                     |
 * | 2     | version: 3; 1 and 2 are read still                               |
 * | 1     | encoding of the body: 2 compact, 3 compact without what follows  |
 * |       | from execution; version 1: 0 plain, 1 deflate                    |
 * | 8     | chain id                                                         |
 * | 4, 4  | height of the first and of the last block                        |
 * | 32    | commitment of the frame before; zero for the first               |
 * | 4     | version 1: length of the plain body; later: zero                 |
 * | 4     | length of the body                                               |
 * | …     | body: `compact/streams.ts`; version 1: sized payloads (block.ts) |
 * | 32    | sha256 of all bytes above                                        |
 */

import { inflateRawSync } from 'node:zlib';
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
import { sha256, sha256Hex } from '../primitives/hash.ts';
import type { B256, BlockHeight } from '../primitives/types.ts';
import { decodeBlockPayload, type ReadBlock } from './block.ts';
import { FrameReader, frameInvalid } from './bytes.ts';
import type { CompactForm } from './compact/coder.ts';
import { readBlocks } from './compact/decode.ts';
import { type BlockToWrite, type WriteContext, writeBlocks } from './compact/encode.ts';
import type { ChainHistory } from './compact/history.ts';
import { packStreams, STREAMS, STREAMS_V2, unpackStreams } from './compact/streams.ts';

export const FRAME_VERSION = 3;
/** Bytes of a frame beside its body. */
export const FRAME_OVERHEAD_BYTES = 95;
/** Largest frame that is decoded. Unit: bytes. */
export const FRAME_BYTES_MAX: number = 64 * 1024 * 1024;
/** Largest body of a version 1 frame after inflation. Unit: bytes. */
export const FRAME_BODY_BYTES_MAX: number = 128 * 1024 * 1024;
/** Most blocks in one frame. */
export const FRAME_BLOCKS_MAX = 65_536;

const MAGIC: Uint8Array = utf8('FRDA');
const HEAD_BYTES = 63;
const CHECKSUM_BYTES = 32;
const PLAIN = 0;
const DEFLATE = 1;
const COMPACT = 2;
const COMPACT_WITHOUT_RESULTS = 3;
/** Encodings of each version. */
const ENCODINGS: readonly (readonly number[])[] = [
  [PLAIN, DEFLATE],
  [COMPACT],
  [COMPACT, COMPACT_WITHOUT_RESULTS],
];

export type FrameHead = {
  readonly chainId: bigint;
  readonly firstHeight: BlockHeight;
  readonly lastHeight: BlockHeight;
  /** Commitment of the frame before; 32 zero bytes for the first. */
  readonly previous: B256;
};

export type Frame = FrameHead & {
  /** What the next frame names this one by. */
  readonly commitment: B256;
  /**
   * The blocks, expanded one at a time. `history` is the chain before the first of them.
   * @throws CodedError DA_FRAME_INVALID while it is walked
   */
  blocks(history: ChainHistory): Generator<ReadBlock, void, undefined>;
};

/** What the next frame names this one by. */
export function frameCommitment(frame: Uint8Array): B256 {
  return sha256Hex(frame);
}

/**
 * The frame of a run of blocks. They enter the registry of `context`: send the frame, or begin with
 * a new registry.
 */
export async function encodeFrame(
  previous: B256,
  blocks: readonly BlockToWrite[],
  context: WriteContext & { readonly effort?: number },
): Promise<Uint8Array> {
  assert(blocks.length > 0 && blocks.length <= FRAME_BLOCKS_MAX, 'a frame has blocks');
  const firstHeight = blocks[0]!.block.header.height;
  const body = await packStreams(writeBlocks(blocks, context), context.effort);
  const head = new Uint8Array(HEAD_BYTES);
  head.set(MAGIC);
  writeU16(head, 4, FRAME_VERSION);
  head[6] = context.registry.leavesResultsOut ? COMPACT_WITHOUT_RESULTS : COMPACT;
  writeU64(head, 7, context.chainId);
  writeU32(head, 15, firstHeight);
  writeU32(head, 19, firstHeight + blocks.length - 1);
  head.set(hexToBytes(previous), 23);
  writeU32(head, 59, body.length);
  const signed = concatBytes(head, body);
  return concatBytes(signed, sha256(signed));
}

function inflate(body: Uint8Array, plainBytes: number, at: number): Uint8Array {
  let plain: Uint8Array;
  try {
    plain = inflateRawSync(body, { maxOutputLength: Math.max(1, plainBytes) });
  } catch {
    throw frameInvalid('its body does not inflate to the stated length', at);
  }
  if (plain.length !== plainBytes) {
    throw frameInvalid('its body does not inflate to the stated length', at);
  }
  // Not a Buffer: its `slice` would share memory with every payload.
  return new Uint8Array(plain.buffer, plain.byteOffset, plain.length);
}

/** Bodies of version 1: payloads one after the other. */
function* payloadBlocks(body: Uint8Array, head: FrameHead): Generator<ReadBlock, void, undefined> {
  const reader = new FrameReader(body);
  for (let height = head.firstHeight; height <= head.lastHeight; height++) {
    const block = decodeBlockPayload(reader.take(reader.u32()));
    if (block.header.height !== height) {
      throw frameInvalid(`it holds block ${block.header.height} in place of ${height}`, reader.at);
    }
    yield block;
  }
  if (reader.left > 0) throw frameInvalid('bytes follow its last block', reader.at);
}

function checkEnds(blob: Uint8Array): void {
  if (blob.length > FRAME_BYTES_MAX) throw frameInvalid('it is too large', blob.length);
  if (blob.length < FRAME_OVERHEAD_BYTES) throw frameInvalid('it ends too early', blob.length);
  const signed = blob.subarray(0, blob.length - CHECKSUM_BYTES);
  if (!equalBytes(signed.subarray(0, MAGIC.length), MAGIC)) throw frameInvalid('no magic', 0);
  if (!equalBytes(sha256(signed), blob.subarray(signed.length))) {
    throw frameInvalid('its checksum is wrong', signed.length);
  }
}

/** Whether bytes begin as a frame does. */
export function isFrame(bytes: Uint8Array): boolean {
  return equalBytes(bytes.subarray(0, MAGIC.length), MAGIC);
}

/**
 * Reads the head of a frame of the chain `chainId` and checks its ends; the body is expanded when
 * its blocks are walked.
 * @throws CodedError DA_FRAME_INVALID
 */
export function decodeFrame(blob: Uint8Array, chainId: bigint): Frame {
  checkEnds(blob);
  const reader = new FrameReader(blob.subarray(0, blob.length - CHECKSUM_BYTES));
  reader.take(MAGIC.length);
  const version = reader.u16();
  if (version < 1 || version > FRAME_VERSION) {
    throw frameInvalid(`version ${version} is not known`, 4);
  }
  const encoding = reader.u8();
  if (!ENCODINGS[version - 1]!.includes(encoding))
    throw frameInvalid(`encoding ${encoding} is not known`, 6);
  const ofChain = reader.u64();
  if (ofChain !== chainId) throw frameInvalid(`it is of chain ${ofChain}`, 7);
  const firstHeight = reader.u32();
  const lastHeight = reader.u32();
  const count = lastHeight - firstHeight + 1;
  if (count < 1 || count > FRAME_BLOCKS_MAX) throw frameInvalid('its heights are wrong', 15);
  const previous = bytesToHex(reader.take(32));
  const plainBytes = reader.u32UpTo(FRAME_BODY_BYTES_MAX, 'the length of the body');
  if (reader.u32() !== reader.left) throw frameInvalid('its length is wrong', 59);
  const body = reader.take(reader.left);
  if (encoding === PLAIN && plainBytes !== body.length) {
    throw frameInvalid('its length is wrong', 55);
  }
  const head: FrameHead = { chainId, firstHeight, lastHeight, previous };
  return {
    ...head,
    commitment: frameCommitment(blob),
    *blocks(history) {
      if (version > 1) {
        const leavesResultsOut = encoding === COMPACT_WITHOUT_RESULTS;
        const form: CompactForm = { findsIds: version > 2, leavesResultsOut };
        const sources = unpackStreams(body, version > 2 ? STREAMS : STREAMS_V2);
        yield* readBlocks(sources, { firstHeight, count }, { chainId, history, form });
      } else {
        const plain = encoding === DEFLATE ? inflate(body, plainBytes, HEAD_BYTES) : body;
        yield* payloadBlocks(plain, head);
      }
    },
  };
}
