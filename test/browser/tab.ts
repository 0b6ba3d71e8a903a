/** Runs in a browser tab: a node there, the `fuels` SDK unmodified on it, and our own client. */
import { Provider, Wallet } from 'fuels';
import { hexToBytes } from '../../primitives/bytes.ts';
import type { Address } from '../../primitives/types.ts';
import {
  createClient,
  createNode,
  getBalances,
  getChainInfo,
  planTransfer,
  signTransfer,
  submitAndWait,
} from '../../sdk/index.ts';

export type TabReport = {
  /** Of the transfers by `fuels` and by our client. */
  readonly statuses: readonly string[];
  readonly balance: string;
  readonly height: number;
  /** Keys that our transfer declared. */
  readonly declared: number;
};

async function run(): Promise<TabReport> {
  const node = await createNode();
  const provider = new Provider(node.url, { fetch: node.fetch as typeof fetch });
  const [funded] = node.accounts;
  if (funded === undefined) throw new Error('the built-in chain has a funded account');
  const alice = Wallet.fromPrivateKey(funded.secret, provider);
  const bob = Wallet.generate({ provider });
  const sent = await alice.transfer(bob.address, 1_000_000);
  const first = String((await sent.waitForResult()).status);

  const client = createClient({ url: node.url, fetch: node.fetch });
  const { baseAssetId } = await getChainInfo(client);
  const to = bob.address.toB256() as Address;
  const payment = { to, assetId: baseAssetId, amount: 234n };
  const plan = await planTransfer(client, funded.address, [payment]);
  const second = await submitAndWait(client, signTransfer(plan, hexToBytes(funded.secret)));

  const [balance] = await getBalances(client, to);
  const { height } = await getChainInfo(client);
  await node.close();
  return {
    statuses: [first, second.type],
    balance: String(balance?.amount),
    height,
    declared: plan.access.writes.length,
  };
}

const place = globalThis as { report?: TabReport | { readonly error: string } };
run().then(
  (report) => {
    place.report = report;
  },
  (error: unknown) => {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    place.report = { error: why };
  },
);
