import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Input, Output } from '../../../tx/types.ts';
import { DEFAULT_POOL_CONFIG, type PoolConfig } from '../../../txpool/config.ts';
import { TxPool } from '../../../txpool/pool.ts';
import {
  changeOutput,
  coinInput,
  coinOutput,
  contractInput,
  createdOutput,
  FakeView,
  id,
  messageInput,
  OWNER,
  poolTx,
} from '../../support/poolTx.ts';

const ALL = { gasLimit: 10n ** 9n, bytesLimit: 10n ** 9n, countLimit: 1000, gasPrice: 0n };

function setup(config: Partial<PoolConfig> = {}, utxoValidation = true) {
  const view = new FakeView();
  const pool = new TxPool(
    { ...DEFAULT_POOL_CONFIG, ...config },
    { utxoValidation, view: () => view },
  );
  return { view, pool };
}

/** Funded transactions `from`, with one coin output each. */
function funded(view: FakeView, n: number, options: Parameters<typeof poolTx>[1] = {}) {
  view.fund(id(10_000 + n));
  return poolTx(n, {
    inputs: [coinInput(id(10_000 + n))],
    outputs: [coinOutput()],
    ...options,
  });
}

function message(error: unknown): string {
  assert.ok(error instanceof Error);
  return error.message;
}

function refusedText(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return message(error);
  }
  return assert.fail('expected a refusal');
}

const zeros = (n: number): string => id(n).slice(2);

test('takes best ratio first, then older; limits and price hold', () => {
  const { view, pool } = setup();
  pool.insert(funded(view, 1, { tip: 5n, gas: 10n }), 0);
  pool.insert(funded(view, 2, { tip: 50n, gas: 100n }), 0);
  pool.insert(funded(view, 3, { tip: 11n, gas: 20n }), 0);
  pool.insert(funded(view, 4, { tip: 5n, gas: 10n }), 0);
  pool.insert(funded(view, 5, { tip: 99n, gas: 1n, price: 0n }), 0);
  // (tip + 1) / gas: 6/10, 51/100, 12/20, 6/10 and a price that is too low.
  const taken = pool.take({ ...ALL, gasPrice: 1n, gasLimit: 45n });
  assert.deepEqual(
    taken.map((tx) => tx.id),
    [id(1), id(3), id(4)],
  );
  assert.equal(pool.hasFor({ ...ALL, gasPrice: 1n }), true);
  assert.equal(pool.hasFor({ ...ALL, gasPrice: 2n }), false);
  assert.equal(pool.hasFor({ ...ALL, gasPrice: 1n, gasLimit: 99n }), false);
  assert.deepEqual(pool.take({ ...ALL, gasPrice: 1n, countLimit: 0 }), []);
  assert.deepEqual(pool.take({ ...ALL, gasPrice: 1n, bytesLimit: 99n }), []);
  assert.deepEqual(
    pool.take({ ...ALL, gasPrice: 1n }).map((tx) => tx.id),
    [id(2)],
  );
  assert.deepEqual(pool.stats(), { txCount: 1, totalGas: 1n, totalSizeBytes: 100 });
  assert.equal(pool.counts().inFlight, 4);
  assert.equal(pool.get(id(1))?.id, id(1));
});

test('dependents follow in the same call, in the next pass', () => {
  const { view, pool } = setup();
  pool.insert(funded(view, 1, { tip: 0n }), 0);
  const child = poolTx(2, { inputs: [coinInput(id(1))], outputs: [coinOutput()], tip: 100n });
  assert.equal(pool.insert(child, 0).executable, false);
  pool.insert(poolTx(3, { inputs: [coinInput(id(2))], tip: 100n }), 0);
  pool.insert(funded(view, 4, { tip: 0n }), 0);
  assert.equal(pool.counts().executable, 2);
  assert.deepEqual(
    pool.take(ALL).map((tx) => tx.id),
    [id(1), id(4), id(2), id(3)],
  );
});

test('a coin of the pool must match', () => {
  const { view, pool } = setup();
  pool.insert(
    funded(view, 1, { outputs: [coinOutput(), changeOutput(), createdOutput(id(77))] }),
    0,
  );
  const spend =
    (input: Input): (() => void) =>
    () => {
      pool.insert(poolTx(2, { inputs: [input] }), 0);
    };
  const prefix = 'Transaction input validation failed: ';
  assert.equal(
    refusedText(spend(coinInput(id(1), 0, 101n))),
    `${prefix}Input output mismatch. Coin output does not match expected input`,
  );
  assert.equal(
    refusedText(spend({ ...coinInput(id(1)), owner: id(5) } as Input)),
    `${prefix}Input output mismatch. Coin owner is different from expected input`,
  );
  assert.equal(
    refusedText(spend({ ...coinInput(id(1)), assetId: id(5) } as Input)),
    `${prefix}Input output mismatch. Coin output asset_id does not match expected inputs`,
  );
  // A change output has no amount yet: the spender waits.
  assert.equal(pool.insert(poolTx(3, { inputs: [coinInput(id(1), 1)] }), 0).outcome, 'pending');
  assert.equal(pool.insert(poolTx(4, { inputs: [contractInput(id(77))] }), 0).outcome, 'inserted');
});

