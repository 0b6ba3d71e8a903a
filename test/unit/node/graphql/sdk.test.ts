/** The operations of the published SDK, against our schema and through our API. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Provider } from 'fuels';
import { buildSchema } from 'graphql';
import { GRAPHQL_DEFAULTS, REFERENCE_VERSION } from '../../../../node/defaults.ts';
import { createApi } from '../../../../node/graphql/api.ts';
import { DocumentCache } from '../../../../node/graphql/documents.ts';
import { SDL } from '../../../../node/graphql/schema.ts';
import { fetchOver } from '../../../../node/inProcessFetch.ts';
import { txId } from '../../../../tx/id.ts';
import { addCoin, b256, fakeServices, plainScript } from '../../../support/fakeServices.ts';

const OWNER = b256(5);
const BASE = b256(0);
const TX = plainScript({ policies: { maxFee: 3n } });
const fake = fakeServices();
const sent = new Map<string, string>();
let provider: Provider;

before(async () => {
  fake.store.addBlock([{ tx: TX }]);
  addCoin(fake.store, 1, OWNER, BASE, 10n);
  fake.store.owned.set(OWNER, [txId(TX, 0n)]);
  const inProcess = fetchOver(createApi(fake.services));
  provider = new Provider('http://fuelrail.invalid/v1/graphql', {
    fetch: async (url, init) => {
      const body = JSON.parse(String(init?.body)) as { query: string; operationName: string };
      sent.set(body.operationName, body.query);
      return inProcess(url, init);
    },
  });
  await provider.init();
});

/** Page sizes that the SDK asks for; the costs must allow them. */
const LARGEST = { first: 10_000, last: null, blocks: 5, transactions: 60, coins: 512 };
function firstOf(name: string): number {
  const lower = name.toLowerCase();
  if (lower.includes('block')) return LARGEST.blocks;
  if (lower.includes('transaction')) return LARGEST.transactions;
  return lower.includes('balance') ? LARGEST.first : LARGEST.coins;
}

test('every operation validates and fits the limits', async () => {
  const operations = provider.operations as unknown as Record<
    string,
    (variables: object) => Promise<unknown>
  >;
  for (const name of Object.keys(operations)) {
    if (name === 'getBlobs') continue;
    // Without variables most are refused, but their text has been sent.
    await Promise.resolve(operations[name]!({})).catch(() => {});
  }
  assert.ok(sent.size >= 40, `${sent.size} operations were seen`);
  const cache = new DocumentCache(buildSchema(SDL), GRAPHQL_DEFAULTS);
  for (const [name, query] of sent) {
    const prepared = cache.get(query);
    assert.ok(prepared.ok, `${name}: ${JSON.stringify(prepared)}`);
    const [operation] = prepared.operations.values();
    const cost = operation!.complexity({ first: firstOf(name), encodedTransactions: ['0x'] });
    assert.ok(cost <= GRAPHQL_DEFAULTS.complexityMax, `${name} costs ${cost}`);
  }
});

test('the SDK reads the chain, blocks, coins, balances and transactions', async () => {
  assert.equal((await provider.getChain()).name, 'fake chain');
  assert.equal((await provider.getNode()).nodeVersion, REFERENCE_VERSION);
  assert.equal((await provider.getBlockNumber()).toNumber(), 1);
  const block = await provider.getBlockWithTransactions('latest');
  assert.deepEqual(block?.transactionIds, [txId(TX, 0n)]);
  assert.equal((await provider.getBalance(OWNER, BASE)).toString(), '10');
  const { balances } = await provider.getBalances(OWNER);
  assert.equal(balances[0]?.amount.toString(), '10');
  const { coins } = await provider.getCoins(OWNER);
  assert.equal(coins.length, 1);
  const resources = await provider.getResourcesToSpend(OWNER, [{ assetId: BASE, amount: 3 }]);
  assert.equal(resources.length, 1);
  const { transactions } = await provider.getTransactions({ first: 10 });
  assert.equal(transactions.length, 1);
  assert.equal(await provider.getMessageByNonce(b256(1)), null);
});

test('errors reach the SDK in the form that it knows', async () => {
  await assert.rejects(provider.getResourcesToSpend(OWNER, [{ assetId: BASE, amount: 11 }]), {
    code: 'not-enough-funds-or-max-coins-reached',
  });
});

test('produced blocks are seen by the next request', async () => {
  const before = (await provider.getBlockNumber()).toNumber();
  await provider.produceBlocks(2);
  assert.equal((await provider.getBlockNumber()).toNumber(), before + 2);
});
