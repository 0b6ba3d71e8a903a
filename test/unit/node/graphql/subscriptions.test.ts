import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApi } from '../../../../node/graphql/api.ts';
import type { TxStatus } from '../../../../node/services.ts';
import { eventFrames } from '../../../../node/sse.ts';
import { bytesToHex } from '../../../../primitives/bytes.ts';
import { CodedError } from '../../../../primitives/errors.ts';
import { encodeTx } from '../../../../tx/codec/transaction.ts';
import { txId } from '../../../../tx/id.ts';
import { b256, EPOCH_STATUS, fakeServices, plainScript } from '../../../support/fakeServices.ts';
import { allPayloads, payload, subscribeApi } from '../../../support/graphqlClient.ts';

const TX = plainScript();
const ID = txId(TX, 0n);
const HEX = bytesToHex(encodeTx(TX));
const SUBMIT = `subscription($tx: HexString!, $pre: Boolean) {
  submitAndAwaitStatus(tx: $tx, includePreconfirmation: $pre) { type: __typename
    ... on PreconfirmationSuccessStatus { totalGas resolvedOutputs { utxoId output {
      __typename } } transaction { id } } } }`;

const SUBMITTED: TxStatus = { type: 'submitted', time: EPOCH_STATUS };
const PRECONFIRMED: TxStatus = {
  type: 'preconfirmationSuccess',
  txPointer: { blockHeight: 1, txIndex: 0 },
  totalGas: 5n,
  totalFee: 1n,
  receipts: [],
  tx: TX,
  resolvedOutputs: [
    {
      utxoId: { txId: ID, outputIndex: 1 },
      output: { type: 'change', to: b256(1), amount: 3n, assetId: b256(0) },
    },
  ],
  reason: null,
  programState: null,
};
const SUCCESS: TxStatus = {
  type: 'success',
  blockHeight: 1,
  time: EPOCH_STATUS,
  programState: null,
  receipts: [],
  totalGas: 5n,
  totalFee: 1n,
  reason: null,
};

const kinds = (answers: { data: Record<string, unknown> | null }[], field: string): unknown[] =>
  answers.map((answer) => (answer.data?.[field] as { type: string } | undefined)?.type);

test('the first status comes before anything else happens', async () => {
  const fake = fakeServices();
  fake.onSubmit = async (id) => fake.hub.publish(id, SUBMITTED);
  const frames = await subscribeApi(createApi(fake.services), SUBMIT, { tx: HEX });
  const first = payload((await frames.next()).value);
  assert.deepEqual(first, {
    data: { submitAndAwaitStatus: { type: 'SubmittedStatus' } },
    extensions: {
      current_consensus_parameters_version: 0,
      current_fuel_block_height: 0,
      current_stf_version: 34,
    },
  });
  fake.hub.publish(ID, PRECONFIRMED);
  fake.hub.publish(ID, SUCCESS);
  const rest = await allPayloads(frames);
  assert.deepEqual(kinds(rest, 'submitAndAwaitStatus'), ['SuccessStatus'], 'not asked for');
});

test('a preconfirmation is passed on when asked for, and the stream ends after three', async () => {
  const fake = fakeServices();
  fake.onSubmit = async (id) => fake.hub.publish(id, SUBMITTED);
  const frames = await subscribeApi(createApi(fake.services), SUBMIT, { tx: HEX, pre: true });
  assert.deepEqual(kinds([payload((await frames.next()).value)], 'submitAndAwaitStatus'), [
    'SubmittedStatus',
  ]);
  fake.hub.publish(ID, PRECONFIRMED);
  const second = payload((await frames.next()).value);
  assert.deepEqual(second.data?.['submitAndAwaitStatus'], {
    type: 'PreconfirmationSuccessStatus',
    totalGas: '5',
    resolvedOutputs: [{ utxoId: `${ID}0001`, output: { __typename: 'ChangeOutput' } }],
    transaction: { id: ID },
  });
  fake.hub.publish(ID, SUCCESS);
  assert.deepEqual(kinds(await allPayloads(frames), 'submitAndAwaitStatus'), ['SuccessStatus']);
});

test('a refusal is one error event', async () => {
  const fake = fakeServices();
  fake.onSubmit = async () => {
    throw new CodedError('POOL_INPUT', 'UTXO (id: 00) does not exist');
  };
  const frames = await subscribeApi(createApi(fake.services), SUBMIT, { tx: HEX });
  const [only, ...more] = await allPayloads(frames);
  assert.equal(only?.data, null);
  assert.equal(only?.errors?.[0]?.message, 'UTXO (id: 00) does not exist');
  assert.deepEqual(more, []);
});

test('submitAndAwait waits for the final status', async () => {
  const fake = fakeServices();
  fake.onSubmit = async (id) => {
    fake.hub.publish(id, SUBMITTED);
    fake.hub.publish(id, SUCCESS);
  };
  const query = 'subscription($tx: HexString!) { submitAndAwait(tx: $tx) { type: __typename } }';
  const frames = await subscribeApi(createApi(fake.services), query, { tx: HEX });
  assert.deepEqual(kinds(await allPayloads(frames), 'submitAndAwait'), ['SuccessStatus']);
});

test('statusChange starts with the current status and ends after a final one', async () => {
  const fake = fakeServices();
  const query = `subscription { statusChange(id: "${ID}") { type: __typename } }`;
  const api = createApi(fake.services);
  fake.hub.publish(ID, SUBMITTED);
  const early = await subscribeApi(api, query);
  assert.deepEqual(kinds([payload((await early.next()).value)], 'statusChange'), [
    'SubmittedStatus',
  ]);
  fake.hub.publish(ID, { type: 'squeezedOut', reason: 'removed' });
  assert.deepEqual(kinds(await allPayloads(early), 'statusChange'), ['SqueezedOutStatus']);

  fake.store.addBlock([{ tx: TX }]);
  const late = await subscribeApi(api, query);
  assert.deepEqual(kinds(await allPayloads(late), 'statusChange'), ['SuccessStatus']);
});

test('closing a quiet stream gives its subscription back', async () => {
  const fake = fakeServices();
  const query = `subscription { statusChange(id: "${ID}") { type: __typename } }`;
  const api = createApi(fake.services);
  for (let i = 0; i < 150; i++) {
    const frames = await subscribeApi(api, query);
    const waiting = frames.next();
    await new Promise((resolve) => setImmediate(resolve));
    await frames.return?.();
    assert.deepEqual(await waiting, { value: undefined, done: true }, `stream ${i}`);
  }
});

test('silence is filled with the keep-alive comment', async () => {
  let release: (text: string) => void = () => {};
  async function* source(): AsyncGenerator<string> {
    yield await new Promise<string>((resolve) => {
      release = resolve;
    });
  }
  const frames = eventFrames(() => source(), 5);
  assert.equal((await frames.next()).value, ':keep-alive-text\n\n');
  assert.equal((await frames.next()).value, ':keep-alive-text\n\n');
  release('{"a":1}');
  assert.equal((await frames.next()).value, 'data:{"a":1}\n\n');
  assert.equal((await frames.next()).done, true);
});
