/** Development controls: each does what it says, takes back what it says, and refuses nonsense. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Provider, type TransactionRequestLike, Wallet } from 'fuels';
import { DEV_CONSENSUS_KEY } from '../../../../node/defaults.ts';
import { MARKS_MAX } from '../../../../node/dev/journal.ts';
import { bytesToHex, hexToBytes } from '../../../../primitives/bytes.ts';
import { CodedError } from '../../../../primitives/errors.ts';
import {
  addressOfPublicKey,
  addressOfSecret,
  recoverPublicKey,
} from '../../../../primitives/secp256k1.ts';
import type { Address, B256 } from '../../../../primitives/types.ts';
import { createClient } from '../../../../sdk/client/graphql.ts';
import { submitAndFollow } from '../../../../sdk/client/transactions.ts';
import { encodeTx } from '../../../../tx/codec/transaction.ts';
import { txId } from '../../../../tx/id.ts';
import {
  balance,
  callDev,
  type DevNode,
  GRAPHQL_URL,
  openDevNode,
  pay,
  transferTo,
} from '../../../support/devNode.ts';
import { until } from '../../../support/until.ts';

const id = (n: number): B256 => `0x${n.toString(16).padStart(64, '0')}`;
const BOB: Address = id(0xb0b);
const CAROL: Address = id(0xca801);

async function withNode(
  run: (at: DevNode) => Promise<void>,
  over: Parameters<typeof openDevNode>[0] = {},
): Promise<void> {
  const at = await openDevNode(over);
  try {
    await run(at);
  } finally {
    await at.node.close();
  }
}
const code =
  (wanted: string): ((thrown: unknown) => boolean) =>
  (thrown) =>
    thrown instanceof CodedError && thrown.code === wanted;

test('a snapshot brings back state, height, gas price and clock, again and again', () =>
  withNode(async (at) => {
    const { dev, node } = at;
    await pay(at, BOB, 5n);
    const before = {
      digest: await node.services.store.digest(),
      price: node.services.gasPrice.next(),
    };
    const snapshot = await dev.snapshot();
    for (const round of [1n, 2n, 3n]) {
      await pay(at, BOB, 10n * round);
      await pay(at, CAROL, 1n);
      await dev.setTime(2_000_000_000);
      await dev.mine(3, 7);
      assert.equal(await balance(at, BOB), 5n + 10n * round);
      const status = await dev.revert(snapshot);
      assert.equal(status.height, 1);
      assert.equal(status.clock, 'machine');
      assert.equal(await balance(at, CAROL), 0n);
      assert.equal(await node.services.store.digest(), before.digest);
      assert.equal(node.services.gasPrice.next(), before.price);
    }
  }));

test('later snapshots go with a revert, dropped ones are unknown', () =>
  withNode(async ({ dev }) => {
    const first = await dev.snapshot();
    await dev.mine(1, null);
    const second = await dev.snapshot();
    await dev.mine(1, null);
    await dev.revert(second);
    assert.deepEqual((await dev.revert(first)).snapshots, [first]);
    await assert.rejects(dev.revert(second), code('DEV_UNKNOWN_SNAPSHOT'));
    await dev.dropSnapshot(first);
    await assert.rejects(dev.revert(first), code('DEV_UNKNOWN_SNAPSHOT'));
  }));

test('dropping an old snapshot keeps what a younger one needs', () =>
  withNode(async (at) => {
    const { dev } = at;
    const first = await dev.snapshot();
    await dev.fund(BOB, 1n, null);
    const second = await dev.snapshot();
    await dev.fund(BOB, 2n, null);
    await dev.dropSnapshot(first);
    await dev.revert(second);
    assert.equal(await balance(at, BOB), 1n);
  }));

test('there is a limit of snapshots', () =>
  withNode(async ({ dev }) => {
    for (let i = 0; i < MARKS_MAX; i += 1) await dev.snapshot();
    await assert.rejects(dev.snapshot(), code('DEV_SNAPSHOT_LIMIT'));
  }));

test('a revert brings back the pool, and tells those that are not in it', () =>
  withNode(async (at) => {
    const { dev, node } = at;
    await dev.autoMine(false);
    const kept = await transferTo(at, BOB, 5n);
    const keptId = (await node.services.txs.submit(encodeTx(kept))).id;
    const snapshot = await dev.snapshot();
    await dev.mine(1, null);
    assert.equal(await balance(at, BOB), 5n);
    const lost = await transferTo(at, CAROL, 6n);
    const told = submitAndFollow(at.client, lost);
    assert.equal((await told.next()).value?.type, 'submitted');
    await dev.revert(snapshot);
    const end = (await told.next()).value;
    assert.equal(end?.type, 'squeezedOut');
    assert.equal(node.services.txs.pooled(txId(lost, 0n)), null);
    await until('it is pooled', () => node.services.txs.pooled(keptId) !== null);
    assert.equal(await balance(at, BOB), 0n);
    await dev.mine(1, null);
    assert.equal(await balance(at, BOB), 5n);
    // The one that was lost can be sent again.
    await node.services.txs.submit(encodeTx(await transferTo(at, CAROL, 6n)));
    await dev.mine(1, null);
    assert.equal(await balance(at, CAROL), 6n);
  }));

test('time: set, advance, freeze, and dry runs see it', () =>
  withNode(async (at) => {
    const { dev } = at;
    await dev.setTime(2_000_000_000);
    await pay(at, BOB, 1n);
    assert.equal(dev.status().blockUnixSeconds, 2_000_000_000);
    await dev.advanceTime(3_600);
    await pay(at, BOB, 1n);
    const after = dev.status().blockUnixSeconds;
    assert.equal(after, 2_000_003_600);
    await dev.freezeTime(true);
    const frozen = dev.status().clockUnixSeconds;
    await pay(at, BOB, 1n);
    await pay(at, BOB, 1n);
    assert.equal(dev.status().blockUnixSeconds, frozen);
    assert.equal(dev.status().clock, 'frozen');
    await dev.freezeTime(false);
    assert.equal(dev.status().clock, 'shifted');
    await dev.setTime(2_100_000_000);
    // TIME of the next height: what the block would get.
    const seen = await dryRunTime(at);
    assert.equal(seen, 2_100_000_000n);
    for (const bad of [1, -1, 1.5, 1e15]) {
      await assert.rejects(dev.setTime(bad), code('DEV_TIME'), String(bad));
    }
    await assert.rejects(dev.advanceTime(-1), code('DEV_TIME'));
  }));

/** What `TIME` of the block's own height gives. */
async function dryRunTime(at: DevNode): Promise<bigint> {
  const bhei = 0x2b_40_00_00;
  const time = 0x43_45_00_00;
  const log = 0x33_44_00_00;
  const ret = 0x24_00_00_00;
  const script = new Uint8Array(16);
  [bhei, time, log, ret].forEach((word, i) => new DataView(script.buffer).setUint32(4 * i, word));
  const tx = { ...(await transferTo(at, BOB, 1n)), script, scriptGasLimit: 100_000n };
  const options = { utxoValidation: false, gasPrice: 0n };
  const { results } = await at.node.services.dryRuns.dryRun([tx], options);
  const logged = results[0]?.receipts.find((receipt) => receipt.type === 'log');
  assert.ok(logged?.type === 'log');
  return logged.ra - (1n << 62n) - 10n;
}

