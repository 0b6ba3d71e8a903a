/**
 * The libraries of the contracts by themselves: sparse trees against those of the node, and every way
 * in which a transaction is looked at.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hex } from 'viem';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import { SparseMerkle, sparsePlace } from '../../primitives/merkle/sparse.ts';
import { type B256, ZERO_B256 } from '../../primitives/types.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import { encodeTx } from '../../tx/codec/index.ts';
import { txId } from '../../tx/id.ts';
import { coinKey, coinValue, messageValue, UtxoState } from '../../tx/stateSteps.ts';
import type { CoinInput, Input, MessageInput, MintTx, Output, ScriptTx } from '../../tx/types.ts';
import { Anvil, anvilPath } from '../support/anvil.ts';
import { followBlock, NO_OP, opOf, siblingsOf, type TreeOp } from '../support/blockStates.ts';
import { idOf, randomOf } from '../support/chainMaker.ts';
import { recovered } from '../support/frauds.ts';
import { coinInput, coinOf, keyOf, scriptOf, signed, transferOf } from '../support/funded.ts';
import { seedOf } from '../support/mutate.ts';
import { ANY_KEY, PARAMS } from '../support/rollup.ts';
import { deployProbe, PROBE } from '../support/settlementContracts.ts';

const BASE = PARAMS.baseAssetId;
const CHAIN_ID = PARAMS.chainId;
const OTHER: B256 = idOf('other');
const ROUNDS = process.env['FUELRAIL_CONTRACTS'] === undefined ? 400 : 40;

/** What a tree is asked for before a change, as the contract takes it. */
function op(tree: SparseMerkle, key: Uint8Array): TreeOp {
  return opOf(tree.proveRemoval(key));
}

test('sparse trees', { skip: anvilPath() === null }, async (t) => {
  const anvil = await Anvil.start();
  t.after(() => anvil.stop());
  const probe = await deployProbe(anvil);
  const ask = (name: string, args: readonly unknown[]): Promise<unknown> =>
    anvil.read(probe, PROBE, name, args);
  const refusal = (name: string, args: readonly unknown[]): Promise<string | null> =>
    anvil.refusal(0, probe, PROBE, name, args);

  await t.test('change as those of the node do', async () => {
    const random = randomOf(seedOf('sparse', 99));
    const tree = new SparseMerkle();
    const held = new Map<number, Uint8Array>();
    const keyAt = (n: number): Uint8Array => hexToBytes(idOf(`key ${n}`));
    for (let round = 0; round < ROUNDS; round++) {
      const n = random(24);
      const key = keyAt(n);
      const place = bytesToHex(sparsePlace(key));
      const before = bytesToHex(tree.root());
      const shown = op(tree, key);
      const had = held.get(n);
      const value = had ?? Uint8Array.of(random(256), round & 255, round >> 8);
      const hash = sha256Hex(value);
      if (had === undefined) {
        tree.update(key, value);
        held.set(n, value);
      } else {
        tree.delete(key);
        held.delete(n);
      }
      const name = had === undefined ? 'insert' : 'remove';
      const args = [before, place, hash, shown];
      assert.equal(await ask(name, args), bytesToHex(tree.root()), `${name} ${round}`);
      assert.equal(await ask('isAbsent', args), had === undefined);
      // A damaged operation gives nothing.
      const siblings = shown.siblings.map((each, i) => (i === 0 ? OTHER : each));
      const damaged = random(2) === 0 || siblings.length === 0 ? { a: OTHER } : { siblings };
      const wrong = { ...shown, ...damaged, kind: (shown.kind + 1 + random(3)) % 5 };
      assert.equal(await refusal(name, [before, place, hash, wrong]), 'WrongTreeOp');
    }
    assert.ok(held.size > 0);
  });

  await t.test('refuse what is not theirs', async () => {
    const [one, two] = [hexToBytes(idOf('one')), hexToBytes(idOf('two'))];
    const tree = new SparseMerkle();
    tree.update(one, one);
    const root = bytesToHex(tree.root());
    const place = bytesToHex(sparsePlace(one));
    const hash = sha256Hex(one);
    const leaf = { siblings: [], a: place, b: hash, kind: 3 };
    assert.equal(await ask('isAbsent', [root, place, hash, leaf]), false);
    assert.equal(await ask('isAbsent', [root, place, OTHER, leaf]), true);
    assert.equal(await ask('isAbsent', [OTHER, place, OTHER, leaf]), false);
    assert.equal(await ask('isAbsent', [root, place, hash, { ...leaf, kind: 0 }]), false);
    assert.equal(await refusal('insert', [root, place, OTHER, leaf]), 'WrongTreeOp');
    assert.equal(await refusal('insert', [root, place, OTHER, NO_OP]), 'WrongTreeOp');
    assert.equal(
      await refusal('insert', [root, place, OTHER, { ...NO_OP, kind: 1 }]),
      'WrongTreeOp',
    );
    const long = Array.from({ length: 257 }, () => ZERO_B256);
    assert.equal(
      await refusal('insert', [root, place, OTHER, { ...NO_OP, siblings: long }]),
      'WrongTreeOp',
    );
    assert.equal(await refusal('remove', [root, place, OTHER, NO_OP]), 'WrongTreeOp');
    tree.update(two, two);
    const shown = op(tree, one);
    const args = [bytesToHex(tree.root()), place, hash];
    for (const over of [{ a: OTHER }, { kind: 1 }, { kind: 2 }, { kind: 1, a: OTHER, b: OTHER }]) {
      assert.equal(await refusal('remove', [...args, { ...shown, ...over }]), 'WrongTreeOp');
    }
  });
});

