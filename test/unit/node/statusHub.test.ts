import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TxStatus } from '../../../node/services.ts';
import { DROPPED_STATUS_COUNT_MAX, StatusHub } from '../../../node/statusHub.ts';
import { CodedError } from '../../../primitives/errors.ts';
import type { TxId } from '../../../primitives/types.ts';

const ID: TxId = `0x${'11'.repeat(32)}`;
const SUBMITTED: TxStatus = { type: 'submitted', time: 1n };
const PRECONFIRMED: TxStatus = {
  type: 'preconfirmationSuccess',
  txPointer: { blockHeight: 1, txIndex: 0 },
  totalGas: 1n,
  totalFee: 0n,
  receipts: [],
  tx: {
    type: 'mint',
    txPointer: { blockHeight: 1, txIndex: 0 },
    inputContract: {
      utxoId: { txId: ID, outputIndex: 0 },
      balanceRoot: ID,
      stateRoot: ID,
      txPointer: { blockHeight: 0, txIndex: 0 },
      contractId: ID,
    },
    outputContract: { inputIndex: 0, balanceRoot: ID, stateRoot: ID },
    mintAmount: 0n,
    mintAssetId: ID,
    gasPrice: 0n,
  },
  resolvedOutputs: [],
  reason: null,
  programState: null,
};
const SUCCESS: TxStatus = {
  type: 'success',
  blockHeight: 1,
  time: 2n,
  programState: null,
  receipts: [],
  totalGas: 1n,
  totalFee: 0n,
  reason: null,
};

function hubAt(time: { ms: number }, subscriptionCountMax = 2): StatusHub {
  return new StatusHub(
    { subscriptionCountMax, droppedTtlMs: 100 },
    { committed: () => null, nowMs: () => time.ms },
  );
}

async function all(events: AsyncIterable<TxStatus>): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of events) seen.push(event.type);
  return seen;
}

test('events published before the first read are delivered, the final one ends the stream', async () => {
  const hub = hubAt({ ms: 0 });
  const events = hub.subscribe(ID, new AbortController().signal);
  hub.publish(ID, SUBMITTED);
  hub.publish(ID, SUCCESS);
  assert.deepEqual(await all(events), ['submitted', 'success']);
});

test('a preconfirmation replaces an undelivered submitted', async () => {
  const hub = hubAt({ ms: 0 });
  const events = hub.subscribe(ID, new AbortController().signal);
  hub.publish(ID, SUBMITTED);
  hub.publish(ID, PRECONFIRMED);
  hub.publish(ID, SUCCESS);
  assert.deepEqual(await all(events), ['preconfirmationSuccess', 'success']);
});

test('the number of subscriptions is limited, a closed one makes room', async () => {
  const hub = hubAt({ ms: 0 });
  const never = new AbortController().signal;
  const first = hub.subscribe(ID, never);
  hub.subscribe(ID, never);
  assert.throws(
    () => hub.subscribe(ID, never),
    (thrown: unknown) => thrown instanceof CodedError && thrown.code === 'SUBSCRIPTION_LIMIT',
  );
  await first.return?.();
  assert.doesNotThrow(() => hub.subscribe(ID, never));
});

test('abort ends a waiting reader', async () => {
  const hub = hubAt({ ms: 0 });
  const abort = new AbortController();
  const reading = all(hub.subscribe(ID, abort.signal));
  abort.abort();
  assert.deepEqual(await reading, []);
});

test('the status of a dropped transaction is forgotten after its time', () => {
  const time = { ms: 0 };
  const hub = hubAt(time);
  hub.publish(ID, { type: 'squeezedOut', reason: 'x' });
  assert.equal(hub.current(ID)?.type, 'squeezedOut');
  time.ms = 101;
  assert.equal(hub.current(ID), null);
});

test('dropped statuses are bounded in number', () => {
  const hub = hubAt({ ms: 0 });
  const id = (n: number): TxId => `0x${n.toString(16).padStart(64, '0')}`;
  for (let n = 0; n <= DROPPED_STATUS_COUNT_MAX; n += 1) {
    hub.publish(id(n), { type: 'squeezedOut', reason: 'x' });
  }
  assert.equal(hub.current(id(0)), null);
  assert.equal(hub.current(id(1))?.type, 'squeezedOut');
});
