/** A fork goes on from another node's chain: read lazily, kept on disk, replayed offline. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fetchChain } from '../../node/dev/fork/remote.ts';
import { paramsOf } from '../../node/dev/fork/snapshot.ts';
import { bytesToHex, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { B256 } from '../../primitives/types.ts';
import { getBalances } from '../../sdk/client/balances.ts';
import { createClient } from '../../sdk/client/graphql.ts';
import { inferAccess } from '../../sdk/client/inferAccess.ts';
import { submitAndWait } from '../../sdk/client/transactions.ts';
import { planTransfer, signTransfer } from '../../sdk/client/transfer.ts';
import { createNode, type EmbeddedNode } from '../../sdk/createNode.ts';
import { devClient } from '../../sdk/dev/client.ts';
import { localChain } from '../../state/localChain.ts';
import { CONTRACT_CODE, callerScript } from '../support/callContract.ts';

const BOB: B256 = `0x${'b0'.repeat(32)}`;
const SLOT: B256 = `0x${'01'.padStart(64, '0')}`;
const HEIGHT = 4;

let remote: EmbeddedNode;
let contract: B256;
let dir: string;

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'fuelrail-fork-'));
  remote = await createNode({ in: 'spawn', dev: true });
  const dev = devClient(remote);
  contract = await dev.setContract({ code: '0x24040000', slots: [{ key: SLOT, value: '0xabcd' }] });
  await dev.setContractBalance(contract, SLOT, 7n);
  await pay(remote, 11n);
  await dev.mine(HEIGHT - 1);
});
after(async () => {
  await remote.close();
  rmSync(dir, { recursive: true, force: true });
});

async function baseAsset(node: EmbeddedNode): Promise<B256> {
  const query = '{ chain { consensusParameters { baseAssetId } } }';
  type Answer = { chain: { consensusParameters: { baseAssetId: B256 } } };
  return (await createClient(node).request<Answer>(query)).chain.consensusParameters.baseAssetId;
}

/** From the account whose key everybody knows. */
async function pay(node: EmbeddedNode, amount: bigint): Promise<void> {
  const { address, secret } = remote.accounts[0]!;
  const client = createClient(node);
  const payments = [{ to: BOB, assetId: await baseAsset(node), amount }];
  const plan = await planTransfer(client, address, payments);
  const status = await submitAndWait(client, signTransfer(plan, hexToBytes(secret)));
  assert.equal(status.type, 'success');
}

const bobHas = async (node: EmbeddedNode): Promise<bigint> =>
  (await getBalances(createClient(node), BOB)).reduce((sum, { amount }) => sum + amount, 0n);

type Storage = { readonly code: string; readonly slot: string | null; readonly balance: string };

async function storageOf(node: EmbeddedNode): Promise<Storage> {
  const query = `query q($id: ContractId!, $asset: AssetId!) {
    contract(id: $id) { bytecode } contractBalance(contract: $id, asset: $asset) { amount } }`;
  type Answer = { contract: { bytecode: string }; contractBalance: { amount: string } };
  const answer = await createClient(node).request<Answer>(query, { id: contract, asset: SLOT });
  const path = `/v1/fuelrail/contract/${contract}/slot/${SLOT}`;
  const slot = await (await node.fetch(new URL(path, node.url))).json();
  return {
    code: answer.contract.bytecode,
    slot: (slot as { value: string | null }).value,
    balance: answer.contractBalance.amount,
  };
}

/** What both a fork and its replay can do. */
async function useFork(node: EmbeddedNode): Promise<void> {
  const dev = devClient(node);
  const { height } = await dev.status();
  assert.equal(height, HEIGHT + 1);
  const seen = { code: '0x24040000', slot: '0xabcd', balance: '7' };
  assert.deepEqual(await storageOf(node), seen);
  assert.equal(await bobHas(node), 11n);
  const snapshot = await dev.snapshot();
  await pay(node, 5n);
  await pay(node, 6n);
  assert.equal(await bobHas(node), 22n);
  await dev.setContractSlot(contract, SLOT, null);
  await dev.setContractBalance(contract, SLOT, 0n);
  assert.deepEqual(await storageOf(node), { ...seen, slot: null, balance: '0' });
  await dev.revert(snapshot);
  assert.deepEqual(await storageOf(node), seen);
  assert.equal(await bobHas(node), 11n);
}

