import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeTx } from '../../../tx/codec/transaction.ts';
import { maxGas } from '../../../tx/fees.ts';
import { txId } from '../../../tx/id.ts';
import { standardParams } from '../../../tx/paramsStandard.ts';
import type { ChargeableTx, Output } from '../../../tx/types.ts';
import { DEFAULT_POOL_CONFIG, type PoolConfig } from '../../../txpool/config.ts';
import type { InputsVerdict } from '../../../txpool/ports.ts';
import { createTxPool, type TxPoolDeps } from '../../../txpool/service.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { changeOutput, coinInput, coinOutput, FakeView, id, OWNER } from '../../support/poolTx.ts';

const PARAMS = standardParams();
const ALL = { gasLimit: 10n ** 12n, bytesLimit: 10n ** 9n, countLimit: 100, gasPrice: 0n };

/** A transfer that spends coin (spends, 0) of 100 units. */
function transfer(
  spends: `0x${string}`,
  options: { maxFee?: bigint; tip?: bigint; outputs?: Output[]; expiration?: bigint } = {},
) {
  const tx: ChargeableTx = {
    type: 'script',
    scriptGasLimit: 1000n,
    receiptsRoot: id(0),
    script: new Uint8Array(),
    scriptData: new Uint8Array(),
    policies: {
      maxFee: options.maxFee ?? 50n,
      ...(options.tip === undefined ? {} : { tip: options.tip }),
      ...(options.expiration === undefined ? {} : { expiration: options.expiration }),
    },
    inputs: [coinInput(spends, 0, 100n, PARAMS.baseAssetId)],
    outputs: options.outputs ?? [changeOutput(0n, PARAMS.baseAssetId)],
    witnesses: [new Uint8Array(64)],
  };
  return { tx, raw: encodeTx(tx), id: txId(tx, PARAMS.chainId) };
}

function setup(
  config: Partial<PoolConfig> = {},
  over: { gasPrice?: bigint; verdict?: () => Promise<InputsVerdict>; utxo?: boolean } = {},
) {
  const view = new FakeView();
  const clock = new FakeClock(1_700_000_000_000);
  const heard: string[] = [];
  const deps: TxPoolDeps = {
    utxoValidation: over.utxo ?? true,
    view: () => view,
    chain: {
      height: () => 4,
      params: () => PARAMS,
      nextGasPrice: () => over.gasPrice ?? 0n,
      bytecodeFault: () => 'NotFound',
    },
    checkInputs: over.verdict ?? (() => Promise.resolve({ ok: true })),
    clock,
    listener: {
      submitted: (txIdentifier) => heard.push(`submitted ${txIdentifier}`),
      squeezedOut: (txIdentifier, reason) => heard.push(`out ${txIdentifier} ${reason}`),
      executable: () => heard.push('executable'),
    },
  };
  const pool = createTxPool({ ...DEFAULT_POOL_CONFIG, ...config }, deps);
  const fund = (txIdentifier: `0x${string}`): void => {
    view.coins.set(`${txIdentifier}0000`, {
      owner: OWNER,
      amount: 100n,
      assetId: PARAMS.baseAssetId,
    });
  };
  return { pool, view, clock, heard, fund };
}

test('submit verifies, inserts and tells', async () => {
  const { pool, heard, fund } = setup();
  fund(id(1));
  const { raw, id: txIdentifier, tx } = transfer(id(1), { tip: 3n });
  const result = await pool.submit(raw);
  assert.equal(result.id, txIdentifier);
  assert.deepEqual(heard, [`submitted ${txIdentifier}`, 'executable']);
  const pooled = pool.pooled(txIdentifier);
  assert.ok(pooled !== null);
  assert.equal(pooled.tip, 3n);
  assert.equal(pooled.maxGas, maxGas(tx, PARAMS));
  assert.equal(pooled.verified, true);
  assert.deepEqual(pooled.raw, raw);
  assert.deepEqual(pool.stats(), {
    txCount: 1,
    totalGas: pooled.maxGas,
    totalSizeBytes: pooled.sizeBytes,
  });
  const taken = pool.take(ALL);
  assert.deepEqual(
    taken.map((one) => one.id),
    [txIdentifier],
  );
  pool.onBlock({ height: 5, transactions: [{ id: txIdentifier, tx }], skipped: [] });
  assert.equal(pool.pooled(txIdentifier), null);
});

