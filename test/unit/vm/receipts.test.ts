import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256Hex } from '../../../primitives/hash.ts';
import { encodeReceipt } from '../../../tx/codec/receipt.ts';
import { receiptsRoot } from '../../../tx/header.ts';
import type { Receipt } from '../../../tx/receipt.ts';
import { RECEIPTS_MAX, ReceiptList, type Ring, receiptFits } from '../../../vm/receipts.ts';

test('the last two places are kept for the panic and the script result', () => {
  assert.equal(receiptFits(RECEIPTS_MAX - 3, 'log'), true);
  assert.equal(receiptFits(RECEIPTS_MAX - 2, 'log'), false);
  assert.equal(receiptFits(RECEIPTS_MAX - 2, 'panic'), true);
  assert.equal(receiptFits(RECEIPTS_MAX - 1, 'panic'), false);
  assert.equal(receiptFits(RECEIPTS_MAX - 1, 'scriptResult'), true);
  assert.equal(receiptFits(RECEIPTS_MAX, 'scriptResult'), false);
});

const START = 100;

function ring(slots: number): Ring {
  const bytes = new Uint8Array(START + slots * 192);
  return { bytes, start: START, end: bytes.length, control: new Int32Array(2) };
}

/** Number `i` of a row of calls, returns and others. */
function receipt(i: number): Receipt {
  const id = sha256Hex(Uint8Array.of(i));
  const at = { pc: BigInt(i), is: 2n ** 40n };
  if (i % 5 === 3) return { type: 'return', id, val: BigInt(i) << 40n, ...at };
  if (i % 7 === 5) return { type: 'log', id, ra: 1n, rb: 2n, rc: 3n, rd: BigInt(i), ...at };
  const amount = BigInt(i * 3);
  const params = { gas: 77n, param1: 5n, param2: 2n ** 63n };
  return {
    type: 'call',
    id,
    to: id,
    amount,
    assetId: sha256Hex(Uint8Array.of(i, 1)),
    ...params,
    ...at,
  };
}

/** Writes a call or return as WebAssembly does. */
function write(ring: Ring, receipt: Receipt): void {
  const at = ring.control[0]!;
  const bytes = encodeReceipt(receipt);
  const slot = receipt.type === 'call' ? 192 : 128;
  ring.bytes.fill(0, at, at + slot);
  ring.bytes.set(bytes, at + 1);
  ring.bytes[at + 1 + bytes.length] = 0x80;
  new DataView(ring.bytes.buffer).setUint32(at + slot - 4, (1 + bytes.length) * 8);
  ring.control[0] = at + slot;
  ring.control[1]! += 1;
}

test('receipts as bytes and as objects keep their order, and give one root', () => {
  for (const slots of [1, 2, 7, 300]) {
    const from = ring(slots);
    const list = new ReceiptList(from);
    const expected: Receipt[] = [];
    for (let i = 0; i < 250; i++) {
      const next = receipt(i);
      if (next.type === 'log') list.push(next);
      else {
        list.makeRoom();
        write(from, next);
      }
      expected.push(next);
      assert.equal(list.count, i + 1);
    }
    const root = receiptsRoot(expected);
    assert.equal(list.root(), root, `ring of ${slots}`);
    assert.deepEqual(list.all(), expected);
    assert.equal(list.root(), root, 'once they are objects');
  }
});

test('a list that is closed is done with the ring', () => {
  const from = ring(4);
  const first = new ReceiptList(from);
  write(from, receipt(0));
  first.close();
  const second = new ReceiptList(from);
  write(from, receipt(3));
  write(from, receipt(1));
  assert.deepEqual(first.all(), [receipt(0)]);
  assert.deepEqual(second.all(), [receipt(3), receipt(1)]);
});
