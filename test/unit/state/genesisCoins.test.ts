/** Outputs of transactions that are not in the chain are known to be absent without a read. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketBytesOf } from '../../../state/columns.ts';
import { openMemoryEngine } from '../../../state/engine/memory.ts';
import type { Engine } from '../../../state/engine/port.ts';
import { GenesisCoins } from '../../../state/genesisCoins.ts';
import { attachStore, createStore } from '../../../state/store.ts';
import { utxoKeyOf } from '../../../tx/accessKeys.ts';
import { idOf, newChain, nextBlock, testGenesis } from '../../support/chainMaker.ts';

test('every coin of the genesis is named, hardly any other', () => {
  const count = 5_000;
  const ids = Array.from({ length: 2 * count }, (_, n) => idOf(`coin ${n}`));
  const [named, others] = [ids.slice(0, count), ids.slice(count)];
  const keys = named.map((id) => utxoKeyOf(id, 3));
  const coins = new GenesisCoins(keys, keys.length);
  assert.ok(named.every((id) => coins.mayName(id)));
  const wrong = others.filter((id) => coins.mayName(id)).length;
  assert.ok(wrong < 0.03 * count, `${wrong} of ${count}`);
  assert.equal(new GenesisCoins([], 0).mayName(idOf('nobody')), false);
});

/** Counts reads. */
function counted(): { engine: Engine; reads: () => number } {
  const inner = openMemoryEngine(bucketBytesOf);
  let reads = 0;
  const engine: Engine = {
    name: inner.name,
    location: inner.location,
    get: (key) => {
      reads += 1;
      return inner.get(key);
    },
    scan: (scan) => inner.scan(scan),
    write: (fill) => inner.write(fill),
    close: () => inner.close(),
  };
  return { engine, reads: () => reads };
}

test('only what the genesis may have is looked for; what a block made is found', async () => {
  const { engine, reads } = counted();
  const genesis = testGenesis();
  const store = await createStore(engine, genesis, { keepDeltas: false, genesis });
  const [old] = [...genesis.changes.coins.keys()];
  assert.ok(old !== undefined);
  const oldId = old.slice(0, 66) as `0x${string}`;
  // No transaction of the chain has the id that a genesis coin names.
  assert.equal(store.transactionExists(oldId), false);
  assert.deepEqual(store.coin(old), genesis.changes.coins.get(old));

  const unknown = idOf('a new transaction');
  assert.equal(store.transactionExists(unknown), false);
  const before = reads();
  assert.equal(store.coin(utxoKeyOf(unknown, 0)), null);
  assert.equal(reads(), before, 'no read');
  assert.equal(store.coin(utxoKeyOf(idOf('never asked for'), 0)), null);
  assert.equal(reads(), before + 1);

  const block = nextBlock(newChain(1), store, 20);
  for (const { id } of block.transactions) assert.equal(store.transactionExists(id), false);
  const made = [...block.changes.coins].filter(([, coin]) => coin !== null);
  for (const [key] of made) assert.equal(store.coin(key), null);
  await store.commitBlock(block);
  assert.ok(made.length > 0);
  for (const [key, coin] of made) assert.deepEqual(store.coin(key), coin);

  const again = attachStore(engine, { keepDeltas: false, genesis });
  for (const [key, coin] of made) assert.deepEqual(again?.coin(key), coin);
  assert.deepEqual(again?.coin(old), store.coin(old));
});

test('a genesis with other coins says nothing about the store', async () => {
  const { engine, reads } = counted();
  const genesis = testGenesis();
  await createStore(engine, genesis);
  assert.ok(genesis.consensus.type === 'genesis');
  const consensus = { ...genesis.consensus, coinsRoot: idOf('other coins') };
  const store = attachStore(engine, { keepDeltas: false, genesis: { ...genesis, consensus } });
  const unknown = idOf('a new transaction');
  assert.equal(store?.transactionExists(unknown), false);
  const before = reads();
  assert.equal(store?.coin(utxoKeyOf(unknown, 0)), null);
  assert.equal(reads(), before + 1);
});
