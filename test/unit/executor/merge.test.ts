import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  assertDeclared,
  type FinalIndex,
  mergeChanges,
  patchCreated,
  patchInputs,
} from '../../../executor/merge.ts';
import { emptyChanges } from '../../../executor/ports.ts';
import { utxoKeyOf } from '../../../tx/accessKeys.ts';
import type { ChargeableTx } from '../../../tx/types.ts';
import { idOf } from '../../support/chainMaker.ts';
import { coinInput, coinOutput, contractInput, poolTx } from '../../support/poolTx.ts';

const C = idOf('contract');
/** Round that starts at index 3; its second transaction was skipped. */
const FINAL: FinalIndex = { height: 9, firstIndex: 3, indices: [3, null, 4] };

function txWith(pointers: readonly { blockHeight: number; txIndex: number }[]): ChargeableTx {
  const inputs = pointers.map((txPointer) => ({ ...coinInput(C), txPointer }));
  return poolTx(1, { inputs: inputs as never }).tx;
}

test('only pointers of this block and this round move', () => {
  const tx = txWith([
    { blockHeight: 9, txIndex: 5 },
    { blockHeight: 9, txIndex: 2 },
    { blockHeight: 8, txIndex: 5 },
  ]);
  const patched = patchInputs(tx, FINAL);
  const indices = patched.inputs.map((input) => input.type === 'coin' && input.txPointer.txIndex);
  assert.deepEqual(indices, [4, 2, 5]);
  const untouched = txWith([{ blockHeight: 9, txIndex: 3 }]);
  assert.equal(patchInputs(untouched, FINAL), untouched);
});

test('a pointer to a skipped transaction is a bug', () => {
  const tx = txWith([{ blockHeight: 9, txIndex: 4 }]);
  assert.throws(() => patchInputs(tx, FINAL), /depends on a skipped transaction/);
});

test('created coins and contract outputs get their final pointer unless replaced', () => {
  const changes = emptyChanges();
  const id = idOf('creator');
  const txPointer = { blockHeight: 9, txIndex: 5 };
  const record = { owner: C, amount: 1n, assetId: C, txPointer };
  changes.coins.set(utxoKeyOf(id, 0), record);
  changes.contractUtxos.set(C, { utxoId: { txId: idOf('later'), outputIndex: 0 }, txPointer });
  const root = { balanceRoot: C, stateRoot: C };
  const { tx } = poolTx(1, {
    inputs: [contractInput(C)],
    outputs: [coinOutput(), { type: 'contract', inputIndex: 0, ...root }],
  });
  patchCreated(changes, { id, tx }, FINAL);
  assert.equal(changes.coins.get(utxoKeyOf(id, 0))?.txPointer.txIndex, 4);
  assert.equal(changes.contractUtxos.get(C)?.txPointer.txIndex, 5);
  changes.coins.clear();
  changes.contractUtxos.set(C, { utxoId: { txId: id, outputIndex: 1 }, txPointer });
  patchCreated(changes, { id, tx }, FINAL);
  assert.equal(changes.contractUtxos.get(C)?.txPointer.txIndex, 4);
});

test('merging keeps the later value and does not share rows', () => {
  const into = emptyChanges();
  const from = emptyChanges();
  const key = idOf('slot');
  from.slots.set(C, new Map([[key, Uint8Array.of(1)]]));
  mergeChanges(into, from);
  const later = emptyChanges();
  later.slots.set(C, new Map([[key, null]]));
  mergeChanges(into, later);
  assert.equal(into.slots.get(C)?.get(key), null);
  assert.deepEqual(from.slots.get(C)?.get(key), Uint8Array.of(1));
});

test('a write that nobody declared is a bug', () => {
  const changes = emptyChanges();
  changes.balances.set(C, new Map([[C, 1n]]));
  assert.doesNotThrow(() => assertDeclared(changes, new Set([`c:${C}`])));
  assert.throws(() => assertDeclared(changes, new Set([`u:${C}`])), /writes only what it declared/);
  const upgrade = emptyChanges();
  upgrade.stateTransitionBytecodes.set(1, C);
  assert.throws(() => assertDeclared(upgrade, new Set()), /never run in a lane/);
});
