/** `kill -9` under load, twice. The long version is kill9.slow.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killRounds } from '../support/killRounds.ts';
import { seedOf } from '../support/mutate.ts';

test('nothing that was reported is lost by kill -9', { timeout: 120_000 }, async () => {
  const report = await killRounds(2, seedOf('kill9', 9));
  assert.ok(report.acknowledged > 0, 'there was load');
  assert.ok(report.blocks > 1);
});
