import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesToHex, hexToBytes } from '../../../primitives/bytes.ts';
import { SparseMerkle, verifySparseProof } from '../../../primitives/merkle/sparse.ts';
import { ZERO_B256 } from '../../../primitives/types.ts';
import { deltaForm } from '../../../state/deltas.ts';
import { openMemoryEngine } from '../../../state/engine/memory.ts';
import type { Engine } from '../../../state/engine/port.ts';
import { StateTree, stepsOf, type TreeBlock } from '../../../state/stateTree.ts';
import { coinKey, coinValue, stateRootOf, stepRootOf, UtxoState } from '../../../tx/stateSteps.ts';
import type { ScriptTx } from '../../../tx/types.ts';
import { idOf, randomOf } from '../../support/chainMaker.ts';

const SEED = 99;
const BASE = idOf('base');
const EMPTY = new Uint8Array(0);

type Coin = {
  key: `0x${string}`;
  amount: bigint;
  pointer: { blockHeight: number; txIndex: number };
};

/** Blocks of transfers, messages and contract rows on top of a few coins. */
class Blocks {
  readonly #random = randomOf(SEED);
  readonly coins: Coin[] = [...Array(40).keys()].map((n) => ({
    key: `${idOf(`coin ${n}`)}0000`,
    amount: 1000n,
    pointer: { blockHeight: 0, txIndex: 0 },
  }));