test('refusals carry the texts of the reference, and the status says the same', async () => {
  const { pool, heard } = setup({}, { gasPrice: 7n });
  const { maxFee: _, ...policies } = transfer(id(1)).tx.policies;
  const noFee = { ...transfer(id(1)).tx, policies };
  await assert.rejects(pool.submit(encodeTx(noFee)), {
    code: 'POOL_INVALID',
    message: 'Invalid transaction data: Validity(TransactionMaxFeeNotSet)',
  });
  const poor = transfer(id(1), { maxFee: 101n });
  await assert.rejects(pool.submit(poor.raw), {
    code: 'POOL_INVALID',
    message:
      'Invalid transaction data: Validity(InsufficientFeeAmount { expected: 101, provided: 100 })',
  });
  const stale = transfer(id(1), { expiration: 4n });
  await assert.rejects(pool.submit(stale.raw), { code: 'POOL_INVALID', message: /Expiration/ });
  const cheap = transfer(id(1), { maxFee: 0n });
  await assert.rejects(pool.submit(cheap.raw), {
    code: 'POOL_MAX_FEE',
    message:
      "The provided max fee can't cover the transaction cost. The minimal gas price should be 7, while it is 0",
  });
  assert.equal(
    heard.at(-1),
    `out ${cheap.id} The provided max fee can't cover the transaction cost. The minimal gas price should be 7, while it is 0`,
  );
  const mint = {
    type: 'mint' as const,
    txPointer: { blockHeight: 0, txIndex: 0 },
    inputContract: {
      utxoId: { txId: id(0), outputIndex: 0 },
      balanceRoot: id(0),
      stateRoot: id(0),
      txPointer: { blockHeight: 0, txIndex: 0 },
      contractId: id(0),
    },
    outputContract: { inputIndex: 0, balanceRoot: id(0), stateRoot: id(0) },
    mintAmount: 0n,
    mintAssetId: id(0),
    gasPrice: 0n,
  };
  await assert.rejects(pool.submit(encodeTx(mint)), {
    code: 'POOL_MINT',
    message: 'Mint transaction is not allowed',
  });
  await assert.rejects(pool.submit(new Uint8Array([1, 2, 3])), { code: 'TX_DECODE' });
});

test('signatures and predicates are asked for only with utxo validation', async () => {
  const verdict = (): Promise<InputsVerdict> =>
    Promise.resolve({ ok: false, kind: 'validity', debug: 'InputInvalidSignature { index: 0 }' });
  const strict = setup({}, { verdict });
  await assert.rejects(strict.pool.submit(transfer(id(1)).raw), {
    message: 'Invalid transaction data: Validity(InputInvalidSignature { index: 0 })',
  });
  const predicate = setup(
    {},
    {
      verdict: () => Promise.resolve({ ok: false, kind: 'predicate', debug: 'False { index: 0 }' }),
    },
  );
  await assert.rejects(predicate.pool.submit(transfer(id(1)).raw), {
    message: 'Invalid transaction data: PredicateVerificationFailed(False { index: 0 })',
  });
  const lax = setup({}, { verdict, utxo: false });
  const { id: txIdentifier } = await lax.pool.submit(transfer(id(1)).raw);
  assert.equal(lax.pool.pooled(txIdentifier)?.verified, false);
});

test('blacklists by coin, owner', async () => {
  const none = DEFAULT_POOL_CONFIG.blacklist;
  const coin = setup({ blacklist: { ...none, coins: [`${id(1)}0000`] } });
  await assert.rejects(coin.pool.submit(transfer(id(1)).raw), {
    code: 'POOL_BLACKLISTED',
    message: `Blacklisted error: The UTXO \`${id(1).slice(2)}0000\` is blacklisted`,
  });
  const owner = setup({ blacklist: { ...none, addresses: [OWNER] } });
  await assert.rejects(owner.pool.submit(transfer(id(1)).raw), {
    message: `Blacklisted error: The owner \`${OWNER.slice(2)}\` is blacklisted`,
  });
});

