/**
 * Frames: what one blob carries. Self-contained and chained: each names the commitment of the one
 * before it, so that a reader with the blobs alone finds their order and sees a gap.
 *
 * Version 1, integers big endian:
 *
 * | bytes | what                                                         |
 * |-------|--------------------------------------------------------------|
 * | 4     | magic `FRDA`                                                 |
 * | 2     | version                                                      |
 * | 1     | encoding of the body: 0 plain, 1 deflate                     |
 * | 8     | chain id                                                     |
 * | 4, 4  | height of the first and of the last block                    |
 * | 32    | commitment of the frame before; zero for the first           |
 * | 4     | length of the body when plain                                |
 * | 4     | length of the body as it follows                             |
 * | …     | body: per block its length (4 bytes) and its payload         |
 * | 32    | sha256 of all bytes above                                    |
 */

import { deflateRawSync, inflateRawSync } from 'node:zlib';
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
import { FrameReader, frameInvalid } from './bytes.ts';

export const FRAME_VERSION = 1;
/** Bytes of a frame beside its body. */
export const FRAME_OVERHEAD_BYTES = 95;
/** Largest frame that is decoded. Unit: bytes. */
export const FRAME_BYTES_MAX: number = 64 * 1024 * 1024;
/** Largest body after inflation: a small blob cannot fill the memory. Unit: bytes. */
export const FRAME_BODY_BYTES_MAX: number = 128 * 1024 * 1024;
/** Most blocks in one frame. */
export const FRAME_BLOCKS_MAX = 65_536;

const MAGIC: Uint8Array = utf8('FRDA');
const HEAD_BYTES = 63;
const CHECKSUM_BYTES = 32;
const PLAIN = 0;
const DEFLATE = 1;
const BLOCK_LENGTH_BYTES = 4;

export type Frame = {
  readonly chainId: bigint;
  readonly firstHeight: BlockHeight;
  readonly lastHeight: BlockHeight;
  /** Commitment of the frame before; 32 zero bytes for the first. */
  readonly previous: B256;
  /** One per block, heights ascending; see `block.ts`. */
  readonly payloads: readonly Uint8Array[];
};

/** What the next frame names this one by. */
export function frameCommitment(blob: Uint8Array): B256 {
  return sha256Hex(blob);
}

/** Length of a body before deflation. Unit: bytes. */
export function bodyBytes(payloads: readonly Uint8Array[]): number {
  return payloads.reduce((sum, { length }) => sum + BLOCK_LENGTH_BYTES + length, 0);
}

function plainBody(payloads: readonly Uint8Array[]): Uint8Array {
  const body = new Uint8Array(bodyBytes(payloads));
  let at = 0;
  for (const payload of payloads) {
    writeU32(body, at, payload.length);
    body.set(payload, at + BLOCK_LENGTH_BYTES);
    at += BLOCK_LENGTH_BYTES + payload.length;
  }
  return body;
}

/** The blob of a frame. At least one block, within the limits of this file. */
export function encodeFrame(frame: Omit<Frame, 'lastHeight'>): Uint8Array {
  const { payloads, firstHeight } = frame;
  assert(payloads.length > 0 && payloads.length <= FRAME_BLOCKS_MAX, 'a frame has blocks');
  const plain = plainBody(payloads);
  assert(plain.length <= FRAME_BODY_BYTES_MAX, 'a frame stays within its size');
  const deflated = deflateRawSync(plain);
  const isSmaller = deflated.length < plain.length;
  const body = isSmaller ? deflated : plain;
  const head = new Uint8Array(HEAD_BYTES);
  head.set(MAGIC);
  writeU16(head, 4, FRAME_VERSION);
  head[6] = isSmaller ? DEFLATE : PLAIN;
  writeU64(head, 7, frame.chainId);
  writeU32(head, 15, firstHeight);
  writeU32(head, 19, firstHeight + payloads.length - 1);
  head.set(hexToBytes(frame.previous), 23);
  writeU32(head, 55, plain.length);
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

function splitBody(body: Uint8Array, count: number): Uint8Array[] {
  const reader = new FrameReader(body);
  const payloads: Uint8Array[] = [];
  for (let i = 0; i < count; i++) payloads.push(reader.take(reader.u32()));
  if (reader.left > 0) throw frameInvalid('bytes follow its last block', reader.at);
  return payloads;
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

/**
 * Reads a blob of the chain `chainId`; takes only what {@link encodeFrame} could have written.
 * @throws CodedError DA_FRAME_INVALID
 */
export function decodeFrame(blob: Uint8Array, chainId: bigint): Frame {
  checkEnds(blob);
  const reader = new FrameReader(blob.subarray(0, blob.length - CHECKSUM_BYTES));
  reader.take(MAGIC.length);
  const version = reader.u16();
  if (version !== FRAME_VERSION) throw frameInvalid(`version ${version} is not known`, 4);
  const encoding = reader.u8();
  if (encoding > DEFLATE) throw frameInvalid(`encoding ${encoding} is not known`, 6);
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
  const plain = encoding === DEFLATE ? inflate(body, plainBytes, HEAD_BYTES) : body;
  if (plain.length !== plainBytes) throw frameInvalid('its length is wrong', 55);
  return { chainId, firstHeight, lastHeight, previous, payloads: splitBody(plain, count) };
}
