import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BlockEnv, Changes, TxToExecute } from '../../../executor/ports.ts';
import { balanceAccessRoot, slotAccessRoot } from '../../../executor/roots.ts';
import { runTx, type TxOutcome } from '../../../executor/runTx.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { utxoKeyOf } from '../../../tx/accessKeys.ts';
import { minGas } from '../../../tx/fees.ts';
import { OPERATION } from '../../support/callContract.ts';
import { idOf } from '../../support/chainMaker.ts';
import * as make from '../../support/executorTx.ts';
import { memoryState } from '../../support/memoryState.ts';
import { testEnv } from '../../support/randomBlock.ts';

const NONCE = idOf('nonce');
const DATA = Uint8Array.of(1, 2);

function run(
  job: TxToExecute,
  over: { env?: Partial<BlockEnv>; world?: (changes: Changes) => void } = {},
): ReturnType<typeof runTx> {
  const changes = make.testWorld();
  over.world?.(changes);
  const env = testEnv(make.PARAMS, over.env);
  return runTx(env, memoryState([changes]), job, { txIndex: 4, gasPrice: env.gasPrice });
}

function included(result: ReturnType<typeof runTx>): TxOutcome {
  assert.ok(result.ok, result.ok ? '' : result.reason);
  return result.outcome;
}

function skipped(result: ReturnType<typeof runTx>): string {
  assert.ok(!result.ok, 'must be skipped');
  return result.reason;
}

const transfer = (over: Partial<make.TestTx> = {}): TxToExecute =>
  make.scriptTx({ inputs: [make.coinOf(0)], outputs: [make.pay(10n), make.changeTo()], ...over });
const calling = (operations: bigint, over: Partial<make.TestTx> = {}): TxToExecute =>
  make.scriptTx({
    inputs: [make.coinOf(0), make.contractOf()],
    outputs: [make.changeTo(), make.contractOutputOf(1)],
    calls: [{ contractId: make.CONTRACT, operations, key: 1n, coins: 50n }],
    ...over,
  });

test('a transfer: coin spent, outputs created, pointer and fee filled in', () => {
  const job = transfer();
  const { executed, changes } = included(run(job));
  assert.equal(executed.success, true);
  assert.equal(changes.coins.get(utxoKeyOf(idOf('coin 0'), 0)), null);
  const paid = changes.coins.get(utxoKeyOf(job.id, 0));
  assert.deepEqual(paid?.txPointer, { blockHeight: 1, txIndex: 4 });
  const change = changes.coins.get(utxoKeyOf(job.id, 1));
  assert.equal(paid!.amount + change!.amount + executed.totalFee, make.COIN_AMOUNT);
  assert.deepEqual(executed.tx.type === 'script' && executed.tx.inputs[0]?.type, 'coin');
  const [input] = executed.tx.type === 'script' ? executed.tx.inputs : [];
  assert.deepEqual(input?.type === 'coin' && input.txPointer, { blockHeight: 0, txIndex: 5 });
  const last = executed.receipts.at(-1);
  const used = last?.type === 'scriptResult' ? last.gasUsed : -1n;
  assert.equal(executed.totalGas, minGas(job.tx, make.PARAMS) + used);
});

test('a call: contract input and output carry what was read and written', () => {
  const job = calling(0n);
  const { executed, changes } = included(run(job));
  assert.ok(executed.tx.type === 'script' && executed.success);
  const input = executed.tx.inputs[1];
  const output = executed.tx.outputs[1];
  assert.ok(input?.type === 'contract' && output?.type === 'contract');
  assert.deepEqual(input.utxoId, { txId: idOf('contract utxo'), outputIndex: 3 });
  assert.deepEqual(input.txPointer, { blockHeight: 0, txIndex: 7 });
  const key = `0x${'00'.repeat(31)}01` as const;
  const asset = make.PARAMS.baseAssetId;
  assert.equal(input.stateRoot, slotAccessRoot(new Map([[key, null]])));
  assert.equal(input.balanceRoot, balanceAccessRoot(new Map([[asset, null]])));
  const written = changes.slots.get(make.CONTRACT)?.get(key);
  assert.equal(output.stateRoot, slotAccessRoot(new Map([[key, written!]])));
  assert.equal(output.balanceRoot, balanceAccessRoot(new Map([[asset, 50n]])));
  assert.deepEqual(changes.contractUtxos.get(make.CONTRACT), {
    utxoId: { txId: job.id, outputIndex: 1 },
    txPointer: { blockHeight: 1, txIndex: 4 },
  });
});

test('a revert: pays, keeps no state, output roots are zero, the contract moves on', () => {
  const job = calling(OPERATION.revert | OPERATION.message);
  const { executed, changes, messageIds } = included(run(job));
  assert.equal(executed.success, false);
  assert.equal(executed.reason, 'Revert(1)');
  assert.deepEqual(messageIds, []);
  assert.equal(changes.slots.size + changes.balances.size, 0);
  assert.ok(changes.contractUtxos.has(make.CONTRACT));
  const output = executed.tx.type === 'script' ? executed.tx.outputs[1] : null;
  assert.ok(output?.type === 'contract' && output.stateRoot === ZERO_B256);
  const change = changes.coins.get(utxoKeyOf(job.id, 0));
  assert.equal(change!.amount + executed.totalFee, make.COIN_AMOUNT);
});