const message = (data: Uint8Array): MessageInput => ({
  type: 'message',
  sender: OTHER,
  recipient: keyOf(0).address,
  amount: 50n,
  nonce: idOf(`nonce ${data.length}`),
  data,
  witnessIndex: 0,
  predicateGasUsed: 0n,
  predicate: new Uint8Array(0),
  predicateData: new Uint8Array(0),
});

const contract: Input = {
  type: 'contract',
  utxoId: { txId: OTHER, outputIndex: 0 },
  balanceRoot: OTHER,
  stateRoot: OTHER,
  txPointer: { blockHeight: 0, txIndex: 0 },
  contractId: OTHER,
};
const mint: MintTx = {
  type: 'mint',
  txPointer: { blockHeight: 7, txIndex: 3 },
  inputContract: contract,
  outputContract: { inputIndex: 0, balanceRoot: OTHER, stateRoot: OTHER },
  mintAmount: 0n,
  mintAssetId: BASE,
  gasPrice: 0n,
};
const hex = (tx: Parameters<typeof encodeTx>[0]): Hex => bytesToHex(encodeTx(tx));
const asset = (n: bigint, assetId: B256): CoinInput => ({
  ...(coinInput(coinOf(3), assetId) as CoinInput),
  amount: n,
});

test('looking at transactions', { skip: anvilPath() === null }, async (t) => {
  const anvil = await Anvil.start();
  t.after(() => anvil.stop());
  const probe = await deployProbe(anvil);
  const ask = <T>(name: string, args: readonly unknown[]): Promise<T> =>
    anvil.read<T>(probe, PROBE, name, args);
  const refusal = (name: string, args: readonly unknown[]): Promise<string | null> =>
    anvil.refusal(0, probe, PROBE, name, args);
  const coin = coinOf(0, 1_000n);
  const transfer = transferOf(coin, OTHER, 100n, PARAMS).tx;
  const withContract = { ...transfer, inputs: [...transfer.inputs, contract] };
  const plain = message(new Uint8Array(0));
  const withData = message(Uint8Array.of(1, 2, 3));

  await t.test('what is consumed', async () => {
    const mixed = hex(
      scriptOf(coin, PARAMS, { inputs: [...transfer.inputs, plain, withData, contract] }),
    );
    const [a, b] = [await ask('spent', [mixed, 0n]), await ask('spent', [mixed, 1n])];
    assert.notEqual(a, b);
    assert.equal(await refusal('spent', [mixed, 2n]), 'WrongKind');
    assert.equal(await refusal('spent', [mixed, 3n]), 'WrongKind');
    assert.equal(await refusal('spent', [mixed, 4n]), 'no such input');
    assert.equal(await refusal('spent', ['0x1234', 0n]), 'NotCanonical');
    assert.deepEqual(await ask('pointerOf', [mixed, 0n]), [0n, 0n]);
    assert.equal(await refusal('pointerOf', [mixed, 1n]), 'WrongKind');
  });

  await t.test('mints with numbers that are too large', async () => {
    const good = encodeTx(mint);
    const damaged = [8, 16, 56, 128, 136, 176].map((at) => {
      const raw = good.slice();
      raw[at] = 1;
      return raw;
    });
    const raws = [good, ...damaged].map((raw) => bytesToHex(raw));
    const [canonical] = await ask<[boolean[]]>('read', [raws, CHAIN_ID]);
    assert.deepEqual(canonical, [true, ...damaged.map(() => false)]);
  });

  await t.test('who has signed', async () => {
    const good = transferOf(coin, OTHER, 100n, PARAMS).tx;
    const key = recovered(good, 0);
    const is = (tx: ScriptTx, input: bigint, with_: readonly Hex[] = key) =>
      ask<boolean>('isSigned', [hex(tx), input, with_, CHAIN_ID]);
    assert.equal(await is(good, 0n), true);
    assert.equal(await refusal('isSigned', [hex(good), 0n, ANY_KEY, CHAIN_ID]), 'WrongKey');
    assert.equal(await refusal('isSigned', [hex(withContract), 1n, key, CHAIN_ID]), 'WrongKind');
    const predicate = { predicate: new Uint8Array(8), witnessIndex: 0 };
    const owned = { ...good, inputs: [{ ...(good.inputs[0] as CoinInput), ...predicate }] };
    assert.equal(await refusal('isSigned', [hex(owned), 0n, key, CHAIN_ID]), 'WrongKind');
    const far = { ...good.inputs[0], witnessIndex: 2 } as CoinInput;
    // The second of three witnesses.
    const three = {
      ...good,
      inputs: [far],
      witnesses: [new Uint8Array(9), new Uint8Array(3), new Uint8Array(64)],
    };
    assert.equal(await is(three, 0n), false);
    assert.equal(await is({ ...three, witnesses: [] }, 0n), false);
  });

  await t.test('who made a coin', async () => {
    const outputs: Output[] = [
      { type: 'coin', to: OTHER, amount: 5n, assetId: BASE },
      { type: 'coin', to: OTHER, amount: 0n, assetId: BASE },
      { type: 'contract', inputIndex: 1, balanceRoot: OTHER, stateRoot: OTHER },
      { type: 'contractCreated', contractId: OTHER, stateRoot: OTHER },
    ];
    const creator = { ...withContract, outputs };
    const spends = (outputIndex: number, over: Partial<CoinInput> = {}): Hex => {
      const utxoId = { txId: txId(creator, CHAIN_ID), outputIndex };
      const input = { ...asset(5n, BASE), owner: OTHER, utxoId, ...over };
      return hex({ ...transfer, inputs: [input] });
    };
    const is = (raw: Hex, by: Hex = hex(creator)) =>
      ask<boolean>('isCreated', [raw, 0n, by, CHAIN_ID]);
    assert.equal(await is(spends(0)), true);
    for (const raw of [spends(1, { amount: 0n }), spends(2), spends(3), spends(4)]) {
      assert.equal(await is(raw), false);
    }
    assert.equal(await is(spends(0, { owner: BASE })), false);
    assert.equal(await is(spends(0, { amount: 6n })), false);
    assert.equal(await is(spends(0, { assetId: OTHER })), false);
    assert.equal(await is(spends(0), hex(mint)), false);
    assert.equal(await is(spends(0), hex(transfer)), false);
  });

  await t.test('sums', async () => {
    type Sums = readonly [bigint, bigint, boolean, bigint];
    const of = (tx: Parameters<typeof encodeTx>[0], assetId: B256 = BASE) =>
      ask<Sums>('sums', [hex(tx), assetId, BASE]);
    assert.deepEqual(await of(transfer), [1_000n, 100n, true, 1_000n]);
    const messages = { ...transfer, inputs: [plain, asset(7n, OTHER)] };
    assert.deepEqual(await of(messages), [50n, 100n, true, 1_000n]);
    assert.deepEqual(await of(messages, OTHER), [7n, 0n, false, 0n]);
    assert.deepEqual(await of({ ...transfer, inputs: [withData] }), [50n, 100n, false, 1_000n]);
    const code = { ...transfer, script: new Uint8Array(8) };
    assert.equal((await of(code))[2], false);
    const blob = { ...transfer, type: 'blob', blobId: OTHER, witnessIndex: 0 } as never;
    assert.deepEqual(await of(blob), [1_000n, 100n, true, 1_000n]);
    const free = { ...transfer, policies: { tip: 4n, expiration: 9n, owner: 0n } };
    assert.equal((await of(free))[3], 0n);
    const limits = { ...transfer, policies: { tip: 4n, maxFee: 77n, expiration: 9n, owner: 0n } };
    assert.equal((await of(limits))[3], 77n);
    const created: Output = { type: 'contractCreated', contractId: OTHER, stateRoot: OTHER };
    assert.equal((await of({ ...transfer, outputs: [created] }))[1], 0n);
    const kept: Output = { type: 'contract', inputIndex: 0, balanceRoot: OTHER, stateRoot: OTHER };
    assert.equal((await of({ ...transfer, outputs: [kept] }))[1], 0n);
    assert.equal(await refusal('sums', [hex(mint), BASE, BASE]), 'WrongKind');
    assert.equal(await refusal('sums', [hex(withContract), BASE, BASE]), 'WrongKind');
  });

  await t.test('steps with messages, other assets, contracts, and failing scripts', async () => {
    const ownCoin = { ...asset(10n, OTHER), owner: keyOf(0).address };
    const outputs: Output[] = [
      { type: 'coin', to: OTHER, amount: 4n, assetId: OTHER },
      { type: 'change', to: OTHER, amount: 0n, assetId: BASE },
      { type: 'contract', inputIndex: 3, balanceRoot: OTHER, stateRoot: OTHER },
      { type: 'contractCreated', contractId: OTHER, stateRoot: OTHER },
      { type: 'variable', to: OTHER, amount: 9n, assetId: BASE },
    ];
    const inputs = [ownCoin, plain, withData, contract];
    const script = { ...scriptOf(coin, PARAMS), inputs, outputs };
    const start = (): UtxoState => {
      const state = new UtxoState(1_000n);
      const { utxoId } = ownCoin;
      const key = coinKey(utxoKeyOf(utxoId.txId, utxoId.outputIndex));
      state.apply([{ tree: 'coins', key, value: coinValue(ownCoin) }]);
      for (const each of [plain, withData]) {
        const nonce = hexToBytes(each.nonce);
        state.apply([{ tree: 'messages', key: nonce, value: messageValue(each) }]);
      }
      return state;
    };
    const chain = { chainId: CHAIN_ID, baseAsset: BASE, rest: ZERO_B256 };
    const spot = { chainId: CHAIN_ID, height: 7, index: 0, baseAsset: BASE };
    const follow = (tx: Parameters<typeof encodeTx>[0], failed: boolean, sent: bigint) => {
      const block = { header: { height: 7 } as never, transactions: [encodeTx(tx)] };
      return followBlock(start(), block, [], [{ failed, sent }], chain);
    };
    const step = (each: object) => ({ ...each, proof: [] });
    const right = async (tx: Parameters<typeof encodeTx>[0], failed: boolean, sent = 0n) => {
      const { steps, txOps } = follow(tx, failed, sent);
      const [pre, post] = [step(steps[0]!), step(steps[1]!)];
      return ask<boolean>('isRight', [hex(tx), spot, pre, post, txOps[0]]);
    };
    assert.equal(await right(script, false, 3n), true);
    assert.equal(await right(script, true), true);
    const blob = { ...transfer, inputs, outputs, type: 'blob', blobId: OTHER, witnessIndex: 0 };
    assert.equal(await right(blob as never, false), true);
    // Nothing but a script fails and keeps its messages with data.
    const done = follow(blob as never, false, 0n);
    const [from, to] = done.steps;
    const { messages } = follow(script, true, 0n).steps[1]!;
    const kept = step({ ...to!, messages, held: to!.held - withData.amount });
    const keeps = [hex(blob as never), spot, step(from!), kept, done.txOps[0]];
    assert.equal(await ask('isRight', keeps), false);
    assert.equal(await right(mint, false), true);
    const { steps, txOps } = follow(script, false, 0n);
    const [pre, post] = [step(steps[0]!), step(steps[1]!)];
    const few = txOps[0]!.slice(0, -1);
    assert.notEqual(await refusal('isRight', [hex(script), spot, pre, post, few]), null);
    const many = [...txOps[0]!, NO_OP];
    assert.equal(await refusal('isRight', [hex(script), spot, pre, post, many]), 'WrongCount');
    for (const lie of [{ coins: OTHER }, { messages: OTHER }, { held: 0n }, { out: 7n }]) {
      const args = [hex(script), spot, pre, { ...post, ...lie }, txOps[0]];
      assert.equal(await ask('isRight', args), false);
    }
    const before = { ...pre, out: 9n };
    const behind = { ...post, held: steps[1]!.held + 9n };
    assert.equal(await ask('isRight', [hex(script), spot, before, behind, txOps[0]]), false);
  });

  await t.test('forced transfers that are judged, and that are not', async () => {
    const chain = { id: CHAIN_ID, baseAsset: BASE };
    const state = new UtxoState(0n);
    const coins = [0, 1].map((n) => ({ ...coinOf(n, 1_000n), key: keyOf(0) }));
    const txPointer = { blockHeight: 0, txIndex: 0 };
    for (const { key, utxoId, amount } of coins) {
      const value = coinValue({ owner: key.address, amount, assetId: BASE, txPointer });
      const at = coinKey(utxoKeyOf(utxoId.txId, utxoId.outputIndex));
      state.apply([{ tree: 'coins', key: at, value }]);
    }
    const root = bytesToHex(state.coins.root());
    const inputs = coins.map((each) => coinInput(each, BASE));
    const outputs: Output[] = [
      { type: 'coin', to: OTHER, amount: 900n, assetId: BASE },
      { type: 'change', to: OTHER, amount: 0n, assetId: BASE },
    ];
    const proofs = (tx: ScriptTx) =>
      tx.inputs.map((input, i) => {
        const at = input.type === 'coin' ? input.utxoId : { txId: OTHER, outputIndex: 0 };
        const siblings = siblingsOf(state.coins, coinKey(utxoKeyOf(at.txId, at.outputIndex)));
        const key = input.type === 'coin' ? recovered(tx, i) : ANY_KEY;
        return { height: 0, index: 0, key, siblingsBefore: siblings, siblingsBehind: siblings };
      });
    const judged = async (
      parts: Partial<ScriptTx> = {},
      roots: readonly B256[] = [root, root],
      count = Number.POSITIVE_INFINITY,
    ): Promise<boolean> => {
      const script = { ...scriptOf(coins[0]!, PARAMS), inputs, outputs, ...parts };
      const { tx, raw } = signed(script, keyOf(0), CHAIN_ID);
      const shown = proofs(tx).slice(0, count);
      return ask<boolean>('isSkipped', [bytesToHex(raw), chain, shown, ...roots]);
    };
    assert.equal(await judged(), true);
    assert.equal(await judged({}, [OTHER, root]), false);
    assert.equal(await judged({}, [root, OTHER]), false);
    assert.equal(await judged({}, [root, root], 1), false);
    const base: Output = { type: 'coin', to: OTHER, amount: 1n, assetId: BASE };
    const refused: Partial<ScriptTx>[] = [
      { scriptGasLimit: 1n },
      { script: new Uint8Array(8) },
      { scriptData: new Uint8Array(1) },
      { policies: { maxFee: 1_000n, maturity: 1n } },
      { policies: { maxFee: 2_000n } },
      { inputs: Array.from({ length: 9 }, () => inputs[0]!) },
      { outputs: Array.from({ length: 9 }, () => base) },
      { witnesses: Array.from({ length: 9 }, () => new Uint8Array(0)) },
      { witnesses: [new Uint8Array(0), new Uint8Array(5_000)] },
      { inputs: [] },
      { inputs: [plain] },
      { inputs: [inputs[0]!, inputs[0]!] },
      { inputs: [{ ...inputs[0], predicate: new Uint8Array(8) } as CoinInput] },
      { inputs: [asset(1_000n, OTHER)] },
      { inputs: [{ ...inputs[0], amount: 2n ** 64n - 1n } as CoinInput, inputs[1]!] },
      { inputs: [{ ...inputs[0], owner: OTHER } as CoinInput, inputs[1]!] },
      { outputs: [{ type: 'variable', to: OTHER, amount: 0n, assetId: BASE }] },
      { outputs: [{ ...base, assetId: OTHER }] },
      { outputs: [outputs[1]!, outputs[1]!] },
    ];
    for (const parts of refused) {
      const told = JSON.stringify(parts, (_, v) => (typeof v === 'bigint' ? String(v) : v));
      assert.equal(await judged(parts), false, told.slice(0, 200));
    }
    const blob = { ...transfer, type: 'blob', blobId: OTHER, witnessIndex: 0 } as never;
    assert.equal(await ask('isSkipped', [hex(blob), chain, [], root, root]), false);
  });
});
