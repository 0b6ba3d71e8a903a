/** Runs in a browser tab: a node there, the `fuels` SDK unmodified on it, and our own client. */
import { type JsonAbi, Predicate, Provider, Wallet } from 'fuels';
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
  /** Of transfers by `fuels`, from a wallet and from a predicate, and by our client. */
  readonly statuses: readonly string[];
  readonly balance: string;
  readonly height: number;
  /** Keys that our transfer declared. */
  readonly declared: number;
};

const BOOL = 'b760f44fa5965c2474a3b471467a22c43185152129295af588b022ae50b50903';
/** `fn main() -> bool`. */
const NO_ARGUMENTS: JsonAbi = {
  programType: 'predicate',
  specVersion: '1',
  encodingVersion: '1',
  concreteTypes: [{ type: 'bool', concreteTypeId: BOOL }],
  metadataTypes: [],
  functions: [{ name: 'main', inputs: [], output: BOOL, attributes: null }],
  loggedTypes: [],
  messagesTypes: [],
  configurables: [],
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

  // Whoever comes may spend its coins: RET $one.
  const anybody = new Predicate({ bytecode: '0x24040000', abi: NO_ARGUMENTS, provider });
  await (await alice.transfer(anybody.address, 100_000)).waitForResult();
  const taken = await (await anybody.transfer(bob.address, 1)).waitForResult();

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
    statuses: [first, String(taken.status), second.type],
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
