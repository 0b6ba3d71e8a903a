import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAmount, parseAmount, parseDecimals } from '../../../cli/wallet/amounts.ts';

test('amounts are exact, both ways', () => {
  for (const [text, decimals, units] of [
    ['1', 9, 1_000_000_000n],
    ['0.000000001', 9, 1n],
    ['18446744073.709551615', 9, (1n << 64n) - 1n],
    ['12', 0, 12n],
    ['1_000.5', 2, 100_050n],
  ] as const) {
    assert.equal(parseAmount(text, decimals), units);
    assert.equal(formatAmount(units, decimals), text.replace('_', ''));
  }
  assert.equal(formatAmount(-1_500_000_000n, 9), '-1.5');
  assert.equal(formatAmount(0n, 9), '0');
});

test('nothing is rounded or guessed', () => {
  for (const [text, decimals, why] of [
    ['0.0000000001', 9, /has 9 decimals/],
    ['1.5', 0, /give --decimals/],
    ['0', 9, /zero/],
    ['18446744073.709551616', 9, /more than/],
    ['-1', 9, /write digits/],
    ['1e3', 9, /write digits/],
    ['1,5', 9, /write digits/],
    ['', 9, /write digits/],
  ] as const) {
    assert.throws(() => parseAmount(text, decimals), why, text);
  }
  assert.throws(() => parseDecimals('19'), { code: 'CLI_AMOUNT' });
});
