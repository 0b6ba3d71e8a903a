import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dryRun } from '../../../executor/dryRun.ts';
import { OPERATION } from '../../support/callContract.ts';
import { idOf } from '../../support/chainMaker.ts';
import * as make from '../../support/executorTx.ts';
import { memoryState } from '../../support/memoryState.ts';
import { testEnv } from '../../support/randomBlock.ts';

const VIEW = memoryState([make.testWorld()]);
const ENV = testEnv(make.PARAMS, { gasPrice: 0n });

test('transactions of one call see each other', async () => {
  const first = make.scriptTx({ inputs: [make.coinOf(0)], outputs: [make.pay(10_000n)] });
  const second = make.scriptTx({
    inputs: [make.coinOf(first, 10_000n)],
    outputs: [make.changeTo()],
  });
  const { executed, storageReads } = await dryRun(ENV, [first, second], VIEW);
  assert.deepEqual(
    executed.map(({ success }) => success),
    [true, true],
  );
  assert.deepEqual(storageReads, []);
});

test('a transaction that would be skipped makes the whole call an error', async () => {
  const lost = make.scriptTx({ inputs: [make.coinOf(99)], outputs: [make.changeTo()] });
  await assert.rejects(dryRun(ENV, [lost], VIEW), {
    code: 'DRY_RUN_REFUSED',
    message: /^The specified coin/,
  });
  const free = { ...ENV, utxoValidation: false };
  assert.equal((await dryRun(free, [lost], VIEW)).executed.length, 1);
});

test('undeclared contracts are collected and make a failure', async () => {
  const job = make.scriptTx({
    inputs: [make.coinOf(0)],
    outputs: [make.changeTo()],
    calls: [{ contractId: make.CONTRACT, operations: OPERATION.log, key: 1n, coins: 0n }],
  });
  const { executed } = await dryRun(ENV, [job], VIEW);
  const [result] = executed;
  assert.equal(result?.success, false);
  assert.equal(result.reason, 'ContractNotInInputs');
  const panics = result.receipts.filter((receipt) => receipt.type === 'panic');
  assert.ok(panics.length >= 1);
  assert.deepEqual(
    { ...panics[0], reason: 0 },
    {
      type: 'panic',
      id: `0x${'00'.repeat(32)}`,
      reason: 0,
      instruction: 0x47000000,
      pc: 0n,
      is: 0n,
      contractId: make.CONTRACT,
    },
  );
  // The program went on: it logged.
  assert.ok(result.receipts.some((receipt) => receipt.type === 'log'));
});

test('reads of committed slots and balances are recorded once', async () => {
  const call = { contractId: make.CONTRACT, operations: 0n, key: 1n, coins: 5n };
  const job = make.scriptTx({
    inputs: [make.coinOf(0), make.contractOf()],
    outputs: [make.changeTo(), make.contractOutputOf(1)],
    calls: [call, call],
    gasLimit: 300_000n,
  });
  const { storageReads, executed } = await dryRun(ENV, [job], VIEW, { recordStorageReads: true });
  assert.equal(executed[0]?.success, true);
  const kinds = storageReads.map(({ kind, key, value }) => [kind, key, value]);
  assert.deepEqual(kinds.sort(), [
    ['balance', make.PARAMS.baseAssetId, null],
    ['slot', `0x${'00'.repeat(31)}01`, null],
  ]);
  assert.ok(idOf('x') !== make.CONTRACT);
});
