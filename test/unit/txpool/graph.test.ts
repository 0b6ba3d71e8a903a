import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConflictGraph } from '../../../txpool/conflictGraph.ts';
import { DependencyGraph, type PoolNode, subtreeOf } from '../../../txpool/graph.ts';
import { coinInput, coinOutput, enter, id, poolTx } from '../../support/poolTx.ts';

/** 1 ─▶ 2 ─▶ 4 ─▶ 5, 3 ─▶ 4, 1 ─▶ 6 */
function build(): {
  conflicts: ConflictGraph<PoolNode>;
  graph: DependencyGraph;
  nodes: Map<number, PoolNode>;
} {
  const conflicts = new ConflictGraph<PoolNode>();
  const graph = new DependencyGraph(32, conflicts);
  const nodes = new Map<number, PoolNode>();
  const edges: [number, [number, number][]][] = [
    [1, []],
    [2, [[1, 0]]],
    [3, []],
    [
      4,
      [
        [2, 0],
        [3, 0],
      ],
    ],
    [5, [[4, 0]]],
    [6, [[1, 1]]],
  ];
  for (const [n, spends] of edges) {
    const entry = poolTx(n, {
      inputs: spends.map(([parent, index]) => coinInput(id(parent), index)),
      outputs: [coinOutput(), coinOutput()],
      tip: BigInt(10 ** n),
      gas: BigInt(2 * 10 ** n),
      bytes: 3 * 10 ** n,
    });
    nodes.set(n, enter(conflicts, graph, entry, n));
  }
  return { conflicts, graph, nodes };
}

function sums(nodes: Map<number, PoolNode>, n: number) {
  const node = nodes.get(n);
  assert.ok(node !== undefined);
  return [node.tipSum, node.gasSum, node.bytesSum, node.countSum];
}

function expected(...members: number[]) {
  const tip = members.reduce((sum, n) => sum + 10 ** n, 0);
  return [BigInt(tip), BigInt(2 * tip), 3 * tip, members.length];
}

test('sums run over a node and its descendants', () => {
  const { nodes } = build();
  assert.deepEqual(sums(nodes, 1), expected(1, 2, 4, 5, 6));
  assert.deepEqual(sums(nodes, 2), expected(2, 4, 5));
  assert.deepEqual(sums(nodes, 3), expected(3, 4, 5));
  assert.deepEqual(sums(nodes, 6), expected(6));
  const root = nodes.get(1) as PoolNode;
  assert.deepEqual(
    subtreeOf(root).map((node) => node.order),
    [1, 2, 4, 5, 6],
  );
});

test('removing a leaf lowers the sums of all its ancestors', () => {
  const { conflicts, graph, nodes } = build();
  assert.deepEqual(graph.remove(nodes.get(5) as PoolNode, 'drop'), []);
  assert.deepEqual(sums(nodes, 1), expected(1, 2, 4, 6));
  assert.deepEqual(sums(nodes, 3), expected(3, 4));
  assert.equal(conflicts.key(`u:${id(5)}0000`), undefined);
});

test('removing a root frees its children and leaves their sums', () => {
  const { conflicts, graph, nodes } = build();
  const children = graph.remove(nodes.get(1) as PoolNode, 'drop');
  assert.deepEqual(children, [nodes.get(2), nodes.get(6)]);
  assert.ok(children.every((child) => child.parents.size === 0));
  assert.deepEqual(sums(nodes, 2), expected(2, 4, 5));
  assert.equal(conflicts.key(`u:${id(2)}0001`)?.creator, nodes.get(2));
});
