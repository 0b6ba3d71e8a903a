import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Excluded,
  type SpendTarget,
  selectCoins,
} from '../../../../node/graphql/coinSelection.ts';
import { addCoin, b256, fakeServices, utxoKey } from '../../../support/fakeServices.ts';
import type { FakeStore } from '../../../support/fakeStore.ts';
import { ask } from '../../../support/graphqlClient.ts';

const OWNER = b256(5);
const BASE = b256(0);
const nothing = (): Excluded => ({ utxos: new Set(), messages: new Set() });

function storeOf(...amounts: bigint[]): FakeStore {
  const { store } = fakeServices();
  for (const [i, amount] of amounts.entries()) addCoin(store, i + 1, OWNER, BASE, amount);
  return store;
}

async function amountsOf(
  store: FakeStore,
  target: Partial<SpendTarget>,
  excluded = nothing(),
): Promise<bigint[]> {
  const full = { assetId: BASE, amount: 1n, max: 255, allowPartial: false, ...target };
  const coins = await selectCoins(store, OWNER, full, BASE, excluded);
  return coins.map((coin) => coin.amount);
}

test('the biggest come first, until twice the amount is met', async () => {
  const store = storeOf(1n, 5n, 3n, 4n, 2n);
  assert.deepEqual(await amountsOf(store, { amount: 4n }), [5n, 4n]);
  assert.deepEqual(await amountsOf(store, { amount: 2n }), [5n]);
  assert.deepEqual(await amountsOf(store, { amount: 15n }), [5n, 4n, 3n, 2n, 1n]);
  assert.deepEqual(await amountsOf(store, { amount: 0n }), []);
  assert.deepEqual(await amountsOf(store, { amount: 4n, max: 1 }), [5n]);
});

test('excluded coins and messages with data are left alone', async () => {
  const store = storeOf(9n, 5n);
  const from = { sender: b256(1), recipient: OWNER, daHeight: 0n };
  store.messageRows.push({ ...from, nonce: b256(1), amount: 7n, data: new Uint8Array(0) });
  store.messageRows.push({ ...from, nonce: b256(2), amount: 50n, data: new Uint8Array(1) });
  assert.deepEqual(await amountsOf(store, { amount: 8n }), [9n, 7n]);
  const excluded = { utxos: new Set([utxoKey(1)]), messages: new Set([b256(1)]) };
  assert.deepEqual(await amountsOf(store, { amount: 5n }, excluded), [5n]);
  await assert.rejects(amountsOf(store, { amount: 6n }, excluded), {
    code: 'INSUFFICIENT_COINS',
    message:
      `the target cannot be met due to insufficient coins available for ${BASE.slice(2)}. ` +
      `Collected: 5. Owner: ${OWNER.slice(2)}.`,
  });
});

test('too few slots have their own text; a part is enough when allowed', async () => {
  const store = storeOf(3n, 3n, 3n);
  await assert.rejects(amountsOf(store, { amount: 9n, max: 2 }), {
    message:
      `the target for ${BASE.slice(2)} cannot be met due to exceeding the 2 coin limit. ` +
      `Collected: 6. Owner: ${OWNER.slice(2)}.`,
  });
  assert.deepEqual(await amountsOf(store, { amount: 90n, allowPartial: true }), [3n, 3n, 3n]);
  await assert.rejects(amountsOf(storeOf(), { amount: 1n, allowPartial: true }), {
    code: 'INSUFFICIENT_COINS',
  });
});

test('the query keeps the order of the assets and refuses duplicates', async () => {
  const fake = fakeServices();
  addCoin(fake.store, 1, OWNER, BASE, 10n);
  addCoin(fake.store, 2, OWNER, b256(7), 20n);
  const query = `query($q: [SpendQueryElementInput!]!, $x: ExcludeInput) {
    coinsToSpend(owner: "${OWNER}", queryPerAsset: $q, excludedIds: $x) {
      __typename ... on Coin { utxoId amount } } }`;
  const of = (assetId: string, amount: string): object => ({ assetId, amount });
  const { data } = await ask(fake, query, { q: [of(b256(7), '1'), of(BASE, '1')] });
  assert.deepEqual(data?.['coinsToSpend'], [
    [{ __typename: 'Coin', utxoId: utxoKey(2), amount: '20' }],
    [{ __typename: 'Coin', utxoId: utxoKey(1), amount: '10' }],
  ]);
  const twice = await ask(fake, query, { q: [of(BASE, '1'), of(BASE, '2')] });
  assert.equal(twice.errors?.[0]?.message, 'the query contains duplicate assets');
  const utxos = Array.from({ length: 256 }, (_, i) => utxoKey(i));
  const many = await ask(fake, query, { q: [], x: { utxos, messages: [] } });
  assert.equal(
    many.errors?.[0]?.message,
    'too many excluded ids: provided (256) is > than allowed (255)',
  );
});
