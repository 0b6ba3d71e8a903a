/**
 * The operator is gone, and nobody goes on: anybody closes the chain, owners take coins and messages
 * out of its last state, senders take back what was never taken in.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hex } from 'viem';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { sparsePlace } from '../../primitives/merkle/sparse.ts';
import { type B256, ZERO_B256 } from '../../primitives/types.ts';
import { exitCoinArguments, exitDigest, exitMessageArguments } from '../../settlement/index.ts';
import { utxoKeyOf } from '../../tx/accessKeys.ts';
import { coinKey } from '../../tx/stateSteps.ts';
import { anvilPath } from '../support/anvil.ts';
import { Case, FRAUDS, scripts } from '../support/frauds.ts';
import { type Coin, keyOf } from '../support/funded.ts';
import { BOND, CHALLENGER, ESCAPE_S, genesisState } from '../support/rollup.ts';
import { openWorld, type World } from '../support/rollupWorld.ts';
import { SETTLEMENT } from '../support/settlementContracts.ts';
import { messageOf } from '../support/stateArguments.ts';

const TARGET: Hex = '0x00000000000000000000000000000000000dead4';
const WEI_PER_UNIT = 10n ** 9n;
const ETHEREUM = 31_337n;

/** What the owner of a key signs, and with which key. */
type Exit = { readonly secret?: Uint8Array; readonly to?: Hex };

function exitsOf({ rollup, states }: World) {
  const { settlement } = rollup;
  const last = states.at(-1)!;
  const terms = (to: Hex) => ({
    settlement: settlement.toLowerCase() as Hex,
    ethereumChainId: ETHEREUM,
    to,
  });
  return {
    coin(coin: Coin, height: number, index: number, { secret, to = TARGET }: Exit = {}) {
      const key = coinKey(utxoKeyOf(coin.utxoId.txId, coin.utxoId.outputIndex));
      const proof = last.trees.at(-1)!.coins.prove(key);
      const txPointer = { blockHeight: height, txIndex: index };
      return exitCoinArguments({ ...coin, txPointer }, proof, terms(to), secret ?? coin.key.secret);
    },
    message(nonce: B256, message: ReturnType<typeof messageOf>, secret: Uint8Array) {
      const proof = last.trees.at(-1)!.messages.prove(hexToBytes(nonce));
      return exitMessageArguments(nonce, message as never, proof, terms(TARGET), secret);
    },
  };
}

