/** `kill -9` under load, twenty times, at other moments in every run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killRounds } from '../support/killRounds.ts';
import { seedOf } from '../support/mutate.ts';

const ROUNDS = 20;

test(`${ROUNDS} times kill -9: nothing that was reported is lost`, {
  timeout: 900_000,
}, async (t) => {
  const report = await killRounds(ROUNDS, seedOf('kill9', Date.now() % 1_000_000));
  t.diagnostic(JSON.stringify(report));
  assert.ok(report.acknowledged > ROUNDS, 'there was load');
});