test('a missing coin: the submit call waits, then fails; or succeeds when it appears', async () => {
  const { pool, clock, heard, fund } = setup();
  await pool.start();
  const lost = pool.submit(transfer(id(9)).raw);
  fund(id(1));
  const outputs: Output[] = [coinOutput(40n, PARAMS.baseAssetId)];
  const parent = transfer(id(1), { outputs, maxFee: 10n });
  const child = transfer(parent.id);
  const childTx: ChargeableTx = {
    ...child.tx,
    policies: { maxFee: 5n },
    inputs: [coinInput(parent.id, 0, 40n, PARAMS.baseAssetId)],
  };
  const waiting = pool.submit(encodeTx(childTx));
  const failure = assert.rejects(lost, {
    code: 'POOL_INPUT',
    message: `Transaction input validation failed: UTXO (id: ${id(9).slice(2)}0000) does not exist`,
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(pool.gauges().pending, 2);
  assert.equal(pool.gauges().verifying, 0);
  await pool.submit(parent.raw);
  const { id: childId } = await waiting;
  assert.deepEqual(heard, [`submitted ${parent.id}`, `submitted ${childId}`, 'executable']);
  clock.advance(2999);
  assert.equal(pool.gauges().pending, 1);
  clock.advance(1);
  await failure;
  assert.equal(pool.gauges().pending, 0);
  assert.deepEqual(
    pool.take(ALL).map((tx) => tx.id),
    [parent.id, childId],
  );
  await pool.stop();
  assert.equal(clock.taskCount, 0);
  await assert.rejects(pool.submit(parent.raw), { code: 'POOL_STOPPED' });
});

test('stop refuses those who wait', async () => {
  const { pool } = setup();
  await pool.start();
  const lost = assert.rejects(pool.submit(transfer(id(9)).raw), { code: 'POOL_STOPPED' });
  await new Promise((resolve) => setImmediate(resolve));
  await pool.stop();
  await lost;
});

test('the verification queue is bounded', async () => {
  const open: (() => void)[] = [];
  const verdict = (): Promise<InputsVerdict> =>
    new Promise((resolve) => open.push(() => resolve({ ok: true })));
  const { pool, fund } = setup({ verificationQueueMax: 2 }, { verdict });
  for (const n of [1, 2, 3]) fund(id(n));
  const first = [pool.submit(transfer(id(1)).raw), pool.submit(transfer(id(2)).raw)];
  await assert.rejects(pool.submit(transfer(id(3)).raw), { code: 'POOL_QUEUE_FULL' });
  for (const go of open) go();
  await Promise.all(first);
  const third = pool.submit(transfer(id(3)).raw);
  open[2]?.();
  await third;
  assert.equal(pool.stats().txCount, 3);
});

test('time to live is checked on its interval, expiration with the block', async () => {
  const { pool, clock, heard, fund } = setup({ ttlMs: 1000, ttlCheckIntervalMs: 1000 });
  await pool.start();
  fund(id(1));
  fund(id(2));
  const old = transfer(id(1));
  const expiring = transfer(id(2), { expiration: 6n });
  await pool.submit(old.raw);
  clock.advance(500);
  await pool.submit(expiring.raw);
  heard.length = 0;
  clock.advance(500);
  const reason =
    'Transaction is removed: Transaction expired because it exceeded the configured time to live `tx-pool-ttl`.';
  assert.deepEqual(heard, [`out ${old.id} ${reason}`]);
  pool.onBlock({ height: 6, transactions: [], skipped: [] });
  assert.equal(heard.at(-1), `out ${expiring.id} ${reason}`);
  await pool.stop();
});

test('what had to be in a block leaves when it is sealed, readable or not', async () => {
  const { pool, heard, fund } = setup();
  fund(id(1));
  fund(id(2));
  const expiring = transfer(id(1), { expiration: 6n });
  const later = transfer(id(2), { expiration: 7n });
  await pool.submit(expiring.raw);
  await pool.submit(later.raw);
  heard.length = 0;
  pool.sealed(6);
  assert.equal(heard.length, 1);
  assert.ok(heard[0]?.startsWith(`out ${expiring.id} `));
  assert.deepEqual(
    pool.take(ALL).map((entry) => entry.id),
    [later.id],
  );
});

test('after a block that left something, the producer is told; after an empty one it is not', async () => {
  const { pool, heard, fund } = setup();
  fund(id(1));
  fund(id(2));
  const one = transfer(id(1));
  await pool.submit(one.raw);
  await pool.submit(transfer(id(2)).raw);
  pool.take({ ...ALL, countLimit: 1 });
  heard.length = 0;
  pool.onBlock({ height: 5, transactions: [{ id: one.id, tx: one.tx }], skipped: [] });
  assert.deepEqual(heard, ['executable']);
  pool.onBlock({ height: 6, transactions: [], skipped: [] });
  assert.deepEqual(heard, ['executable']);
});

test('a duplicate keeps the status of the first', async () => {
  const { pool, heard, fund } = setup();
  fund(id(1));
  const { raw } = transfer(id(1));
  await pool.submit(raw);
  heard.length = 0;
  await assert.rejects(pool.submit(raw), { code: 'POOL_DUPLICATE' });
  assert.deepEqual(heard, []);
});

test('explains conflicts over declared keys', async () => {
  const { pool, fund } = setup();
  fund(id(1));
  const outputs: Output[] = [coinOutput(40n, PARAMS.baseAssetId)];
  const parent = transfer(id(1), { outputs, maxFee: 10n });
  await pool.submit(parent.raw);
  const childTx: ChargeableTx = {
    ...parent.tx,
    policies: { maxFee: 5n },
    outputs: [],
    inputs: [coinInput(parent.id, 0, 40n, PARAMS.baseAssetId)],
  };
  const child = await pool.submit(encodeTx(childTx));
  assert.deepEqual(pool.conflictsOf(child.id), [{ with: parent.id, keys: [`u:${parent.id}0000`] }]);
  assert.deepEqual(pool.hottestKeys(1), [{ key: `u:${parent.id}0000`, txCount: 2 }]);
});
