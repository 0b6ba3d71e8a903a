/** Ether in and out through the project's own contracts, by command alone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseEther } from 'viem';
import { startHttp } from '../../node/http.ts';
import { anvilPath } from '../support/anvil.ts';
import { bridgeCommand, type Ran } from '../support/bridgeCommand.ts';
import { randomOf } from '../support/chainMaker.ts';
import { openRollup, WINDOW_S } from '../support/rollup.ts';

const TARGET = '0x00000000000000000000000000000000000dead9';

test('deposit, withdraw, claim over a settlement', { skip: anvilPath() === null }, async (t) => {
  const trigger = { type: 'instant' } as const;
  const rollup = await openRollup(t, randomOf(11), null, { trigger });
  const { anvil, settlement, inbox, node } = rollup;
  const http = await startHttp(node.api, { ip: '127.0.0.1', port: 0 });
  t.after(() => http.close());
  const provider = { url: `http://${http.ip}:${http.port}` };
  const command = bridgeCommand({ anvil, bridge: { portal: inbox }, provider } as never, t);
  const bridge = (...args: string[]): Promise<Ran> =>
    command('bridge', ...args, '--settlement', settlement);
  assert.equal((await command('wallet', 'import')).code, 0);

  const deposited = await bridge('deposit', '0.5', '--yes');
  assert.equal(deposited.code, 0, deposited.err);
  await rollup.takeIn();
  const withdrawn = await bridge('withdraw', '0.2', TARGET, '--yes', '--json');
  assert.equal(withdrawn.code, 0, withdrawn.err);
  const { id } = JSON.parse(withdrawn.out) as { id: string };
  const status = async (): Promise<string> => (await bridge('status', id)).out;
  assert.match(await status(), /0\.2 ETH to 0x0+dead9: waits for block \d+ to be committed/);
  await rollup.commit(await rollup.committable());
  assert.match(await status(), /committed with block \d+, final in 16 min/);
  const early = await bridge('claim', id, '--json');
  assert.deepEqual((JSON.parse(early.out) as { hashes: string[] }).hashes, []);
  await anvil.pass(WINDOW_S + 1);
  assert.match(await status(), /waits for block \d+/);
  await node.services.blocks.produceBlocks(1, null);
  assert.match(await status(), /can be claimed/);
  const claimed = await bridge('claim', id);
  assert.match(claimed.out, /paid out on Ethereum/, claimed.err);
  assert.equal(await anvil.pub.getBalance({ address: TARGET }), parseEther('0.2'));
  const again = await bridge('claim', id, '--json');
  assert.deepEqual((JSON.parse(again.out) as { hashes: string[] }).hashes, []);
  const nowhere = ['--token', `0x${'11'.repeat(20)}`, '--gateway', `0x${'12'.repeat(20)}`];
  const token = await bridge('deposit', '1', ...nowhere, '--yes');
  assert.match(token.err, /take ether alone|there is no token/);
});
