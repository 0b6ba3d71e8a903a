import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { keccak_256 } from '@noble/hashes/sha3.js';
import {
  HASH_SCRATCH_BYTES,
  hashKernel,
  hashModule,
} from '../../../../primitives/wasm/hashKernel.ts';
import { webAssembly } from '../../../../primitives/wasm/host.ts';

const host = webAssembly!;
const SCRATCH = 1000;
const FROM = 4096 + 3;

function kernel(): { bytes: Uint8Array; hashes: ReturnType<typeof hashKernel> } {
  const memory = new host.Memory({ initial: 2 });
  return { bytes: new Uint8Array(memory.buffer), hashes: hashKernel(host, memory, SCRATCH) };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const message = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + length * 7 + 1) & 255);

test('the kernel agrees with native and JavaScript hashes for every length around blocks', () => {
  const { bytes, hashes } = kernel();
  for (let length = 0; length <= 300; length++) {
    const data = message(length);
    bytes.set(data, FROM);
    hashes.sha256(FROM, length, 64);
    const sha = createHash('sha256').update(data).digest('hex');
    assert.equal(hex(bytes.subarray(64, 96)), sha, `sha256 of ${length} bytes`);
    hashes.keccak256(FROM, length, 64);
    assert.equal(hex(bytes.subarray(64, 96)), hex(keccak_256(data)), `keccak of ${length} bytes`);
  }
});

test('the digest may overwrite its own input', () => {
  const { bytes, hashes } = kernel();
  for (const length of [32, 64, 65, 200]) {
    const data = message(length);
    bytes.set(data, FROM);
    hashes.sha256(FROM, length, FROM + 8);
    const sha = createHash('sha256').update(data).digest('hex');
    assert.equal(hex(bytes.subarray(FROM + 8, FROM + 40)), sha);
    bytes.set(data, FROM);
    hashes.keccak256(FROM, length, FROM);
    assert.equal(hex(bytes.subarray(FROM, FROM + 32)), hex(keccak_256(data)));
  }
});

test('nothing but scratch and digest is written', () => {
  const { bytes, hashes } = kernel();
  bytes.fill(0xee);
  const memory = new host.Memory({ initial: 2 });
  const fresh = new Uint8Array(memory.buffer).fill(0xee);
  const own = hashKernel(host, memory, SCRATCH);
  for (const length of [0, 32, 55, 56, 64, 136, 500]) {
    own.sha256(FROM, length, 64);
    own.keccak256(FROM, length, 64);
  }
  fresh.fill(0xee, SCRATCH, SCRATCH + HASH_SCRATCH_BYTES);
  fresh.fill(0xee, 64, 96);
  assert.ok(fresh.every((byte) => byte === 0xee));
  assert.ok(hashes.sha256 !== own.sha256);
});

test('the module stays small enough to be compiled at once', () => {
  assert.ok(hashModule(0).length < 40_000);
});
