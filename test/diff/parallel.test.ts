/**
 * Parallel execution gives the bytes of serial execution: block id, receipts, changes, skips; with
 * 1 to 4 workers, with and without the main thread, when workers dawdle, and when they die.
 *
 * DIFF_SEEDS: seeds of random chains, two blocks each (default 15); DIFF_ROUNDS: blocks of each
 * workload (default 2); DIFF_RUNNERS: runners that each block is compared with (default 2, by
 * turns); SEED: the first seed.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { WORKLOAD_NAMES, type WorkloadOptions, workload } from '../../bench/workloads/index.ts';
import type { LaneRunner } from '../../executor/block.ts';
import { createPoolRunner, type PoolRunnerConfig } from '../../executor/pool.ts';
import type { ExecutedBlock, TxToExecute } from '../../executor/ports.ts';
import { produceBlock } from '../../executor/produce.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { executeBlock } from '../../executor/validate.ts';
import { encodeTx } from '../../tx/codec/index.ts';
import { txId } from '../../tx/id.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import type { Input } from '../../tx/types.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { blockDigest, plainText } from '../support/blockDigest.ts';
import { idOf, randomOf } from '../support/chainMaker.ts';
import * as make from '../support/executorTx.ts';
import { memoryState } from '../support/memoryState.ts';
import { listSource, RandomChain, testEnv } from '../support/randomBlock.ts';
import { paramsOf } from '../vectors/host.ts';

const SEED_COUNT = Number(process.env['DIFF_SEEDS'] ?? 15);
const ROUND_COUNT = Number(process.env['DIFF_ROUNDS'] ?? 2);
const RUNNERS_EACH = Number(process.env['DIFF_RUNNERS'] ?? 2);
const SEED_FIRST = Number(process.env['SEED'] ?? 1);
const PARAMS = paramsOf({ params: 'local' });
const WORKER = new URL('../../node/worker.js', import.meta.url);
const AHEAD = { speculation: { readers: true, slots: true } };
const DAWDLING = { workerUrl: new URL('../support/dawdlingWorker.js', import.meta.url) };
const SPOILING = { workerUrl: new URL('../support/spoilingWorker.js', import.meta.url) };
const DYING = { workerUrl: new URL('../support/dyingWorker.js', import.meta.url) };

/** The mark of deadly transactions is a witness limit that nobody can pay for. */
const LARGE_PARAMS: ConsensusParameters = {
  ...PARAMS,
  blockGasLimit: 1n << 62n,
  txParams: { ...PARAMS.txParams, maxGasPerTx: 1n << 62n },
};

function pool(
  workerCount: number,
  batchTxCountMax: number,
  over: Partial<PoolRunnerConfig> = {},
): LaneRunner {
  const base = { workerUrl: WORKER, use: 'always', laneTimeoutMs: 20_000 } as const;
  return createPoolRunner(
    { ...base, workerCount, batchTxCountMax, ...over },
    { partition: partitionByAccess },
  );
}

const serial = createSerialRunner();
const runners: readonly { readonly name: string; readonly runner: LaneRunner }[] = [
  { name: '1 worker', runner: pool(1, 8, { mainRuns: false }) },
  { name: '2 workers', runner: pool(2, 1, { mainRuns: false }) },
  { name: '3 workers and the main thread', runner: pool(3, 4) },
  { name: '4 workers that dawdle', runner: pool(4, 6, { ...DAWDLING, mainRuns: false }) },
  { name: '1 worker that dawdles and the main thread', runner: pool(1, 8, DAWDLING) },
  { name: '2 workers that run ahead', runner: pool(2, 6, { ...AHEAD, mainRuns: false }) },
  {
    name: '1 dawdling worker and the main thread, ahead',
    runner: pool(1, 4, { ...AHEAD, ...DAWDLING }),
  },
  { name: '2 workers that die', runner: pool(2, 6, { ...DYING, mainRuns: false }) },
  { name: '1 worker that dies and the main thread', runner: pool(1, 6, DYING) },
  { name: '2 workers that spoil results', runner: pool(2, 6, { ...SPOILING, mainRuns: false }) },
  {
    name: '1 spoiling worker and the main thread, ahead',
    runner: pool(1, 4, { ...AHEAD, ...SPOILING }),
  },
];

let turn = 0;
/** The next ones, by turns: every block meets some, every runner meets some blocks. */
function someRunners(): readonly (typeof runners)[number][] {
  const chosen = Array.from(
    { length: RUNNERS_EACH },
    (_, i) => runners[(turn + i) % runners.length]!,
  );
  turn += RUNNERS_EACH;
  return chosen;
}

