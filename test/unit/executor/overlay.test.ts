import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockOverlay, TxOverlay } from '../../../executor/overlay.ts';
import { emptyChanges } from '../../../executor/ports.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { idOf } from '../../support/chainMaker.ts';
import { memoryState } from '../../support/memoryState.ts';
import { testEnv } from '../../support/randomBlock.ts';
import { paramsOf } from '../../vectors/host.ts';

const PARAMS = paramsOf({ params: 'local' });
const C = idOf('contract');
const K = idOf('key');
const L = idOf('other key');
const BLOCKS = new Map([[1, { id: idOf('block 1'), time: 77n }]]);

function base() {
  const changes = emptyChanges();
  changes.slots.set(C, new Map([[K, Uint8Array.of(1)]]));
  changes.balances.set(C, new Map([[K, 5n]]));
  return memoryState([changes], [], BLOCKS);
}

test('a read is recorded with the value before, whatever is written afterwards', () => {
  const overlay = new TxOverlay(base(), testEnv(PARAMS));
  assert.deepEqual(overlay.slot(C, K), Uint8Array.of(1));
  overlay.setSlot(C, K, Uint8Array.of(2));
  assert.deepEqual(overlay.slot(C, K), Uint8Array.of(2));
  assert.deepEqual(overlay.slotReads.get(C)?.get(K), Uint8Array.of(1));
  assert.equal(overlay.balance(C, L), null);
  assert.deepEqual([...overlay.balanceReads.get(C)!], [[L, null]]);
});

test('a write before the first read hides the read', () => {
  const overlay = new TxOverlay(base(), testEnv(PARAMS));
  overlay.setBalance(C, K, 9n);
  assert.equal(overlay.balance(C, K), 9n);
  overlay.clearSlot(C, K);
  assert.equal(overlay.slot(C, K), null);
  assert.equal(overlay.balanceReads.size + overlay.slotReads.size, 0);
  overlay.clearBalance(C, K);
  assert.equal(overlay.changes.balances.get(C)?.get(K), null);
});

test('what a transaction does not write is a shared empty table, which nobody can write', () => {
  const env = testEnv(PARAMS);
  const [one, other] = [new TxOverlay(base(), env), new TxOverlay(base(), env)];
  one.setSlot(C, K, Uint8Array.of(2));
  one.createBlob(K, Uint8Array.of(3));
  one.changes.coins.set('0x00', null);
  assert.deepEqual(
    Object.values(other.changes).map(({ size }) => size),
    new Array(12).fill(0),
  );
  assert.equal(other.slotReads.size, 0);
  assert.throws(() => other.changes.slots.set(C, new Map()), /shared empty table/);
  assert.deepEqual(other.slot(C, K), Uint8Array.of(1));
  assert.equal(other.slotReads.size, 1);
  assert.equal(new TxOverlay(base(), env).slotReads.size, 0);
});

test('a written slot is a copy', () => {
  const overlay = new TxOverlay(base(), testEnv(PARAMS));
  const bytes = Uint8Array.of(3);
  overlay.setSlot(C, K, bytes);
  bytes[0] = 4;
  assert.deepEqual(overlay.slot(C, K), Uint8Array.of(3));
});

test('hashes and times of blocks: zero for the own height, above, unknown and genesis', () => {
  const env = testEnv(PARAMS, { height: 2 });
  const overlay = new TxOverlay(base(), env);
  assert.deepEqual(
    [0, 1, 2, 3].map((h) => overlay.blockHash(h)),
    [ZERO_B256, idOf('block 1'), ZERO_B256, ZERO_B256],
  );
  assert.equal(overlay.timestamp(1), 77n);
  assert.equal(overlay.timestamp(2), env.time);
});

test('a version of parameters is added once', () => {
  const changes = emptyChanges();
  changes.consensusParameters.set(1, PARAMS);
  const overlay = new TxOverlay(memoryState([changes]), testEnv(PARAMS));
  assert.equal(overlay.addConsensusParameters(1, PARAMS), false);
  assert.equal(overlay.addConsensusParameters(2, PARAMS), true);
});

test('the block sees what earlier transactions left, removals included', () => {
  const block = new BlockOverlay(base());
  const changes = emptyChanges();
  changes.slots.set(C, new Map([[K, null]]));
  changes.balances.set(C, new Map([[K, null]]));
  block.apply(changes);
  assert.equal(block.slot(C, K), null);
  assert.equal(block.balance(C, K), null);
  block.markExecuted(L);
  assert.ok(block.transactionExists(L) && !block.transactionExists(K));
});
