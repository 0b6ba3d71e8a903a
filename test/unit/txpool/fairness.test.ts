import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TxId } from '../../../primitives/types.ts';
import { DEFAULT_POOL_CONFIG, type PoolConfig } from '../../../txpool/config.ts';
import { TxPool } from '../../../txpool/pool.ts';
import type { PooledTx } from '../../../txpool/types.ts';
import {
  coinInput,
  coinOutput,
  contractInput,
  FakeView,
  id,
  poolTx,
} from '../../support/poolTx.ts';
import { mulberry } from '../../support/random.ts';

const HOT = id(0xc0);
const COLD = id(0xc1);
const BLOCK_MS = 1_000;
/** Calls of 10 gas in one block. */
const CALLS_PER_BLOCK = 5;
const LIMITS = { gasLimit: 50n, bytesLimit: 10n ** 6n, countLimit: 100, gasPrice: 0n };

function setup(config: Partial<PoolConfig> = {}) {
  const view = new FakeView();
  view.contracts.add(HOT);
  view.contracts.add(COLD);
  const pool = new TxPool(
    { ...DEFAULT_POOL_CONFIG, ...config },
    { utxoValidation: true, view: () => view },
  );
  let next = 1;
  const call = (contract: typeof HOT, tip: bigint, nowMs: number, gas = 10n): PooledTx => {
    next += 1;
    view.fund(id(100_000 + next));
    const inputs = [coinInput(id(100_000 + next)), contractInput(contract)];
    const tx = {
      ...poolTx(next, { inputs, outputs: [coinOutput()], tip, gas }),
      arrivedAtMs: nowMs,
    };
    pool.insert(tx, nowMs);
    return tx;
  };
  const block = (nowMs: number, height: number): TxId[] => {
    const taken = pool.take({ ...LIMITS, height }, nowMs);
    pool.onBlock({ transactions: taken, skipped: [] }, nowMs);
    return taken.map((tx) => tx.id);
  };
  return { pool, call, block };
}

/** In which block a victim of tip 1 is, while others keep sending ten calls of tip 1000 per block. */
function blocksOfVictim(maxWaitMs: number, blockCountMax: number): number | null {
  const { call, block } = setup({ maxWaitMs });
  const victim = call(HOT, 1n, 0);
  for (let height = 1; height <= blockCountMax; height += 1) {
    const nowMs = height * BLOCK_MS;
    for (let i = 0; i < 10; i += 1) call(HOT, 1_000n, nowMs - 1);
    if (block(nowMs, height).includes(victim.id)) return height;
  }
  return null;
}

test('against a flood of higher tips: in the first block after the longest wait', () => {
  assert.equal(blocksOfVictim(7 * BLOCK_MS, 50), 7);
  assert.equal(blocksOfVictim(7 * BLOCK_MS + 1, 50), 8);
});

test('the longest wait can be switched off', () => {
  assert.equal(blocksOfVictim(0, 200), null);
});

test('the wait is bounded by what is older, whatever the flood (random, 20 seeds from 611)', () => {
  for (let seed = 611; seed < 631; seed += 1) {
    const random = mulberry(seed);
    const maxWaitBlocks = 4;
    const { call, block } = setup({ maxWaitMs: maxWaitBlocks * BLOCK_MS, txCountMax: 10_000 });
    const waiting = new Map<TxId, { since: number; order: number; olderCount: number }>();
    let order = 0;
    for (let height = 1; height <= 40; height += 1) {
      const nowMs = height * BLOCK_MS;
      // The flood ends, so that everybody's turn comes.
      const count = height <= 20 ? Math.floor(random() * 12) : 0;
      for (let i = 0; i < count; i += 1) {
        const tip = BigInt(Math.floor(random() * 1_000));
        const tx = call(random() < 0.8 ? HOT : COLD, tip, nowMs - BLOCK_MS + i);
        order += 1;
        waiting.set(tx.id, { since: height, order, olderCount: waiting.size });
      }
      for (const txId of block(nowMs, height)) {
        const mine = waiting.get(txId) ?? assert.fail('taken once');
        waiting.delete(txId);
        const waited = height - mine.since;
        const bound = maxWaitBlocks + Math.floor(mine.olderCount / CALLS_PER_BLOCK);
        assert.ok(waited <= bound, `seed ${seed}: ${waited} > ${bound} blocks`);
        if (waited <= maxWaitBlocks) continue;
        // Once overdue, nobody younger goes first.
        const isOldest = [...waiting.values()].every((other) => other.order > mine.order);
        assert.ok(isOldest, `seed ${seed}`);
      }
    }
    assert.equal(waiting.size, 0, `seed ${seed}: everybody's turn came`);
  }
});

