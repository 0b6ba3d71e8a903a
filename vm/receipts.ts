/**
 * The list of receipts of one execution, and its limit.
 *
 * Calls and returns come as bytes, written by WebAssembly into a ring behind the guest's memory,
 * laid out as the receipts root hashes them. They become objects when somebody asks for them.
 */
import { bytesToHex } from '../primitives/bytes.ts';
import { assert } from '../primitives/errors.ts';
import { LAID_LEAF_MAX, layLeaf, rootBuilder } from '../primitives/merkle/rootBuilder.ts';
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
const CALL_BLOCKS = 3;
const RETURN_BLOCKS = 2;
/** Most of what one more receipt needs. Unit: bytes. */
const SLOT_BYTES_MAX: number = CALL_BLOCKS * BLOCK_BYTES;
const FIRST_BYTES = 4_096;

/** Receipts as bytes. */
class Laid {
  bytes: Uint8Array = new Uint8Array(FIRST_BYTES);
  view: DataView = new DataView(this.bytes.buffer);
  #writer: Writer = new Writer(0, this.bytes);
  end = 0;
  /** Of each of them. */
  blocks: Uint8Array = new Uint8Array(FIRST_BYTES / BLOCK_BYTES);

  /** `count` receipts are there already. */
  add(receipt: Receipt, count: number): void {
    this.room(LAID_LEAF_MAX + BLOCK_BYTES, count + 1);
    this.#writer.pos = this.end + 1;
    writeReceipt(this.#writer, receipt);
    const length = this.#writer.pos - this.end - 1;
    this.blocks[count] = layLeaf(this.bytes, this.view, this.end, length);
    this.end += this.blocks[count]! * BLOCK_BYTES;
  }

  room(bytes: number, count: number): void {
    if (this.end + bytes > this.bytes.length) {
      const bigger = new Uint8Array(Math.max(this.bytes.length * 2, this.end + bytes));
      bigger.set(this.bytes.subarray(0, this.end));
      this.bytes = bigger;
      this.view = new DataView(bigger.buffer);
      this.#writer = new Writer(0, bigger);
    }
    if (count <= this.blocks.length) return;
    const more = new Uint8Array(Math.max(this.blocks.length * 2, count));
    more.set(this.blocks);
    this.blocks = more;
  }
}

/** See the head of the file. */
export class ReceiptList {
  /** null: only its bytes are there. */
  readonly #receipts: (Receipt | null)[] = [];
  /** All of them as bytes, once some came as bytes. */
  #laid: Laid | null = null;
  #ring: Ring | null;

  /** @param ring where calls and returns come from, emptied; null: from nowhere */
  constructor(ring: Ring | null) {
    this.#ring = ring;
    if (ring !== null) [ring.control[0], ring.control[1]] = [ring.start, 0];
  }

  get count(): number {
    const { length } = this.#receipts;
    return this.#ring === null ? length : length + this.#ring.control[1]!;
  }

  push(receipt: Receipt): void {
    this.#take();
    this.#laid?.add(receipt, this.#receipts.length);
    this.#receipts.push(receipt);
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
    const [end, count] = ring.control as unknown as [number, number];
    if (this.#laid === null) {
      const laid = new Laid();
      for (const [i, receipt] of this.#receipts.entries()) laid.add(receipt!, i);
      this.#laid = laid;
    }
    const laid = this.#laid;
    const used = end - ring.start;
    const from = this.#receipts.length;
    laid.room(used, from + count);
    laid.bytes.set(ring.bytes.subarray(ring.start, end), laid.end);
    let at = laid.end;
    for (let i = 0; i < count; i++) {
      const blocks = kindAt(laid.view, at) === KIND_CALL ? CALL_BLOCKS : RETURN_BLOCKS;
      laid.blocks[from + i] = blocks;
      this.#receipts.push(null);
      at += blocks * BLOCK_BYTES;
    }
    laid.end = at;
    [ring.control[0], ring.control[1]] = [ring.start, 0];
  }

  /** Takes what is in the ring for the last time: the machine is somebody else's from now on. */
  close(): void {
    this.#take();
    this.#ring = null;
  }

  /** All receipts so far, in their order. The list is the same one each time. */
  all(): Receipt[] {
    this.#take();
    const laid = this.#laid;
    if (laid !== null) {
      let at = 0;
      for (const [i, receipt] of this.#receipts.entries()) {
        if (receipt === null) this.#receipts[i] = receiptAt(laid.view, at);
        at += laid.blocks[i]! * BLOCK_BYTES;
      }
    }
    return this.#receipts as Receipt[];
  }

  /** The receipts root. */
  root(): B256 {
    this.#take();
    const laid = this.#laid;
    if (laid === null) return receiptsRoot(this.#receipts as Receipt[]);
    const builder = rootBuilder();
    assert(builder !== null, 'who writes receipts with WebAssembly hashes with it');
    const blocks = laid.blocks.subarray(0, this.#receipts.length);
    builder.appendLaid(laid.bytes.subarray(0, laid.end), blocks);
    return bytesToHex(builder.root());
  }
}

function kindAt(view: DataView, at: number): number {
  return view.getUint32(at + 5);
}

/** A call or a return. */
function receiptAt(view: DataView, at: number): Receipt {
  const id = (offset: number): ContractId => idText(view, at + offset);
  const u64 = (offset: number): bigint => view.getBigUint64(at + offset);
  if (kindAt(view, at) !== KIND_CALL) {
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