test('mine: many blocks, each signed by the node when somebody looks', () =>
  withNode(async (at) => {
    const { dev, node } = at;
    const signer = addressOfSecret(hexToBytes(DEV_CONSENSUS_KEY));
    const status = await dev.mine(1_000, 2);
    assert.equal(status.height, 1_000);
    const first = node.services.store.block(1)!;
    assert.equal(Number(node.services.store.latest.time - first.header.time), 999 * 2);
    for (const height of [1, 17, 500, 1_000]) {
      const { header, consensus } = node.services.store.block(height)!;
      assert.ok(consensus.type === 'poa');
      const key = recoverPublicKey(consensus.signature, hexToBytes(header.id));
      assert.equal(addressOfPublicKey(key!), signer);
    }
    for (const [count, interval] of [
      [0, null],
      [1.5, null],
      [1e9, null],
      [1, -1],
    ] as const) {
      await assert.rejects(dev.mine(count, interval), code('DEV_MINE'), `${count} ${interval}`);
    }
  }));

for (const trigger of [
  { type: 'interval', blockTimeMs: 5 },
  { type: 'open', periodMs: 5 },
] as const) {
  test(`auto-mine off stops blocks of trigger ${trigger.type}`, () =>
    withNode(
      async ({ dev }) => {
        await until('block 2', () => dev.status().height > 1);
        await dev.autoMine(false);
        await dev.snapshot();
        const { height } = dev.status();
        await new Promise((resolve) => setTimeout(resolve, 40));
        assert.equal(dev.status().height, height);
        assert.equal((await dev.mine(2, null)).height, height + 2);
        await dev.autoMine(true);
        await until('three blocks more', () => dev.status().height > height + 2);
      },
      { trigger },
    ));
}

