import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToHex } from '../../../../primitives/bytes.ts';
import { binaryRoot } from '../../../../primitives/merkle/binary.ts';
import { RootBuilder, rootBuilder } from '../../../../primitives/merkle/rootBuilder.ts';
import { webAssembly } from '../../../../primitives/wasm/host.ts';

function leaf(i: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (i * 17 + at * 5 + length) & 255);
}

function rootOf(builder: RootBuilder, leaves: readonly Uint8Array[]): string {
  for (const bytes of leaves) {
    builder.bytes.set(bytes, builder.leafAt);
    builder.append(bytes.length);
  }
  return bytesToHex(builder.root());
}

test('the builder gives the root of the tree, again and again', () => {
  const builder = new RootBuilder(webAssembly!);
  for (let count = 0; count < 70; count++) {
    const leaves = Array.from({ length: count }, (_, i) => leaf(i, (i * 13) % 200));
    assert.equal(rootOf(builder, leaves), bytesToHex(binaryRoot(leaves)), `${count} leaves`);
  }
});

/** Longest leaf of three blocks. Unit: bytes. */
const LAID_LEAF_MAX = 3 * 64 - 9 - 1;

/** Lays leaves out in one buffer, as a list of receipts does. */
function laidOut(leaves: readonly Uint8Array[]): { laid: Uint8Array; blocks: Uint8Array } {
  const laid = new Uint8Array(leaves.length * 192);
  const view = new DataView(laid.buffer);
  const blocks = new Uint8Array(leaves.length);
  let at = 0;
  for (const [i, bytes] of leaves.entries()) {
    laid.set(bytes, at + 1);
    blocks[i] = Math.ceil((1 + bytes.length + 9) / 64);
    laid[at + 1 + bytes.length] = 0x80;
    at += blocks[i]! * 64;
    view.setUint32(at - 4, (1 + bytes.length) * 8);
  }
  return { laid, blocks };
}

test('groups of leaves, whole and not, laid out beforehand and one by one', () => {
  const builder = new RootBuilder(webAssembly!);
  for (const count of [1, 2, 3, 255, 256, 257, 511, 512, 513, 1027, 2048, 2999]) {
    const leaves = Array.from({ length: count }, (_, i) => leaf(i, (i * 13) % (LAID_LEAF_MAX + 1)));
    const expected = bytesToHex(binaryRoot(leaves));
    assert.equal(rootOf(builder, leaves), expected, `${count} leaves`);
    const { laid, blocks } = laidOut(leaves);
    builder.appendLaid(laid, blocks);
    assert.equal(bytesToHex(builder.root()), expected, `${count} leaves laid out`);
    const half = laidOut(leaves.slice(1));
    builder.bytes.set(leaves[0]!, builder.leafAt);
    builder.append(leaves[0]!.length);
    builder.appendLaid(half.laid, half.blocks);
    assert.equal(bytesToHex(builder.root()), expected, `${count} leaves in two ways`);
  }
});

test('long leaves among short ones', () => {
  const builder = new RootBuilder(webAssembly!);
  const leaves = Array.from({ length: 700 }, (_, i) => leaf(i, i % 7 === 3 ? 40_000 : i % 150));
  assert.equal(rootOf(builder, leaves), bytesToHex(binaryRoot(leaves)));
});

test('leaves of any length up to the longest', () => {
  const builder = rootBuilder()!;
  for (const length of [0, 1, 63, 64, 126, 127, 128, 129, 1000, builder.leafBytesMax]) {
    const leaves = [leaf(1, length), leaf(2, 3), leaf(3, length)];
    assert.equal(rootOf(builder, leaves), bytesToHex(binaryRoot(leaves)), `${length} bytes`);
  }
});

test('one builder serves the thread', () => {
  assert.equal(rootBuilder(), rootBuilder());
});
