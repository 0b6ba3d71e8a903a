/**
 * Fuel's published bridge contracts on anvil, this node behind them: ether and a token go in, are
 * spent, come back out. Nothing of the contracts is changed; their own checks decide.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Address, bn, Contract, Wallet } from 'fuels';
import { type Hex, parseEther } from 'viem';
import { anvilPath } from '../support/anvil.ts';
import { FINAL_AFTER_S, openWorld, settle, takeIn, USER } from '../support/bridgeWorld.ts';
import { claimOf, commitOf } from '../support/claim.ts';
import { asB256, CHAIN_STATE, GATEWAY, PORTAL, TOKEN } from '../support/fuelBridge.ts';
import { deliver, deployTokenBridge } from '../support/tokenBridge.ts';

const OTHER_BLOCK: Hex = `0x${'11'.repeat(32)}`;

test('ether: deposit, spend, withdraw, claim', { skip: anvilPath() === null }, async (t) => {
  const world = await openWorld(t);
  const { anvil, bridge, provider } = world;
  const base = await provider.getBaseAssetId();
  const alice = Wallet.generate({ provider });
  const ether = parseEther('1');
  await anvil.send(
    'depositETH',
    USER,
    bridge.portal,
    PORTAL,
    'depositETH',
    [alice.address.toB256()],
    ether,
  );
  await takeIn(world);
  assert.equal((await alice.getBalance(base)).toString(), '1000000000');

  const bob = Wallet.generate({ provider });
  await (await alice.transfer(bob.address, bn(600_000_000), base)).waitForResult();
  const target: Hex = '0x00000000000000000000000000000000000dead1';
  const sent = await bob.withdrawToBaseLayer(Address.fromEvmAddress(target), bn(250_000_000));
  const { isStatusSuccess, blockId } = await sent.waitForResult();
  assert.ok(isStatusSuccess && blockId);
  await settle(world);

  const where = () => commitOf(world.node, sent.id, anvil.url, bridge.chainState);
  const committed = await where();
  assert.ok(committed.type === 'committed');
  const claim = await claimOf(world.node, sent.id, committed.rootHeight);
  const relay = (from: number, args: unknown): Promise<string | null> =>
    anvil.refusal(from, bridge.portal, PORTAL, 'relayMessage', args as unknown[]);
  assert.equal(await relay(USER, claim), 'UnfinalizedBlock');
  await anvil.pass(FINAL_AFTER_S + 1);
  assert.deepEqual(await where(), { ...committed, type: 'final' });
  const [message, ...proofs] = claim;
  assert.equal(
    await relay(USER, [{ ...message, amount: message.amount + 1n }, ...proofs]),
    'InvalidMessageInBlockProof',
  );
  assert.equal(
    await relay(USER, [{ ...message, recipient: asB256(bridge.token) }, ...proofs]),
    'InvalidMessageInBlockProof',
  );
  await anvil.send('relayMessage ETH', USER, bridge.portal, PORTAL, 'relayMessage', claim);
  assert.equal(await anvil.pub.getBalance({ address: target }), parseEther('0.25'));
  assert.equal(await relay(USER, claim), 'AlreadyRelayed');
  const other = [OTHER_BLOCK, 77n];
  assert.match(
    (await anvil.refusal(USER, bridge.chainState, CHAIN_STATE, 'commit', other)) ?? '',
    /AccessControl/,
  );
});

test('a token: deposit, mint, withdraw, claim', { skip: anvilPath() === null }, async (t) => {
  const world = await openWorld(t);
  const { anvil, bridge, provider } = world;
  const l2Bridge = await deployTokenBridge(world);
  const user = anvil.wallets[USER]!.account.address;
  const million = 10n ** 24n;
  await anvil.send('mint', USER, bridge.token, TOKEN, 'mint', [user, million]);
  await anvil.send('approve', USER, bridge.token, TOKEN, 'approve', [bridge.gateway, million]);
  const carol = Wallet.generate({ provider });
  const five = 5n * 10n ** 18n;
  const deposit = [carol.address.toB256(), bridge.token, five];
  await anvil.send('gateway.deposit', USER, bridge.gateway, GATEWAY, 'deposit', deposit);
  await takeIn(world);
  await deliver(world);
  const { balances } = await carol.getBalances();
  assert.equal(balances.length, 1);
  const [{ assetId, amount }] = balances as [(typeof balances)[0]];
  assert.equal(amount.toString(), '5000000000');

  await (
    await world.rich.transfer(carol.address, bn(1_000_000), await provider.getBaseAssetId())
  ).waitForResult();
  // Spent here first: a part goes to somebody else.
  const dave = Wallet.generate({ provider });
  await (await carol.transfer(dave.address, bn(1_500_000_000), assetId)).waitForResult();
  assert.equal((await dave.getBalance(assetId)).toString(), '1500000000');

  const asCarol = new Contract(l2Bridge.id, l2Bridge.interface, carol);
  const call = await asCarol.functions['withdraw']!(asB256(user))
    .callParams({ forward: [bn(2_000_000_000), assetId] })
    .call();
  const { transactionId } = await call.waitForResult();
  await settle(world);
  const where = () => commitOf(world.node, transactionId, anvil.url, bridge.chainState);
  const committed = await where();
  assert.ok(committed.type === 'committed');
  const claim = await claimOf(world.node, transactionId, committed.rootHeight);
  const relay = (args: unknown): Promise<string | null> =>
    anvil.refusal(USER, bridge.portal, PORTAL, 'relayMessage', args as unknown[]);
  assert.equal(await relay(claim), 'UnfinalizedBlock');
  await anvil.pass(FINAL_AFTER_S + 1);
  assert.equal((await where()).type, 'final');
  const [message, ...proofs] = claim;
  // More tokens, or to somebody else: both are in the data.
  const data = message.data.replace(/77359400/, '77359401');
  assert.notEqual(data, message.data);
  assert.equal(await relay([{ ...message, data }, ...proofs]), 'InvalidMessageInBlockProof');
  const other = { ...message, sender: asB256(user) };
  assert.equal(await relay([other, ...proofs]), 'InvalidMessageInBlockProof');
  const before = await anvil.read<bigint>(bridge.token, TOKEN, 'balanceOf', [user]);
  await anvil.send('relayMessage ERC20', USER, bridge.portal, PORTAL, 'relayMessage', claim);
  const after = await anvil.read<bigint>(bridge.token, TOKEN, 'balanceOf', [user]);
  assert.equal(after - before, 2n * 10n ** 18n);
  assert.equal(await relay(claim), 'AlreadyRelayed');
  const foreign = [OTHER_BLOCK, 78n];
  const refusal = await anvil.refusal(USER, bridge.chainState, CHAIN_STATE, 'commit', foreign);
  assert.match(refusal ?? '', /AccessControl/);
});