test('fund, and coins that are put there, replaced and taken away', () =>
  withNode(async (at) => {
    const { dev, baseAsset } = at;
    const asset = id(7);
    const one = await dev.fund(BOB, 30n, null);
    const two = await dev.fund(BOB, 4n, asset);
    assert.notEqual(one, two);
    assert.equal(await balance(at, BOB), 30n);
    assert.equal(await at.node.services.store.balanceOf(BOB, asset), 4n);
    await dev.setCoin({ utxoId: one, coin: { owner: CAROL, amount: 7n, assetId: baseAsset } });
    assert.equal(await balance(at, BOB), 0n);
    assert.equal(await balance(at, CAROL), 7n);
    await dev.setCoin({ utxoId: one, coin: null });
    await dev.setCoin({ utxoId: one, coin: null });
    assert.equal(await balance(at, CAROL), 0n);
    await assert.rejects(dev.fund(BOB, 0n, null), code('DEV_AMOUNT'));
    await assert.rejects(dev.fund(BOB, 1n << 64n, null), code('DEV_AMOUNT'));
  }));

test('messages are put there, replaced, and brought back after they were spent', () =>
  withNode(async (at) => {
    const { dev, node } = at;
    const message = { sender: CAROL, recipient: BOB, amount: 9n, data: new Uint8Array(0) };
    await dev.setMessage({ nonce: id(1), message });
    assert.equal(await balance(at, BOB), 9n);
    await dev.setMessage({ nonce: id(1), message: { ...message, amount: 3n } });
    assert.equal(await balance(at, BOB), 3n);
    await dev.setMessage({ nonce: id(1), message: null });
    assert.equal(node.services.store.messageStatus(id(1)), 'SPENT');
    await dev.setMessage({ nonce: id(1), message });
    assert.equal(node.services.store.messageStatus(id(1)), 'UNSPENT');
  }));

test('contracts, their slots and balances', () =>
  withNode(async ({ dev, node }) => {
    const bytecode = hexToBytes('24000000');
    const slots = [{ key: id(1), value: hexToBytes('ff') }];
    const contract = await dev.setContract({ code: bytecode, contractId: null, slots });
    assert.equal(bytesToHex(node.services.store.contractCode(contract)!), '0x24000000');
    assert.equal(bytesToHex(node.services.store.slot(contract, id(1))!), '0xff');
    await dev.setContractSlot(contract, id(1), null);
    await dev.setContractSlot(contract, id(2), hexToBytes('0102'));
    assert.equal(node.services.store.slot(contract, id(1)), null);
    await dev.setContractBalance(contract, id(9), 5n);
    assert.equal(node.services.store.balance(contract, id(9)), 5n);
    await dev.setContractBalance(contract, id(9), 0n);
    assert.equal(node.services.store.balance(contract, id(9)), null);
    const again = { code: bytecode, contractId: contract, slots: [] };
    await assert.rejects(dev.setContract(again), code('DEV_CONTRACT_EXISTS'));
    await assert.rejects(dev.setContractSlot(id(5), id(1), null), code('DEV_UNKNOWN_CONTRACT'));
    await assert.rejects(dev.setContractBalance(id(5), id(1), 1n), code('DEV_UNKNOWN_CONTRACT'));
    const snapshot = await dev.snapshot();
    await dev.setContract({ code: bytecode, contractId: id(6), slots: [] });
    await dev.revert(snapshot);
    const other = { code: hexToBytes('24040000'), contractId: id(6), slots: [] };
    await assert.rejects(dev.setContract(other), code('DEV_CONTRACT_CODE'));
  }));

