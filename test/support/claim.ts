/** What a claim on Ethereum needs, from a node's own API. */
import assert from 'node:assert/strict';
import type { Hex } from 'viem';
import type { Node } from '../../node/compose.ts';
import { fetchOver } from '../../node/inProcessFetch.ts';
import type { TxId } from '../../primitives/types.ts';
import { createClient } from '../../sdk/client/graphql.ts';
import { getMessageProof, getWithdrawals } from '../../sdk/client/withdrawals.ts';
import {
  connectRpc,
  findCommit,
  openChainState,
  type RelayArguments,
  relayArguments,
} from '../../settlement/index.ts';

const clientOf = (node: Node): ReturnType<typeof createClient> =>
  createClient({ url: 'http://node', fetch: fetchOver(node.api) as typeof fetch });

/** Where the only message of a transaction stands on Ethereum. */
export async function commitOf(
  node: Node,
  id: string,
  ethereum: string,
  chainState: Hex,
): ReturnType<typeof findCommit> {
  const { blockHeight } = await getWithdrawals(clientOf(node), id as TxId);
  const { store } = node.services;
  const contract = await openChainState(await connectRpc(ethereum), chainState, chainState);
  return findCommit(contract, blockHeight, store.latest.height, async (height) =>
    store.blockId(height),
  );
}

/** Arguments of `relayMessage` for the only message of a transaction. */
export async function claimOf(node: Node, id: string, rootHeight: number): Promise<RelayArguments> {
  const client = clientOf(node);
  const { messages } = await getWithdrawals(client, id as TxId);
  assert.equal(messages.length, 1);
  return relayArguments(await getMessageProof(client, id as TxId, messages[0]!.nonce, rootHeight));
}
