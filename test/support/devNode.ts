/** A node with development controls inside a test, without a socket. */
import { composeNode, type Node } from '../../node/compose.ts';
import type { NodeConfig } from '../../node/config.ts';
import { embeddedConfig } from '../../node/defaults.ts';
import type { DevControls } from '../../node/dev/types.ts';
import { fetchOver } from '../../node/inProcessFetch.ts';
import { SILENT_LOG } from '../../node/log.ts';
import { hexToBytes } from '../../primitives/bytes.ts';
import type { Address, AssetId } from '../../primitives/types.ts';
import { type Client, createClient } from '../../sdk/client/graphql.ts';
import { submitAndWait } from '../../sdk/client/transactions.ts';
import { planTransfer, signTransfer } from '../../sdk/client/transfer.ts';
import type { ScriptTx } from '../../tx/types.ts';

export const GRAPHQL_URL = 'http://fuelrail.invalid/v1/graphql';

export type DevNode = {
  readonly node: Node;
  readonly dev: DevControls;
  readonly client: Client;
  readonly fetch: ReturnType<typeof fetchOver>;
  readonly baseAsset: AssetId;
};

/** Gas price 1, serial, instant blocks. */
export async function openDevNode(over: Partial<NodeConfig> = {}): Promise<DevNode> {
  const price = { ...embeddedConfig().gasPrice, startingExecPrice: 1n, minExecPrice: 1n };
  const config = embeddedConfig({ workerCount: 0, dev: true, gasPrice: price, ...over });
  const node = await composeNode(config, { log: SILENT_LOG });
  await node.start();
  const { dev } = node.services;
  if (dev === undefined) throw new Error('a node with dev has controls');
  const fetch = fetchOver(node.api);
  const client = createClient({ url: GRAPHQL_URL, fetch });
  const { baseAssetId } = node.services.params().params;
  return { node, dev, client, fetch, baseAsset: baseAssetId };
}

/** A signed transfer from the first account. */
export async function transferTo(at: DevNode, to: Address, amount: bigint): Promise<ScriptTx> {
  const { address, secret } = at.node.accounts[0]!;
  const plan = await planTransfer(at.client, address, [{ to, assetId: at.baseAsset, amount }]);
  return signTransfer(plan, hexToBytes(secret));
}

/** Sends and waits for the block. */
export async function pay(at: DevNode, to: Address, amount: bigint): Promise<void> {
  const status = await submitAndWait(at.client, await transferTo(at, to, amount));
  if (status.type !== 'success') throw new Error(`the transfer ended as ${status.type}`);
}

export function balance(at: DevNode, owner: Address): Promise<bigint> {
  return at.node.services.store.balanceOf(owner, at.baseAsset);
}

/** Answer of `POST /dev`. */
export async function callDev(
  node: Node,
  method: string,
  params: object = {},
): Promise<{ status: number; result?: any; error?: { code: string; message: string } }> {
  const body = JSON.stringify({ method, params });
  const answer = await node.api.handle({ path: '/dev', method: 'POST', headers: {}, body });
  return { status: answer.status, ...JSON.parse(answer.body as string) };
}