test('inputs are compared with the state', () => {
  const { view, pool } = setup();
  view.fund(id(1));
  const data = new Uint8Array([1]);
  view.messages.set(id(7), { sender: OWNER, recipient: OWNER, nonce: id(7), amount: 1n, data });
  const prefix = 'Transaction input validation failed: ';
  const refusal = (input: Input): string =>
    refusedText(() => pool.insert(poolTx(2, { inputs: [input] }), 0));
  assert.equal(
    refusal(coinInput(id(1), 0, 5n)),
    `${prefix}Input coin does not match the values from database`,
  );
  assert.equal(
    refusal(messageInput(id(8))),
    `${prefix}Message id ${id(8)} does not match any received message from the DA layer.`,
  );
  assert.equal(
    refusal(messageInput(id(7), 1n)),
    `${prefix}Input message does not match the values from database`,
  );
  const good = { ...messageInput(id(7), 1n), data } as Input;
  assert.equal(pool.insert(poolTx(3, { inputs: [good] }), 0).outcome, 'inserted');
  assert.equal(
    refusedText(() => pool.insert(poolTx(4, { inputs: [], gas: 0n }), 0)),
    `${prefix}Max gas can't be 0`,
  );
  view.blobs.add(id(9));
  assert.equal(
    refusedText(() => pool.insert(poolTx(5, { blobId: id(9) }), 0)),
    `${prefix}BlobId is already taken ${id(9)}`,
  );
});

test('without utxo validation coins and messages are not looked up', () => {
  const { pool } = setup({}, false);
  const inputs = [coinInput(id(1)), messageInput(id(2))];
  assert.equal(pool.insert(poolTx(3, { inputs }), 0).outcome, 'inserted');
});

test('duplicates are refused: in the pool, in flight, in a block, waiting', () => {
  const { view, pool } = setup();
  const tx = funded(view, 1);
  const text = `Transaction input validation failed: Transaction id already exists (id: ${zeros(1)})`;
  pool.insert(tx, 0);
  assert.equal(
    refusedText(() => pool.insert(tx, 0)),
    text,
  );
  pool.take(ALL);
  assert.equal(
    refusedText(() => pool.insert(tx, 0)),
    text,
  );
  pool.onBlock({ transactions: [tx], skipped: [] }, 0);
  assert.equal(
    refusedText(() => pool.insert(tx, 0)),
    text,
  );
  const waiting = poolTx(2, { inputs: [coinInput(id(50))] });
  pool.insert(waiting, 0);
  assert.throws(() => pool.insert(waiting, 0), { code: 'POOL_DUPLICATE' });
  view.transactions.add(id(3));
  assert.throws(() => pool.insert(poolTx(3), 0), { code: 'POOL_DUPLICATE' });
});

test('a collision goes to the strictly better ratio, dependents included', () => {
  const { view, pool } = setup();
  const inputs = [coinInput(id(100))];
  view.fund(id(100));
  pool.insert(poolTx(1, { inputs, outputs: [coinOutput()], tip: 10n, gas: 10n }), 0);
  const text = `Transaction collided: Transaction with the same UTXO (id: ${zeros(100)}0000) already exists and is more worth it`;
  const equal = poolTx(2, { inputs, tip: 20n, gas: 20n });
  assert.equal(
    refusedText(() => pool.insert(equal, 0)),
    text,
  );
  // A rich dependent raises the victim: 30 per 20.
  pool.insert(poolTx(3, { inputs: [coinInput(id(1))], tip: 20n, gas: 10n }), 0);
  const tooLittle = poolTx(4, { inputs, tip: 15n, gas: 10n });
  assert.equal(
    refusedText(() => pool.insert(tooLittle, 0)),
    text,
  );
  const better = poolTx(5, { inputs, tip: 16n, gas: 10n });
  const reason = `Transaction is removed: Transaction was removed because it was less worth than a new one (id: ${zeros(5)}) that has been inserted`;
  assert.deepEqual(pool.insert(better, 0).squeezedOut, [
    { id: id(1), reason },
    { id: id(3), reason },
  ]);
  assert.deepEqual(
    pool.entries().map((tx) => tx.id),
    [id(5)],
  );
  assert.deepEqual(pool.stats(), { txCount: 1, totalGas: 10n, totalSizeBytes: 100 });
});

