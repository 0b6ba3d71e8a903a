/**
 * Block headers and the roots in them. The pre-images here are packed: fields are not widened to
 * 8 bytes as in transactions.
 *
 * @source fuel-core-types 0.48.2 (behaviour)
 */

import { bytesToHex } from '../primitives/bytes.ts';
import { sha256Hex } from '../primitives/hash.ts';
import { binaryRoot } from '../primitives/merkle/binary.ts';
import { rootBuilder } from '../primitives/merkle/rootBuilder.ts';
import type { B256 } from '../primitives/types.ts';
import type { BlockHeader } from './block.ts';
import { decodeError, Reader } from './codec/reader.ts';
import { encodeReceipt, writeReceipt } from './codec/receipt.ts';
import { Writer } from './codec/writer.ts';
import type { Receipt } from './receipt.ts';

/** A header without what is derived from the rest. */
export type HeaderFields = Omit<BlockHeader, 'applicationHash' | 'id'>;

const APPLICATION_BYTES = 8 + 4 + 4 + 2 + 4 + 32 * 3;
const CONSENSUS_BYTES = 32 + 4 + 8 + 32;
const STORED_BYTES = APPLICATION_BYTES + 32 + 4 + 8;

function writeApplication(w: Writer, header: HeaderFields): void {
  w.u64(header.daHeight);
  w.rawU32(header.consensusParametersVersion);
  w.rawU32(header.stateTransitionBytecodeVersion);
  w.rawU16(header.transactionsCount);
  w.rawU32(header.messageReceiptCount);
  w.b256(header.transactionsRoot);
  w.b256(header.messageOutboxRoot);
  w.b256(header.eventInboxRoot);
}

/** Completes a header with its application hash and block id. */
export function computeHeader(fields: HeaderFields): BlockHeader {
  const application = new Writer(APPLICATION_BYTES);
  writeApplication(application, fields);
  const applicationHash = sha256Hex(application.done());
  const consensus = new Writer(CONSENSUS_BYTES);
  consensus.b256(fields.prevRoot);
  consensus.rawU32(fields.height);
  consensus.u64(fields.time);
  consensus.b256(applicationHash);
  return {
    daHeight: fields.daHeight,
    consensusParametersVersion: fields.consensusParametersVersion,
    stateTransitionBytecodeVersion: fields.stateTransitionBytecodeVersion,
    transactionsCount: fields.transactionsCount,
    messageReceiptCount: fields.messageReceiptCount,
    transactionsRoot: fields.transactionsRoot,
    messageOutboxRoot: fields.messageOutboxRoot,
    eventInboxRoot: fields.eventInboxRoot,
    height: fields.height,
    prevRoot: fields.prevRoot,
    time: fields.time,
    applicationHash,
    id: sha256Hex(consensus.done()),
  };
}

/** Our storage form of a header: its fields packed, derived ones left out. */
export function encodeHeader(header: HeaderFields): Uint8Array {
  const w = new Writer(STORED_BYTES);
  writeApplication(w, header);
  w.b256(header.prevRoot);
  w.rawU32(header.height);
  w.u64(header.time);
  return w.done();
}

/** Inverse of {@link encodeHeader}; computes the derived fields. @throws CodedError TX_DECODE */
export function decodeHeader(bytes: Uint8Array): BlockHeader {
  if (bytes.length !== STORED_BYTES) throw decodeError('BufferIsTooShort', bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const r = new Reader(bytes);
  const daHeight = r.u64();
  const consensusParametersVersion = view.getUint32(r.take(4));
  const stateTransitionBytecodeVersion = view.getUint32(r.take(4));
  const transactionsCount = view.getUint16(r.take(2));
  const messageReceiptCount = view.getUint32(r.take(4));
  const transactionsRoot = r.b256();
  const messageOutboxRoot = r.b256();
  const eventInboxRoot = r.b256();
  const prevRoot = r.b256();
  const height = view.getUint32(r.take(4));
  return computeHeader({
    daHeight,
    consensusParametersVersion,
    stateTransitionBytecodeVersion,
    transactionsCount,
    messageReceiptCount,
    transactionsRoot,
    messageOutboxRoot,
    eventInboxRoot,
    height,
    prevRoot,
    time: r.u64(),
  });
}

/** Root over the canonical bytes of executed transactions, in block order, the mint included. */
export function transactionsRoot(raws: readonly Uint8Array[]): B256 {
  const builder = rootBuilder();
  if (builder === null || raws.some(({ length }) => length > builder.leafBytesMax)) {
    return bytesToHex(binaryRoot(raws));
  }
  for (const raw of raws) {
    builder.bytes.set(raw, builder.leafAt);
    builder.append(raw.length);
  }
  return bytesToHex(builder.root());
}

/** Writes where the builder of receipt roots reads. */
let leafWriter: Writer | null = null;

/** Root over the canonical bytes of a script's receipts. */
export function receiptsRoot(receipts: readonly Receipt[]): B256 {
  const builder = rootBuilder();
  if (builder === null) return bytesToHex(binaryRoot(receipts.map(encodeReceipt)));
  leafWriter ??= new Writer(0, builder.bytes);
  for (const receipt of receipts) {
    const at = builder.leafAt;
    leafWriter.pos = at;
    writeReceipt(leafWriter, receipt);
    builder.append(leafWriter.pos - at);
  }
  return bytesToHex(builder.root());
}
