/**
 * Receipts on the wire. The canonical form, which the receipts root hashes, leaves out payloads,
 * the panic reason and the panic's contract; the storage form appends them.
 *
 * @source fuel-specs abi/receipts; fuel-tx 0.66.4
 */

import { readU32 } from '../../primitives/bytes.ts';
import { assert } from '../../primitives/errors.ts';
import type { ContractId } from '../../primitives/types.ts';
import type { PanicReceipt, Receipt } from '../receipt.ts';
import { decodeError, Reader } from './reader.ts';
import { Writer } from './writer.ts';

type Field = 'u64' | 'b256' | 'instruction' | 'result';
type Row = {
  readonly type: Receipt['type'];
  /** Fields between `pc`/`is` and the discriminant, in order. */
  readonly fields: readonly (readonly [name: string, kind: Field])[];
};

const id = ['id', 'b256'] as const;
const AT = [
  ['pc', 'u64'],
  ['is', 'u64'],
] as const;
const u64 = <N extends string>(name: N): readonly [N, 'u64'] => [name, 'u64'];
const b256 = <N extends string>(name: N): readonly [N, 'b256'] => [name, 'b256'];

/** Sorted by discriminant. */
// biome-ignore format: one row per receipt
const ROWS: readonly Row[] = [
  { type: 'call', fields: [id, b256('to'), u64('amount'), b256('assetId'), u64('gas'), u64('param1'), u64('param2'), ...AT] },
  { type: 'return', fields: [id, u64('val'), ...AT] },
  { type: 'returnData', fields: [id, u64('ptr'), u64('len'), b256('digest'), ...AT] },
  { type: 'panic', fields: [id, ['instruction', 'instruction'], ...AT] },
  { type: 'revert', fields: [id, u64('ra'), ...AT] },
  { type: 'log', fields: [id, u64('ra'), u64('rb'), u64('rc'), u64('rd'), ...AT] },
  { type: 'logData', fields: [id, u64('ra'), u64('rb'), u64('ptr'), u64('len'), b256('digest'), ...AT] },
  { type: 'transfer', fields: [id, b256('to'), u64('amount'), b256('assetId'), ...AT] },
  { type: 'transferOut', fields: [id, b256('to'), u64('amount'), b256('assetId'), ...AT] },
  { type: 'scriptResult', fields: [['result', 'result'], u64('gasUsed')] },
  { type: 'messageOut', fields: [b256('sender'), b256('recipient'), u64('amount'), b256('nonce'), u64('len'), b256('digest')] },
  { type: 'mint', fields: [b256('subId'), b256('contractId'), u64('val'), ...AT] },
  { type: 'burn', fields: [b256('subId'), b256('contractId'), u64('val'), ...AT] },
];

const KIND_OF: ReadonlyMap<string, number> = new Map(ROWS.map((row, i) => [row.type, i]));
const FIXED_BYTES: readonly number[] = ROWS.map((row) =>
  row.fields.reduce((sum, [, kind]) => sum + (kind === 'b256' ? 32 : 8), 8),
);

/** Results above this one carry their value in a second word. */
const RESULT_PANIC = 2n;

type Values = Record<string, unknown>;

function sizeBytes(receipt: Receipt, kind: number): number {
  const generic = receipt.type === 'scriptResult' && receipt.result > RESULT_PANIC;
  return FIXED_BYTES[kind]! + (generic ? 8 : 0);
}

const CALL = 0;
const RETURN = 1;
const RETURN_DATA = 2;
const LOG = 5;
const LOG_DATA = 6;
const SCRIPT_RESULT = 9;

