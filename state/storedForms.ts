/** Stored forms of blocks and transactions: the rows whose length varies. */

import { utf8 } from '../primitives/bytes.ts';
import type { B256, TxId } from '../primitives/types.ts';
import type { BlockHeader, Consensus } from '../tx/block.ts';
import {
  decodeReceiptWithData,
  receiptBytesWithData,
  writeReceiptWithData,
} from '../tx/codec/receipt.ts';
import { Writer } from '../tx/codec/writer.ts';
import { decodeConsensus, encodeConsensus } from '../tx/consensus.ts';
import { decodeHeader, encodeHeader } from '../tx/header.ts';
import type { ProgramState, Receipt } from '../tx/receipt.ts';
import type { UploadedBytecode } from '../vm/ports.ts';
import type { ValueCodec } from './fields.ts';
import { ByteCursor, ByteParts, b256, corruptRow, u8, u32, u64, unfilled } from './fields.ts';

/** A block with what the chain knows about it. */
export type BlockRow = {
  readonly header: BlockHeader;
  readonly consensus: Consensus;
  /** Root of the mountain range over the ids up to and including this block. */
  readonly blocksRoot: B256;
  readonly transactionIds: readonly TxId[];
};

/** A transaction with its outcome; the pointer is its key, id and time of the block are there. */
export type TxRow = {
  readonly id: TxId;
  readonly success: boolean;
  readonly programState: ProgramState | null;
  readonly reason: string | null;
  readonly totalGas: bigint;
  readonly totalFee: bigint;
  readonly raw: Uint8Array;
  readonly receipts: readonly Receipt[];
};

/** State of the mountain range behind the newest block. */
export type PeaksRow = { readonly leafCount: number; readonly peaks: readonly Uint8Array[] };

const HASH_BYTES = 32;
const textDecoder = new TextDecoder();

export const blockForm: ValueCodec<BlockRow> = {
  encode(block) {
    const parts = new ByteParts()
      .sized(encodeHeader(block.header))
      .sized(encodeConsensus(block.consensus))
      .field(b256, block.blocksRoot)
      .field(u32, block.transactionIds.length);
    for (const id of block.transactionIds) parts.field(b256, id);
    return parts.done();
  },
  decode(bytes) {
    const from = new ByteCursor(bytes, 'block');
    const header = decodeHeader(from.sized());
    const consensus = decodeConsensus(from.sized());
    const blocksRoot = from.field(b256);
    const count = from.field(u32);
    const transactionIds: TxId[] = [];
    for (let i = 0; i < count; i++) transactionIds.push(from.field(b256));
    from.end();
    return { header, consensus, blocksRoot, transactionIds };
  },
};

const NO_BYTES = new Uint8Array(0);
/** Id, success, gas, fee; tag of the state; tag and lengths of reason, bytes and receipts. */
const TX_FIXED_BYTES = HASH_BYTES + 1 + 8 + 8 + 1 + (1 + 4) + 4 + 4;

function stateBytes(state: ProgramState | null): number {
  if (state === null) return 0;
  return state.type === 'returnData' ? HASH_BYTES : 8;
}

function writeProgramState(w: Writer, state: ProgramState | null): void {
  if (state === null) {
    w.rawU8(0);
  } else if (state.type === 'returnData') {
    w.rawU8(2);
    w.b256(state.digest);
  } else {
    w.rawU8(state.type === 'return' ? 1 : 3);
    w.u64(state.value);
  }
}

/** One buffer, filled from front to back: there is one for every transaction of a block. */
function encodeTxRow(tx: TxRow): Uint8Array {
  const { raw, receipts, programState } = tx;
  const reason = tx.reason === null ? NO_BYTES : utf8(tx.reason);
  let size = TX_FIXED_BYTES + stateBytes(programState) + reason.length + raw.length;
  for (const receipt of receipts) size += 4 + receiptBytesWithData(receipt);
  const w = new Writer(size, unfilled(size));
  w.b256(tx.id);
  w.rawU8(tx.success ? 1 : 0);
  w.u64(tx.totalGas);
  w.u64(tx.totalFee);
  writeProgramState(w, programState);
  w.rawU8(tx.reason === null ? 0 : 1);
  w.rawU32(reason.length);
  w.rawBytes(reason);
  w.rawU32(raw.length);
  w.rawBytes(raw);
  w.rawU32(receipts.length);
  for (const receipt of receipts) {
    w.rawU32(receiptBytesWithData(receipt));
    writeReceiptWithData(w, receipt);
  }
  return w.done();
}

function readProgramState(from: ByteCursor): ProgramState | null {
  const tag = from.field(u8);
  if (tag === 0) return null;
  if (tag === 1) return { type: 'return', value: from.field(u64) };
  if (tag === 2) return { type: 'returnData', digest: from.field(b256) };
  if (tag === 3) return { type: 'revert', value: from.field(u64) };
  throw corruptRow('program state');
}

export const txForm: ValueCodec<TxRow> = {
  encode: encodeTxRow,
  decode(bytes) {
    const from = new ByteCursor(bytes, 'transaction');
    const id = from.field(b256);
    const success = from.field(u8) === 1;
    const totalGas = from.field(u64);
    const totalFee = from.field(u64);
    const programState = readProgramState(from);
    const hasReason = from.field(u8) === 1;
    const reasonText = textDecoder.decode(from.sized());
    const raw = from.sized().slice();
    const count = from.field(u32);
    const receipts: Receipt[] = [];
    for (let i = 0; i < count; i++) receipts.push(decodeReceiptWithData(from.sized()).receipt);
    from.end();
    const reason = hasReason ? reasonText : null;
    const outcome = { success, programState, reason, totalGas, totalFee };
    return { id, ...outcome, raw, receipts };
  },
};

export const peaksForm: ValueCodec<PeaksRow> = {
  encode(row) {
    const parts = new ByteParts().field(u32, row.leafCount).field(u32, row.peaks.length);
    for (const peak of row.peaks) parts.raw(peak);
    return parts.done();
  },
  decode(bytes) {
    const from = new ByteCursor(bytes, 'mountain range');
    const leafCount = from.field(u32);
    const count = from.field(u32);
    const peaks: Uint8Array[] = [];
    for (let i = 0; i < count; i++) peaks.push(from.take(HASH_BYTES).slice());
    from.end();
    return { leafCount, peaks };
  },
};

export const uploadForm: ValueCodec<UploadedBytecode> = {
  encode(upload) {
    const parts = new ByteParts();
    if (upload.type === 'completed') return parts.field(u8, 1).sized(upload.bytecode).done();
    return parts.field(u8, 0).sized(upload.bytecode).field(u32, upload.uploadedSubsections).done();
  },
  decode(bytes) {
    const from = new ByteCursor(bytes, 'uploaded bytecode');
    const completed = from.field(u8) === 1;
    const bytecode = from.sized().slice();
    if (completed) return { type: 'completed', bytecode };
    return { type: 'uncompleted', bytecode, uploadedSubsections: from.field(u32) };
  },
};
