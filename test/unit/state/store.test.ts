import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { SealedBlock } from '../../../executor/ports.ts';
import { bytesToHex, hexToBytes } from '../../../primitives/bytes.ts';
import { binaryRoot } from '../../../primitives/merkle/binary.ts';
import type { B256, UtxoKey } from '../../../primitives/types.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import type { StoreLocation } from '../../../state/open.ts';
import { openChainStore } from '../../../state/open.ts';
import type { ChainStore, CoinRow, StoredTx } from '../../../state/types.ts';
import { assetIdOf } from '../../../tx/contractId.ts';
import type { TxPointer } from '../../../tx/types.ts';
import { type Chain, idOf, newChain, nextBlock, testGenesis } from '../../support/chainMaker.ts';

const SEED = 7;
const BLOCKS = 12;
const root = mkdtempSync(join(tmpdir(), 'fuelrail-store-'));
after(() => rmSync(root, { recursive: true, force: true }));
let opened = 0;

const engines: Record<string, () => StoreLocation> = {
  memory: () => ({ engine: 'memory' }),
  disk: () => ({ engine: 'disk', path: join(root, String(opened++)) }),
};

async function fresh(location: StoreLocation): Promise<ChainStore> {
  const { store, initialise } = await openChainStore(location);
  assert.equal(store, null);
  return await initialise(testGenesis());
}

type Grown = { store: ChainStore; chain: Chain; blocks: SealedBlock[] };

async function grown(location: StoreLocation): Promise<Grown> {
  const store = await fresh(location);
  const chain = newChain(SEED);
  const blocks: SealedBlock[] = [];
  for (let i = 0; i < BLOCKS; i++) {
    const block = nextBlock(chain, store, 5);
    await store.commitBlock(block);
    blocks.push(block);
  }
  return { store, chain, blocks };
}

/** Reads a listing in pages of `limit`. */
async function paged<T, C>(
  read: (range: { after?: C; limit: number; reverse: boolean }) => Promise<T[]>,
  cursorOf: (item: T) => C,
  options: { limit: number; reverse: boolean },
): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const last = all.at(-1);
    const rest = last === undefined ? {} : { after: cursorOf(last) };
    const page = await read({ ...options, ...rest });
    all.push(...page);
    if (page.length < options.limit) return all;
  }
}

