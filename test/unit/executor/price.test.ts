import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { exactExp, exactLn } from '../../../executor/exactExp.ts';
import {
  type GasPriceConfig,
  gasPriceOf,
  gasUsedFromMint,
  initialGasPrice,
  recordDaCost,
  updateGasPrice,
  worstCaseGasPrice,
} from '../../../executor/price.ts';
import { dataFile } from '../../support/dataFile.ts';

const CONFIG: GasPriceConfig = {
  startingExecPrice: 1n,
  minExecPrice: 1n,
  execChangePercent: 0,
  thresholdPercent: 50,
  minDaPrice: 0n,
  maxDaPrice: 100_000n,
  daPComponent: 799999999999993n,
  daDComponent: 10000000000000000n,
};

type Vector = {
  config: (string | number)[];
  steps: [
    number,
    number,
    string,
    string,
    [string, string, string] | null,
    string,
    string,
    string,
    string,
    number,
    string,
  ][];
};

/**
 * Answers of fuel-gas-price-algorithm 0.48.3 to random sequences of blocks and DA records.
 * config: start, min, change %, threshold %, min DA, max DA, DA change %, p, d, the three activity
 * ranges and their threshold. Step: used gas, bytes, fee, exec price scaled, DA record before the
 * block (block bytes, recorded bytes, cost) or null, DA price scaled, profit, DA rewards, price,
 * horizon, worst case.
 */
function loadVectors(): Vector[] {
  const bytes = gunzipSync(readFileSync(dataFile('gasPriceV1.json.gz')));
  return JSON.parse(bytes.toString('utf8'));
}

test('equals the reference over random blocks and DA records', () => {
  const vectors = loadVectors();
  assert.equal(vectors.length, 60);
  let rises = 0;
  for (const { config: c, steps } of vectors) {
    const config: GasPriceConfig = {
      startingExecPrice: BigInt(c[0] as string),
      minExecPrice: BigInt(c[1] as string),
      execChangePercent: c[2] as number,
      thresholdPercent: c[3] as number,
      minDaPrice: BigInt(c[4] as string),
      maxDaPrice: BigInt(c[5] as string),
      daChangePercent: c[6] as number,
      daPComponent: BigInt(c[7] as string),
      daDComponent: BigInt(c[8] as string),
      activity: {
        normalBlocks: c[9] as number,
        cappedBlocks: c[10] as number,
        decreaseBlocks: c[11] as number,
        thresholdPercent: c[12] as number,
      },
    };
    let state = initialGasPrice(config, 7);
    for (const [
      usedGas,
      bytes,
      fee,
      exec,
      da,
      daPrice,
      profit,
      rewards,
      price,
      horizon,
      worst,
    ] of steps) {
      if (da !== null) {
        const [blockBytes, recordedBytes, costWei] = da.map(BigInt) as [bigint, bigint, bigint];
        state = recordDaCost(state, { blockBytes, recordedBytes, costWei }, config);
      }
      const before = state.daPriceScaled;
      state = updateGasPrice(
        state,
        {
          height: state.height + 1,
          usedGas: BigInt(usedGas),
          capacityGas: 30_000_000n,
          bytes: BigInt(bytes),
          feeCollected: BigInt(fee),
        },
        config,
      );
      if (state.daPriceScaled > before) rises += 1;
      assert.equal(String(state.execPriceScaled), exec);
      assert.equal(String(state.daPriceScaled), daPrice);
      assert.equal(String(state.profit), profit);
      assert.equal(String(state.daRewardsTotal), rewards);
      assert.equal(String(gasPriceOf(state)), price);
      assert.equal(String(worstCaseGasPrice(state, horizon, config)), worst);
    }
  }
  assert.ok(rises > 20, `the DA part moves: ${rises}`);
});

test('with the defaults the price is constant, full or empty', () => {
  let state = initialGasPrice(CONFIG, 0);
  for (let height = 1; height <= 50; height += 1) {
    const usedGas = height % 2 === 0 ? 0n : 30_000_000n;
    const block = { height, usedGas, capacityGas: 30_000_000n, bytes: 1000n, feeCollected: 5n };
    state = updateGasPrice(state, block, CONFIG);
    assert.equal(gasPriceOf(state), 1n);
    assert.equal(worstCaseGasPrice(state, 10, CONFIG), 1n);
  }
});

test('the minimum wins over a lower start', () => {
  assert.equal(
    gasPriceOf(initialGasPrice({ ...CONFIG, startingExecPrice: 3n, minExecPrice: 8n }, 0)),
    8n,
  );
});

test('a gap between blocks is refused', () => {
  const state = initialGasPrice(CONFIG, 4);
  const block = { height: 6, usedGas: 0n, capacityGas: 1n, bytes: 0n, feeCollected: 0n };
  assert.throws(() => updateGasPrice(state, block, CONFIG), { code: 'GAS_PRICE_GAP' });
});

test('a DA record without bytes is refused', () => {
  const record = { blockBytes: 1n, recordedBytes: 0n, costWei: 5n };
  assert.throws(() => recordDaCost(initialGasPrice(CONFIG, 0), record, CONFIG), {
    code: 'DA_RECORD_EMPTY',
  });
});

test('gas used comes from the mint', () => {
  const mint = { amount: 0n, gasPrice: 1n, gasPriceFactor: 92_000n, blockGasLimit: 30_000_000n };
  assert.equal(gasUsedFromMint(mint), 0n);
  assert.equal(gasUsedFromMint({ ...mint, amount: 3n, gasPrice: 7n }), 39_428n);
  assert.equal(gasUsedFromMint({ ...mint, amount: 1000n }), 30_000_000n);
  assert.equal(gasUsedFromMint({ ...mint, gasPrice: 0n }), 30_000_000n);
});

test('exp and ln are rounded correctly', () => {
  assert.equal(exactExp(1), Math.E);
  assert.equal(exactLn(2), Math.LN2);
  assert.equal(exactLn(10), Math.LN10);
  assert.equal(exactExp(0), 1);
  assert.equal(exactLn(1), 0);
  assert.equal(exactExp(711), Infinity);
  for (let x = 0; x < 40; x += 0.37) {
    assert.ok(Math.abs(exactExp(x) / Math.exp(x) - 1) < 4e-16);
    assert.ok(Math.abs(exactLn(1 + x) - Math.log(1 + x)) <= 1e-15);
  }
});