test('closing, and taking out', { skip: anvilPath() === null }, async (t) => {
  const world = await openWorld(t);
  const { rollup, blocks, states, split } = world;
  const { anvil, settlement } = rollup;
  const call = (name: string, args: readonly unknown[]): Promise<unknown> =>
    anvil.send(name, CHALLENGER, settlement, SETTLEMENT, name, args);
  const refusal = (name: string, args: readonly unknown[], from = CHALLENGER) =>
    rollup.refusal(name, args, from);
  const paid = (): Promise<bigint> => anvil.pub.getBalance({ address: TARGET });
  const made = new Case(blocks, split, states);
  const tip = made.blk(blocks.length - 1);
  const { parts } = states.at(-1)!;
  const exits = exitsOf(world);
  // Coins that were never touched, of the genesis; and one that a transfer made.
  const pointers = new Map(
    blocks.flatMap(({ header }) =>
      rollup.node.services.store
        .block(header.height)!
        .transactionIds.map((id, index) => [id, { height: header.height, index }]),
    ),
  );
  const isMade = ({ utxoId }: Coin): boolean => pointers.has(utxoId.txId);
  const old = rollup.coins.find((coin) => !isMade(coin))!;
  const young = rollup.coins.find(isMade)!;
  const youngAt = pointers.get(young.utxoId.txId)!;
  const oldExit = exits.coin(old, 0, 0);

  await made.commit(rollup);
  // The escrow: what others have sent in.
  await rollup.send('depositETH', [keyOf(2).address], 10n ** 17n);
  await rollup.send('depositETH', [keyOf(2).address], 10n ** 16n);
  const waiting = (await rollup.events()).length - 1;
  const waitingMessage = messageOf((await rollup.events())[waiting]);

  await t.test('not while somebody may go on', async () => {
    assert.equal(await refusal('close', [tip, parts]), 'NotFinal');
    assert.equal(await refusal('exitCoin', oldExit), 'NotClosed');
    assert.equal(await refusal('reclaim', [BigInt(waiting), waitingMessage]), 'NotClosed');
    assert.equal(await anvil.read(settlement, SETTLEMENT, 'canClose'), false);
  });

  await t.test('only at the last block of the last batch', async () => {
    await anvil.pass(ESCAPE_S);
    assert.equal(await anvil.read(settlement, SETTLEMENT, 'canClose'), true);
    assert.equal(await refusal('close', [made.blk(split), parts]), 'WrongKind');
    assert.equal(await refusal('close', [made.blk(split - 1), parts]), 'WrongKind');
    const richer = { ...parts, held: parts.held + 1n };
    assert.equal(await refusal('close', [tip, richer]), 'WrongState');
    const other = { ...tip, stateRoot: ZERO_B256 };
    assert.equal(await refusal('close', [other, parts]), 'NotInBatch');
    await call('close', [tip, parts]);
    assert.equal(await refusal('close', [tip, parts]), 'AlreadyDone');
    const next = [blocks.at(-1)!.header.id, 99, ZERO_B256, ZERO_B256, 0n, '0x'];
    assert.equal(await rollup.refusal('commitBatch', next, 0, BOND), 'Closed');
  });

  await t.test('a coin, once, to where its owner says', async () => {
    const [coin, siblings, owner] = oldExit;
    const signs = (over: object) => refusal('exitCoin', [coin, siblings, { ...owner, ...over }]);
    assert.equal(await signs({ to: settlement }), 'NotSigned');
    assert.equal(await signs({ r: ZERO_B256 }), 'NotSigned');
    assert.equal(await signs({ vs: ZERO_B256 }), 'NotSigned');
    const thief = exits.coin(old, 0, 0, { secret: keyOf(9).secret });
    assert.equal(await refusal('exitCoin', thief), 'NotThere');
    const more = { ...coin, amount: coin.amount + 1n };
    assert.equal(await refusal('exitCoin', [more, siblings, owner]), 'NotThere');
    assert.equal(await refusal('exitCoin', [coin, siblings.slice(1), owner]), 'NotThere');
    const long = Array.from({ length: 257 }, () => ZERO_B256);
    assert.equal(await refusal('exitCoin', [coin, long, owner]), 'WrongTreeOp');
    // A contract that takes no ether gets none, and the coin is not lost.
    const stuck = exits.coin(old, 0, 0, { to: rollup.inbox });
    assert.equal(await refusal('exitCoin', stuck), 'PayoutFailed');
    await call('exitCoin', oldExit);
    assert.equal(await paid(), old.amount * WEI_PER_UNIT);
    assert.equal(await refusal('exitCoin', oldExit), 'AlreadyDone');
    await call('exitCoin', exits.coin(young, youngAt.height, youngAt.index));
    assert.equal(await paid(), (old.amount + young.amount) * WEI_PER_UNIT);
  });

  await t.test('not a coin that was spent', async () => {
    const [{ script }] = scripts(blocks) as [ReturnType<typeof scripts>[number]];
    const [input] = script.inputs;
    assert.ok(input?.type === 'coin');
    const key = [0, 1, 2, 3].map(keyOf).find(({ address }) => address === input.owner)!;
    const { blockHeight, txIndex } = input.txPointer;
    const spent = exits.coin({ ...input, key }, blockHeight, txIndex);
    assert.equal(await refusal('exitCoin', spent), 'NotThere');
  });

  await t.test('the digest is the one that is signed', async () => {
    const key = coinKey(utxoKeyOf(old.utxoId.txId, old.utxoId.outputIndex));
    const terms = {
      settlement: settlement.toLowerCase() as Hex,
      ethereumChainId: ETHEREUM,
      to: TARGET,
    };
    const place = bytesToHex(sparsePlace(key));
    const theirs = await anvil.read(settlement, SETTLEMENT, 'exitDigest', [place, TARGET]);
    assert.equal(bytesToHex(exitDigest(key, terms)), theirs);
  });

  await t.test('messages that were taken in and not used', async () => {
    const events = await rollup.events();
    const unused = events.flatMap((event) =>
      event.type === 'message' && event.message.recipient === keyOf(1).address
        ? [event.message]
        : [],
    );
    const [message] = unused;
    const struct = messageOf({ type: 'message', message: message! });
    const args = exits.message(message!.nonce, struct, keyOf(1).secret);
    const before = await paid();
    const [nonce, , siblings, owner] = args;
    const more = { ...struct, amount: struct.amount + 1n };
    assert.equal(await refusal('exitMessage', [nonce, more, siblings, owner]), 'NotThere');
    await call('exitMessage', args);
    assert.equal((await paid()) - before, message!.amount * WEI_PER_UNIT);
    assert.equal(await refusal('exitMessage', args), 'AlreadyDone');
    // One with data as well: what it would have called is gone.
    const withData = events.find(
      (event) => event.type === 'message' && event.message.data.length > 0,
    );
    assert.ok(withData?.type === 'message');
    const theirs = exits.message(withData.message.nonce, messageOf(withData), keyOf(0).secret);
    await call('exitMessage', theirs);
    // The one that alice has spent is not there.
    const spent = events[0];
    assert.ok(spent?.type === 'message');
    const again = exits.message(spent.message.nonce, messageOf(spent), keyOf(0).secret);
    assert.equal(await refusal('exitMessage', again), 'NotThere');
  });

  await t.test('what was never taken in goes back', async () => {
    const nonce = BigInt(waiting);
    const forced = (await rollup.events()).findIndex(({ type }) => type === 'transaction');
    const less = { ...waitingMessage, amount: waitingMessage.amount - 1n };
    assert.equal(await refusal('reclaim', [nonce, less]), 'WrongKind');
    assert.equal(await refusal('reclaim', [nonce + 1n, waitingMessage]), 'WrongKind');
    assert.equal(await refusal('reclaim', [0n, waitingMessage]), 'AlreadyDone');
    assert.equal(await refusal('reclaim', [BigInt(forced), waitingMessage]), 'AlreadyDone');
    assert.equal(await refusal('reclaim', [nonce, waitingMessage], 0), 'NotSigned');
    const owed = await anvil.pub.getBalance({ address: rollup.inbox });
    await call('reclaim', [nonce, waitingMessage]);
    const left = await anvil.pub.getBalance({ address: rollup.inbox });
    assert.equal(owed - left, waitingMessage.amount * WEI_PER_UNIT);
    assert.equal(await refusal('reclaim', [nonce, waitingMessage]), 'AlreadyDone');
    await rollup.send('sendTransaction', [7n, '0x12'], 7n);
    assert.equal(await refusal('reclaim', [nonce + 1n, waitingMessage]), 'WrongKind');
  });
});

