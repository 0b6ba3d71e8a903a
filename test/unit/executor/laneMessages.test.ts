import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pack, unpack } from '../../../executor/laneMessages.ts';

test('packed byte strings come back, empty ones too', () => {
  const parts = [Uint8Array.of(1, 2), new Uint8Array(), Uint8Array.of(3)];
  const packed = pack(parts);
  assert.deepEqual(unpack(packed), parts);
  assert.equal(packed.bytes.byteLength, packed.bytes.buffer.byteLength);
  assert.deepEqual(unpack(pack([])), []);
});