test('a fork reads what it needs, changes nothing over there, and is replayed without it', async () => {
  const fork = { url: remote.url, cacheDir: dir };
  const node = await createNode({ fork });
  try {
    await useFork(node);
    const { fork: status } = await devClient(node).status();
    assert.equal(status?.height, HEIGHT);
    assert.equal(status?.storage, 'newest');
    assert.ok((status?.fetched ?? 0) > 5);
    await assert.rejects(devClient(node).dump(), /--fork-cache/);
  } finally {
    await node.close();
  }
  assert.equal(await bobHas(remote), 11n);
  // Later blocks over there do not change what was recorded.
  await pay(remote, 100n);

  const offline = await createNode({
    fork: { url: 'http://127.0.0.1:9', cacheDir: dir, offline: true },
  });
  try {
    await useFork(offline);
    assert.equal((await devClient(offline).status()).fork?.fetched, 0);
    const unknown = `{ contract(id: "0x${'99'.repeat(32)}") { bytecode } }`;
    await assert.rejects(createClient(offline).request(unknown), /run once without --fork-offline/);
  } finally {
    await offline.close();
  }
});

test('coins that were made after the height of the fork are not there', async () => {
  const node = await createNode({ fork: { url: remote.url, height: HEIGHT } });
  try {
    const client = createClient(node);
    const query = `{ coins(filter: { owner: "${BOB}" }, first: 10) { nodes { amount } } }`;
    type Answer = { coins: { nodes: { amount: string }[] } };
    const { coins } = await client.request<Answer>(query);
    assert.deepEqual(
      coins.nodes.map(({ amount }) => amount),
      ['11'],
    );
  } finally {
    await node.close();
  }
});

/** The other node as fuel-core without a history: GraphQL only. */
async function plainProxy(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    if (request.url !== '/v1/graphql') {
      response.writeHead(404).end();
      return;
    }
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(remote.url, { method: 'POST', headers, body });
    response.writeHead(200, headers).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/graphql`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('storage that is shown to nobody is learnt from runs of the transactions that read it', async () => {
  const called: B256 = `0x${'ca'.repeat(32)}`;
  const key = 7n;
  const slot: B256 = `0x${key.toString(16).padStart(64, '0')}`;
  const value: `0x${string}` = `0x${41n.toString(16).padStart(16, '0')}${'00'.repeat(24)}`;
  const dev = devClient(remote);
  await dev.setContract({
    code: bytesToHex(CONTRACT_CODE),
    contractId: called,
    slots: [{ key: slot, value }],
  });
  const proxy = await plainProxy();
  // The proxy lives in this thread, which must not stand still.
  const node = await createNode({ in: 'worker', fork: { url: proxy.url } });
  try {
    const client = createClient(node);
    assert.equal((await devClient(node).status()).fork?.storage, 'runs');
    const { address } = remote.accounts[0]!;
    const assetId = await baseAsset(node);
    const { tx } = await planTransfer(client, address, [{ to: BOB, assetId, amount: 5n }]);
    const call = { contractId: called, operations: 0n, key, coins: 0n };
    const start = { ...tx, ...callerScript([call], assetId, null), scriptGasLimit: 1_000_000n };
    const { outcome } = await inferAccess(client, start);
    const returned = outcome.receipts.find(
      (receipt) => receipt.type === 'return' && receipt.id === called,
    );
    assert.ok(returned?.type === 'return', String(outcome.reason));
    assert.equal(returned.val, 42n);
  } finally {
    await node.close();
    await proxy.close();
  }
});

test('the parameters of the other chain are read exactly', async () => {
  const chain = await fetchChain(remote.url, null);
  assert.deepEqual(paramsOf(chain.params), localChain().chainConfig.consensusParameters);
});

test('what cannot be forked is said', async () => {
  const cases: readonly [Parameters<typeof createNode>[0], string][] = [
    [{ fork: { url: 'http://127.0.0.1:9/v1/graphql' } }, 'FORK_REMOTE'],
    [{ fork: { url: remote.url, height: 1_000_000 } }, 'FORK_HEIGHT'],
    [{ fork: { url: remote.url, cacheDir: join(dir, 'none'), offline: true } }, 'FORK_OFFLINE'],
    [{ fork: { url: remote.url, cacheDir: dir, height: 1 } }, 'FORK_CACHE'],
  ];
  for (const [options, code] of cases) {
    await assert.rejects(
      createNode(options),
      (thrown) => thrown instanceof CodedError && thrown.code === code,
      code,
    );
  }
});

test('a cache with half a line at its end is taken, a damaged one is not', async () => {
  const file = join(dir, 'fork.jsonl');
  appendFileSync(file, '["coin:0x');
  const settings = { url: remote.url, cacheDir: dir, offline: true };
  const node = await createNode({ fork: settings });
  await node.close();
  const whole = readFileSync(file, 'utf8');
  assert.ok(whole.endsWith('\n') && !whole.includes('["coin:0x\n'));
  appendFileSync(file, `no JSON\n${whole.split('\n')[0]}\n`);
  await assert.rejects(createNode({ fork: settings }), /damaged/);
});
