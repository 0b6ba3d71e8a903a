/** From events on Ethereum to coins on this chain: messages, forced transactions, restarts. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventInboxRoot, relayedEventId } from '../../../executor/relayed.ts';
import { composeNode, type Node } from '../../../node/compose.ts';
import { embeddedConfig } from '../../../node/defaults.ts';
import { SILENT_LOG } from '../../../node/log.ts';
import { decodeInboxLog } from '../../../settlement/index.ts';
import { maxGas } from '../../../tx/fees.ts';
import type { Input } from '../../../tx/types.ts';
import { FakeL1, forcedLog, messageLog, PORTAL, someBytes, word } from '../../support/fakeL1.ts';
import { serveL1 } from '../../support/fakeL1Server.ts';
import {
  coinOf,
  fundedChain,
  keyOf,
  roomyParams,
  scriptOf,
  signed,
  transferOf,
} from '../../support/funded.ts';
import { askApi } from '../../support/graphqlClient.ts';
import { until } from '../../support/until.ts';

const PARAMS = { ...roomyParams(), blockGasLimit: 10_000_000n };
const ALICE = keyOf(0);

async function nodeOn(t: TestContext, url: string, dbPath: string | null): Promise<Node> {
  const config = embeddedConfig({
    trigger: { type: 'never' },
    workerCount: 0,
    dbPath,
    dbType: dbPath === null ? 'in-memory' : 'disk',
    relayer: {
      urls: [url],
      contracts: [PORTAL],
      deployHeight: 0n,
      pageSize: 3,
      maxLogsPerPage: 100,
      minRoundMs: 5,
      syncingPollMs: 5,
      syncingLogMs: 5,
    },
  });
  const snapshot = fundedChain([coinOf(0), coinOf(1), coinOf(2)], [], PARAMS);
  const node = await composeNode(config, { log: SILENT_LOG, snapshot });
  t.after(() => node.close());
  await node.start();
  return node;
}

async function untilRead(l1: FakeL1, node: Node): Promise<void> {
  const read = (): bigint => node.services.relayer.progress()?.read ?? 0n;
  await until('all is read', () => read() >= BigInt(l1.final));
}

const STATUS = `query($id: RelayedTransactionId!) { relayedTransactionStatus(id: $id) {
  ... on RelayedTransactionFailed { blockHeight failure } } }`;

test('deposits can be spent, forced transactions run, failures are told', async (t) => {
  const l1 = new FakeL1();
  const server = await serveL1(l1);
  t.after(() => server.close());
  const forced = transferOf(coinOf(0), keyOf(9).address, 300_000n, PARAMS);
  const spent = transferOf(coinOf(77), keyOf(9).address, 1n, PARAMS);
  const gas = maxGas(forced.tx, PARAMS);
  l1.mine([messageLog(0, { amount: 5_000n, recipient: ALICE.address })]);
  l1.mine([forcedLog(1, gas, forced.raw), forcedLog(2, gas, someBytes(40))]);
  l1.mine([forcedLog(3, maxGas(spent.tx, PARAMS), spent.raw)]);
  l1.mine([]);
  l1.final = 3;
  const node = await nodeOn(t, server.url, null);
  const { store, blocks, txs } = node.services;
  await untilRead(l1, node);
  await blocks.produceBlocks(1, null);

  const events = l1.blocks.flatMap(({ logs }) => logs).map((log) => decodeInboxLog(log)!);
  assert.equal(store.latest.daHeight, 3n);
  assert.equal(store.latest.eventInboxRoot, eventInboxRoot(events));
  assert.equal(store.transaction(forced.id)?.success, true);
  assert.equal(store.transaction(forced.id)?.totalFee, 0n);
  assert.equal(await store.balanceOf(keyOf(9).address, PARAMS.baseAssetId), 300_000n);
  assert.equal(store.messageStatus(word(0)), 'UNSPENT');

  const statusOf = async (id: string): Promise<unknown> =>
    (await askApi(node.api, STATUS, { id })).data?.['relayedTransactionStatus'];
  assert.equal(await statusOf(forced.id), null);
  assert.deepEqual(await statusOf(relayedEventId(events[2]!)), {
    blockHeight: '1',
    failure: 'Failed to decode transaction',
  });
  const late = (await statusOf(spent.id)) as { failure: string };
  assert.match(late.failure, /^The specified coin\(/);

  const input: Input = {
    type: 'message',
    data: new Uint8Array(0),
    sender: word(1),
    recipient: ALICE.address,
    amount: 5_000n,
    nonce: word(0),
    witnessIndex: 0,
    predicateGasUsed: 0n,
    predicate: new Uint8Array(0),
    predicateData: new Uint8Array(0),
  };
  const spend = signed(scriptOf(coinOf(1), PARAMS, { inputs: [input] }), ALICE, PARAMS.chainId);
  await txs.submit(spend.raw);
  await blocks.produceBlocks(1, null);
  assert.equal(store.transaction(spend.id)?.success, true);
  assert.equal(store.messageStatus(word(0)), 'SPENT');
  assert.equal(store.latest.daHeight, 3n);
});

test('a node that comes back goes on with the next Ethereum block', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'relayed-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const l1 = new FakeL1();
  const server = await serveL1(l1);
  t.after(() => server.close());
  for (let nonce = 1; nonce <= 5; nonce++) l1.mine([messageLog(nonce)]);
  l1.final = 4;
  let node = await nodeOn(t, server.url, directory);
  await untilRead(l1, node);
  await node.services.blocks.produceBlocks(1, null);
  await node.close();
  l1.final = 5;
  l1.asked.length = 0;
  node = await nodeOn(t, server.url, directory);
  await untilRead(l1, node);
  await node.services.blocks.produceBlocks(2, null);
  const { store } = node.services;
  assert.deepEqual(l1.asked, [[5n, 5n]]);
  // Logs and the end of their page come from one machine.
  const pages = server.requests.filter((methods) => methods.includes('eth_getLogs'));
  assert.ok(pages.every((methods) => methods.includes('eth_getBlockByNumber')));
  assert.deepEqual(
    [1, 2, 3].map((height) => store.block(height)?.header.daHeight),
    [4n, 5n, 5n],
  );
  assert.equal((await store.messages(null, { limit: 10 })).length, 5);
});

test('closing does not wait for an endpoint that is down', async (t) => {
  const node = await nodeOn(t, 'http://127.0.0.1:9', null);
  const block = node.services.blocks.produceBlocks(1, null);
  const given = assert.rejects(block, /not followed any more/);
  await node.close();
  await given;
});
