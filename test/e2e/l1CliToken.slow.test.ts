/** A token's way in and out by `fuelrail bridge`, against Fuel's contracts on anvil. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Hex, parseEther } from 'viem';
import type { AssetId, ContractId } from '../../primitives/types.ts';
import { createClient, getBridgedToken, planTokenWithdrawal } from '../../sdk/index.ts';
import { anvilPath } from '../support/anvil.ts';
import { type BridgeCommand, bridgeCommand, OWNER } from '../support/bridgeCommand.ts';
import {
  ADMIN,
  FINAL_AFTER_S,
  openWorld,
  settle,
  takeIn,
  USER,
  type World,
} from '../support/bridgeWorld.ts';
import { GATEWAY, TOKEN } from '../support/fuelBridge.ts';
import { deployTokenBridge } from '../support/tokenBridge.ts';

const BOB = `0x${'b0'.repeat(32)}`;
const NOWHERE: Hex = `0x${'dd'.repeat(20)}`;

/** What every part of the test uses. */
type Scene = {
  readonly world: World;
  readonly run: BridgeCommand;
  /** On Ethereum, lower case. */
  readonly user: string;
  readonly token: string;
  readonly contract: ContractId;
  readonly assetId: AssetId;
};

const refuser =
  (run: Scene['run']) =>
  async (what: RegExp, code: number, ...args: string[]): Promise<void> => {
    const ran = await run('bridge', ...args, '--yes');
    assert.match(ran.err, what);
    assert.equal(ran.code, code, ran.err);
  };

/** Deposits 5, takes them in, has the contract mint them, and ether for the fees comes the same way. */
async function openScene(t: TestContext): Promise<Scene> {
  const world = await openWorld(t);
  const { anvil, bridge } = world;
  const run = bridgeCommand(world, t);
  const refused = refuser(run);
  assert.equal((await run('wallet', 'import')).code, 0);
  const contract = (await deployTokenBridge(world)).id.toB256() as ContractId;
  const user = anvil.wallets[USER]!.account.address.toLowerCase();
  const token = bridge.token.toLowerCase();
  await anvil.send('mint', USER, bridge.token, TOKEN, 'mint', [user, parseEther('9')]);
  const onEthereum = ['--token', bridge.token, '--gateway', bridge.gateway];
  const wrong = ['--token', NOWHERE, '--gateway', bridge.gateway];
  await refused(/there is no token at 0xdddd/, 1, 'deposit', '2', ...wrong);
  // Nothing of it has come yet.
  await refused(/knows no token 0x/, 1, 'withdraw', '2', user, ...onEthereum);

  const assetId = await depositTokens(world, run, onEthereum);
  return { world, run, user, token, contract, assetId };
}

