/**
 * The list of receipts of one execution, and its limit.
 *
 * Calls and returns come as bytes, written by WebAssembly into a ring behind the guest's memory,
 * laid out as the receipts root hashes them. They become objects when somebody asks for them.
 */
import { bytesToHex } from '../primitives/bytes.ts';
import { assert } from '../primitives/errors.ts';
import { type RootBuilder, rootBuilder } from '../primitives/merkle/rootBuilder.ts';
import type { B256, ContractId } from '../primitives/types.ts';
import { writeReceipt } from '../tx/codec/receipt.ts';
import { Writer } from '../tx/codec/writer.ts';
import { receiptsRoot } from '../tx/header.ts';
import type { Receipt } from '../tx/receipt.ts';
import { idText } from './ids.ts';

/** Receipts of one transaction, ScriptResult included. */
export const RECEIPTS_MAX = 65_535;

/**
 * Whether one more receipt fits: the last two places are kept for Panic and ScriptResult, so that
 * every execution can be closed.
 */
export function receiptFits(count: number, type: Receipt['type']): boolean {
  if (type === 'scriptResult') return count < RECEIPTS_MAX;
  if (type === 'panic') return count < RECEIPTS_MAX - 1;
  return count < RECEIPTS_MAX - 2;
}

/** Bytes of receipts that WebAssembly wrote, one behind the other. */
export type Ring = {
  /** The memory, and where the first receipt lies and the last one ends at most. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Where the next one goes, and how many there are. */
  readonly control: Int32Array;
};

const BLOCK_BYTES = 64;
/** Kinds of the receipts in the ring, and blocks of their hashes. */
const KIND_CALL = 0;
/** The last byte of the kind. */
const KIND_AT = 8;
const CALL_BLOCKS = 3;
const RETURN_BLOCKS = 2;
/** Most of what one more receipt needs. Unit: bytes. */
const SLOT_BYTES_MAX: number = CALL_BLOCKS * BLOCK_BYTES;

/** Receipts that came as bytes, one behind the other; blocks of each of them. */
type Chunk = { readonly bytes: Uint8Array; readonly blocks: Uint8Array };

/** Writes where the builder of receipt roots reads. */
let leafWriter: Writer | null = null;

/** See the head of the file. */
export class ReceiptList {
  #items: (Receipt | Chunk)[] = [];
  #taken = 0;
  #hasChunks = false;
  #ring: Ring | null;

  /** @param ring where calls and returns come from, emptied; null: from nowhere */
  constructor(ring: Ring | null) {
    this.#ring = ring;
    if (ring !== null) [ring.control[0], ring.control[1]] = [ring.start, 0];
  }

  get count(): number {
    return this.#ring === null ? this.#taken : this.#taken + this.#ring.control[1]!;
  }

  push(receipt: Receipt): void {
    this.#take();
    this.#items.push(receipt);
    this.#taken += 1;
  }

  /** Makes room for one more receipt in the ring. */
  makeRoom(): void {
    const ring = this.#ring;
    if (ring !== null && ring.control[0]! + SLOT_BYTES_MAX > ring.end) this.#take();
  }

  /** Takes what is in the ring. */
  #take(): void {
    const ring = this.#ring;
    if (ring === null || ring.control[1] === 0) return;
    const bytes = ring.bytes.slice(ring.start, ring.control[0]);
    const blocks = new Uint8Array(ring.control[1]!);
    for (let i = 0, at = 0; i < blocks.length; i++) {
      const length = bytes[at + KIND_AT] === KIND_CALL ? CALL_BLOCKS : RETURN_BLOCKS;
      blocks[i] = length;
      at += length * BLOCK_BYTES;
    }
    this.#items.push({ bytes, blocks });
    this.#taken += blocks.length;
    this.#hasChunks = true;
    [ring.control[0], ring.control[1]] = [ring.start, 0];
  }

  /** Takes what is in the ring for the last time: the machine is somebody else's from now on. */
  close(): void {
    this.#take();
    this.#ring = null;
  }

  /** All receipts so far, in their order. */
  all(): readonly Receipt[] {
    this.#take();
    if (this.#hasChunks) {
      const receipts: Receipt[] = [];
      for (const item of this.#items) {
        if (isChunk(item)) addReceipts(receipts, item);
        else receipts.push(item);
      }
      this.#items = receipts;
      this.#hasChunks = false;
    }
    return this.#items as Receipt[];
  }

  /** The receipts root. */
  root(): B256 {
    this.#take();
    if (!this.#hasChunks) return receiptsRoot(this.#items as Receipt[]);
    const builder = rootBuilder();
    assert(builder !== null, 'who writes receipts with WebAssembly hashes with it');
    leafWriter ??= new Writer(0, builder.bytes);
    for (const item of this.#items) {
      if (isChunk(item)) builder.appendLaid(item.bytes, item.blocks);
      else appendTo(builder, leafWriter, item);
    }
    return bytesToHex(builder.root());
  }
}

function isChunk(item: Receipt | Chunk): item is Chunk {
  return 'blocks' in item;
}

function addReceipts(to: Receipt[], { bytes, blocks }: Chunk): void {
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const length of blocks) {
    to.push(receiptAt(view, at));
    at += length * BLOCK_BYTES;
  }
}

function appendTo(builder: RootBuilder, writer: Writer, receipt: Receipt): void {
  const at = builder.leafAt;
  writer.pos = at;
  writeReceipt(writer, receipt);
  builder.append(writer.pos - at);
}

/** A call or a return. */
function receiptAt(view: DataView, at: number): Receipt {
  const id = (offset: number): ContractId => idText(view, at + offset);
  const u64 = (offset: number): bigint => view.getBigUint64(at + offset);
  if (view.getUint8(at + KIND_AT) !== KIND_CALL) {
    return { type: 'return', id: id(9), val: u64(41), pc: u64(49), is: u64(57) };
  }
  return {
    type: 'call',
    id: id(9),
    to: id(41),
    amount: u64(73),
    assetId: id(81),
    gas: u64(113),
    param1: u64(121),
    param2: u64(129),
    pc: u64(137),
    is: u64(145),
  };
}
