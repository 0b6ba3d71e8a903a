import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { B256 } from '../../../primitives/types.ts';
import { DEFAULT_POOL_CONFIG } from '../../../txpool/config.ts';
import { TxPool } from '../../../txpool/pool.ts';
import {
  coinInput,
  coinOutput,
  contractInput,
  FakeView,
  id,
  poolTx,
} from '../../support/poolTx.ts';

const LIMITS = { gasLimit: 10n ** 9n, bytesLimit: 10n ** 9n, countLimit: 1, gasPrice: 0n };

function setup() {
  const view = new FakeView();
  for (let n = 900; n < 910; n += 1) view.contracts.add(id(n));
  const pool = new TxPool(DEFAULT_POOL_CONFIG, { utxoValidation: true, view: () => view });
  const call = (n: number, contracts: readonly number[], tip = 0n): B256 => {
    view.fund(id(1_000 + n));
    const inputs = [coinInput(id(1_000 + n)), ...contracts.map((c) => contractInput(id(c)))];
    pool.insert(poolTx(n, { inputs, outputs: [coinOutput()], tip }), 0);
    return id(n);
  };
  return { pool, call };
}

test('sets, sizes, gas, chains and hot keys; after a departure a set falls apart', () => {
  const { pool, call } = setup();
  call(1, [900]);
  call(2, [900]);
  call(3, [900, 901], 5n);
  call(4, [901]);
  call(5, [902]);
  const view = pool.partitionView({ setCountMax: 1, keyCountMax: 5 });
  assert.deepEqual(view, {
    txCount: 5,
    setCount: 2,
    sizes: [
      { txCount: 1, setCount: 1 },
      { txCount: 4, setCount: 1 },
    ],
    sets: [
      {
        txIds: [id(1), id(2), id(3), id(4)],
        gas: 40n,
        chainTxCount: 4,
        keys: [
          { key: `c:${id(900)}`, txCount: 3 },
          { key: `c:${id(901)}`, txCount: 2 },
        ],
      },
    ],
    keys: [
      { key: `c:${id(900)}`, txCount: 3 },
      { key: `c:${id(901)}`, txCount: 2 },
    ],
  });
  // The one with the tip held them together.
  assert.deepEqual(pool.take(LIMITS)[0]?.id, id(3));
  const after = pool.partitionView({ setCountMax: 10, keyCountMax: 1 });
  assert.deepEqual(
    after.sets.map((set) => set.txIds),
    [[id(1), id(2)], [id(4)], [id(5)]],
  );
  assert.deepEqual(after.keys, [{ key: `c:${id(900)}`, txCount: 2 }]);
  assert.equal(after.sets[0]?.chainTxCount, 2);
});

test('a blob glues those behind it, an upgrade everybody; gone, they are apart again', () => {
  const { pool, call } = setup();
  call(1, [900]);
  pool.insert(poolTx(2, { blobId: id(77) }), 0);
  call(3, [901]);
  call(4, [900]);
  const sizes = (): number[] =>
    pool.partitionView({ setCountMax: 9, keyCountMax: 0 }).sets.map((set) => set.txIds.length);
  assert.deepEqual(sizes(), [4]);
  pool.onBlock({ transactions: [], skipped: [{ id: id(2), reason: 'no' }] }, 0);
  assert.deepEqual(sizes(), [2, 1]);
});

test('an empty pool', () => {
  assert.deepEqual(setup().pool.partitionView({ setCountMax: 3, keyCountMax: 3 }), {
    txCount: 0,
    setCount: 0,
    sizes: [],
    sets: [],
    keys: [],
  });
});
