import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConflictGraph } from '../../../txpool/conflictGraph.ts';
import { DependencyGraph, type PoolNode } from '../../../txpool/graph.ts';
import { compareRatios } from '../../../txpool/ratio.ts';
import { compareForBlock, ExecutableList } from '../../../txpool/select.ts';
import { enter, poolTx } from '../../support/poolTx.ts';

const conflicts = new ConflictGraph<PoolNode>();
const graph = new DependencyGraph(32, conflicts);
function node(n: number, tip: bigint, gas: bigint, order: number) {
  return enter(conflicts, graph, poolTx(n, { tip, gas }), order);
}

test('ratios are compared exactly, beyond doubles', () => {
  const big = 2n ** 63n;
  assert.ok(compareRatios(big, big + 1n, big - 1n, big) > 0);
  assert.equal(compareRatios(1n, 3n, big / 3n, (big / 3n) * 3n), 0);
});

test('best ratio, then older, then id', () => {
  const cheap = node(1, 0n, 100n, 0);
  const rich = node(2, 100n, 100n, 1);
  const older = node(3, 0n, 50n, 2);
  const younger = node(4, 1n, 100n, 3);
  const sorted = [younger, cheap, older, rich].sort(compareForBlock);
  assert.deepEqual(sorted, [rich, older, younger, cheap]);
});

test('the list stays sorted as nodes come and go', () => {
  const list = new ExecutableList();
  const nodes = Array.from({ length: 200 }, (_, i) =>
    node(i, BigInt((i * 7919) % 31), BigInt(1 + ((i * 104729) % 17)), i),
  );
  for (const one of nodes) {
    list.add(one);
    list.add(one);
  }
  assert.equal(list.length, 200);
  for (const one of nodes.filter((_, i) => i % 3 === 0)) {
    list.remove(one);
    list.remove(one);
    assert.ok(!list.has(one));
  }
  const expected = nodes.filter((_, i) => i % 3 !== 0).sort(compareForBlock);
  assert.deepEqual([...list.worstFirst()].reverse(), expected);
  const limits = { gasLimit: 10n ** 6n, bytesLimit: 10n ** 6n, countLimit: 50, gasPrice: 0n };
  assert.deepEqual(list.gather(limits, { take: () => [] }), expected.slice(0, 50));
  assert.deepEqual([...list.worstFirst()].reverse(), expected.slice(50));
});