test('a chain without a single batch', { skip: anvilPath() === null }, async (t) => {
  const world = await openWorld(t);
  const { rollup, blocks, states, split } = world;
  const { anvil, settlement, genesis } = rollup;
  const made = new Case(blocks, split, states);
  const close = [made.blk(0), genesis];
  assert.equal(await rollup.refusal('close', close), 'NotFinal');
  await anvil.pass(ESCAPE_S);
  const other = [made.blk(0), { ...genesis, held: 1n }];
  assert.equal(await rollup.refusal('close', other), 'WrongState');
  await anvil.send('close', CHALLENGER, settlement, SETTLEMENT, 'close', close);
  assert.equal(
    await anvil.read(settlement, SETTLEMENT, 'lastCoins'),
    genesisState().step(0n).coins,
  );
  // Nothing was taken in: the very first message goes back.
  const [first] = await rollup.events();
  const args = [0n, messageOf(first)];
  await anvil.send('reclaim', CHALLENGER, settlement, SETTLEMENT, 'reclaim', args);
});

test('a conviction does not put the closing off', { skip: anvilPath() === null }, async (t) => {
  const { rollup, blocks, split } = await openWorld(t);
  const { anvil, settlement } = rollup;
  const fraud = FRAUDS.find(({ name }) => name === 'misplacedMint')!;
  const planted = fraud.plant(blocks, split);
  const made = new Case(planted.blocks, split);
  await rollup.commit(made.batches[0]!.blocks);
  await anvil.pass(ESCAPE_S - 100);
  await rollup.commit(made.batches[1]!.blocks, made.batches[0]!.blocks.at(-1)!.header.id);
  await anvil.pass(100);
  const canClose = (): Promise<unknown> => anvil.read(settlement, SETTLEMENT, 'canClose');
  assert.equal(await canClose(), false);
  const args = planted.args(made);
  await anvil.send('fraud', CHALLENGER, settlement, SETTLEMENT, fraud.name, args);
  assert.equal(await canClose(), true);
});