test('messages: a plain one is always spent, one with data only on success', () => {
  for (const [data, operations, spent] of [
    [new Uint8Array(), OPERATION.revert, true],
    [DATA, OPERATION.revert, false],
    [DATA, 0n, true],
  ] as const) {
    const job = calling(operations, {
      inputs: [make.coinOf(0), make.contractOf(), make.messageOf(NONCE, data, 77n)],
    });
    const message = {
      sender: idOf('sender'),
      recipient: make.OWNER,
      nonce: NONCE,
      amount: 77n,
      data,
    };
    const world = (changes: Changes): void => {
      changes.messagesAdded.set(NONCE, { ...message, daHeight: 0n });
    };
    assert.equal(included(run(job, { world })).changes.messagesSpent.has(NONCE), spent);
    assert.equal(
      skipped(run(job, { world: (c) => c.messagesAdded.set(NONCE, { ...message, daHeight: 1n }) })),
      `Message(${NONCE}) is not yet spendable, as it's DA height is newer than this block allows`,
    );
    assert.match(skipped(run(job)), /^The specified message\(0x[0-9a-f]{64}\) doesn't exist, poss/);
    const other = { ...message, amount: 78n, daHeight: 0n };
    assert.match(
      skipped(run(job, { world: (c) => c.messagesAdded.set(NONCE, other) })),
      /doesn't match the relayer message$/,
    );
    // Without UTXO validation the message must be there all the same when it is spent.
    const free = run(job, { env: { utxoValidation: false } });
    if (spent) assert.equal(skipped(free), `message already spent ${NONCE}`);
    else assert.ok(free.ok);
  }
});

test('what is skipped, and with which text', () => {
  const key = utxoKeyOf(idOf('coin 0'), 0);
  const bad = new Uint8Array(64).fill(1);
  const cases: readonly [string, TxToExecute, RegExp, Parameters<typeof run>[1]?][] = [
    ['no coin', transfer({ inputs: [make.coinOf(99)] }), /^The specified coin\(0x\w{68}\) doesn't/],
    [
      'other amount',
      transfer({ inputs: [make.coinOf(0, 999_999n)] }),
      new RegExp(`^The input coin\\(${key}\\) doesn't match`),
    ],
    [
      'signature',
      transfer({ signature: bad }),
      /^Transaction validity: Validity\(\n {4}InputInvalidSignature \{\n {8}index: 0,\n {4}\},\n\)$/,
    ],
    [
      'contract',
      calling(0n, { inputs: [make.coinOf(0), make.contractOf(idOf('none'))] }),
      /^The specified contract\(0x\w{64}\) doesn't exist$/,
    ],
    [
      'max fee',
      transfer({ policies: { maxFee: 0n } }),
      /^InsufficientMaxFee \{ max_fee_from_policies: 0, max_fee_from_gas_price: \d+ \}$/,
    ],
    [
      'rules',
      transfer({ policies: { maxFee: 2_000_000n } }),
      /^Validity\(InsufficientFeeAmount \{ expected: 2000000, provided: 1000000 \}\)$/,
    ],
    [
      'expired',
      transfer({ policies: { expiration: 4n } }),
      /^Validity\(TransactionExpiration\)$/,
      { env: { height: 5 } },
    ],
    [
      'expired after admission',
      transfer({ policies: { expiration: 4n }, verified: true }),
      /^The expiration block height 4 of the transaction is more than the current block height 5$/,
      { env: { height: 5 } },
    ],
  ];
  for (const [name, job, text, over] of cases) assert.match(skipped(run(job, over)), text, name);
});

test('a verified transaction is not verified again', () => {
  const job = transfer({ signature: new Uint8Array(64).fill(1), verified: true });
  assert.ok(run(job).ok);
});

test('a known id is refused', () => {
  const job = transfer();
  const view = memoryState([make.testWorld()], [job.id]);
  const result = runTx(testEnv(make.PARAMS), view, job, { txIndex: 0, gasPrice: 1n });
  assert.equal(skipped(result), `Transaction id was already used: ${job.id}`);
});

test('without UTXO validation coins may be made up; they leave no trace', () => {
  const job = transfer({ inputs: [make.coinOf(99)], signature: new Uint8Array(64) });
  const { changes, executed } = included(run(job, { env: { utxoValidation: false } }));
  assert.ok(!changes.coins.has(utxoKeyOf(idOf('coin 99'), 0)));
  const input = executed.tx.type === 'script' ? executed.tx.inputs[0] : null;
  assert.deepEqual(input?.type === 'coin' && input.txPointer, { blockHeight: 0, txIndex: 0 });
});
