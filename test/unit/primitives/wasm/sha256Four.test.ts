import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { webAssembly } from '../../../../primitives/wasm/host.ts';
import { FOUR_SCRATCH_BYTES, fourKernel } from '../../../../primitives/wasm/sha256Four.ts';

const host = webAssembly!;
const SCRATCH = 64;
const FROM = 8192 + 3;
const TO = 32_768;

function kernel(): { bytes: Uint8Array; four: ReturnType<typeof fourKernel> } {
  const memory = new host.Memory({ initial: 2 });
  return { bytes: new Uint8Array(memory.buffer), four: fourKernel(host, memory, SCRATCH) };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const message = (i: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + i * 91 + length * 7 + 1) & 255);

test('four messages of one to four blocks, each with its own length', () => {
  const { bytes, four } = kernel();
  for (let blocks = 1; blocks <= 4; blocks++) {
    for (let turn = 0; turn < 20; turn++) {
      const messages = [0, 1, 2, 3].map((i) =>
        message(i, blocks * 64 - 9 - ((turn + i * 17) % 55)),
      );
      for (const [i, data] of messages.entries()) {
        const at = FROM + i * 300;
        bytes.fill(0, at, at + blocks * 64);
        bytes.set(data, at);
        bytes[at + data.length] = 0x80;
        new DataView(bytes.buffer).setUint32(at + blocks * 64 - 4, data.length * 8);
      }
      const [a, b, c, d] = [FROM, FROM + 300, FROM + 600, FROM + 900];
      four.messages(blocks, a, b, c, d, TO, TO + 32, TO + 96, TO + 200);
      const results = [0, 32, 96, 200].map((at) => hex(bytes.subarray(TO + at, TO + at + 32)));
      assert.deepEqual(results, messages.map(sha), `${blocks} blocks, turn ${turn}`);
    }
  }
});

test('first blocks that are alike, in some or all messages, again and again', () => {
  const { bytes, four } = kernel();
  const starts = [0, 1, 2].map((i) => message(i, 64));
  const picks = [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0];
  for (let turn = 0; turn < picks.length / 4; turn++) {
    for (const blocks of [2, 3, 2]) {
      const to: number[] = [];
      const expected = [0, 1, 2, 3].map((i) => {
        const rest = message(turn * 4 + i, blocks * 64 - 64 - 9);
        const data = Buffer.concat([starts[picks[turn * 4 + i]!]!, rest]);
        const at = FROM + i * 300;
        bytes.fill(0, at, at + blocks * 64);
        bytes.set(data, at);
        bytes[at + data.length] = 0x80;
        new DataView(bytes.buffer).setUint32(at + blocks * 64 - 4, data.length * 8);
        to.push(TO + i * 32);
        return sha(data);
      });
      const [a, b, c, d] = [FROM, FROM + 300, FROM + 600, FROM + 900];
      four.messages(blocks, a, b, c, d, to[0]!, to[1]!, to[2]!, to[3]!);
      const results = to.map((at) => hex(bytes.subarray(at, at + 32)));
      assert.deepEqual(results, expected, `turn ${turn}, ${blocks} blocks`);
    }
  }
});

test('nodes over their own children', () => {
  const { bytes, four } = kernel();
  for (const groups of [0, 1, 2, 5]) {
    const pairs = message(groups, groups * 256);
    bytes.set(pairs, FROM);
    four.nodes(FROM, FROM, groups);
    for (let i = 0; i < groups * 4; i++) {
      const at = FROM + i * 32;
      const node = Buffer.concat([Uint8Array.of(1), pairs.subarray(i * 64, i * 64 + 64)]);
      assert.equal(hex(bytes.subarray(at, at + 32)), sha(node), `node ${i} of ${groups * 4}`);
    }
  }
});

test('nothing but digests and the scratch is written', () => {
  const { bytes, four } = kernel();
  bytes.fill(0xee, SCRATCH + FOUR_SCRATCH_BYTES);
  four.messages(2, FROM, FROM, FROM, FROM, TO, TO + 32, TO + 64, TO + 96);
  four.nodes(FROM, TO + 128, 1);
  assert.ok(bytes.subarray(0, SCRATCH).every((byte) => byte === 0));
  bytes.fill(0xee, TO, TO + 256);
  assert.ok(bytes.subarray(SCRATCH + FOUR_SCRATCH_BYTES).every((byte) => byte === 0xee));
});