test('an impersonated owner spends without a signature, with the fuels SDK; then no more', () =>
  withNode(async (at) => {
    const { dev, fetch } = at;
    await dev.fund(BOB, 1_000_000_000n, null);
    const provider = new Provider(GRAPHQL_URL, { fetch });
    const bob = Wallet.fromAddress(BOB, provider);
    const transfer = async (amount: number): Promise<TransactionRequestLike> =>
      (await bob.createTransfer(CAROL, amount)) as TransactionRequestLike;
    const request = await transfer(77);
    await assert.rejects(bob.sendTransaction(request), /InputInvalidSignature|signature/i);
    await dev.impersonate(BOB);
    assert.deepEqual(dev.status().impersonated, [BOB]);
    const sent = await bob.sendTransaction(request);
    const { isStatusSuccess } = await sent.waitForResult();
    assert.ok(isStatusSuccess);
    assert.equal(await balance(at, CAROL), 77n);
    await dev.stopImpersonating(null);
    const next = await transfer(78);
    await assert.rejects(bob.sendTransaction(next), /InputInvalidSignature|signature/i);
  }));

test('another owner in the same transaction still has to sign', () =>
  withNode(async (at) => {
    const { dev } = at;
    await dev.impersonate(BOB);
    const tx = await transferTo(at, CAROL, 5n);
    const unsigned = { ...tx, witnesses: tx.witnesses.map(() => new Uint8Array(64)) };
    const submit = at.node.services.txs.submit(encodeTx(unsigned));
    await assert.rejects(submit, /InputInvalidSignature/);
  }));

test('dump and load: the state goes on, history does not', () =>
  withNode(async (at) => {
    const { dev, node } = at;
    await pay(at, BOB, 5n);
    await dev.setMessage({
      nonce: id(1),
      message: { sender: CAROL, recipient: BOB, amount: 9n, data: hexToBytes('beef') },
    });
    const contract = await dev.setContract({
      code: hexToBytes('24000000'),
      contractId: null,
      slots: [{ key: id(1), value: hexToBytes('aa') }],
    });
    await dev.setContractBalance(contract, id(9), 5n);
    const files = await dev.dump();
    await pay(at, BOB, 100n);
    const snapshot = await dev.snapshot();
    const status = await dev.load(files);
    assert.equal(status.height, 2);
    assert.equal(await balance(at, BOB), 5n);
    assert.equal(bytesToHex(node.services.store.message(id(1))!.data), '0xbeef');
    assert.equal(bytesToHex(node.services.store.slot(contract, id(1))!), '0xaa');
    assert.equal(node.services.store.balance(contract, id(9)), 5n);
    await assert.rejects(dev.revert(snapshot), code('DEV_UNKNOWN_SNAPSHOT'));
    await pay(at, BOB, 1n);
    assert.equal(await balance(at, BOB), 6n);
    const bad = { ...files, 'state_config.json': '{"coins": 3}' };
    await assert.rejects(dev.load(bad), code('SNAPSHOT_INVALID'));
    assert.equal(await balance(at, BOB), 6n);
  }));

