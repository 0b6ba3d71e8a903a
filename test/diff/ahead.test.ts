/**
 * Running ahead on hot contracts: the bytes of serial execution, whatever was guessed; and it does
 * what it is for.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type WorkloadName, type WorkloadOptions, workload } from '../../bench/workloads/index.ts';
import { createPoolRunner } from '../../executor/pool.ts';
import type { ExecutedBlock } from '../../executor/ports.ts';
import { produceBlock } from '../../executor/produce.ts';
import type { Speculation } from '../../executor/relax.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { blockDigest, plainText } from '../support/blockDigest.ts';
import { memoryState } from '../support/memoryState.ts';
import { listSource, testEnv } from '../support/randomBlock.ts';

const WORKER = new URL('../../node/worker.js', import.meta.url);

/** Blocks of one hot contract, by threads that run ahead; the first ones teach. */
async function run(
  name: WorkloadName,
  speculation: Speculation,
  over: Partial<WorkloadOptions> = {},
): Promise<ExecutedBlock[]> {
  const options = { count: 60, contracts: 1, sign: false, ...over };
  const runner = createPoolRunner(
    {
      workerCount: 2,
      workerUrl: WORKER,
      use: 'always',
      mainRuns: false,
      batchTxCountMax: 4,
      speculation,
    },
    { partition: partitionByAccess },
  );
  const serial = createSerialRunner();
  const blocks: ExecutedBlock[] = [];
  try {
    for (let seed = 1; seed <= 4; seed += 1) {
      const { genesis, options: full, txs } = workload(name, { ...options, seed });
      const env = testEnv(full.params);
      const make = (by: typeof serial): Promise<ExecutedBlock> =>
        produceBlock(env, listSource(txs, 60), memoryState([genesis]), by);
      const [block, expected] = [await make(runner), await make(serial)];
      assert.equal(block.header.id, expected.header.id, `${name}, seed ${seed}`);
      if (blockDigest(block) !== blockDigest(expected)) {
        assert.equal(plainText(block), plainText(expected), `${name}, seed ${seed}`);
      }
      blocks.push(block);
    }
  } finally {
    await runner.close();
  }
  return blocks;
}

/** Longest chain as a share of all work: what is left to wait for. */
function chainShare(block: ExecutedBlock | undefined): number {
  const { criticalPathMs = 1, workMs = 1 } = block?.schedule ?? {};
  return criticalPathMs / workMs;
}

const READERS = { readers: true, slots: false };
const SLOTS = { readers: false, slots: true };

test('who only reads a hot contract runs beside others', async () => {
  const blocks = await run('oracle', READERS, { readShare: 1 });
  assert.ok(chainShare(blocks[0]) > 0.9, 'nothing is known at first');
  assert.ok(chainShare(blocks[3]) < 0.2);
  assert.equal(blocks[3]?.schedule.rerunCount, 0);
});

test('writers among the readers run in their turn', async () => {
  const blocks = await run('oracle', READERS, { readShare: 0.9 });
  assert.ok(chainShare(blocks[3]) < 0.6);
  assert.equal(blocks[3]?.schedule.rerunCount, 0);
});

test('private slots of one hot contract are not shared', async () => {
  const blocks = await run('token', SLOTS);
  assert.ok(chainShare(blocks[3]) < 0.2);
  assert.equal(blocks[3]?.schedule.rerunCount, 0);
});

test('one hot slot stays a chain', async () => {
  const blocks = await run('hot-contract', SLOTS);
  assert.ok(chainShare(blocks[3]) > 0.9);
  assert.equal(blocks[3]?.schedule.rerunCount, 0);
});

test('a wrong guess costs one more run, and no other result', async () => {
  // Writes of feeds are rare enough for the guess that nobody shares one.
  const blocks = await run('oracle', SLOTS, { readShare: 0.5 });
  const reruns = blocks.map(({ schedule }) => schedule.rerunCount ?? 0);
  assert.ok(Math.max(...reruns) > 0, `reruns ${reruns.join(', ')}`);
  for (const { schedule } of blocks) {
    const runs = new Map<string, number>();
    for (const { id } of schedule.lanes.flatMap(({ txs }) => txs)) {
      runs.set(id, (runs.get(id) ?? 0) + 1);
    }
    assert.ok(Math.max(...runs.values()) <= 2);
  }
});
