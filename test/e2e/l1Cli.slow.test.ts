/** `fuelrail bridge` as a person uses it, against Fuel's contracts on anvil. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseEther } from 'viem';
import { ANVIL_KEYS, anvilPath } from '../support/anvil.ts';
import {
  FINAL_AFTER_S,
  openWorld,
  settle,
  takeIn,
  USER,
  type World,
} from '../support/bridgeWorld.ts';
import { GATEWAY, TOKEN } from '../support/fuelBridge.ts';
import { ROOT } from '../support/nodeProcess.ts';

const PHRASE = 'test test test test test test test test test test test junk';
const OWNER = '0xe1ce3d6c151761f3dfade07963ee4e87ed63cb888f90a6518e3e15c5445895db';

type Ran = { code: number; out: string; err: string };

function commandOf({ anvil, bridge, provider }: World, folder: string) {
  const env = {
    ...process.env,
    FUELRAIL_NODE_URL: provider.url,
    FUELRAIL_WALLET_PASSWORD: 'pw',
    FUELRAIL_WALLET_PHRASE: PHRASE,
    FUELRAIL_L1_RPC: anvil.url,
    FUELRAIL_L1_PORTAL: bridge.portal,
    FUELRAIL_L1_KEY: ANVIL_KEYS[USER],
    FUELRAIL_BRIDGE_POLL_MS: '100',
  };
  return (...args: string[]): Promise<Ran> => {
    const all = [join(ROOT, 'bin', 'fuelrail.js'), ...args, '--path', join(folder, 'w')];
    return new Promise((resolve) => {
      execFile(process.execPath, all, { env }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code), out, err });
      });
    });
  };
}

test('deposit, withdraw, status, claim on the command line', {
  skip: anvilPath() === null,
}, async (t) => {
  const world = await openWorld(t);
  const { anvil, bridge, provider } = world;
  const folder = mkdtempSync(join(tmpdir(), 'bridge-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const run = commandOf(world, folder);
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
