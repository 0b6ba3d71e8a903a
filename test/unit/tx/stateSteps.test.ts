import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hexToBytes } from '../../../primitives/bytes.ts';
import { sparseRoot } from '../../../primitives/merkle/sparse.ts';
import type { B256 } from '../../../primitives/types.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import {
  baseFlow,
  changesOfTx,
  coinKey,
  coinValue,
  encodeStep,
  hasRetryableInput,
  messageValue,
  STEP_BYTES,
  stateRootOf,
  stepRootOf,
  UtxoState,
} from '../../../tx/stateSteps.ts';
import type { Input, Output, ScriptTx } from '../../../tx/types.ts';
import { idOf } from '../../support/chainMaker.ts';

const EMPTY = new Uint8Array(0);
const BASE = idOf('base');
const OTHER = idOf('other');
const OWNER = idOf('owner');
const NO_POINTER = { blockHeight: 0, txIndex: 0 };

const coin = (name: string, amount: bigint, assetId: B256 = BASE): Input => ({
  type: 'coin',
  utxoId: { txId: idOf(name), outputIndex: 1 },
  owner: OWNER,
  amount,
  assetId,
  txPointer: NO_POINTER,
  witnessIndex: 0,
  predicateGasUsed: 0n,
  predicate: EMPTY,
  predicateData: EMPTY,
});
const message = (name: string, amount: bigint, data: Uint8Array = EMPTY): Input => ({
  type: 'message',
  sender: OWNER,
  recipient: OWNER,
  amount,
  nonce: idOf(name),
  witnessIndex: 0,
  predicateGasUsed: 0n,
  data,
  predicate: EMPTY,
  predicateData: EMPTY,
});
const pay = (amount: bigint, assetId: B256 = BASE): Output => ({
  type: 'coin',
  to: OWNER,
  amount,
  assetId,
});
const script = (inputs: Input[], outputs: Output[]): ScriptTx => ({
  type: 'script',
  policies: { maxFee: 0n },
  inputs,
  outputs,
  witnesses: [],
  scriptGasLimit: 0n,
  receiptsRoot: ZERO_B256,
  script: EMPTY,
  scriptData: EMPTY,
});
const placed = (tx: ScriptTx, usesData = true) => ({
  tx,
  id: idOf('tx'),
  pointer: { blockHeight: 7, txIndex: 3 },
  usesData,
});

test('a transfer takes its coins out and puts its outputs in; nothing for an amount of zero', () => {
  const state = new UtxoState(5n);
  const before = coin('a', 100n) as Extract<Input, { type: 'coin' }>;
  state.coins.update(hexToBytes(`${idOf('a')}0001`), coinValue(before));
  const tx = script([before], [pay(60n), pay(0n), pay(30n)]);
  state.applyTx(placed(tx), 0n, BASE);
  const txPointer = { blockHeight: 7, txIndex: 3 };
  const rows = [0, 2].map(
    (index) =>
      [
        hexToBytes(`${idOf('tx')}000${index}`),
        coinValue({ owner: OWNER, amount: index === 0 ? 60n : 30n, assetId: BASE, txPointer }),
      ] as const,
  );
  assert.deepEqual(state.coins.root(), sparseRoot(rows));
  assert.equal(state.held, 15n, 'the fee is held');
});

test('messages with data go last, and stay when the script failed', () => {
  const tx = script([message('data', 9n, Uint8Array.of(1)), message('plain', 4n)], [pay(3n)]);
  assert.ok(hasRetryableInput(tx));
  const kinds = (usesData: boolean): string[] =>
    changesOfTx(placed(tx, usesData)).map(
      ({ tree, value }) => `${tree} ${value === null ? '-' : '+'}`,
    );
  assert.deepEqual(kinds(true), ['messages -', 'coins +', 'messages -']);
  assert.deepEqual(kinds(false), ['messages -', 'coins +']);
  assert.equal(baseFlow(tx, true, BASE), 10n);
  assert.equal(baseFlow(tx, false, BASE), 1n);
});

test('only the base asset flows into contracts and fees; what is sent out leaves them', () => {
  const tx = script([coin('a', 100n), coin('b', 50n, OTHER)], [pay(70n), pay(10n, OTHER)]);
  assert.equal(baseFlow(tx, true, BASE), 30n);
  const state = new UtxoState(0n);
  state.applyTx(placed(tx), 12n, BASE);
  assert.equal(state.held, 18n);
});

test('paths are those before each change, and the copy is independent', () => {
  const state = new UtxoState(0n);
  state.addMessage({ sender: OWNER, recipient: OWNER, nonce: idOf('m'), amount: 1n, data: EMPTY });
  const copy = state.clone();
  const tx = script([message('m', 1n)], [pay(1n)]);
  const paths = copy.applyWithPaths(changesOfTx(placed(tx)));
  assert.deepEqual(
    paths.map(({ proof }) => proof.kind),
    ['inclusion', 'exclusion'],
  );
  assert.notDeepEqual(copy.step(0n), state.step(0n));
  assert.equal(copy.step(0n).messages, ZERO_B256);
});

test('the forms that Ethereum hashes', () => {
  const step = { coins: idOf('c'), messages: idOf('m'), held: (1n << 64n) + 2n, out: 3n };
  const bytes = encodeStep(step);
  assert.equal(bytes.length, STEP_BYTES);
  assert.deepEqual([...bytes.slice(64, 80)], [0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
  assert.equal(bytes[95], 3);
  assert.notEqual(stepRootOf([step]), stepRootOf([step, step]));
  assert.notEqual(
    stateRootOf({ ...step, rest: idOf('r') }),
    stateRootOf({ ...step, rest: idOf('s') }),
  );
  assert.equal(coinKey(`${idOf('x')}0102` as never).length, 34);
  const sent = { sender: OWNER, recipient: OWNER, nonce: idOf('m'), amount: 1n, data: EMPTY };
  assert.equal(messageValue(sent).length, 32);
});
