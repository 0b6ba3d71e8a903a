/** The contract alone, on a chain that each test takes back to where it was. */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { createNode, devClient } from 'fuelrail';
import { Provider, Wallet } from 'fuels';
import { deployCounter } from '../counter.mjs';

let node, dev, counter, snapshot;

before(async () => {
  node = await createNode({ dev: true });
  dev = devClient(node);
  const provider = new Provider(node.url, { fetch: node.fetch, resourceCacheTTL: -1 });
  counter = await deployCounter(Wallet.fromPrivateKey(node.accounts[0].secret, provider));
  snapshot = await dev.snapshot();
});
after(() => node.close());
afterEach(() => dev.revert(snapshot));

const increment = async (by) => {
  const call = await counter.functions.increment(by).call();
  return (await call.waitForResult()).value.toNumber();
};

test('counts', async () => {
  assert.equal(await increment(2), 2);
  assert.equal(await increment(3), 5);
});

test('starts from zero again: the test before was taken back', async () => {
  assert.equal((await counter.functions.count().get()).value.toNumber(), 0);
  assert.equal(await increment(7), 7);
});
