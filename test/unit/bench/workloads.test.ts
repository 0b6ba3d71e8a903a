import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  LONG_WORK,
  WORKLOAD_NAMES,
  type Workload,
  type WorkloadName,
  workload,
} from '../../../bench/workloads/index.ts';
import { zipfRanks } from '../../../bench/workloads/random.ts';
import type { ExecutedBlock, TxToExecute } from '../../../executor/ports.ts';
import { produceBlock } from '../../../executor/produce.ts';
import { createSerialRunner } from '../../../executor/serial.ts';
import { accessListOf } from '../../../tx/access.ts';
import { partitionByAccess } from '../../../txpool/partition.ts';
import { rulesFor } from '../../../vm/rules.ts';
import { memoryState } from '../../support/memoryState.ts';
import { mulberry } from '../../support/random.ts';
import { listSource, testEnv } from '../../support/randomBlock.ts';

const COUNT = 60;

function run({ genesis, options, txs }: Workload, verified: boolean): Promise<ExecutedBlock> {
  const { params } = options;
  const env = testEnv(params, { rules: rulesFor(params, 'auto'), gasPrice: 0n });
  const jobs = txs.map((job): TxToExecute => ({ ...job, verified }));
  return produceBlock(env, listSource(jobs, 10_000), memoryState([genesis]), createSerialRunner());
}

function setCount({ txs }: Workload): number {
  return partitionByAccess(txs.map(({ tx, id }) => accessListOf(tx, id))).sets.length;
}

describe('workloads', () => {
  for (const name of WORKLOAD_NAMES) {
    it(`${name}: runs with all signatures and predicates checked, and does what it says`, async () => {
      const made = workload(name, { count: COUNT, contracts: 12, theta: 0.9, depth: 4 });
      assert.equal(made.txs.length, COUNT);
      const block = await run(made, false);
      const skipped = new Set(block.skipped.map(({ id }) => id));
      assert.deepEqual(
        made.txs.flatMap(({ id }, i) => (skipped.has(id) ? [i] : [])),
        made.skips,
      );
      const failed = block.transactions.filter(({ success }) => !success);
      assert.deepEqual(
        failed.map(({ reason }) => reason),
        [],
      );
      assert.equal(block.transactions.length, COUNT - made.skips.length + 1);
    });

    it(`${name}: the same options give the same bytes, another seed others`, () => {
      const make = (seed: number): Uint8Array[] =>
        workload(name, { count: 12, seed, work: 3 }).txs.map(({ raw }) => raw);
      assert.deepEqual(make(5), make(5));
      assert.notDeepEqual(make(5), make(6));
    });
  }

  it('work makes transactions longer and changes nothing else', async () => {
    const gas = async (work: number): Promise<bigint> => {
      const block = await run(workload('transfers', { count: 3, work }), true);
      assert.ok(block.transactions.every(({ success }) => success));
      return block.transactions.reduce((sum, { totalGas }) => sum + totalGas, 0n);
    };
    const [none, some, more] = [await gas(0), await gas(LONG_WORK), await gas(2 * LONG_WORK)];
    assert.ok(none < some && some < more);
  });

  it('has the conflicts that its name says', () => {
    const sets = (name: WorkloadName, over: object = {}): number =>
      setCount(workload(name, { count: COUNT, sign: false, ...over }));
    assert.equal(sets('transfers'), COUNT);
    assert.equal(sets('predicates'), COUNT);
    assert.equal(sets('chains', { depth: 6 }), COUNT / 6);
    assert.equal(sets('hot-contract'), 1);
    assert.equal(sets('token', { contracts: 1 }), 1);
    assert.ok(sets('token', { contracts: 1000 }) > COUNT * 0.9);
    assert.ok(sets('over-declared', { contracts: 50 }) < sets('mint-counter', { contracts: 50 }));
    assert.ok(sets('mixed', { theta: 1.5 }) < sets('mixed', { theta: 0 }));
  });

  it('zipf: theta 0 is even, theta 1.5 is steep', () => {
    const hits = (theta: number): number => {
      const draw = zipfRanks(mulberry(3), 100, theta);
      return Array.from({ length: 10_000 }, draw).filter((rank) => rank === 0).length;
    };
    assert.ok(hits(0) > 50 && hits(0) < 150);
    assert.ok(hits(1.5) > 3500 && hits(1.5) < 4500);
  });
});