/** The commonest receipts are written field by field: looking fields up by name is slow. */
function write(w: Writer, receipt: Receipt, kind: number): void {
  w.word(kind);
  if (receipt.type === 'call') {
    w.knownId(receipt.id);
    w.knownId(receipt.to);
    w.u64(receipt.amount);
    w.knownId(receipt.assetId);
    w.u64(receipt.gas);
    w.u64(receipt.param1);
    w.u64(receipt.param2);
  } else if (receipt.type === 'return') {
    w.knownId(receipt.id);
    w.u64(receipt.val);
  } else if (receipt.type === 'log') {
    w.knownId(receipt.id);
    w.u64(receipt.ra);
    w.u64(receipt.rb);
    w.u64(receipt.rc);
    w.u64(receipt.rd);
  } else if (receipt.type === 'returnData') {
    w.knownId(receipt.id);
    w.u64(receipt.ptr);
    w.u64(receipt.len);
    w.b256(receipt.digest);
  } else if (receipt.type === 'logData') {
    w.knownId(receipt.id);
    w.u64(receipt.ra);
    w.u64(receipt.rb);
    w.u64(receipt.ptr);
    w.u64(receipt.len);
    w.b256(receipt.digest);
  } else {
    writeFields(w, receipt, kind);
    return;
  }
  w.u64(receipt.pc);
  w.u64(receipt.is);
}

function writeFields(w: Writer, receipt: Receipt, kind: number): void {
  const values = receipt as unknown as Values;
  for (const [name, field] of ROWS[kind]!.fields) {
    const value = values[name];
    if (field === 'b256') w.b256(value as string);
    else if (field === 'u64') w.u64(value as bigint);
    else if (field === 'instruction') w.word(value as number);
    else if ((value as bigint) <= RESULT_PANIC) w.u64(value as bigint);
    else {
      w.word(3);
      w.u64(value as bigint);
    }
  }
}

function readResult(r: Reader): bigint {
  const kind = r.discriminant();
  if (kind < 0 || kind > 3) throw decodeError('UnknownDiscriminant', r.pos - 8);
  return kind === 3 ? r.u64() : BigInt(kind);
}

const NO_DATA = new Uint8Array(0);

/** As {@link write}; null: another receipt, of which nothing is read. */
function readCommon(r: Reader, kind: number): Receipt | null {
  // The order of the fields is that of the bytes.
  switch (kind) {
    case CALL:
      return {
        type: 'call',
        id: r.b256(),
        to: r.b256(),
        amount: r.u64(),
        assetId: r.b256(),
        gas: r.u64(),
        param1: r.u64(),
        param2: r.u64(),
        pc: r.u64(),
        is: r.u64(),
      };
    case RETURN:
      return { type: 'return', id: r.b256(), val: r.u64(), pc: r.u64(), is: r.u64() };
    case RETURN_DATA:
      return {
        type: 'returnData',
        id: r.b256(),
        ptr: r.u64(),
        len: r.u64(),
        digest: r.b256(),
        pc: r.u64(),
        is: r.u64(),
        data: NO_DATA,
      };
    case LOG:
      return {
        type: 'log',
        id: r.b256(),
        ra: r.u64(),
        rb: r.u64(),
        rc: r.u64(),
        rd: r.u64(),
        pc: r.u64(),
        is: r.u64(),
      };
    case LOG_DATA:
      return {
        type: 'logData',
        id: r.b256(),
        ra: r.u64(),
        rb: r.u64(),
        ptr: r.u64(),
        len: r.u64(),
        digest: r.b256(),
        pc: r.u64(),
        is: r.u64(),
        data: NO_DATA,
      };
    case SCRIPT_RESULT:
      return { type: 'scriptResult', result: readResult(r), gasUsed: r.u64() };
    default:
      return null;
  }
}

function read(r: Reader): Receipt {
  const kind = r.discriminant();
  const common = readCommon(r, kind);
  if (common !== null) return common;
  const row = ROWS[kind];
  if (row === undefined) throw decodeError('UnknownDiscriminant', r.pos - 8);
  const values: Values = { type: row.type };
  for (const [name, field] of row.fields) {
    if (field === 'b256') values[name] = r.b256();
    else if (field === 'u64') values[name] = r.u64();
    else values[name] = field === 'instruction' ? r.u32() : readResult(r);
  }
  if (row.type === 'messageOut') values['data'] = NO_DATA;
  else if (row.type === 'panic') {
    values['reason'] = 0;
    values['contractId'] = null;
  }
  return values as unknown as Receipt;
}