after(async () => {
  for (const { runner } of runners) await runner.close();
});

type Totals = { included: number; reverted: number; skipped: number };

function assertSame(block: ExecutedBlock, expected: ExecutedBlock, at: string): void {
  assert.deepEqual(block.skipped, expected.skipped, `${at}: skipped`);
  assert.equal(block.header.id, expected.header.id, `${at}: block id`);
  if (blockDigest(block) === blockDigest(expected)) return;
  assert.equal(plainText(block.changes), plainText(expected.changes), `${at}: changes`);
  assert.equal(plainText(block), plainText(expected), at);
}

/** Two blocks, the second on top of the first, in rounds. */
async function makeBlocks(seed: number, runner: LaneRunner): Promise<ExecutedBlock[]> {
  const chain = new RandomChain(seed, PARAMS);
  const layers = [chain.genesis];
  const committed: `0x${string}`[] = [];
  const blocks: ExecutedBlock[] = [];
  const known = new Map([[0, { id: `0x${'ab'.repeat(32)}` as const, time: 1n }]]);
  for (const height of [1, 2]) {
    const source = listSource(chain.txs(20 + (seed % 5) * 10), 5 + (seed % 7) * 6);
    const coinbaseRecipient =
      seed % 2 === 0 ? chain.contracts[0]! : (`0x${'00'.repeat(32)}` as const);
    const env = testEnv(PARAMS, { height, coinbaseRecipient });
    const view = memoryState(layers, committed, known);
    const block = await produceBlock(env, source, view, runner);
    layers.push(block.changes);
    committed.push(...block.transactions.map(({ id }) => id));
    known.set(height, { id: block.header.id, time: block.header.time });
    blocks.push(block);
  }
  return blocks;
}

test(`parallel equals serial on ${SEED_COUNT} seeds from ${SEED_FIRST}`, async (t) => {
  const totals: Totals = { included: 0, reverted: 0, skipped: 0 };
  for (let seed = SEED_FIRST; seed < SEED_FIRST + SEED_COUNT; seed += 1) {
    const expected = await makeBlocks(seed, serial);
    for (const block of expected) {
      totals.included += block.transactions.length;
      totals.reverted += block.transactions.filter(({ success }) => !success).length;
      totals.skipped += block.skipped.length;
    }
    for (const { name, runner } of someRunners()) {
      const blocks = await makeBlocks(seed, runner);
      blocks.forEach((block, i) => {
        assertSame(block, expected[i]!, `seed ${seed}, ${name}, block ${i + 1}`);
      });
    }
  }
  t.diagnostic(`seeds ${SEED_FIRST}…${SEED_FIRST + SEED_COUNT - 1}: ${JSON.stringify(totals)}`);
  assert.ok(totals.included > totals.skipped && totals.skipped > 0 && totals.reverted > 0);
});

/** What the workloads are made of: few contracts, or many; even, or some much hotter. */
function optionsOf(seed: number): Partial<WorkloadOptions> & { count: number } {
  const random = randomOf(seed);
  const contracts = 9 + random(30);
  return { count: 20 + random(40), seed, contracts, theta: random(3) / 2, depth: 2 + random(6) };
}

test(`${ROUND_COUNT} blocks of each workload from seed ${SEED_FIRST}`, async () => {
  for (let seed = SEED_FIRST; seed < SEED_FIRST + ROUND_COUNT; seed += 1) {
    for (const name of WORKLOAD_NAMES) {
      const { genesis, options, txs } = workload(name, { ...optionsOf(seed), sign: false });
      const env = testEnv(options.params);
      const make = (runner: LaneRunner): Promise<ExecutedBlock> =>
        produceBlock(env, listSource(txs, 15 + (seed % 4) * 15), memoryState([genesis]), runner);
      const expected = await make(serial);
      assert.ok(expected.transactions.length > 1, name);
      for (const { name: by, runner } of someRunners()) {
        assertSame(await make(runner), expected, `seed ${seed}, ${name}, ${by}`);
      }
    }
  }
});

test('everything runs once, whatever is skipped: only what follows is judged differently', async () => {
  const { genesis, options, txs, skips } = workload('skipped', { count: 60, seed: 5, sign: false });
  const runner = pool(2, 4);
  try {
    const view = memoryState([genesis]);
    const block = await produceBlock(testEnv(options.params), listSource(txs, 60), view, runner);
    const ran = block.schedule.lanes.flatMap((lane) => lane.txs.map(({ id }) => id));
    assert.deepEqual([...ran].sort(), txs.map(({ id }) => id).sort());
    const skipped = new Set(block.skipped.map(({ id }) => id));
    assert.deepEqual(
      txs.flatMap(({ id }, i) => (skipped.has(id) ? [i] : [])),
      skips,
    );
  } finally {
    await runner.close();
  }
});

