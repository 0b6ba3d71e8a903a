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
    builder.leaf.set(bytes);
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