test('at equal age, and before the longest wait, only tips count', () => {
  const { call, block } = setup({ maxWaitMs: 5 * BLOCK_MS });
  const old = call(HOT, 1n, 0);
  const rich = Array.from({ length: CALLS_PER_BLOCK }, () => call(HOT, 1_000n, 4 * BLOCK_MS));
  assert.deepEqual(
    block(5 * BLOCK_MS - 1, 1),
    rich.map((tx) => tx.id),
  );
  assert.deepEqual(block(5 * BLOCK_MS, 2), [old.id]);
});

test('an overdue dependent follows its overdue parent in the same block, before the others', () => {
  const { pool, call, block } = setup({ maxWaitMs: BLOCK_MS });
  const parent = call(HOT, 0n, 0);
  const child = poolTx(9_000, { inputs: [coinInput(parent.id)], outputs: [coinOutput()] });
  pool.insert({ ...child, arrivedAtMs: 1 }, 1);
  const rich = Array.from({ length: CALLS_PER_BLOCK }, () => call(HOT, 1_000n, 500));
  const expected = [parent.id, child.id, ...rich.slice(0, 3).map((tx) => tx.id)];
  assert.deepEqual(block(BLOCK_MS + 1, 1), expected);
  assert.equal(pool.counts().executable, 2);
});

test('a block that comes to nothing does not make those in it young again', () => {
  const { pool, call, block } = setup({ maxWaitMs: 10 * BLOCK_MS });
  const old = call(HOT, 0n, 0);
  pool.release(
    pool.take({ ...LIMITS, height: 1 }, 1).map((tx) => tx.id),
    9 * BLOCK_MS,
  );
  for (let i = 0; i < 10; i += 1) call(HOT, 1_000n, 9 * BLOCK_MS);
  assert.equal(pool.fairness(9 * BLOCK_MS).oldestAgeMs, 9 * BLOCK_MS);
  assert.equal(block(10 * BLOCK_MS, 1)[0], old.id);
  assert.equal(pool.fairness(10 * BLOCK_MS).overdueTakenCount, 1);
});

test('a contract gets its share of a block; what is held back comes with the next one', () => {
  const { pool, call, block } = setup({ contractGasPercentMax: 40 });
  const hot = Array.from({ length: 6 }, () => call(HOT, 1_000n, 0));
  const cold = call(COLD, 1n, 0);
  const ids = (txs: readonly PooledTx[]): TxId[] => txs.map((tx) => tx.id);
  assert.deepEqual(block(1, 1), [...ids(hot.slice(0, 2)), cold.id]);
  assert.equal(pool.fairness(1).heldBackCount, 4);
  assert.deepEqual(pool.fairness(1).hotContracts, [{ contractId: HOT, txCount: 4 }]);
  assert.deepEqual(block(2, 2), ids(hot.slice(2, 4)));
  assert.deepEqual(block(3, 3), ids(hot.slice(4)));
});

test('a share counts max gas in flight, used gas after execution, over all rounds of a block', () => {
  const { pool, call } = setup({ contractGasPercentMax: 40 });
  const hot = Array.from({ length: 6 }, () => call(HOT, 1_000n, 0));
  const round = (height: number): TxId[] => pool.take({ ...LIMITS, height }, 0).map((tx) => tx.id);
  assert.deepEqual(round(1), [hot[0]?.id, hot[1]?.id]);
  assert.deepEqual(round(1), []);
  // Of 10 gas each they used 1 and 2: 3 of 20 are gone, so one more of 10 fits.
  pool.ran(hot[0]?.id ?? HOT, 1n);
  pool.ran(hot[1]?.id ?? HOT, 2n);
  assert.deepEqual(round(1), [hot[2]?.id]);
  // The next block may begin before this one is committed.
  assert.deepEqual(round(2), [hot[3]?.id, hot[4]?.id]);
});

test('the first transaction of a contract in a block passes, however large', () => {
  const { call, block } = setup({ contractGasPercentMax: 10 });
  const large = call(HOT, 1_000n, 0, 45n);
  const small = call(HOT, 1n, 0, 1n);
  assert.deepEqual(block(1, 1), [large.id]);
  assert.deepEqual(block(2, 2), [small.id]);
});