test('collisions over message, contract creation and blob', () => {
  const { view, pool } = setup({}, false);
  pool.insert(poolTx(1, { inputs: [messageInput(id(7))], tip: 1n }), 0);
  pool.insert(funded(view, 2, { outputs: [createdOutput(id(8))], tip: 1n }), 0);
  pool.insert(poolTx(3, { blobId: id(9), tip: 1n }), 0);
  const worse = 'already exists and is more worth it';
  assert.equal(
    refusedText(() => pool.insert(poolTx(11, { inputs: [messageInput(id(7))] }), 0)),
    `Transaction collided: Transaction that use the same message (id: ${zeros(7)}) ${worse}`,
  );
  assert.equal(
    refusedText(() => pool.insert(poolTx(12, { outputs: [createdOutput(id(8))] }), 0)),
    `Transaction collided: Transaction that create the same contract (id: ${zeros(8)}) ${worse}`,
  );
  assert.equal(
    refusedText(() => pool.insert(poolTx(13, { blobId: id(9) }), 0)),
    `Transaction collided: Transaction that use the same blob (id: ${zeros(9)}) ${worse}`,
  );
});

test('using the same contract is no collision', () => {
  const { view, pool } = setup();
  view.contracts.add(id(8));
  pool.insert(poolTx(1, { inputs: [contractInput(id(8))] }), 0);
  pool.insert(poolTx(2, { inputs: [contractInput(id(8))] }), 0);
  assert.equal(pool.stats().txCount, 2);
});

test('dependency rules: diamond, depth, blob, own ancestor, many collisions', () => {
  const { view, pool } = setup({ depthMax: 4 });
  const two: Output[] = [coinOutput(), coinOutput()];
  pool.insert(funded(view, 1, { outputs: two }), 0);
  pool.insert(poolTx(2, { inputs: [coinInput(id(1), 0)], outputs: two }), 0);
  const diamond = poolTx(3, { inputs: [coinInput(id(1), 1), coinInput(id(2), 0)] });
  assert.equal(
    refusedText(() => pool.insert(diamond, 0)),
    'Transaction dependency error: The dependent transaction creates a diamond problem, causing cycles in the dependency graph.',
  );
  const tooBig = 'Transaction dependency error: Transaction chain dependency is already too big';
  pool.insert(poolTx(4, { inputs: [coinInput(id(2), 0)], outputs: two }), 0);
  pool.insert(poolTx(5, { inputs: [coinInput(id(4), 0)], outputs: two }), 0);
  assert.equal(
    refusedText(() => pool.insert(poolTx(6, { inputs: [coinInput(id(5), 0)] }), 0)),
    tooBig,
  );
  // The root has four in its chain already.
  assert.equal(
    refusedText(() => pool.insert(poolTx(7, { inputs: [coinInput(id(1), 1)] }), 0)),
    tooBig,
  );

  pool.insert(poolTx(20, { blobId: id(9), outputs: [coinOutput()] }), 0);
  assert.equal(
    refusedText(() => pool.insert(poolTx(21, { inputs: [coinInput(id(20))] }), 0)),
    'Transaction dependency error: The transaction depends on a blob transaction',
  );
  pool.insert(funded(view, 30), 0);
  const ownAncestor = poolTx(31, { inputs: [coinInput(id(30)), coinInput(id(10_030))], tip: 9n });
  assert.equal(
    refusedText(() => pool.insert(ownAncestor, 0)),
    'Transaction dependency error: Collision is also a dependency',
  );
  pool.insert(funded(view, 40), 0);
  pool.insert(funded(view, 41), 0);
  const many = poolTx(42, {
    inputs: [coinInput(id(30)), coinInput(id(10_040)), coinInput(id(10_041))],
    tip: 99n,
  });
  assert.equal(
    refusedText(() => pool.insert(many, 0)),
    'Transaction collided: This transaction have dependencies and is colliding with multiple transactions',
  );
});

