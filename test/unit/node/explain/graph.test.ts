import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { workload } from '../../../../bench/workloads/index.ts';
import {
  criticalPath,
  earliestStarts,
  edgesOf,
  executionAccess,
  type Graph,
  graphOf,
  hotKeys,
} from '../../../../node/explain/graph.ts';
import { ORDER_KEY, readableKey } from '../../../../node/explain/keys.ts';
import { NO_OVERHEAD, simulate } from '../../../../node/explain/simulate.ts';
import { whyBlock, whyTx } from '../../../../node/explain/why.ts';
import type { AccessList } from '../../../../tx/access.ts';
import { randomOf } from '../../../support/chainMaker.ts';

const A = `c:0x${'a1'.repeat(32)}`;
const B = `c:0x${'b2'.repeat(32)}`;

function access(writes: string[], over: Partial<AccessList> = {}): AccessList {
  return { writes, reads: [], creates: [], barrier: false, blobBarrier: false, ...over };
}

const unit = (graph: Graph): number[] => graph.accesses.map(() => 1);

describe('conflict graph', () => {
  it('names the key behind each edge, and who only waits for the order', () => {
    const graph = graphOf([
      access([A]),
      access([B]),
      access([A, B]),
      access([], { barrier: true }),
      access([A]),
    ]);
    const { edges, total } = edgesOf(graph, 100);
    assert.equal(total, 4);
    assert.deepEqual(edges, [
      { from: 0, to: 2, keys: [A] },
      { from: 1, to: 2, keys: [B] },
      { from: 2, to: 3, keys: [ORDER_KEY] },
      { from: 3, to: 4, keys: [ORDER_KEY] },
    ]);
    assert.deepEqual(edgesOf(graph, 1), { edges: edges.slice(0, 1), total: 4 });
    assert.deepEqual(graph.sets, [[0, 1, 2, 3, 4]]);
    assert.deepEqual(graph.successors, [[2], [2], [3], [4], []]);
  });

  it('readers of one key do not wait for each other, a writer waits for all of them', () => {
    const reader = access([], { reads: [A] });
    const graph = graphOf([reader, reader, access([A])]);
    assert.deepEqual(edgesOf(graph, 9).edges, [
      { from: 0, to: 2, keys: [A] },
      { from: 1, to: 2, keys: [A] },
    ]);
    assert.deepEqual(hotKeys(graph, [0, 1], 9), []);
    assert.deepEqual(hotKeys(graph, [0, 1, 2], 9), [{ key: A, txs: [0, 1, 2] }]);
  });

  it('critical path goes by cost, not by length', () => {
    const graph = graphOf([access([A]), access([A]), access([A]), access([B]), access([B])]);
    assert.deepEqual(criticalPath(graph, unit(graph)), { txs: [0, 1, 2], cost: 3 });
    assert.deepEqual(criticalPath(graph, [1, 1, 1, 5, 2]), { txs: [3, 4], cost: 7 });
    assert.deepEqual([...earliestStarts(graph, [1, 1, 1, 5, 2])], [0, 1, 2, 0, 5]);
    assert.deepEqual(criticalPath(graphOf([]), []), { txs: [], cost: 0 });
  });

  it('reads keys for people', () => {
    assert.equal(readableKey(A).text, 'contract 0xa1a1…a1a1');
    const coin = readableKey(`u:0x${'0c'.repeat(32)}0001`);
    assert.equal(coin.text, 'coin 0x0c0c…0c0c:1');
    assert.equal(coin.id, `0x${'0c'.repeat(32)}:1`);
    assert.equal(readableKey(ORDER_KEY).kind, 'order');
  });

  it('a deployment is waited for, as in execution', () => {
    const { txs } = workload('transfers', { count: 1 });
    const { tx, id } = txs[0]!;
    assert.equal(executionAccess(tx, id).blobBarrier, false);
    const create = { ...tx, type: 'create', salt: id, storageSlots: [], bytecodeWitnessIndex: 0 };
    assert.equal(executionAccess(create as never, id).blobBarrier, true);
  });
});

