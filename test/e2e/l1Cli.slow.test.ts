/** `fuelrail bridge` as a person uses it, against Fuel's contracts on anvil. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEther } from 'viem';
import { anvilPath } from '../support/anvil.ts';
import { type BridgeCommand, bridgeCommand, OWNER } from '../support/bridgeCommand.ts';
import {
  FINAL_AFTER_S,
  openWorld,
  settle,
  takeIn,
  USER,
  type World,
} from '../support/bridgeWorld.ts';
import { GATEWAY, TOKEN } from '../support/fuelBridge.ts';

test('deposit, withdraw, status, claim on the command line', {
  skip: anvilPath() === null,
}, async (t) => {
  const world = await openWorld(t);
  const { anvil, bridge, provider } = world;
  const run = bridgeCommand(world, t);
  const base = await provider.getBaseAssetId();
  assert.equal((await run('wallet', 'import')).code, 0);

  const deposit = run.start('bridge', 'deposit', '1.5', '--yes', '--wait');
  await deposit.said(/in a block of Ethereum that is final in about 1\d min/);
  await takeIn(world);
  const deposited = await deposit.ended;
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

  await checkWaiting(world, run);

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

/** `withdraw --wait` ends when there is something to claim, and says on the way how long that is. */
async function checkWaiting(world: World, run: BridgeCommand): Promise<void> {
  const { anvil } = world;
  const to = '0x00000000000000000000000000000000000dead3';
  const waiting = run.start('bridge', 'withdraw', '0.125', to, '--yes', '--wait');
  await waiting.said(/0\.125 ETH to 0x0+dead3: waits for block \d+ .* then 1 min 40 s until/);
  await settle(world);
  await waiting.said(/committed with block \d+, final in \d+ (min|s)/);
  await anvil.pass(FINAL_AFTER_S + 1);
  const waited = await waiting.ended;
  assert.equal(waited.code, 0, waited.err);
  assert.match(waited.out, /can be claimed\nthen: fuelrail bridge claim 0x/);
  const id = /claim (0x[0-9a-f]{64})/.exec(waited.out)?.[1] ?? assert.fail(waited.out);
  assert.equal((await run('bridge', 'claim', id)).code, 0);
  assert.equal(await anvil.pub.getBalance({ address: to }), parseEther('0.125'));
  const blind = await run('bridge', 'withdraw', '0.1', to, '--yes', '--wait', '--portal', '0x12');
  assert.equal(blind.code, 2, 'nothing is sent by who cannot wait for it');
}
