/** The README's tour through HTTP against a process, and through the in-process transport. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Provider } from 'fuels';
import { createNode } from '../../sdk/createNode.ts';
import { startNodeProcess } from '../support/nodeProcess.ts';
import { quickstartSteps } from './quickstart.ts';

test('quickstart through the in-process transport', async (t) => {
  await using node = await createNode({ nodeVersion: '0.47.1' });
  const provider = new Provider(node.url, { fetch: node.fetch });
  await provider.init();
  const secret = node.accounts[0]?.secret;
  assert.ok(secret);
  for (const [name, run] of quickstartSteps(provider, secret)) await t.test(name, run);
});

test('quickstart through HTTP', async (t) => {
  const node = await startNodeProcess([
    '--debug',
    '--utxo-validation',
    '--db-type',
    'in-memory',
    '--min-gas-price',
    '1',
    '--starting-gas-price',
    '1',
  ]);
  try {
    const provider = new Provider(node.url);
    await provider.init();
    const secret = '0xde97d8624a438121b86a1956544bd72ed68cd69f2c99555b08b1e8c51ffd511c';
    for (const [name, run] of quickstartSteps(provider, secret)) await t.test(name, run);
  } finally {
    assert.equal(await node.stop(), 0);
  }
});
