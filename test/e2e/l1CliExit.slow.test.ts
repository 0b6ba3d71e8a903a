/**
 * Nobody commits any more: somebody with nothing but a wallet and a node that has the blocks closes
 * the chain and takes out what is theirs, by `fuelrail bridge exit`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Hex, parseEther } from 'viem';
import { startHttp } from '../../node/http.ts';
import type { Output } from '../../tx/types.ts';
import { anvilPath } from '../support/anvil.ts';
import { bridgeCommand, OWNER, ownerKey, type Ran } from '../support/bridgeCommand.ts';
import { randomOf } from '../support/chainMaker.ts';
import { keyOf, scriptOf, signed, transferOf } from '../support/funded.ts';
import { seedOf } from '../support/mutate.ts';
import { ESCAPE_S, openRollup, PARAMS, type Rollup } from '../support/rollup.ts';

const TARGET = '0x00000000000000000000000000000000000dead7';
const EXIT = ['bridge', 'exit', TARGET, '--yes'];
/** More than one round of transactions holds. */
const COINS = 120;
const AMOUNT = 1_000n;
const WEI_PER_UNIT = 10n ** 9n;
const DEPOSIT = '0.5';
const LATE = '0.01';

/** Many coins to the owner in one transaction. @returns its id */
async function spread(rollup: Rollup): Promise<`0x${string}`> {
  const coin = rollup.coins.shift()!;
  const assetId = PARAMS.baseAssetId;
  const outputs: Output[] = Array.from({ length: COINS }, () => {
    return { type: 'coin', to: OWNER, amount: AMOUNT, assetId };
  });
  outputs.push({ type: 'change', to: coin.key.address, amount: 0n, assetId });
  const { id, raw } = signed(scriptOf(coin, PARAMS, { outputs }), coin.key, PARAMS.chainId);
  await rollup.block(1, [raw]);
  return id;
}

test('out of a chain whose operator is gone, by command', {
  skip: anvilPath() === null,
}, async (t) => {
  const rollup = await openRollup(t, randomOf(seedOf('exit', 5)));
  const { anvil, settlement, inbox } = rollup;
  const http = await startHttp(rollup.node.api, { ip: '127.0.0.1', port: 0 });
  t.after(() => http.close());
  const provider = { url: `http://${http.ip}:${http.port}` };
  const command = bridgeCommand({ anvil, bridge: { portal: inbox }, provider } as never, t);
  const exit = (...more: string[]): Promise<Ran> =>
    command(...EXIT, '--settlement', settlement, ...more);
  const paid = (): Promise<bigint> => anvil.pub.getBalance({ address: TARGET });
  assert.equal((await command('wallet', 'import')).code, 0);

  // Fuel's portal and this inbox are the same to a depositor.
  const deposit = await command('bridge', 'deposit', DEPOSIT, '--yes');
  assert.equal(deposit.code, 0, deposit.err);
  // The coins of this genesis are of nobody's ether: somebody else's pays for them.
  await rollup.send('depositETH', [keyOf(2).address], parseEther('0.001'));
  await rollup.takeIn();
  const id = await spread(rollup);
  await rollup.block(2);
  const early = await exit();
  assert.match(early.err, /somebody may still commit; if nobody does, .* closed in 1 h 5\d min/);
  await rollup.commit(await rollup.committable());

  // What came after the last batch does not count: a coin is spent, another comes, a deposit waits.
  const key = await ownerKey();
  const spent = { key, utxoId: { txId: id, outputIndex: 7 }, amount: AMOUNT };
  const away = scriptOf(spent, PARAMS, { policies: { maxFee: AMOUNT } });
  const fresh = transferOf(rollup.coins.shift()!, OWNER, 77n, PARAMS);
  await rollup.block(0, [signed(away, key, PARAMS.chainId).raw, fresh.raw]);
  const late = await command('bridge', 'deposit', LATE, '--yes');
  assert.equal(late.code, 0, late.err);
  // Read by nobody before it is final.
  await anvil.test.mine({ blocks: 80 });

  await t.test('waits, closes, and takes what is worth its gas', async () => {
    await anvil.pass(ESCAPE_S - 30);
    const waiting = command.start(...EXIT, '--settlement', settlement, '--wait', '--json');
    await waiting.said(/if nobody does, the chain can be closed in/);
    await anvil.pass(60);
    const ran = await waiting.ended;
    assert.equal(ran.code, 0, ran.err);
    assert.match(ran.err, /closed by 0x/);
    assert.match(ran.err, new RegExp(`${COINS} of ${COINS + 2} are left: each is worth less`));
    const { taken } = JSON.parse(ran.out) as { taken: { type: string }[] };
    assert.deepEqual(taken.map(({ type }) => type).sort(), ['message', 'unsent']);
    // A deposit that was never taken in goes back to where it came from.
    assert.equal(await paid(), parseEther(DEPOSIT));
  });

  await t.test('every coin, one that was spent later too', async () => {
    const ran = await exit('--dust');
    assert.equal(ran.code, 0, ran.err);
    assert.match(ran.out, new RegExp(`^${COINS} taken out: 0\\.00012 ETH to ${TARGET}`));
    assert.equal(await paid(), parseEther(DEPOSIT) + BigInt(COINS) * AMOUNT * WEI_PER_UNIT);
  });

  await t.test('once', async () => {
    const again = await exit('--dust');
    assert.equal(again.code, 0, again.err);
    assert.match(again.out, /there is nothing to take out/);
    const nobody = await exit('-a', '5');
    assert.match(nobody.out, /there is nothing to take out/);
  });

  await t.test('refusals', async () => {
    const noContract = await command(...EXIT);
    assert.match(noContract.err, /name the contract: --settlement/);
    const odd = await exit('--url', 'http://127.0.0.1:9');
    assert.match(odd.err, /no node answers/);
  });
});

test('out of a chain that was never committed', { skip: anvilPath() === null }, async (t) => {
  const rollup = await openRollup(t, randomOf(seedOf('exit', 6)));
  const { anvil, settlement, inbox } = rollup;
  const http = await startHttp(rollup.node.api, { ip: '127.0.0.1', port: 0 });
  t.after(() => http.close());
  const provider = { url: `http://${http.ip}:${http.port}` };
  const command = bridgeCommand({ anvil, bridge: { portal: inbox }, provider } as never, t);
  assert.equal((await command('wallet', 'import')).code, 0);
  assert.equal((await command('bridge', 'deposit', DEPOSIT, '--yes')).code, 0);
  await anvil.test.mine({ blocks: 80 });
  await anvil.pass(ESCAPE_S);
  assert.equal(await anvil.pub.getBalance({ address: inbox as Hex }), parseEther(DEPOSIT));
  const ran = await command(...EXIT, '--settlement', settlement);
  assert.equal(ran.code, 0, ran.err);
  assert.match(ran.out, /^1 taken out: 0\.5 ETH/);
  assert.equal(await anvil.pub.getBalance({ address: inbox as Hex }), 0n);
});
