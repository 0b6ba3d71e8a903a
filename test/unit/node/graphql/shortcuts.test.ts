/** The short way through `submit` answers what the general one answers, byte by byte. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Api, createApi } from '../../../../node/graphql/api.ts';
import { bytesToHex } from '../../../../primitives/bytes.ts';
import { CodedError } from '../../../../primitives/errors.ts';
import { encodeTx } from '../../../../tx/codec/transaction.ts';
import { fakeServices, plainScript } from '../../../support/fakeServices.ts';

const SHORT = 'mutation($tx:HexString!){submit(tx:$tx){id}}';
/** The same, but not recognised: the name of an operation asks for the general way. */
const GENERAL = 'mutation X($tx:HexString!){submit(tx:$tx){id}}';
const RAW = bytesToHex(encodeTx(plainScript()));

async function answerOf(api: Api, query: string, rest: object): Promise<string> {
  const answer = await api.handle({
    path: '/v1/graphql',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, ...rest }),
  });
  assert.equal(answer.status, 200);
  return answer.body as string;
}

async function expectSame(api: Api, variables: unknown): Promise<string> {
  const short = await answerOf(api, SHORT, { variables });
  const general = await answerOf(api, GENERAL, { variables, operationName: 'X' });
  // The texts differ by two characters in the place of the field.
  assert.equal(
    short,
    general.replace(/"column":(\d+)/g, (_, n) => `"column":${Number(n) - 2}`),
  );
  return short;
}

test('both ways give the same answer', async () => {
  const fake = fakeServices();
  const api = createApi(fake.services);
  assert.match(await expectSame(api, { tx: RAW }), /^\{"data":\{"submit":\{"id":"0x/);
  assert.match(await expectSame(api, { tx: RAW.slice(2).toUpperCase() }), /^\{"data":\{"submit"/);
  assert.equal(fake.submitted.length, 4);
  fake.store.addBlock([]);
  assert.match(await expectSame(api, { tx: RAW }), /"current_fuel_block_height":1/);
});

test('both ways report a failure in the same words', async () => {
  const fake = fakeServices();
  const api = createApi(fake.services);
  assert.match(await expectSame(api, { tx: '0x00' }), /"errors":\[\{"message":/);
  for (const tx of ['0x0', '0xzz', 5, null, undefined, ['0x00']]) await expectSame(api, { tx });
  await expectSame(api, null);
  fake.onSubmit = () => Promise.reject(new CodedError('POOL_FULL', 'no room'));
  assert.match(await expectSame(api, { tx: RAW }), /"extensions":\{"code":"POOL_FULL"\}/);
});

test('only the one form takes the short way', async () => {
  const { services } = fakeServices();
  const api = createApi(services);
  const forms = [
    'mutation($tx:HexString!){a:submit(tx:$tx){id}}',
    'mutation($tx:HexString!){submit(tx:$tx){x:id}}',
    'mutation($tx:HexString!){submit(tx:$tx){id isScript}}',
    'mutation($tx:HexString!,$e:Boolean){submit(tx:$tx,estimatePredicates:$e){id}}',
    'mutation($tx:HexString!){submit(tx:$tx)@skip(if:true){id}}',
  ];
  const bodies = await Promise.all(
    forms.map((form) => answerOf(api, form, { variables: { tx: RAW } })),
  );
  assert.match(bodies[0]!, /\{"data":\{"a":\{"id"/);
  assert.match(bodies[1]!, /\{"data":\{"submit":\{"x"/);
  assert.match(bodies[2]!, /"isScript":true/);
  assert.match(bodies[3]!, /\{"data":\{"submit":\{"id"/);
  assert.match(bodies[4]!, /\{"data":\{\}/);
  const ahead = { variables: { tx: RAW }, extensions: { required_fuel_block_height: 1_000_000 } };
  assert.match(await answerOf(api, SHORT, ahead), /fuel_block_height_precondition_failed/);
});