test('a full pool removes cheaper executable ones, or refuses', () => {
  const { view, pool } = setup({ txCountMax: 3 });
  pool.insert(funded(view, 1, { tip: 1n }), 0);
  pool.insert(funded(view, 2, { tip: 5n }), 0);
  pool.insert(poolTx(3, { inputs: [coinInput(id(2))], tip: 5n, outputs: [coinOutput()] }), 0);
  const text = 'Pool limit is hit, try to increase gas_price';
  assert.equal(
    refusedText(() => pool.insert(funded(view, 4, { tip: 0n }), 0)),
    text,
  );
  const dependent = poolTx(5, { inputs: [coinInput(id(3))], tip: 99n });
  assert.equal(
    refusedText(() => pool.insert(dependent, 0)),
    text,
  );
  const { squeezedOut } = pool.insert(funded(view, 6, { tip: 1n }), 0);
  assert.deepEqual(
    squeezedOut.map((gone) => gone.id),
    [id(1)],
  );
  const more = pool.insert(funded(view, 7, { tip: 6n }), 0);
  assert.deepEqual(
    more.squeezedOut.map((gone) => gone.id),
    [id(6)],
  );

  const byGas = setup({ gasMax: 25n });
  byGas.pool.insert(funded(byGas.view, 1), 0);
  byGas.pool.insert(funded(byGas.view, 2), 0);
  assert.deepEqual(
    byGas.pool.insert(funded(byGas.view, 3, { tip: 1n }), 0).squeezedOut.map((gone) => gone.id),
    [id(2)],
  );
  const byBytes = setup({ bytesMax: 150 });
  byBytes.pool.insert(funded(byBytes.view, 1, { tip: 2n }), 0);
  assert.equal(
    refusedText(() => byBytes.pool.insert(funded(byBytes.view, 2), 0)),
    text,
  );
});

test('a missing coin or contract is waited for', () => {
  const { view, pool } = setup();
  const child = poolTx(2, { inputs: [coinInput(id(1)), contractInput(id(8))] });
  assert.equal(pool.insert(child, 0).outcome, 'pending');
  assert.equal(pool.nextPendingDeadlineMs(), 3000);
  assert.deepEqual(
    pool.insert(funded(view, 1), 10).inserted.map((tx) => tx.id),
    [id(1)],
  );
  const creator = funded(view, 3, { outputs: [createdOutput(id(8))] });
  const change = pool.insert(creator, 20);
  assert.deepEqual(
    change.inserted.map((tx) => tx.id),
    [id(3), id(2)],
  );
  assert.equal(pool.counts().pending, 0);
  assert.deepEqual(
    pool.take(ALL).map((tx) => tx.id),
    [id(1), id(3), id(2)],
  );
});

test('the wait ends with the first missing input', () => {
  const { pool } = setup();
  pool.insert(poolTx(1, { inputs: [coinInput(id(50), 3)] }), 0);
  pool.insert(poolTx(2, { inputs: [contractInput(id(8))] }), 1);
  assert.deepEqual(pool.expirePending(2999).refused, []);
  const refused = [...pool.expirePending(3000).refused, ...pool.expirePending(3001).refused];
  assert.deepEqual(
    refused.map(({ error }) => error.message),
    [
      `Transaction input validation failed: UTXO (id: ${zeros(50)}0003) does not exist`,
      `Transaction input validation failed: UTXO input does not exist: ${id(8)}`,
    ],
  );
  assert.equal(pool.nextPendingDeadlineMs(), null);
});

test('waiting is limited to its share of the pool', () => {
  const { pool } = setup({ txCountMax: 4, pendingPercentMax: 50 });
  pool.insert(poolTx(1, { inputs: [coinInput(id(50))] }), 0);
  pool.insert(poolTx(2, { inputs: [coinInput(id(51))] }), 0);
  assert.equal(
    refusedText(() => pool.insert(poolTx(3, { inputs: [coinInput(id(52))] }), 0)),
    `Transaction input validation failed: UTXO (id: ${zeros(52)}0000) does not exist`,
  );
});

test('in flight: inputs are spent, outputs are usable, until the block', () => {
  const { view, pool } = setup();
  pool.insert(funded(view, 1, { outputs: [coinOutput(), changeOutput()] }), 0);
  const [taken] = pool.take(ALL);
  assert.ok(taken !== undefined);
  const again = poolTx(2, { inputs: [coinInput(id(10_001))] });
  assert.equal(
    refusedText(() => pool.insert(again, 0)),
    `The UTXO input ${id(10_001)}0000 was already spent`,
  );
  assert.equal(pool.insert(poolTx(3, { inputs: [coinInput(id(1))] }), 0).outcome, 'inserted');
  // A change output becomes usable when its amount is known.
  const usesChange = poolTx(4, { inputs: [coinInput(id(1), 1, 40n)] });
  assert.equal(pool.insert(usesChange, 0).outcome, 'pending');
  const output: Output = { ...changeOutput(40n) };
  const change = pool.resolveOutputs([{ utxoId: { txId: id(1), outputIndex: 1 }, output }], 0);
  assert.deepEqual(
    change.inserted.map((tx) => tx.id),
    [id(4)],
  );
  pool.onBlock({ transactions: [taken], skipped: [] }, 0);
  assert.equal(pool.counts().inFlight, 0);
  assert.equal(pool.get(id(1)), null);
  assert.throws(() => pool.insert(again, 0), { code: 'POOL_SPENT' });
});

