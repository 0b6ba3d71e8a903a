import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  EVERYTHING_EXISTS,
  SYNTHETIC_SHAPES,
  type SyntheticShape,
  syntheticTxs,
} from '../../../bench/scheduler/synthetic.ts';
import { DEFAULT_POOL_CONFIG } from '../../../txpool/config.ts';
import { TxPool } from '../../../txpool/pool.ts';
import type { PooledTx } from '../../../txpool/types.ts';
import { mulberry } from '../../support/random.ts';

const SEED = 31_337;
const TX_COUNT = 1_000_000;
const CHUNK = 2_500;
const POOL_MAX = 4_000;
/** What a heap may differ by between two moments at which the pool holds the same. */
const GROWTH_MAX_BYTES = 8 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

test(`a million transactions pass through, nothing stays behind (seed ${SEED})`, () => {
  const random = mulberry(SEED);
  const pool = new TxPool(
    { ...DEFAULT_POOL_CONFIG, txCountMax: POOL_MAX, gasMax: 10n ** 15n, ttlMs: 60_000 },
    { utxoValidation: true, view: () => EVERYTHING_EXISTS },
  );
  const limits = { bytesLimit: 10n ** 12n, countLimit: 65_534, gasPrice: 1n };
  const empty = (nowMs: number, height: number): void => {
    const taken = pool.take({ ...limits, gasLimit: 10n ** 15n, height }, nowMs);
    pool.onBlock({ transactions: taken, skipped: [] }, nowMs);
    pool.expire(nowMs + 10 ** 6);
  };
  const sizes: number[] = [];
  let counts = { inserted: 0, replaced: 0, refused: 0, included: 0, skipped: 0, released: 0 };
  for (let chunk = 0; chunk * CHUNK < TX_COUNT; chunk += 1) {
    const shape = SYNTHETIC_SHAPES[chunk % SYNTHETIC_SHAPES.length] as SyntheticShape;
    const nowMs = chunk * 1_000;
    for (const tx of syntheticTxs(shape, CHUNK, SEED + chunk, chunk * CHUNK)) {
      try {
        const change = pool.insert({ ...tx, arrivedAtMs: nowMs } satisfies PooledTx, nowMs);
        counts = { ...counts, inserted: counts.inserted + 1 };
        counts.replaced += change.squeezedOut.length;
      } catch {
        counts.refused += 1;
      }
    }
    // Two rounds of a block that has not room for all: the pool stays full.
    for (let round = 0; round < 2; round += 1) {
      const gasLimit = BigInt(Math.floor(random() * 1_400)) * 15_000n;
      const taken = pool.take({ ...limits, gasLimit, height: chunk }, nowMs);
      const ids = taken.map(({ id }) => id);
      if (random() < 0.05) {
        counts.released += ids.length;
        pool.release(ids, nowMs);
        continue;
      }
      const skipped = taken.filter(() => random() < 0.01);
      const isSkipped = new Set(skipped);
      const transactions = taken.filter((tx) => !isSkipped.has(tx));
      const reasons = skipped.map(({ id }) => ({ id, reason: 'no' }));
      counts.included += transactions.length;
      counts.skipped += skipped.length;
      pool.onBlock({ transactions, skipped: reasons }, nowMs);
    }
    pool.expire(nowMs);
    if (chunk % 40 === 39) pool.partitionView({ setCountMax: 5, keyCountMax: 5 });
    if (chunk % 80 === 79) {
      empty(nowMs, 10 ** 6 + chunk);
      assert.deepEqual(pool.stats(), { txCount: 0, totalGas: 0n, totalSizeBytes: 0 });
      assert.deepEqual(pool.counts(), { executable: 0, pending: 0, inFlight: 0 });
      sizes.push(heapBytes());
    }
  }
  const { inserted, included, replaced, skipped, released } = counts;
  assert.ok(
    inserted > 500_000 && included > 300_000 && replaced > 1_000 && skipped > 1_000 && released > 0,
    `it was a life: ${JSON.stringify(counts)}`,
  );
  // The first figure is before everything is compiled and tables have their size.
  const [, second = 0] = sizes;
  const growth = Math.max(...sizes.slice(2)) - second;
  const megabytes = sizes.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(' ');
  assert.ok(growth <= GROWTH_MAX_BYTES, `heap when empty, MB: ${megabytes}`);
});
