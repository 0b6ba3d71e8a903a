/**
 * Disputes about states and steps on anvil, over real blocks of this node: every planted fraud is
 * convicted by one call, honest blocks by none.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anvilPath } from '../support/anvil.ts';
import { Case } from '../support/frauds.ts';
import { checkGas } from '../support/gasRecord.ts';
import { BOND, CHALLENGER } from '../support/rollup.ts';
import { openWorld } from '../support/rollupWorld.ts';
import { SETTLEMENT } from '../support/settlementContracts.ts';
import {
  type Ground,
  STATE_FRAUDS,
  STATE_VARIANTS,
  type StateFraud,
} from '../support/stateFrauds.ts';

test('disputes about states', { skip: anvilPath() === null }, async (t) => {
  const { rollup, blocks, states, split } = await openWorld(t);
  const { anvil, settlement } = rollup;
  const { genesis } = rollup;
  const ground: Ground = { blocks, states, split, genesis, events: await rollup.events() };
  let clean = await anvil.test.snapshot();
  const fresh = async (): Promise<void> => {
    await anvil.test.revert({ id: clean });
    clean = await anvil.test.snapshot();
  };
  const convicts = async (fraud: StateFraud): Promise<void> => {
    await fresh();
    const at = fraud.splitAt?.(ground) ?? split;
    const planted = fraud.plant({ ...ground, split: at });
    const made = new Case(planted.blocks, at, planted.states);
    await made.commit(rollup);
    const args = planted.args(made);
    const receipt = await anvil.send(
      fraud.name,
      CHALLENGER,
      settlement,
      SETTLEMENT,
      fraud.name,
      args,
    );
    assert.equal(receipt.status, 'success');
    assert.ok((await anvil.read<bigint>(settlement, SETTLEMENT, 'batchCount')) < 2n);
    assert.ok((await anvil.pub.getBalance({ address: settlement })) <= BOND);
  };

  for (const fraud of STATE_FRAUDS) {
    await t.test(`convicts: ${fraud.fraud}`, () => convicts(fraud));
  }

  await t.test('gas of each statement is as recorded, and below the limit', () =>
    checkGas(
      anvil.gas,
      STATE_FRAUDS.map(({ name }) => name),
    ),
  );

  for (const fraud of STATE_VARIANTS) {
    await t.test(`convicts: ${fraud.fraud} (${fraud.name})`, () => convicts(fraud));
  }
});