test('a block resolves those who wait for its outputs', () => {
  const { view, pool } = setup();
  const foreign = poolTx(1, { outputs: [changeOutput(100n)] });
  pool.insert(poolTx(2, { inputs: [coinInput(id(1))] }), 0);
  view.fund(id(1));
  const change = pool.onBlock({ transactions: [foreign], skipped: [] }, 5);
  assert.deepEqual(
    change.inserted.map((tx) => tx.id),
    [id(2)],
  );
  assert.equal(change.executable, true);
});

test('a block from elsewhere takes its transactions out and frees dependents', () => {
  const { view, pool } = setup();
  const parent = funded(view, 1);
  pool.insert(parent, 0);
  pool.insert(poolTx(2, { inputs: [coinInput(id(1))] }), 0);
  assert.equal(pool.counts().executable, 1);
  const change = pool.onBlock({ transactions: [parent], skipped: [] }, 0);
  assert.equal(change.executable, true);
  assert.deepEqual(
    pool.entries().map((tx) => tx.id),
    [id(2)],
  );
  assert.deepEqual(
    pool.take(ALL).map((tx) => tx.id),
    [id(2)],
  );
});

test('a skipped transaction squeezes out what hangs on it, and frees its inputs', () => {
  const { view, pool } = setup();
  const outputs = [coinOutput(), createdOutput(id(8))];
  pool.insert(funded(view, 1, { outputs }), 0);
  pool.take(ALL);
  pool.insert(poolTx(2, { inputs: [coinInput(id(1))], outputs: [coinOutput()] }), 0);
  pool.insert(poolTx(3, { inputs: [coinInput(id(2))] }), 0);
  pool.insert(poolTx(4, { inputs: [contractInput(id(8))] }), 0);
  const { squeezedOut } = pool.onBlock(
    { transactions: [], skipped: [{ id: id(1), reason: 'boom' }] },
    0,
  );
  const start = 'Transaction has been skipped during block insertion: ';
  const parent = `${start}Parent transaction with id: ${zeros(1)}, was removed because of: boom`;
  assert.deepEqual(squeezedOut, [
    { id: id(1), reason: `${start}boom` },
    { id: id(2), reason: parent },
    { id: id(3), reason: parent },
    { id: id(4), reason: parent },
  ]);
  assert.equal(pool.stats().txCount, 0);
  assert.equal(pool.insert(poolTx(5, { inputs: [coinInput(id(10_001))] }), 0).outcome, 'inserted');
});

test('what was taken for a block that failed comes back, dependents behind it', () => {
  const { view, pool } = setup();
  pool.insert(funded(view, 1), 0);
  pool.insert(poolTx(2, { inputs: [coinInput(id(1))], outputs: [coinOutput()] }), 0);
  const taken = pool.take(ALL).map((tx) => tx.id);
  pool.insert(poolTx(3, { inputs: [coinInput(id(2))] }), 0);
  assert.equal(pool.counts().executable, 1);
  const change = pool.release(taken, 0);
  assert.deepEqual([change.inserted, change.squeezedOut], [[], []]);
  assert.equal(pool.counts().executable, 1);
  assert.equal(pool.stats().txCount, 3);
  assert.deepEqual(
    pool.take(ALL).map((tx) => tx.id),
    [id(1), id(2), id(3)],
  );
});

test('time to live and expiration', () => {
  const { view, pool } = setup({ ttlMs: 1000 });
  pool.insert(funded(view, 1), 0);
  pool.insert(funded(view, 2, { expiration: 9n }), 500);
  pool.insert(poolTx(3, { inputs: [coinInput(id(1))] }), 900);
  const reason =
    'Transaction is removed: Transaction expired because it exceeded the configured time to live `tx-pool-ttl`.';
  assert.deepEqual(pool.expire(999).squeezedOut, []);
  assert.deepEqual(pool.expire(1000).squeezedOut, [
    { id: id(1), reason },
    { id: id(3), reason },
  ]);
  assert.deepEqual(pool.expireByHeight(8).squeezedOut, []);
  assert.deepEqual(pool.expireByHeight(9).squeezedOut, [{ id: id(2), reason }]);
  assert.equal(pool.stats().txCount, 0);
});
