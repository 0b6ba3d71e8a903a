import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildSchema, getIntrospectionQuery } from 'graphql';
import { GRAPHQL_DEFAULTS } from '../../../../node/defaults.ts';
import { createApi } from '../../../../node/graphql/api.ts';
import { DocumentCache } from '../../../../node/graphql/documents.ts';
import { SDL } from '../../../../node/graphql/schema.ts';
import { fakeServices } from '../../../support/fakeServices.ts';
import { askApi } from '../../../support/graphqlClient.ts';

const cache = new DocumentCache(buildSchema(SDL), GRAPHQL_DEFAULTS);

function complexity(query: string, variables: Record<string, unknown> = {}): number {
  const prepared = cache.get(query);
  assert.ok(prepared.ok, JSON.stringify(prepared));
  const [operation] = prepared.operations.values();
  return operation!.complexity(variables);
}

test('costs of some operations', () => {
  assert.equal(complexity('mutation($t: HexString!) { submit(tx: $t) { id } }'), 40_002);
  assert.equal(complexity('{ chain { name latestBlock { height } } }'), 1 + 40 + 41);
  assert.equal(complexity('query($n: Int) { blocks(first: $n) { nodes { id } } }', { n: 5 }), 3010);
  const coins = 'query($n: Int) { coins(filter: { owner: "0x" }, last: $n) { nodes { amount } } }';
  assert.equal(complexity(coins, { n: 10 }), 100 + (80 + 10) * 2);
  const dryRun = 'query($t: [HexString!]!) { dryRun(txs: $t) { id } }';
  assert.equal(complexity(dryRun, { t: ['0x', '0x'] }), 2 * 12_001);
});

test('limits refuse with the known texts', async () => {
  const api = createApi(fakeServices().services);
  const spend = 'coinsToSpend(owner: "0x", queryPerAsset: []) { __typename }';
  const deep = `{ chain { latestBlock { header ${'{ x '.repeat(30)} ${'}'.repeat(33)}`;
  const texts: [string, string][] = [
    [`{ a: ${spend} b: ${spend} }`, 'Query is too complex.'],
    ['{ blocks(first: 10) { nodes { transactions { id } } } }', ''],
    ['{ blocks(first: 20) { nodes { transactions { id } } } }', 'Query is too complex.'],
    [
      '{ chain { latestBlock { transactions { status { ... on SuccessStatus { block { id } } } } } } }',
      'Recursion detected for field `block`',
    ],
    [deep, 'The recursion depth of the query cannot be greater than `24`'],
    ['query a { health } query b { health }', 'Operation name required in request.'],
    [
      `{ health ${Array.from({ length: 11 }, () => '@include(if: true)').join(' ')} }`,
      'The directive "@include" can only be used once at this location.',
    ],
  ];
  for (const [query, text] of texts) {
    const { errors, extensions } = await askApi(api, query);
    assert.equal(errors?.[0]?.message ?? '', text);
    if (text !== '') assert.equal(extensions, undefined, 'nothing ran');
  }
});

test('introspection passes all limits', async () => {
  const api = createApi(fakeServices().services);
  const { data, errors } = await askApi(api, getIntrospectionQuery());
  assert.equal(errors, undefined);
  const { types } = data!['__schema'] as { types: { name: string }[] };
  assert.ok(types.some((type) => type.name === 'AssembleTransactionResult'));
});

test('the cache gives back the same document and forgets the oldest', () => {
  const small = new DocumentCache(buildSchema(SDL), GRAPHQL_DEFAULTS);
  const first = small.get('{ health }');
  assert.equal(small.get('{ health }'), first);
  for (let i = 0; i < 600; i++) small.get(`{ a${i}: health }`);
  assert.notEqual(small.get('{ health }'), first);
});