function expectedCoins(chain: Chain, owner: string, assetId: string | null): CoinRow[] {
  return [...chain.coins]
    .filter(([, coin]) => coin.owner === owner && (assetId === null || coin.assetId === assetId))
    .map(([key, coin]) => ({ ...coin, key }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

for (const [name, location] of Object.entries(engines)) {
  describe(`chain store on ${name}`, () => {
    it('sees what a block brings although it was looked for before', async () => {
      const { store, chain } = await grown(location());
      const block = nextBlock(chain, store, 5);
      const { height } = block.header;
      for (const key of block.changes.coins.keys()) store.coin(key);
      for (const { id } of block.transactions) assert.equal(store.transactionExists(id), false);
      assert.equal(store.blockTransactionBytes(height), null);
      await store.commitBlock(block);
      for (const [key, coin] of block.changes.coins) assert.deepEqual(store.coin(key), coin);
      for (const { id } of block.transactions) assert.equal(store.transactionExists(id), true);
      for (let at = height - BLOCKS; at <= height; at++) {
        const ids = store.block(at)!.transactionIds;
        const bytes = ids.map((id) => store.transaction(id)!.raw);
        assert.deepEqual(store.blockTransactionBytes(at), bytes, `block ${at}`);
      }
      await store.close();
    });

    it('lists coins by owner and asset, page by page, both ways', async () => {
      const { store, chain } = await grown(location());
      for (const owner of chain.owners) {
        for (const assetId of [null, ...chain.assets]) {
          for (const reverse of [false, true]) {
            const rows = await paged<CoinRow, UtxoKey>(
              (range) => store.coins(owner, assetId, range),
              ({ key }) => key,
              { limit: 2, reverse },
            );
            const expected = expectedCoins(chain, owner, assetId);
            assert.deepEqual(rows, reverse ? expected.reverse() : expected);
          }
        }
      }
      await store.close();
    });

    it('lists the biggest coins first and sums them up', async () => {
      const { store, chain } = await grown(location());
      let seen = 0;
      for (const owner of chain.owners) {
        const balances = await store.balancesOf(owner, { limit: 100 });
        for (const assetId of chain.assets) {
          const coins = expectedCoins(chain, owner, assetId);
          coins.sort((a, b) => Number(b.amount - a.amount) || (a.key < b.key ? -1 : 1));
          assert.deepEqual(await store.coinsByAmount(owner, assetId, 3), coins.slice(0, 3));
          const sum = coins.reduce((total, { amount }) => total + amount, 0n);
          assert.equal(await store.balanceOf(owner, assetId), sum);
          const listed = balances.find((balance) => balance.assetId === assetId);
          assert.equal(listed?.amount, sum === 0n ? undefined : sum);
          seen += coins.length;
        }
      }
      assert.ok(seen > 20, 'the made-up chain has coins');
      await store.close();
    });

    it('knows messages, spent and unspent', async () => {
      const { store, blocks } = await grown(location());
      const unspent = await store.messages(null, { limit: 100 });
      assert.deepEqual(
        unspent.map(({ nonce }) => nonce).sort(),
        [...Array(3).keys()].map((i) => idOf(`nonce ${BLOCKS - i}`)).sort(),
      );
      assert.equal(store.messageStatus(idOf('nonce 1')), 'SPENT');
      assert.equal(store.messageStatus(idOf(`nonce ${BLOCKS}`)), 'UNSPENT');
      assert.equal(store.messageStatus(idOf('never')), 'NOT_FOUND');
      const base = blocks[0]!.changes;
      assert.ok(base.messagesAdded.size === 1);
      const byRecipient = new Map<B256, bigint>();
      for (const { recipient, amount, data } of unspent) {
        const own = await store.messages(recipient, { limit: 100 });
        assert.ok(own.some((message) => message.amount === amount));
        const counted = data.length === 0 ? amount : 0n;
        byRecipient.set(recipient, (byRecipient.get(recipient) ?? 0n) + counted);
      }
      const baseAsset = store.consensusParameters(0)!.baseAssetId;
      for (const [recipient, amount] of byRecipient) {
        // The made-up chain pays out no base asset, so messages are all there is.
        assert.equal(await store.balanceOf(recipient, baseAsset), amount);
      }
      await store.close();
    });

    it('finds blocks, transactions and their owners', async () => {
      const { store, blocks } = await grown(location());
      const block = blocks[4]!;
      const height = block.header.height;
      assert.deepEqual(store.block(height)?.header, block.header);
      assert.deepEqual(store.block(height)?.consensus, block.consensus);
      assert.equal(store.blockHeightOf(block.header.id), height);
      assert.equal(store.blockHeightOf(ZERO_B256), null);
      assert.equal(store.blockTime(height), block.header.time);
      block.transactions.forEach((tx, txIndex) => {
        const stored = store.transaction(tx.id);
        assert.ok(stored !== null);
        assert.deepEqual(stored.pointer, { blockHeight: height, txIndex });
        assert.deepEqual(stored.tx, tx.tx);
        assert.deepEqual(stored.receipts, tx.receipts);
        assert.deepEqual(stored.programState, tx.programState);
        assert.equal(stored.reason, tx.reason);
        assert.equal(stored.success, tx.success);
        assert.equal(stored.blockId, block.header.id);
        assert.ok(store.transactionExists(tx.id));
      });
      assert.equal(store.transaction(ZERO_B256), null);
      const expected: string[] = [];
      const owner = idOf('owner 0');
      for (const { transactions } of blocks) {
        for (const { id, tx } of transactions) {
          if (tx.type !== 'script') continue;
          const touches =
            tx.inputs.some((input) => input.type === 'coin' && input.owner === owner) ||
            tx.outputs.some((output) => output.type === 'coin' && output.to === owner);
          if (touches) expected.push(id);
        }
      }
      assert.ok(expected.length > 5);
      for (const reverse of [false, true]) {
        const found = await paged<StoredTx, TxPointer>(
          (range) => store.transactionsOf(owner, range),
          ({ pointer }) => pointer,
          { limit: 3, reverse },
        );
        const ids = found.map(({ id }) => id);
        assert.deepEqual(ids, reverse ? [...expected].reverse() : expected);
      }
      await store.close();
    });

    it('keeps contracts, blobs, assets and the mountain range', async () => {
      const { store, blocks } = await grown(location());
      const slots = new Map<B256, Map<B256, Uint8Array>>();
      const supply = blocks
        .flatMap(({ transactions }) => transactions)
        .filter(({ success, receipts }) => success && receipts.length > 0).length;
      for (const { changes } of blocks) {
        for (const [id, ofContract] of changes.slots) {
          const all = slots.get(id) ?? new Map<B256, Uint8Array>();
          slots.set(id, all);
          for (const [key, value] of ofContract) {
            if (value === null) all.delete(key);
            else all.set(key, value);
          }
        }
      }
      for (const [id, expected] of slots) {
        const rows = await store.contractSlots(id, { limit: 100 });
        assert.deepEqual(
          rows.map(({ key, value }) => [key, bytesToHex(value)]),
          [...expected].sort().map(([key, value]) => [key, bytesToHex(value)]),
        );
        assert.equal(store.contractSalt(id), idOf('salt'));
      }
      const contractId = idOf('minting contract');
      assert.deepEqual(store.assetDetails(assetIdOf(contractId, ZERO_B256)), {
        contractId,
        subId: ZERO_B256,
        totalSupply: BigInt(supply) * 5n,
      });
      assert.deepEqual([...store.blob(idOf('blob 3'))!], [3]);
      const ids = store.blockIds(0, BLOCKS);
      assert.equal(ids.length, BLOCKS + 1);
      assert.equal(store.blocksRoot(BLOCKS), bytesToHex(binaryRoot(ids.map(hexToBytes))));
      assert.throws(() => store.blocksRoot(BLOCKS + 1), { code: 'BLOCK_NOT_FOUND' });
      await store.close();
    });

    it('refuses blocks that do not follow, and stays as it was', async () => {
      const { store, chain } = await grown(location());
      const before = await store.digest();
      const good = nextBlock(chain, store, 2);
      const bad = (change: Partial<SealedBlock['header']>): SealedBlock => ({
        ...good,
        header: { ...good.header, ...change },
      });
      await assert.rejects(store.commitBlock(bad({ height: BLOCKS + 2 })), /one after the other/);
      await assert.rejects(store.commitBlock(bad({ prevRoot: ZERO_B256 })), /builds on the chain/);
      await assert.rejects(store.commitBlock(bad({ time: 1n })), /time does not run backwards/);
      await assert.rejects(store.commitBlock(bad({ transactionsCount: 1 })), /counts/);
      const coin = [...chain.coins.values()][0]!;
      const existing = [...(await store.coins(coin.owner, null, { limit: 1 }))][0];
      if (existing !== undefined) {
        const coins = new Map([...good.changes.coins, [existing.key, coin] as const]);
        const changes = { ...good.changes, coins };
        await assert.rejects(store.commitBlock({ ...good, changes }), /does not replace/);
      }
      assert.equal(await store.digest(), before);
      await store.commitBlock(good);
      assert.notEqual(await store.digest(), before);
      assert.equal(store.latest.height, BLOCKS + 1);
      await store.close();
    });
  });
}

describe('chain stores', () => {
  it('of both engines have equal digests, also after a restart', async () => {
    const memory = await grown({ engine: 'memory' });
    const location = engines['disk']!();
    const disk = await grown(location);
    const digest = await memory.store.digest();
    assert.equal(await disk.store.digest(), digest);
    await disk.store.close();
    const { store } = await openChainStore(location);
    assert.ok(store !== null);
    assert.equal(await store.digest(), digest);
    assert.deepEqual(store.latest, memory.store.latest);
    const next = nextBlock(disk.chain, store, 3);
    await store.commitBlock(next);
    await memory.store.commitBlock(next);
    assert.equal(await store.digest(), await memory.store.digest());
    await store.close();
  });
});