function kindOf(receipt: Receipt): number {
  const kind = KIND_OF.get(receipt.type);
  assert(kind !== undefined, 'every receipt type has a row');
  return kind;
}

/** Writes the canonical bytes. */
export function writeReceipt(w: Writer, receipt: Receipt): void {
  write(w, receipt, kindOf(receipt));
}

/** Canonical bytes of a receipt: the leaves of the receipts root. */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const kind = kindOf(receipt);
  const w = new Writer(sizeBytes(receipt, kind));
  write(w, receipt, kind);
  return w.done();
}

/**
 * Reads canonical bytes. Payloads come back empty, a panic's reason as 0 and its contract as null:
 * the canonical form does not carry them.
 *
 * @throws CodedError TX_DECODE
 */
export function decodeReceipt(bytes: Uint8Array): { receipt: Receipt; bytesUsed: number } {
  const r = new Reader(bytes);
  const receipt = read(r);
  return { receipt, bytesUsed: r.pos };
}

function extraBytes(receipt: Receipt): number {
  if (receipt.type === 'panic') return 2 + (receipt.contractId === null ? 0 : 32);
  return 'data' in receipt ? 4 + receipt.data.length : 0;
}

function writePanicExtra(w: Writer, receipt: PanicReceipt): void {
  w.rawU8(receipt.reason);
  w.rawU8(receipt.contractId === null ? 0 : 1);
  if (receipt.contractId !== null) w.b256(receipt.contractId);
}

/** What {@link writeReceiptWithData} writes. Unit: bytes. */
export function receiptBytesWithData(receipt: Receipt): number {
  return sizeBytes(receipt, kindOf(receipt)) + extraBytes(receipt);
}

/** Canonical bytes followed by what they leave out: our own storage form. */
export function writeReceiptWithData(w: Writer, receipt: Receipt): void {
  write(w, receipt, kindOf(receipt));
  if (receipt.type === 'panic') writePanicExtra(w, receipt);
  else if ('data' in receipt) {
    w.rawU32(receipt.data.length);
    w.rawBytes(receipt.data);
  }
}

function readWithData(r: Reader): Receipt {
  const receipt = read(r);
  if (receipt.type === 'panic') {
    receipt.reason = r.bytes[r.take(1)]!;
    const named = r.bytes[r.take(1)]! === 1;
    receipt.contractId = named ? (r.b256() as ContractId) : null;
  } else if ('data' in receipt) {
    const length = readU32(r.bytes, r.take(4));
    receipt.data = r.rawBytes(length);
  }
  return receipt;
}

/** As {@link writeReceiptWithData}. */
export function encodeReceiptWithData(receipt: Receipt): Uint8Array {
  const w = new Writer(receiptBytesWithData(receipt));
  writeReceiptWithData(w, receipt);
  return w.done();
}

/** Inverse of {@link encodeReceiptWithData}. @throws CodedError TX_DECODE */
export function decodeReceiptWithData(bytes: Uint8Array): {
  receipt: Receipt;
  bytesUsed: number;
} {
  const r = new Reader(bytes);
  return { receipt: readWithData(r), bytesUsed: r.pos };
}

/** All receipts of a transaction in the form of {@link encodeReceiptWithData}, one after the other. */
export function encodeReceiptsWithData(receipts: readonly Receipt[]): Uint8Array {
  let size = 0;
  for (const receipt of receipts) size += receiptBytesWithData(receipt);
  const w = new Writer(size);
  for (const receipt of receipts) writeReceiptWithData(w, receipt);
  return w.done();
}

/** Inverse of {@link encodeReceiptsWithData}. @throws CodedError TX_DECODE */
export function decodeReceiptsWithData(bytes: Uint8Array): Receipt[] {
  const r = new Reader(bytes);
  const receipts: Receipt[] = [];
  while (r.pos < bytes.length) receipts.push(readWithData(r));
  return receipts;
}
