/** `fuelrail bridge` as a person uses it, against Fuel's contracts on anvil. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEther } from 'viem';
import { anvilPath } from '../support/anvil.ts';
import { bridgeCommand, OWNER } from '../support/bridgeCommand.ts';
import { FINAL_AFTER_S, openWorld, settle, takeIn, USER } from '../support/bridgeWorld.ts';
import { GATEWAY, TOKEN } from '../support/fuelBridge.ts';

test('deposit, withdraw, status, claim on the command line', {
  skip: anvilPath() === null,
}, async (t) => {
  const world = await openWorld(t);
  const { anvil, bridge, provider } = world;
  const run = bridgeCommand(world, t);
  const base = await provider.getBaseAssetId();
  assert.equal((await run('wallet', 'import')).code, 0);

  const deposit = run('bridge', 'deposit', '1.5', '--yes', '--wait');
  const sent = async (): Promise<boolean> =>
    (await anvil.pub.getBalance({ address: bridge.portal })) > 0n;
  while (!(await sent())) await new Promise((resolve) => setTimeout(resolve, 50));
  await takeIn(world);
  const deposited = await deposit;
  assert.equal(deposited.code, 0, deposited.err);
  assert.match(deposited.out, /deposited by 0x[0-9a-f]{64}; it is here/);
  assert.equal((await provider.getBalance(OWNER, base)).toString(), '1500000000');

  const target = '0x00000000000000000000000000000000000dead2';
  const withdrawn = await run('bridge', 'withdraw', '0.25', target, '--yes', '--json');
  assert.equal(withdrawn.code, 0, withdrawn.err);
  const { id } = JSON.parse(withdrawn.out) as { id: string };
  assert.match(
    (await run('bridge', 'status', id)).out,
    /0\.25 ETH to 0x0+dead2: waits for block 10/,
  );
  await settle(world);
  assert.match((await run('bridge', 'status', id)).out, /committed with block 10, final in/);
  const early = await run('bridge', 'claim', id, '--json');
  assert.deepEqual((JSON.parse(early.out) as { hashes: string[] }).hashes, []);
  await anvil.pass(FINAL_AFTER_S + 1);
  assert.match((await run('bridge', 'status', id)).out, /can be claimed/);
  const claimed = await run('bridge', 'claim', id, '--wait');
  assert.match(claimed.out, /paid out on Ethereum/, claimed.err);
  assert.equal(await anvil.pub.getBalance({ address: target }), parseEther('0.25'));
  const again = await run('bridge', 'claim', id, '--json');
  assert.deepEqual((JSON.parse(again.out) as { hashes: string[] }).hashes, []);

  const issuer = [`0x${'22'.repeat(32)}`];
  await anvil.send('setAssetIssuerId', 0, bridge.gateway, GATEWAY, 'setAssetIssuerId', issuer);
  const user = anvil.wallets[USER]!.account.address;
  await anvil.send('mint', USER, bridge.token, TOKEN, 'mint', [user, parseEther('9')]);
  const flags = ['--token', bridge.token, '--gateway', bridge.gateway, '--yes'];
  const token = await run('bridge', 'deposit', '2', ...flags);
  assert.equal(token.code, 0, token.err);
  const locked = await anvil.read<bigint>(bridge.token, TOKEN, 'balanceOf', [bridge.gateway]);
  assert.equal(locked, parseEther('2'));

  const unknown = await run('bridge', 'status', `0x${'77'.repeat(32)}`);
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /not known to this node/);
  const dust = await run('bridge', 'deposit', '5000', '--yes');
  assert.match(dust.err, /Ethereum refuses the deposit: GlobalDepositLimit; nothing was sent/);
  const nowhere = await run('bridge', 'deposit', '1', '--portal', '0x12', '--yes');
  assert.equal(nowhere.code, 2);
});