/** The way in, by commands alone. */
async function depositTokens(
  world: World,
  run: Scene['run'],
  onEthereum: readonly string[],
): Promise<AssetId> {
  const { anvil, provider } = world;
  const refused = refuser(run);
  const deposited = await run('bridge', 'deposit', '5', ...onEthereum, '--yes', '--json');
  assert.equal(deposited.code, 0, deposited.err);
  const { hash, nonce } = JSON.parse(deposited.out) as { hash: Hex; nonce: Hex };
  assert.equal(await l1Balance(world, anvil.wallets[USER]!.account.address), parseEther('4'));
  const status = async (id: string): Promise<string> => (await run('bridge', 'status', id)).out;
  assert.match(await status(hash), /in a block of Ethereum that is final in about 1[23] min/);
  await refused(/not here yet: in a block of Ethereum/, 1, 'deliver', hash);

  // Waits for the message, and asks for the fee only then.
  const waiting = run.start('bridge', 'deliver', hash, '--wait', '--yes');
  await waiting.said(/in a block of Ethereum that is final/);
  await takeIn(world);
  const poor = await waiting.ended;
  assert.match(poor.err, /the account has nothing free for this/);
  assert.match(await status(hash), new RegExp(`for a contract: fuelrail bridge deliver ${nonce}`));
  const ether = await run('bridge', 'deposit', '0.01', '-a', '1', '--yes', '--json');
  await takeIn(world);
  const etherHash = (JSON.parse(ether.out) as { hash: Hex }).hash;
  assert.match(await status(etherHash), /^it is here\n/);

  const listed = await run('bridge', 'deliver');
  assert.match(listed.out, new RegExp(`${nonce} +0x[0-9a-f]{64}\n`), listed.err);
  const delivered = await run('bridge', 'deliver', String(BigInt(nonce)), '-a', '1', '--yes');
  assert.equal(delivered.code, 0, delivered.err);
  assert.match(delivered.err, new RegExp(`mints 5000000000 units of 0x[0-9a-f]{64} for ${OWNER}`));
  assert.match(delivered.out, new RegExp(`message ${nonce} was delivered by 0x[0-9a-f]{64}`));
  assert.match(await status(hash), /it is here, and was used/);
  await refused(/was handed over already/, 1, 'deliver', nonce);
  const { nonce: plain } = JSON.parse(ether.out) as { nonce: Hex };
  await refused(
    /is not for a contract: it belongs to|was handed over already/,
    1,
    'deliver',
    plain,
  );
  assert.match((await run('bridge', 'deliver', '--all')).out, /nothing waits to be handed/);
  const { balances } = await provider.getBalances(OWNER);
  assert.equal(balances.length, 1);
  const { assetId, amount } = balances[0]!;
  assert.equal(amount.toString(), '5000000000');
  const user = anvil.wallets[USER]!.account.address;
  const withdraw = ['withdraw', '2', user, '--token', assetId];
  await refused(/has the tokens, but no ETH on this chain/, 1, ...withdraw);
  assert.equal((await run('bridge', 'deposit', '0.01', '--yes')).code, 0);
  await takeIn(world);
  return assetId as AssetId;
}

function l1Balance({ anvil, bridge }: World, owner: string): Promise<bigint> {
  return anvil.read<bigint>(bridge.token, TOKEN, 'balanceOf', [owner]);
}

async function checkRefusals({ world, run, user, token, contract, assetId }: Scene): Promise<void> {
  const { anvil, bridge, provider } = world;
  const refused = refuser(run);
  const base = await provider.getBaseAssetId();
  const two = (...rest: string[]): string[] => ['withdraw', '2', user, ...rest];
  const of = (amount: string): string[] => ['withdraw', amount, user, '--token', assetId];
  const by = ['--gateway', bridge.gateway];
  const unknown = `0x${'ab'.repeat(32)}`;
  await refused(/nobody has minted the asset 0xabab/, 1, ...two('--token', unknown));
  await refused(/this is the base asset, ether/, 1, ...two('--token', base));
  await refused(/--token is an asset id of 64 hex digits or/, 2, ...two('--token', 'USDC'));
  await refused(/needs --gateway and --ethereum/, 2, ...two('--token', token));
  await refused(/--gateway is for a token/, 2, ...two(...by));
  const nowhere = ['--gateway', NOWHERE];
  await refused(/there is no token gateway at 0xdd/, 1, ...two('--token', token, ...nowhere));
  await refused(/belongs to the gateway 0x/, 1, ...two('--token', assetId, ...nowhere));
  await refused(/knows no token 0xdddd/, 1, ...two('--token', NOWHERE, ...by));
  await refused(/has 3\.5 of this token, not 3\.500000001/, 1, ...of('3.500000001'));
  await refused(/this asset has 9 decimals/, 2, ...of('0.0000000001'));
  await refused(/it is zero/, 2, ...of('0'));
  const zero = `0x${'00'.repeat(20)}`;
  await refused(/the zero address/, 1, 'withdraw', '2', zero, '--token', assetId);

  // Burnt here and refused there: the gateway listens to another contract,
  const issuer = (id: string): Promise<unknown> =>
    anvil.send('setAssetIssuerId', ADMIN, bridge.gateway, GATEWAY, 'setAssetIssuerId', [id]);
  await issuer(`0x${'22'.repeat(32)}`);
  await refused(/pays for contract 0x2222.* never paid out/, 1, ...of('2'));
  await issuer(contract);
  // counts in other units,
  await withCode(world, bridge.token, SIX, () =>
    refused(/has 6 decimals by Ethereum and 9 by the contract here/, 1, ...of('2')),
  );
  // or has nothing left.
  await withCode(world, bridge.gateway, poor(contract), () =>
    refused(/owes no more than 0\.000000001 of this token/, 1, ...of('2')),
  );
  assert.equal((await provider.getBalance(OWNER, assetId)).toString(), '3500000000');
}