test('over HTTP: refusals name what is wrong', () =>
  withNode(async ({ node }) => {
    const cases: readonly [string, object, string, RegExp][] = [
      ['bogus', {}, 'DEV_METHOD', /snapshot, revert/],
      ['toString', {}, 'DEV_METHOD', /no method/],
      ['revert', {}, 'DEV_PARAMS', /id is missing/],
      ['revert', { id: 99 }, 'DEV_UNKNOWN_SNAPSHOT', /none was taken/],
      ['fund', { owner: '0x12', amount: 1 }, 'DEV_PARAMS', /owner .* 32 bytes/],
      ['fund', { owner: BOB, amount: -1 }, 'DEV_AMOUNT', /whole number/],
      ['fund', { owner: BOB, amount: '1e3' }, 'DEV_PARAMS', /amount/],
      ['setCoin', { utxoId: BOB, owner: BOB }, 'DEV_PARAMS', /utxoId .* 34 bytes/],
      ['setContract', { code: 'xyz' }, 'DEV_PARAMS', /code .* hex/],
      ['setContract', { code: '00', slots: [1] }, 'DEV_PARAMS', /slots/],
      ['setTime', { unixSeconds: '5' }, 'DEV_PARAMS', /unixSeconds/],
      ['autoMine', { on: 1 }, 'DEV_PARAMS', /true or false/],
      ['mine', { count: 0 }, 'DEV_MINE', /count/],
      ['load', { 'metadata.json': '' }, 'DEV_PARAMS', /chain_config.json/],
    ];
    for (const [method, params, wanted, text] of cases) {
      const { status, error } = await callDev(node, method, params);
      assert.equal(status, 400, method);
      assert.equal(error?.code, wanted, `${method}: ${error?.message}`);
      assert.match(error?.message ?? '', text);
    }
    const raw = async (body: string): Promise<string> =>
      (await node.api.handle({ path: '/dev', method: 'POST', headers: {}, body })).body as string;
    assert.match(await raw('{'), /DEV_PARAMS/);
    assert.match(await raw('[]'), /DEV_PARAMS/);
    assert.match(await raw('{"method":"status","params":[]}'), /DEV_PARAMS/);
    const get = await node.api.handle({ path: '/dev', method: 'GET', headers: {}, body: '' });
    assert.equal(JSON.parse(get.body as string).result.height, 0);
  }));

test('without --dev there is nothing, whatever is asked', () =>
  withOut(async (handle) => {
    for (const method of ['GET', 'POST', 'PUT']) {
      const { status, body } = await handle(method);
      assert.equal(status, 404, method);
      assert.match(body, /DEV_OFF.*--dev/);
    }
  }));

async function withOut(
  run: (handle: (method: string) => Promise<{ status: number; body: string }>) => Promise<void>,
): Promise<void> {
  const { composeNode } = await import('../../../../node/compose.ts');
  const { embeddedConfig } = await import('../../../../node/defaults.ts');
  const { SILENT_LOG } = await import('../../../../node/log.ts');
  const node = await composeNode(embeddedConfig({ workerCount: 0 }), { log: SILENT_LOG });
  try {
    assert.equal(node.services.dev, undefined);
    await run(async (method) => {
      const body = '{"method":"mine"}';
      const answer = await node.api.handle({ path: '/dev', method, headers: {}, body });
      return { status: answer.status, body: answer.body as string };
    });
  } finally {
    await node.close();
  }
}

test('what does not follow a chain that is taken back is refused', async () => {
  const { da } = (await import('../../../../node/defaults.ts')).embeddedConfig();
  const cases: Parameters<typeof openDevNode>[0][] = [
    { dbType: 'disk', dbPath: '/nowhere' },
    { da: { ...da, follow: true } },
    { da: { ...da, layer: { type: 'local', directory: '/nowhere' } } },
    { consensusKey: null },
  ];
  for (const over of cases) await assert.rejects(openDevNode(over), code('DEV_CONFLICT'));
});

test('the fuels SDK does not wait for blocks that a revert took away', { timeout: 10_000 }, () =>
  withNode(async (at) => {
    const provider = new Provider('http://revert.invalid/v1/graphql', { fetch: at.fetch });
    const alice = Wallet.fromPrivateKey(at.node.accounts[0]!.secret, provider);
    const snapshot = await at.dev.snapshot();
    const first = await alice.transfer(BOB, 1);
    await first.waitForResult();
    await at.dev.mine(3, null);
    await provider.getBlockNumber();
    await at.dev.revert(snapshot);
    const again = await alice.transfer(BOB, 2);
    assert.ok((await again.waitForResult()).isStatusSuccess);
  }),
);

test('the client of the node still works after the chain was replaced', () =>
  withNode(async (at) => {
    const files = await at.dev.dump();
    await at.dev.load(files);
    const client = createClient({ url: GRAPHQL_URL, fetch: at.fetch });
    const answer = await client.request<{ chain: { name: string } }>('{ chain { name } }');
    assert.equal(answer.chain.name, 'Local testnet');
  }));
