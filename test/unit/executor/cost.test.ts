import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CostModel, isWorthThreads } from '../../../executor/cost.ts';
import * as make from '../../support/executorTx.ts';

const plain = make.scriptTx({ inputs: [make.coinOf(0)], outputs: [], verified: true });
const calling = make.scriptTx({
  inputs: [make.coinOf(0), make.contractOf()],
  outputs: [],
  verified: true,
});
const SHAPE = { txCount: 100, workerCount: 2, overheadMs: 0 };
const totals = (work: number, criticalPath: number) => ({ work, criticalPath, speedUpMax: 2 });

test('estimates follow what was measured, kind by kind', () => {
  const costs = new CostModel();
  const before = costs.estimate(plain);
  for (let i = 0; i < 50; i += 1) costs.observe(calling, 20);
  assert.ok(Math.abs(costs.estimate(calling) - 20) < 0.01);
  assert.equal(costs.estimate(plain), before);
  assert.ok(costs.estimate({ ...plain, verified: false }) > before);
});

test('a first block of transfers starts no thread', () => {
  const costs = new CostModel();
  const txCount = 5_000;
  const withScript = (bytes: number): typeof plain => {
    const tx = { ...plain.tx, script: new Uint8Array(bytes) };
    return { ...plain, tx: tx as typeof plain.tx };
  };
  for (const bytes of [0, 4]) {
    const work = txCount * costs.estimate(withScript(bytes));
    assert.equal(isWorthThreads({ work, criticalPath: 1 }, { ...SHAPE, txCount }), false);
  }
  const work = txCount * costs.estimate(withScript(64));
  assert.equal(isWorthThreads({ work, criticalPath: 1 }, { ...SHAPE, txCount }), true);
});

test('one slow start does not make a kind expensive', () => {
  const costs = new CostModel();
  const before = costs.estimate(calling);
  costs.observe(calling, 500);
  assert.ok(costs.estimate(calling) < 2 * before);
});

test('a contract that was never called costs what calls cost on average', () => {
  const costs = new CostModel();
  const other = make.scriptTx({
    inputs: [make.coinOf(0), { ...make.contractOf(), contractId: `0x${'cd'.repeat(32)}` }],
    outputs: [],
    verified: true,
  });
  assert.equal(costs.estimate(other), costs.estimate(calling));
  for (let i = 0; i < 50; i += 1) costs.observe(calling, 0.1);
  assert.ok(Math.abs(costs.estimate(other) - 0.1) < 0.001);
});

test('what is as short as its carrying does not pay on threads', () => {
  assert.equal(isWorthThreads(totals(25, 0.25), SHAPE), true);
  assert.equal(isWorthThreads(totals(1.5, 0.015), SHAPE), false);
});

test('threads are used only when they pay', () => {
  assert.equal(isWorthThreads(totals(1, 0.1), SHAPE), false);
  assert.equal(isWorthThreads(totals(1_000, 10), SHAPE), true);
  // One long chain: threads cannot help.
  assert.equal(isWorthThreads(totals(1_000, 1_000), SHAPE), false);
});

test('rounds on threads that were slow are remembered, and forgotten', () => {
  const costs = new CostModel();
  const work = totals(100, 1);
  const worth = (): boolean => isWorthThreads(work, { ...SHAPE, overheadMs: costs.overheadMs });
  assert.equal(worth(), true);
  costs.observeRound(100, 1_000, 50);
  assert.equal(worth(), false);
  for (let i = 0; i < 300; i += 1) costs.forget();
  assert.equal(worth(), true);
  costs.observeRound(100, 52, 50);
  assert.equal(worth(), true);
});
