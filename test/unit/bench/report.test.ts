import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Line, reportHtml } from '../../../bench/html/page.ts';
import { plotSvg, ticks } from '../../../bench/html/plot.ts';
import { serialCosts, worldOf } from '../../../bench/layers/world.ts';
import { STRATEGIES, type Strategy, wallMs } from '../../../bench/sim/strategies.ts';
import { criticalPath, type Graph, graphOf } from '../../../node/explain/graph.ts';

function graph(...keys: string[][]): Graph {
  return graphOf(
    keys.map((writes) => ({ writes, reads: [], creates: [], barrier: false, blobBarrier: false })),
  );
}

const wall = (strategy: Strategy, of: Graph, costs: number[], workerCount: number): number =>
  wallMs(strategy, { graph: of, costs, workerCount, batchTxCountMax: 1 });

describe('simulated strategies', () => {
  it('components cannot split a set, waves wait for the slowest, lists do neither', () => {
    // Two chains tied together by the third transaction.
    const tied = graph(['a'], ['b'], ['a', 'b'], ['a'], ['b']);
    const costs = [4, 1, 1, 1, 4];
    assert.equal(wall('components', tied, costs, 2), 11);
    assert.equal(wall('waves', tied, costs, 2), 4 + 1 + 4);
    assert.equal(wall('list', tied, costs, 2), 9);
    const uneven = graph(['a'], ['a'], ['b'], ['b']);
    assert.equal(wall('waves', uneven, [1, 5, 5, 1], 2), 10);
    assert.equal(wall('list', uneven, [1, 5, 5, 1], 2), 6);
  });

  it('no strategy beats the bound, one worker is serial for all', () => {
    const { graph: of } = worldOf('mixed', { count: 60, contracts: 8, theta: 0.9 });
    const costs = of.accesses.map((_, i) => 1 + (i % 5));
    const work = costs.reduce((a, b) => a + b, 0);
    for (const strategy of STRATEGIES) {
      assert.equal(wall(strategy, of, costs, 1), work);
      const least = Math.max(work / 4, criticalPath(of, costs).cost);
      assert.ok(wall(strategy, of, costs, 4) >= least - 1e-9);
    }
    assert.ok(wall('list', of, costs, 4) <= wall('components', of, costs, 4));
  });

  it('costs are measured for every transaction, skipped ones too', async () => {
    const world = worldOf('skipped', { count: 20 });
    const costs = await serialCosts(world, 1);
    assert.equal(costs.length, 20);
    assert.ok(costs.every((ms) => ms > 0));
  });
});

describe('report of measurements', () => {
  const base = { unit: 'ms', cpu: 'c', runtime: 'r', commit: 'abc' };
  const lines: Line[] = [
    { ...base, layer: 'control', p50: 1.9 },
    { ...base, layer: 'scheduler', workload: 'a<b>', txPerSecond: 250_000 },
    ...[1, 2].map((workers) => ({
      ...base,
      layer: 'execution',
      sweep: 'workers',
      workload: 'token',
      adversarial: 0,
      workers,
      work: 9,
      speedUp: workers * 0.9,
      efficiency: 0.9,
      bound: workers,
    })),
    {
      ...base,
      layer: 'http',
      workload: 'transfers',
      workers: 2,
      txPerSecond: 5,
      latencyP50Ms: 1,
      latencyP99Ms: 9,
      'stage commit': 0.5,
    },
    ...['list', 'components', 'waves'].map((strategy) => ({
      ...base,
      layer: 'simulation',
      workload: 'token',
      strategy,
      workers: 32,
      workMs: 100,
      criticalPathMs: 1,
      speedUp: 21,
    })),
  ];

  it('is one page that loads nothing, says what is simulated, and escapes', () => {
    const html = reportHtml(lines);
    assert.doesNotMatch(html, /(src|href)=|@import|url\(/);
    assert.match(html, /Simulation, not a measurement/);
    assert.match(html, /1\.9 times as fast as one/);
    assert.match(html, /a&#60;b&#62;/);
    assert.match(html, /Stages, HTTP, transfers, 2 workers/);
    assert.ok((html.match(/<svg /g) ?? []).length >= 8);
    assert.doesNotMatch(html, /NaN|undefined/);
  });

  it('survives having nothing to show', () => {
    assert.doesNotMatch(reportHtml([]).replace(/<style>[\s\S]*<\/style>/, ''), /NaN|Infinity/);
  });

  it('plots points where they belong', () => {
    const svg = plotSvg({
      title: 't',
      x: 'x',
      y: 'y',
      series: [
        {
          name: 's',
          points: [
            [4, 2],
            [1, 1],
          ],
        },
      ],
      logX: true,
    });
    const [first, second] = [...svg.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)];
    assert.ok(Number(first?.[1]) < Number(second?.[1]) && Number(first?.[2]) > Number(second?.[2]));
    assert.deepEqual(ticks(9, 5), [0, 2, 4, 6, 8]);
    assert.deepEqual(ticks(0, 5), [0]);
  });
});
