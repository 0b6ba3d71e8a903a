import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { workload } from '../../../../bench/workloads/index.ts';
import {
  type BlockToExplain,
  contractsInReceipts,
  explainBlock,
  explainTxInBlock,
  SET_COUNT_MAX,
  type Timeline,
} from '../../../../node/explain/block.ts';

/** A block of workload transactions that all succeeded with the same gas. */
function blockOf(
  name: Parameters<typeof workload>[0],
  options: Parameters<typeof workload>[1],
  timeline: Timeline | null = null,
): BlockToExplain {
  const { txs } = workload(name, { sign: false, ...options });
  return {
    height: 7,
    id: '0x07',
    txs: txs.map(({ id, tx }) => ({ id, tx, success: true, totalGas: 100n, receipts: [] })),
    skipped: [],
    timeline,
    canRunAgain: false,
  };
}

describe('explaining a block', () => {
  it('without a report: costs are gas, no timeline, and it says so', () => {
    const { source, costUnit, lanes, totals, mode } = explainBlock(
      blockOf('hot-contract', { count: 4 }),
    );
    assert.deepEqual([source, costUnit, lanes, mode], ['recomputed', 'gas', [], null]);
    assert.deepEqual(
      [totals.work, totals.criticalPath, totals.wallMs, totals.efficiency],
      [400, 400, null, null],
    );
  });

  it('with a report: efficiency is the speed-up over the bound', () => {
    // Chains of two: 0 1 2 begin, 3 4 5 follow them.
    const plain = blockOf('chains', { count: 6, depth: 2 });
    const span = (worker: number, startMs: number, endMs: number, ...which: number[]): unknown => ({
      worker,
      startMs,
      endMs,
      txs: which.map((i) => ({ id: plain.txs[i]!.id, runMs: 2 })),
    });
    const lanes = [span(0, 0, 8, 0, 3, 1, 4), span(1, 1, 5, 2, 5)] as Timeline['lanes'];
    const timeline = {
      mode: 'threads',
      whySerial: null,
      workerCount: 2,
      wallMs: 8,
      lanes,
    } as const;
    const block = { ...plain, timeline };
    const explained = explainBlock(block);
    assert.equal(explained.source, 'measured');
    const { work, criticalPath, bound, speedUp, efficiency } = explained.totals;
    assert.deepEqual([work, criticalPath, bound, speedUp, efficiency], [12, 4, 2, 1.5, 0.75]);
    assert.deepEqual(explained.lanes[1]?.txs, [
      { index: 2, runMs: 2 },
      { index: 5, runMs: 2 },
    ]);
    assert.deepEqual(
      explained.forecast.map(({ speedUp: times }) => times),
      [1, 2, 3, 3, 3, 3],
    );
    assert.doesNotMatch(explained.why.join(' '), /Threads were taken/);
    const slow = lanes.map((lane) => ({ ...lane, endMs: lane.endMs + 9 }));
    const busy = explainBlock({ ...block, timeline: { ...timeline, lanes: slow } });
    assert.match(busy.why.join(' '), /taken for 30\.0 ms to do 12\.0 ms of work/);
    const { block: place, waitedFor } = explainTxInBlock(block, 4);
    assert.deepEqual(place?.lane, { worker: 0, startMs: 6 });
    assert.equal(place?.earliestStart, 2);
    assert.equal(waitedFor[0]?.keys[0]?.kind, 'coin');
  });

  it('who has no time of its own (a forced transaction) costs nothing', () => {
    const plain = blockOf('transfers', { count: 2 });
    const lanes = [
      { worker: -1, startMs: 0, endMs: 3, txs: [{ id: plain.txs[1]!.id, runMs: 3 }] },
    ] as Timeline['lanes'];
    const timeline = { mode: 'serial', whySerial: 'x', workerCount: 0, wallMs: 3, lanes } as const;
    const { txs, costUnit } = explainBlock({ ...plain, timeline });
    assert.deepEqual([costUnit, txs.map(({ cost }) => cost)], ['ms', [0, 3]]);
  });

  it('sets are the biggest first, numbered so, and bounded', () => {
    const { sets, txs } = explainBlock(blockOf('mixed', { count: 60, contracts: 5 }));
    sets.forEach(({ txs: members, work }, n) => {
      assert.ok(n === 0 || work <= sets[n - 1]!.work);
      for (const index of members) assert.equal(txs[index]!.set, n);
    });
    const many = explainBlock(blockOf('transfers', { count: SET_COUNT_MAX + 1 }));
    assert.deepEqual([many.sets.length, many.setCount], [SET_COUNT_MAX, SET_COUNT_MAX + 1]);
  });

  it('finds contracts in every kind of receipt that names one', () => {
    const named = contractsInReceipts([
      { type: 'call', id: '0x1', to: '0x2' } as never,
      { type: 'mint', contractId: '0x3' } as never,
      { type: 'scriptResult' } as never,
    ]);
    assert.deepEqual([...named], ['0x1', '0x2', '0x3']);
  });

  it('an empty block is explained too', () => {
    const { totals, why, sets } = explainBlock({ ...blockOf('transfers', { count: 1 }), txs: [] });
    assert.deepEqual([totals.work, why, sets], [0, ['There is nothing to execute.'], []]);
  });
});
