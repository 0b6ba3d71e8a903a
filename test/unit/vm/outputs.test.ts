import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settleOutputs } from '../../../vm/outputs.ts';
import { change, id, PARAMS, script } from './support.ts';

const checked = {
  nonRetryable: new Map([
    [id(0), 700n],
    [id(5), 40n],
  ]),
  retryableBase: 9n,
  maxFee: 100n,
};
const how = { params: PARAMS, gasPrice: 0n, gasUsed: 0n, checked };

function settled(reverted: boolean): readonly bigint[] {
  const tx = script(new Uint8Array(0), {
    policies: { maxFee: 100n },
    outputs: [
      change(),
      change(id(5)),
      { type: 'variable', to: id(6), amount: 3n, assetId: id(5) },
      { type: 'coin', to: id(6), amount: 8n, assetId: id(5) },
    ],
  });
  const remaining = (asset: string): bigint => (asset === id(0) ? 600n : 30n);
  assert.equal(settleOutputs(tx, { ...how, reverted, remaining }), null);
  return tx.outputs.map((o) =>
    o.type === 'contract' || o.type === 'contractCreated' ? 0n : o.amount,
  );
}

test('after success change is what remains, plus the refund of the fee for the base asset', () => {
  assert.deepEqual(settled(false), [700n, 30n, 3n, 8n]);
});

test('after a revert change is the initial balance without data messages, variables are 0', () => {
  assert.deepEqual(settled(true), [800n, 40n, 0n, 8n]);
});

test('a fee above the max fee gives no result', () => {
  const tx = script(new Uint8Array(0), { policies: { maxFee: 100n, tip: 101n } });
  const remaining = (): bigint => 0n;
  assert.equal(settleOutputs(tx, { ...how, reverted: false, remaining }), 'UncomputableRefund');
});