  genesis() {
    return {
      height: 0,
      blockId: idOf('block 0'),
      rest: [{ key: Uint8Array.of(5, 1), value: Uint8Array.of(1) }],
      coins: this.coins.map((coin) => [coinKey(coin.key), this.#value(coin)] as const),
      messages: [],
      held: 1000n,
    };
  }

  #value({ amount, pointer: txPointer }: Coin): Uint8Array {
    return coinValue({ owner: idOf('owner'), amount, assetId: BASE, txPointer });
  }

  #transfer(height: number, txIndex: number): { tx: ScriptTx; id: `0x${string}` } {
    const [coin] = this.coins.splice(this.#random(this.coins.length), 1);
    const id = idOf(`tx ${height} ${txIndex}`);
    const amount = coin!.amount / 2n;
    const outputs = [amount, amount].map((each, n) => {
      const pointer = { blockHeight: height, txIndex };
      if (each > 0n) this.coins.push({ key: `${id}000${n}`, amount: each, pointer });
      return { type: 'coin', to: idOf('owner'), amount: each, assetId: BASE } as const;
    });
    const utxoId = {
      txId: coin!.key.slice(0, 66) as `0x${string}`,
      outputIndex: Number(coin!.key.at(-1)),
    };
    const input = {
      type: 'coin',
      utxoId,
      owner: idOf('owner'),
      amount: coin!.amount,
      assetId: BASE,
      txPointer: coin!.pointer,
      witnessIndex: 0,
      predicateGasUsed: 0n,
      predicate: EMPTY,
      predicateData: EMPTY,
    } as const;
    const body = { scriptGasLimit: 0n, receiptsRoot: ZERO_B256, script: EMPTY, scriptData: EMPTY };
    return {
      id,
      tx: { type: 'script', policies: {}, inputs: [input], outputs, witnesses: [], ...body },
    };
  }

  next(height: number): TreeBlock {
    const txs = [...Array(1 + this.#random(4)).keys()].map((txIndex) => ({
      ...this.#transfer(height, txIndex),
      pointer: { blockHeight: height, txIndex },
      usesData: true,
      sent: BigInt(this.#random(2)),
    }));
    const message = {
      sender: idOf('l1'),
      recipient: idOf('owner'),
      amount: 5n,
      daHeight: 1n,
      data: EMPTY,
    };
    const nonce = idOf(`nonce ${height}`);
    const value = this.#random(3) === 0 ? null : Uint8Array.of(this.#random(2));
    return {
      height,
      blockId: idOf(`block ${height}`),
      baseAsset: BASE,
      inbox: [{ type: 'message', message: { ...message, nonce } }, { type: 'transaction' }],
      txs,
      rest: [{ key: Uint8Array.of(5, this.#random(4)), value }],
    };
  }
}

const treeIn = (engine: Engine, historyBlocks = 5): StateTree =>
  new StateTree(engine, { historyBlocks });

test('roots are those of trees in memory, whether the tree is opened again or not', async () => {
  const blocks = new Blocks();
  const engine = openMemoryEngine(() => 1);
  let tree = treeIn(engine);
  const genesis = blocks.genesis();
  const roots = await tree.begin(genesis);
  const utxos = new UtxoState(genesis.held);
  for (const [key, value] of genesis.coins) utxos.coins.update(key, value);
  const rest = new SparseMerkle();
  for (const { key, value } of genesis.rest) rest.update(key, value);
  assert.equal(roots.stepRoot, ZERO_B256);
  assert.equal(roots.coins, bytesToHex(utxos.coins.root()));
  for (let height = 1; height < 60; height++) {
    const block = blocks.next(height);
    const steps = [...stepsOf(utxos, block)];
    for (const { key, value } of block.rest) {
      if (value === null) rest.delete(key);
      else rest.update(key, value);
    }
    if (height % 4 === 0) tree = treeIn(engine);
    const made = await tree.take(block);
    const last = steps.at(-1)!;
    const expected = { ...last, rest: bytesToHex(rest.root()) };
    assert.equal(made.stepRoot, stepRootOf(steps), `seed ${SEED}, block ${height}`);
    assert.equal(made.stateRoot, stateRootOf(expected));
    assert.equal(steps.length, 1 + block.inbox.length + block.txs.length);
    assert.deepEqual(tree.rootsAt(height), made);
    assert.equal(made.held, last.held);
  }
});

test('recent blocks can be proven, older ones are gone, and nothing is left of them', async () => {
  const blocks = new Blocks();
  const engine = openMemoryEngine(() => 1);
  const tree = treeIn(engine, 5);
  await tree.begin(blocks.genesis());
  const kept = new Map<number, Coin[]>([[0, [...blocks.coins]]]);
  for (let height = 1; height <= 40; height++) {
    await tree.take(blocks.next(height));
    kept.set(height, [...blocks.coins]);
  }
  for (let height = 36; height <= 40; height++) {
    const { coins } = tree.rootsAt(height)!;
    for (const coin of kept.get(height)!) {
      const key = coinKey(coin.key);
      const { amount, pointer: txPointer } = coin;
      const value = coinValue({ owner: idOf('owner'), amount, assetId: BASE, txPointer });
      const proof = tree.prove(height, 'coins', key);
      assert.ok(verifySparseProof(hexToBytes(coins), proof, key, value));
    }
    assert.equal(bytesToHex(tree.utxosAt(height).coins.root()), coins);
  }
  const gone = coinKey(kept.get(2)![0]!.key);
  assert.throws(() => tree.prove(2, 'coins', gone), { code: 'STATE_TREE_PRUNED' });
  assert.throws(() => tree.prove(41, 'coins', gone), { code: 'STATE_TREE_UNKNOWN_BLOCK' });
  const rows = await engine.scan({ prefix: Uint8Array.of(1), limit: 100_000 });
  // A tree of n leaves has n - 1 nodes and few with an empty side; six states share nearly all.
  const leaves = kept.get(40)!.length + 40;
  assert.ok(rows.length < 6 * leaves, `${rows.length} nodes for ${leaves} leaves`);
});

test('a block that cannot be written is not in, and is taken again', async () => {
  const blocks = new Blocks();
  const inner = openMemoryEngine(() => 1);
  let broken = false;
  const engine: Engine = {
    ...inner,
    name: 'memory',
    get: (key) => inner.get(key),
    scan: (scan) => inner.scan(scan),
    async write(fill) {
      if (!broken) return inner.write(fill);
      fill({ put: () => {}, del: () => {} });
      throw new Error('the disk is full');
    },
  };
  const tree = treeIn(engine);
  await tree.begin(blocks.genesis());
  const block = blocks.next(1);
  broken = true;
  await assert.rejects(tree.take(block), /disk is full/);
  assert.equal(tree.tip, 0);
  broken = false;
  const { stateRoot } = await tree.take(block);
  const fresh = treeIn(openMemoryEngine(() => 1));
  await fresh.begin(new Blocks().genesis());
  assert.equal((await fresh.take(block)).stateRoot, stateRoot);
  await assert.rejects(tree.take(block), /follow each other/);
});

test('a node whose row was altered is noticed', async () => {
  const engine = openMemoryEngine(() => 1);
  const tree = treeIn(engine);
  await tree.begin(new Blocks().genesis());
  const [row] = await engine.scan({ prefix: Uint8Array.of(1), limit: 1 });
  const value = row!.value.slice();
  value[20]! ^= 1;
  await engine.write((batch) => batch.put(row!.key, value));
  const again = treeIn(engine);
  const find = (): void => {
    for (const { key } of new Blocks().coins) again.prove(0, 'coins', coinKey(key));
    again.prove(0, 'rest', Uint8Array.of(5, 1));
  };
  assert.throws(find, { code: 'STATE_TREE_CORRUPT' });
});

test('a delta is what it was after it was stored', () => {
  const block = new Blocks().next(1);
  const delta = { inbox: block.inbox, rest: block.rest };
  assert.deepEqual(deltaForm.decode(deltaForm.encode(delta)), delta);
  const cut = deltaForm.encode(delta).slice(0, -1);
  assert.throws(() => deltaForm.decode(cut), { code: 'STATE_CORRUPT' });
});
