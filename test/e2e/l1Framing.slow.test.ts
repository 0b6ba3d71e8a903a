/** Honest blocks of this node on anvil: no statement convicts them, whatever is tried. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anvilPath } from '../support/anvil.ts';
import { randomOf } from '../support/chainMaker.ts';
import { attempt, Case, FRAUDS } from '../support/frauds.ts';
import { seedOf } from '../support/mutate.ts';
import { refusals } from '../support/refusals.ts';
import { openWorld } from '../support/rollupWorld.ts';
import { deployProbe, INBOX, PROBE, SETTLEMENT } from '../support/settlementContracts.ts';
import { STATE_STATEMENTS, stateAttempt } from '../support/stateAttempts.ts';

/** Attempts per statement. */
const ATTEMPTS = 1_000;

test('attempts to convict honest blocks', { skip: anvilPath() === null }, async (t) => {
  const { rollup, blocks, states, split } = await openWorld(t);
  const { anvil, settlement, genesis } = rollup;
  const made = new Case(blocks, split, states);
  await made.commit(rollup);
  const probe = await deployProbe(anvil);
  const events = await rollup.events();
  const ids = (await rollup.entries()).map(({ id }) => id);
  const honest = { made, events, genesis };
  const random = randomOf(seedOf('framing', 4_712));
  const errors = [...SETTLEMENT.abi, ...PROBE.abi, ...INBOX.abi];
  const statements = [...FRAUDS.map(({ name }) => name), 'wrongEnd', ...STATE_STATEMENTS];
  for (const name of statements) {
    await t.test(`${ATTEMPTS} of ${name}`, async () => {
      const args = STATE_STATEMENTS.includes(name)
        ? (): readonly unknown[] => stateAttempt(name, honest, random)
        : (): readonly unknown[] => attempt(made, ids, random, name)[1];
      const calls = Array.from({ length: ATTEMPTS }, () => [name, args()] as const);
      const found = await refusals(anvil, probe, settlement, SETTLEMENT, errors, calls);
      const told = JSON.stringify([...found]);
      assert.equal(found.get(`${name}: accepted`) ?? 0, 0, told);
      // Many must have come to the judgement itself.
      assert.ok((found.get(`${name}: NoFraud`) ?? 0) > ATTEMPTS / 20, told);
    });
  }
  assert.equal(statements.length, 17);
});