/** Answers 6 to everything. */
const SIX: Hex = '0x600660005260206000f3';
/** Answers with the contract to a question without arguments, with 1 to others. */
const poor = (contract: ContractId): Hex =>
  `0x36600414601157600160005260206000f35b7f${contract.slice(2)}60005260206000f3`;

async function withCode(
  { anvil }: World,
  address: Hex,
  bytecode: Hex,
  act: () => Promise<void>,
): Promise<void> {
  const before = (await anvil.pub.getCode({ address })) ?? assert.fail('no code');
  await anvil.test.setCode({ address, bytecode });
  await act();
  await anvil.test.setCode({ address, bytecode: before });
}

/** What a program plans by itself. */
async function checkPlans({ world, contract, assetId }: Scene): Promise<void> {
  const client = createClient({ url: world.provider.url });
  const token = await getBridgedToken(client, {
    contractId: contract,
    l1Token: world.bridge.token,
  });
  assert.deepEqual(token, await getBridgedToken(client, { assetId }));
  assert.equal(token.decimals, 9);
  const plan = await planTokenWithdrawal(client, OWNER, token, NOWHERE, 7n);
  assert.ok(plan.outcome.success);
  // The contract orders the token that it knows, which is another one than asked for.
  await assert.rejects(
    planTokenWithdrawal(client, OWNER, { ...token, l1Token: NOWHERE }, NOWHERE, 7n),
    { code: 'WITHDRAWAL', message: /something else than was asked for/ },
  );
}

test('a token: deposit, spend, withdraw, status, claim on the command line', {
  skip: anvilPath() === null,
}, async (t) => {
  const scene = await openScene(t);
  const { world, run, user, token, contract, assetId } = scene;
  const { anvil, bridge, provider } = world;
  const send = ['--asset', assetId, '--decimals', '9', '--yes'];
  const spent = await run('wallet', 'send', BOB, '1.5', ...send);
  assert.equal(spent.code, 0, spent.err);
  assert.equal((await provider.getBalance(BOB, assetId)).toString(), '1500000000');
  await checkRefusals(scene);

  const asked = await run('bridge', 'withdraw', '2', user, '--token', assetId, '--yes');
  assert.equal(asked.code, 0, asked.err);
  assert.match(asked.err, new RegExp(`burn 2 of ${assetId} by ${contract}`));
  assert.match(asked.err, new RegExp(`pay 2 of ${token} to ${user}`));
  const id = /sent by (0x[0-9a-f]{64})/.exec(asked.out)?.[1] ?? assert.fail(asked.out);
  assert.equal((await provider.getBalance(OWNER, assetId)).toString(), '1500000000');
  const status = async (): Promise<string> => (await run('bridge', 'status', id)).out;
  assert.match(await status(), new RegExp(`^2 of ${token} to ${user}: waits for`));
  await settle(world);
  assert.match(await status(), /committed with block \d+, final in/);
  await anvil.pass(FINAL_AFTER_S + 1);
  assert.match(await status(), /can be claimed/);
  const claimed = await run('bridge', 'claim', id, '--wait');
  assert.match(claimed.out, /paid out on Ethereum/, claimed.err);
  assert.equal(await l1Balance(world, user), parseEther('6'));
  const again = await run('bridge', 'claim', id, '--json');
  assert.deepEqual((JSON.parse(again.out) as { hashes: string[] }).hashes, []);

  await checkPlans(scene);
  // By its address on Ethereum, the smallest amount, to somebody else.
  const named = ['--token', bridge.token, '--gateway', bridge.gateway, '--yes', '--json'];
  const second = await run('bridge', 'withdraw', '0.000000001', NOWHERE, ...named);
  assert.equal(second.code, 0, second.err);
  const sent = JSON.parse(second.out) as { id: string; amount: string };
  assert.equal(sent.amount, '1');
  await settle(world);
  await anvil.pass(FINAL_AFTER_S + 1);
  const paid = await run('bridge', 'claim', sent.id);
  assert.match(paid.out, /^0\.000000001 of 0x.* to 0xdddd.*: paid out/, paid.err);
  assert.equal(await l1Balance(world, NOWHERE), 10n ** 9n);
});
