import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExecutedBlock, TxSource, TxToExecute } from '../../../executor/ports.ts';
import { type ProduceOptions, produceBlock } from '../../../executor/produce.ts';
import { eventInboxRoot, type RelayedEvent, relayedEventId } from '../../../executor/relayed.ts';
import { balanceAccessRoot } from '../../../executor/roots.ts';
import { sealBlock } from '../../../executor/seal.ts';
import { createSerialRunner } from '../../../executor/serial.ts';
import { executeBlock, validateBlock } from '../../../executor/validate.ts';
import { hexToBytes } from '../../../primitives/bytes.ts';
import { CodedError } from '../../../primitives/errors.ts';
import { addressOfPublicKey, recoverPublicKey } from '../../../primitives/secp256k1.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { maxGas } from '../../../tx/fees.ts';
import { messageId } from '../../../tx/id.ts';
import { OPERATION } from '../../support/callContract.ts';
import { idOf } from '../../support/chainMaker.ts';
import * as make from '../../support/executorTx.ts';
import { memoryState } from '../../support/memoryState.ts';
import { listSource, testEnv } from '../../support/randomBlock.ts';

const VIEW = memoryState([make.testWorld()]);
const runner = createSerialRunner();
const transfer = (n: number | TxToExecute, amount = 500_000n): TxToExecute =>
  make.scriptTx({
    inputs: [make.coinOf(n, typeof n === 'number' ? make.COIN_AMOUNT : amount)],
    outputs: [make.pay(amount / 2n), make.changeTo()],
  });

function produce(
  txs: readonly TxToExecute[],
  over: Parameters<typeof testEnv>[1] = {},
  options: ProduceOptions = {},
): Promise<ExecutedBlock> {
  return produceBlock(testEnv(make.PARAMS, over), listSource(txs, 10), VIEW, runner, options);
}

test('an empty block has its mint, all zero without a recipient', async () => {
  const { transactions, header } = await produce([]);
  assert.equal(transactions.length, 1);
  const mint = transactions[0]!.tx;
  assert.ok(mint.type === 'mint' && mint.mintAmount === 0n && mint.gasPrice === 1n);
  assert.deepEqual(mint.txPointer, { blockHeight: 1, txIndex: 0 });
  assert.equal(header.transactionsCount, 1);
  const emptyRoot = `0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`;
  assert.equal(header.eventInboxRoot, emptyRoot);
  assert.equal(header.messageOutboxRoot, emptyRoot);
});

test('fees are minted to the recipient, whose contract moves on', async () => {
  const txs = [transfer(0), transfer(1)];
  const block = await produce(txs, { coinbaseRecipient: make.CONTRACT });
  const mint = block.transactions.at(-1)!.tx;
  assert.ok(mint.type === 'mint');
  const fees = block.transactions.reduce((sum, tx) => sum + tx.totalFee, 0n);
  assert.ok(fees > 0n && mint.mintAmount === fees);
  const asset = make.PARAMS.baseAssetId;
  assert.equal(block.changes.balances.get(make.CONTRACT)?.get(asset), fees);
  assert.equal(mint.inputContract.balanceRoot, balanceAccessRoot(new Map([[asset, null]])));
  assert.equal(mint.outputContract.balanceRoot, balanceAccessRoot(new Map([[asset, fees]])));
  const mintId = block.transactions.at(-1)!.id;
  assert.equal(block.changes.contractUtxos.get(make.CONTRACT)?.utxoId.txId, mintId);
});

test('a recipient that does not exist stops the production', async () => {
  await assert.rejects(produce([], { coinbaseRecipient: idOf('nowhere') }), {
    code: 'COINBASE_CONTRACT_MISSING',
  });
});

test('a skip affects only its descendants; listeners hear final indices in order', async () => {
  const lost = transfer(99);
  const txs = [transfer(0), lost, transfer(lost, 250_000n), transfer(1)];
  const heard: [string, number][] = [];
  const onExecuted: ProduceOptions['onExecuted'] = ({ id }, index) => heard.push([id, index]);
  const block = await produce(txs, {}, { onExecuted });
  assert.deepEqual(
    block.skipped.map(({ id }) => id),
    [lost.id, txs[2]!.id],
  );
  const ids = block.transactions.map(({ id }) => id);
  assert.deepEqual(ids.slice(0, 2), [txs[0]!.id, txs[3]!.id]);
  assert.deepEqual(
    heard,
    ids.map((id, i) => [id, i]),
  );
});