test('a produced block is valid when it is executed again, serially and in parallel', async () => {
  for (let seed = SEED_FIRST; seed < SEED_FIRST + 5; seed += 1) {
    const chain = new RandomChain(seed, PARAMS);
    const view = memoryState([chain.genesis]);
    const txs = chain.txs(60);
    const env = testEnv(PARAMS);
    const block = await produceBlock(env, listSource(txs, 20), view, runners[2]!.runner);
    const included = new Set(block.transactions.map(({ id }) => id));
    const given = txs.filter(
      ({ id }, i) => included.has(id) && txs.findIndex((x) => x.id === id) === i,
    );
    for (const runner of [serial, runners[1]!.runner]) {
      const again = await executeBlock(env, given, view, runner);
      assert.equal(again.header.id, block.header.id, `seed ${seed}`);
      assert.equal(plainText(again.changes), plainText(block.changes), `seed ${seed}`);
    }
  }
});

/** A marked copy of a transaction: `dyingWorker.ts` knows the mark. */
function marked(job: TxToExecute, witnessLimit: bigint): TxToExecute {
  const tx = { ...job.tx, policies: { ...job.tx.policies, witnessLimit } };
  return { id: txId(tx, PARAMS.chainId), tx, raw: encodeTx(tx), verified: true };
}

/** A block in which one transfer has the mark; nobody can spend what it creates. */
function withDeadly(
  seed: number,
  witnessLimit: bigint,
): { all: TxToExecute[]; deadly: TxToExecute } {
  const chain = new RandomChain(seed, PARAMS);
  const txs = chain.txs(30);
  const at = txs.findIndex(({ tx }) => tx.type === 'script' && tx.outputs.length === 1);
  const deadly = marked(txs[at]!, witnessLimit);
  return { all: txs.with(at, deadly), deadly };
}

const DEADLY = 0xdead0001n;
const ENDLESS = 0xdead0002n;

// A lane that only seems to hang, on a machine that is busy with something else, is no good either.
for (const { name, mark, laneTimeoutMs } of [
  { name: 'ends', mark: DEADLY, laneTimeoutMs: 20_000 },
  { name: 'hangs', mark: ENDLESS, laneTimeoutMs: 1_500 },
]) {
  test(`a transaction that ${name} two threads is skipped, the others are not touched`, async () => {
    const { all, deadly } = withDeadly(7, mark);
    const env = testEnv(LARGE_PARAMS);
    const view = memoryState([new RandomChain(7, PARAMS).genesis]);
    const runner = pool(2, 4, { ...DYING, laneTimeoutMs, mainRuns: false });
    try {
      const block = await produceBlock(env, listSource(all, 100), view, runner);
      const without = all.filter((job) => job !== deadly);
      const expected = await produceBlock(env, listSource(without, 100), view, serial);
      const own = block.skipped.filter(({ id }) => id === deadly.id);
      assert.equal(own.length, 1);
      assert.match(own[0]!.reason, /^EXECUTION_WORKER_DIED/);
      assert.equal(block.header.id, expected.header.id);
      assert.equal(plainText(block.changes), plainText(expected.changes));
      await assert.rejects(executeBlock(env, all.slice(0, all.indexOf(deadly) + 1), view, runner), {
        code: 'EXECUTION_WORKER_DIED',
      });
    } finally {
      await runner.close();
    }
  });
}

test('an undeclared contract exists only behind its deployment, whoever runs first', async () => {
  const { job: deployment, contractId } = make.createTx(5, idOf('undeclared'));
  const calls = [{ contractId, operations: 0n, key: 1n, coins: 0n }];
  const calling = (input: Input): TxToExecute =>
    make.scriptTx({ inputs: [input], outputs: [make.changeTo()], calls, verified: true });
  const first = make.scriptTx({
    inputs: [make.coinOf(0)],
    outputs: [make.pay(500_000n), make.changeTo()],
    verified: true,
  });
  // The deployment depends on nothing: with two workers it is done before the first call runs.
  const txs = [first, calling(make.coinOf(first, 500_000n)), deployment, calling(make.coinOf(1))];
  const view = memoryState([make.testWorld()]);
  for (const { runner } of [{ runner: serial }, ...runners.slice(0, 4)]) {
    const block = await produceBlock(testEnv(PARAMS), listSource(txs, 10), view, runner);
    const reasons = block.transactions.slice(0, 4).map(({ reason }) => reason);
    assert.deepEqual(reasons, [null, 'ContractNotFound', null, 'ContractNotInInputs']);
  }
});