describe('simulation', () => {
  const run = (graph: Graph, costs: number[], workerCount: number): number =>
    simulate({ predecessors: graph.predecessors, costs, workerCount, batchTxCountMax: 1 }).wallMs;

  it('keeps the bound of list scheduling and is never below the critical path', () => {
    const seed = 20_261_121;
    const random = randomOf(seed);
    for (let round = 0; round < 40; round += 1) {
      const count = 1 + random(60);
      const graph = graphOf(
        Array.from({ length: count }, () => {
          const keys = new Set([random(12), random(12)].slice(0, 1 + random(2)));
          return access([...keys].map((n) => `c:${n}`));
        }),
      );
      const costs = graph.accesses.map(() => 1 + random(9));
      const work = costs.reduce((a, b) => a + b, 0);
      const path = criticalPath(graph, costs).cost;
      for (const workers of [1, 2, 5, 64]) {
        const wall = run(graph, costs, workers);
        const text = `seed ${seed} round ${round} workers ${workers}`;
        assert.ok(wall >= Math.max(path, work / workers) - 1e-9, text);
        assert.ok(wall <= work / workers + path + 1e-9, text);
      }
      assert.equal(run(graph, costs, 1), work);
    }
  });

  it('never runs a transaction before its predecessors, and each exactly once', () => {
    const { txs } = workload('mixed', { count: 80, contracts: 6, sign: false });
    const graph = graphOf(txs.map(({ tx, id }) => executionAccess(tx, id)));
    const { lanes } = simulate({
      predecessors: graph.predecessors,
      costs: unit(graph),
      workerCount: 4,
      batchTxCountMax: 8,
    });
    const ends = new Map<number, number>();
    const starts = new Map<number, number>();
    for (const { txs: lane, startMs } of lanes) {
      lane.forEach((i, at) => {
        assert.ok(!ends.has(i));
        starts.set(i, startMs + at);
        ends.set(i, startMs + at + 1);
      });
    }
    assert.equal(ends.size, 80);
    graph.predecessors.forEach((list, i) => {
      for (const before of list) assert.ok(ends.get(before)! <= starts.get(i)!);
    });
  });

  it('counts overheads: on the worker side by side, on the main thread one after another', () => {
    const graph = graphOf(Array.from({ length: 8 }, (_, i) => access([`c:${i}`])));
    const base = { predecessors: graph.predecessors, workerCount: 8, batchTxCountMax: 1 };
    const costs = graph.accesses.map(() => 10);
    const wall = (overhead: Partial<typeof NO_OVERHEAD>): number =>
      simulate({ ...base, costs, overhead: { ...NO_OVERHEAD, ...overhead } }).wallMs;
    assert.equal(wall({}), 10);
    assert.equal(wall({ laneMs: 1, carryMs: 2 }), 13);
    // The main thread is busy from the first to the last moment.
    assert.equal(wall({ mainLaneMs: 4 }), 8 * 4);
  });
});

describe('why', () => {
  const why = (graph: Graph, over: object = {}): string[] =>
    whyBlock({
      graph,
      costs: unit(graph),
      whySerial: null,
      usedThreads: false,
      unused: null,
      ...over,
    });

  it('names the shared contract, counts, and what would help', () => {
    const graph = graphOf([
      ...Array.from({ length: 17 }, () => access([A])),
      access([B]),
      access(['c:1']),
      access(['c:2']),
    ]);
    const [first, second] = why(graph);
    assert.match(first!, /^17 of 20 transactions share contract 0xa1a1…a1a1\. .*several contracts/);
    assert.match(second!, /^The longest chain has 17 transactions and 85 % of the work/);
    const rest = { whySerial: null, usedThreads: true, unused: null };
    const inputs = { graph, costs: unit(graph), ...rest };
    assert.match(whyTx(inputs, 4)[0]!, /^17 of 20 transactions share contract/);
    assert.deepEqual(whyTx(inputs, 18), ['It conflicts with none of the 19 others.']);
    assert.match(whyTx(inputs, 0)[0]!, /first of a set of 17/);
  });

  it('says that nothing conflicts, and why it was serial all the same', () => {
    const graph = graphOf([access([A]), access([B])]);
    assert.deepEqual(why(graph), ['Nobody waits for anybody: 2 transactions in 2 disjoint sets.']);
    assert.match(why(graph, { whySerial: 'too small' })[0]!, /main thread: too small/);
    const partly = why(graph, { whySerial: 'too small', usedThreads: true });
    assert.match(partly[0]!, /^Some of it ran on the main thread/);
    assert.deepEqual(why(graphOf([])), ['There is nothing to execute.']);
  });

  it('tells chains of coins, barriers and lists that declare too much', () => {
    const { txs } = workload('chains', { count: 12, depth: 12, sign: false });
    const chain = graphOf(txs.map(({ tx, id }) => executionAccess(tx, id)));
    assert.match(why(chain).join('\n'), /mostly coins made in the same block.*splitting one coin/);
    const barrier = graphOf([access([A]), access([B], { blobBarrier: true }), access(['c:1'])]);
    assert.match(why(barrier).join('\n'), /Everybody behind 1 upgrade, upload, blob or deployment/);
    assert.match(why(barrier, { unused: [[], ['c'], []] }).join('\n'), /1 transaction declares/);
  });
});