test('rounds: the gas that was not used is offered again, until nothing comes', async () => {
  const limits: bigint[] = [];
  const rest = [transfer(0), transfer(1), transfer(2)];
  const source: TxSource = {
    take: ({ gasLimit, bytesLimit, countLimit, gasPrice }) => {
      assert.ok(bytesLimit > 0n && gasPrice === 1n && countLimit === 65_534 - limits.length);
      limits.push(gasLimit);
      return rest.splice(0, 1);
    },
  };
  const block = await produceBlock(testEnv(make.PARAMS), source, VIEW, runner);
  let left = make.PARAMS.blockGasLimit;
  const expected = [left];
  for (const tx of block.transactions.slice(0, -1)) {
    left -= tx.totalGas;
    expected.push(left);
  }
  assert.deepEqual(limits, expected);
});

test('a source that gives too much: what does not fit is skipped with the text', async () => {
  const job = transfer(0);
  const gas = maxGas(job.tx, make.PARAMS);
  for (const [limit, skips] of [
    [gas - 1n, 1],
    [gas, 0],
  ] as const) {
    const params = { ...make.PARAMS, blockGasLimit: limit };
    const block = await produce([job], { params });
    assert.equal(block.skipped.length, skips);
    if (skips === 1) assert.match(block.skipped[0]!.reason, /cannot fit in remaining gas limit/);
  }
});

test('an open block asks again until it is closed', async () => {
  const later = [transfer(1), transfer(2)];
  let ready: TxToExecute[] = [transfer(0)];
  const source: TxSource = { take: () => ready.splice(0) };
  const waitForMore = async (): Promise<boolean> => {
    ready = later.splice(0, 1);
    return ready.length > 0;
  };
  const env = testEnv(make.PARAMS);
  const block = await produceBlock(env, source, VIEW, runner, { waitForMore });
  assert.equal(block.transactions.length, 4);
});

test('a sealed block is signed over its id', async () => {
  const sealed = sealBlock(await produce([]), make.SECRET);
  assert.ok(sealed.consensus.type === 'poa');
  const key = recoverPublicKey(sealed.consensus.signature, hexToBytes(sealed.header.id));
  assert.equal(addressOfPublicKey(key!), make.OWNER);
});

const NONCE = idOf('relayed nonce');
const MESSAGE = {
  sender: idOf('sender'),
  recipient: make.OWNER,
  nonce: NONCE,
  amount: 5_000n,
  data: new Uint8Array(),
  daHeight: 3n,
};
const forced = (job: TxToExecute, gas = maxGas(job.tx, make.PARAMS)): RelayedEvent => ({
  type: 'transaction',
  nonce: idOf(`forced ${job.id}`),
  maxGas: gas,
  raw: job.raw,
  daHeight: 3n,
});

