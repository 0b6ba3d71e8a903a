import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToHex } from '../../../primitives/bytes.ts';
import { idText } from '../../../vm/ids.ts';
import { Random } from '../../diff/long/random.ts';

test('ids in memory read as their text, however many there are', () => {
  const random = new Random(11);
  const bytes = new Uint8Array(64 * 1024);
  const view = new DataView(bytes.buffer);
  bytes.set(random.bytes(bytes.length));
  for (let round = 0; round < 2; round++) {
    for (let at = 0; at + 32 <= bytes.length; at += 29) {
      assert.equal(idText(view, at), bytesToHex(bytes.subarray(at, at + 32)));
    }
  }
});

test('ids that differ in one byte only are told apart', () => {
  const view = new DataView(new ArrayBuffer(40), 4);
  const zero = idText(view, 0);
  assert.equal(zero, `0x${'00'.repeat(32)}`);
  for (let i = 0; i < 32; i++) {
    view.setUint8(i, 1);
    const hex = `${'00'.repeat(i)}01${'00'.repeat(31 - i)}`;
    assert.equal(idText(view, 0), `0x${hex}`);
    view.setUint8(i, 0);
    assert.equal(idText(view, 0), zero);
  }
});
