/** Nodes for applications: the same handle in each place, nothing left behind. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Provider, Wallet } from 'fuels';
import { hexToBytes } from '../../../primitives/bytes.ts';
import { CodedError } from '../../../primitives/errors.ts';
import type { Address } from '../../../primitives/types.ts';
import { createClient } from '../../../sdk/client/graphql.ts';
import { submitAndFollow } from '../../../sdk/client/transactions.ts';
import { planTransfer, signTransfer } from '../../../sdk/client/transfer.ts';
import { createNode } from '../../../sdk/createNode.ts';
import { devClient } from '../../../sdk/dev/client.ts';

const BOB: Address = `0x${'b0'.repeat(32)}`;

for (const place of ['process', 'worker', 'spawn'] as const) {
  test(`in ${place}: fuels, a subscription and development controls work`, async () => {
    const node = await createNode({ in: place, dev: true });
    try {
      const provider = new Provider(node.url, { fetch: node.fetch });
      const { secret, address } = node.accounts[0]!;
      const alice = Wallet.fromPrivateKey(secret, provider);
      const sent = await alice.transfer(BOB, 5);
      assert.ok((await sent.waitForResult()).isStatusSuccess);
      const client = createClient({ url: node.url, fetch: node.fetch });
      const baseAsset = await provider.getBaseAssetId();
      const payment = { to: BOB, assetId: baseAsset as Address, amount: 6n };
      const plan = await planTransfer(client, address, [payment]);
      const tx = signTransfer(plan, hexToBytes(secret));
      const statuses: string[] = [];
      for await (const { type } of submitAndFollow(client, tx)) statuses.push(type);
      assert.equal(statuses[0], 'submitted');
      assert.equal(statuses.at(-1), 'success');
      const dev = devClient(node);
      const id = await dev.snapshot();
      assert.equal((await dev.mine(3)).height, 5);
      assert.equal((await dev.revert(id)).height, 2);
    } finally {
      await node.close();
      await node.close();
    }
    await assert.rejects(
      createClient(node).request('{ health }'),
      /NODE_UNREACHABLE|no node answers/,
    );
  });

  test(`in ${place}: what is wrong is said`, async () => {
    await assert.rejects(
      createNode({ in: place, snapshot: '/nowhere' }),
      (thrown) => thrown instanceof CodedError && thrown.code === 'SNAPSHOT_INVALID',
    );
  });
}

test('a place that there is not', async () => {
  const nowhere = { in: 'moon' } as unknown as Parameters<typeof createNode>[0];
  await assert.rejects(createNode(nowhere), /in is one of process, worker, spawn/);
});