test('events: messages are spendable in the block, forced transactions come first and pay no gas', async () => {
  const good = transfer(0);
  const greedy = forced(transfer(1), 1n);
  const events: RelayedEvent[] = [
    { type: 'message', message: MESSAGE },
    forced(good),
    greedy,
    forced(transfer(98)),
    { ...forced(good), raw: new Uint8Array(3) } as RelayedEvent,
  ];
  const spender = make.scriptTx({
    inputs: [make.messageOf(NONCE, MESSAGE.data, 5_000n)],
    outputs: [make.changeTo()],
  });
  const block = await produce([spender], { daHeight: 3n }, { events });
  assert.deepEqual(
    block.transactions.slice(0, 2).map(({ id }) => id),
    [good.id, spender.id],
  );
  assert.equal(block.transactions[0]!.totalFee, 0n);
  assert.ok(block.changes.messagesSpent.has(NONCE));
  assert.equal(block.header.eventInboxRoot, eventInboxRoot(events));
  assert.deepEqual(
    block.relayedFailures.map(({ reason }) => reason.slice(0, 26)),
    [
      'Insufficient max gas: Expe',
      'Failed to decode transacti',
      'The specified coin(0x'.padEnd(26, '') && block.relayedFailures[2]!.reason.slice(0, 26),
    ],
  );
  assert.equal(block.relayedFailures[0]!.id, relayedEventId(greedy));
  assert.match(block.relayedFailures[2]!.reason, /^The specified coin\(/);
  const { sender, recipient, amount, data } = MESSAGE;
  const id = messageId(sender, recipient, NONCE, amount, data);
  assert.equal(relayedEventId(events[0]!), id);
  await assert.rejects(produce([], { daHeight: 2n }, { events }), {
    code: 'RELAYED_EVENT_TOO_NEW',
  });
  const context = {
    params: make.PARAMS,
    rules: '0.66',
    utxoValidation: true,
    prevRoot: ZERO_B256,
  } as const;
  const given = { header: block.header, transactions: block.transactions.map(({ tx }) => tx) };
  const again = await validateBlock(given, context, VIEW, runner, events);
  assert.equal(again.header.id, block.header.id);
});

test('messages that are sent out are in the outbox', async () => {
  const job = make.scriptTx({
    inputs: [make.coinOf(0), make.contractOf()],
    outputs: [make.changeTo(), make.contractOutputOf(1)],
    calls: [{ contractId: make.CONTRACT, operations: OPERATION.message, key: 1n, coins: 0n }],
  });
  const block = await produce([job]);
  assert.equal(block.messageIds.length, 1);
  assert.equal(block.header.messageReceiptCount, 1);
});

test('validation: the same block passes, every kind of change is refused', async () => {
  const block = await produce([transfer(0), transfer(1)]);
  const context = {
    params: make.PARAMS,
    rules: '0.66',
    utxoValidation: true,
    prevRoot: ZERO_B256,
  } as const;
  const transactions = block.transactions.map(({ tx }) => tx);
  const given = { header: block.header, transactions };
  const again = await validateBlock(given, context, VIEW, runner);
  assert.equal(again.header.id, block.header.id);
  const refuse = async (bad: Partial<typeof given>, text: RegExp): Promise<void> => {
    await assert.rejects(validateBlock({ ...given, ...bad }, context, VIEW, runner), (error) => {
      assert.ok(error instanceof CodedError && error.code === 'BLOCK_INVALID', String(error));
      assert.match(error.message, text);
      return true;
    });
  };
  await refuse({ transactions: transactions.slice(0, -1) }, /missing `Mint`/);
  await refuse(
    { transactions: [transactions[0]!, transactions[0]!, transactions[2]!] },
    /already used/,
  );
  const mint = { ...transactions[2]!, mintAmount: 1n } as (typeof transactions)[number];
  await refuse(
    { transactions: [...transactions.slice(0, 2), mint] },
    /doesn't match expected result/,
  );
  await refuse({ header: { ...block.header, id: ZERO_B256 } }, /does not match the provided block/);
  await refuse({ header: { ...block.header, time: 1n } }, /does not match the provided block/);
});

test('a transaction on which our own code throws is skipped, the others are included', async () => {
  const poisoned = transfer(1);
  const [input] = poisoned.tx.inputs;
  assert.ok(input?.type === 'coin');
  const coin = (key: Parameters<typeof VIEW.coin>[0]) => {
    if (key.startsWith(input.utxoId.txId)) throw new Error('broken on purpose');
    return VIEW.coin(key);
  };
  const view = new Proxy(VIEW, {
    get(target, name) {
      if (name === 'coin') return coin;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const env = testEnv(make.PARAMS, {});
  const txs = [transfer(0), poisoned, transfer(2)];
  const block = await produceBlock(env, listSource(txs, 10), view, runner);
  assert.equal(block.transactions.length, 3);
  assert.deepEqual(
    block.skipped.map(({ id, reason }) => [id, reason]),
    [[poisoned.id, 'EXECUTION_FAULT: broken on purpose']],
  );
  await assert.rejects(
    executeBlock(env, txs, view, runner),
    (thrown: unknown) => thrown instanceof CodedError && thrown.code === 'EXECUTION_FAULT',
  );
});
