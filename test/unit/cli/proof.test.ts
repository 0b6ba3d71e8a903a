/** `fuelrail proof`: what is asked wrongly is named before anything is asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proveCoin, proveContract, proveMessage } from '../../../cli/bridge/proof.ts';

const ID = `0x${'12'.repeat(32)}`;
const NOWHERE = { url: 'http://127.0.0.1:1/v1/graphql' };

test('mistakes are named, and a node that is not there', async () => {
  await assert.rejects(proveCoin(ID, NOWHERE), { code: 'CLI_USAGE', message: /UTXO id/ });
  await assert.rejects(proveMessage('0x12', NOWHERE), { code: 'CLI_BAD_VALUE' });
  const both = { ...NOWHERE, slot: ID, asset: ID };
  await assert.rejects(proveContract(ID, both), { code: 'CLI_USAGE', message: /choose one/ });
  const far = { ...NOWHERE, height: 'x' };
  await assert.rejects(proveContract(ID, far), { code: 'CLI_BAD_VALUE' });
  await assert.rejects(proveContract(ID, NOWHERE), { code: 'STATE_TREE_UNREACHABLE' });
});
