/** What an address did. */
import { hexToBytes } from '../../primitives/bytes.ts';
import { tai64ToUnix } from '../../primitives/tai64.ts';
import type { Address, AssetId, TxId } from '../../primitives/types.ts';
import { decodeTx } from '../../tx/codec/index.ts';
import type { Transaction } from '../../tx/types.ts';
import type { Client } from './graphql.ts';

/** A transaction of the address. Times in Unix seconds; amounts in asset units. */
export type HistoryEntry = {
  readonly id: TxId;
  readonly kind: Transaction['type'];
  readonly status: 'success' | 'failure' | 'pending';
  /** Why it failed; null otherwise. */
  readonly reason: string | null;
  readonly blockHeight: number | null;
  readonly unixSeconds: bigint | null;
  /** What the address has more (or, negative, less) of since. */
  readonly net: readonly { assetId: AssetId; amount: bigint }[];
};

const QUERY = `query history($owner: Address!, $last: Int!, $before: String) {
  transactionsByOwner(owner: $owner, last: $last, before: $before) {
    nodes {
      id
      rawPayload
      status {
        __typename
        ... on SuccessStatus { blockHeight time }
        ... on FailureStatus { blockHeight time reason }
      }
    }
  }
}`;

type Row = {
  id: TxId;
  rawPayload: string;
  status: { __typename: string; blockHeight?: string; time?: string; reason?: string } | null;
};

function netOf(tx: Transaction, owner: Address, baseAssetId: AssetId): HistoryEntry['net'] {
  const sums = new Map<AssetId, bigint>();
  const add = (assetId: AssetId, amount: bigint): void => {
    sums.set(assetId, (sums.get(assetId) ?? 0n) + amount);
  };
  if (tx.type === 'mint') return [];
  for (const input of tx.inputs) {
    if (input.type === 'coin' && input.owner === owner) add(input.assetId, -input.amount);
    if (input.type === 'message' && input.recipient === owner) add(baseAssetId, -input.amount);
  }
  for (const output of tx.outputs) {
    if ('to' in output && output.to === owner) add(output.assetId, output.amount);
  }
  return [...sums].flatMap(([assetId, amount]) => (amount === 0n ? [] : [{ assetId, amount }]));
}

/** The newest `count` transactions of an address, newest first. */
export async function getHistory(
  client: Client,
  owner: Address,
  options: { readonly count: number; readonly baseAssetId: AssetId },
): Promise<HistoryEntry[]> {
  const variables = { owner, last: options.count };
  type Answer = { transactionsByOwner: { nodes: Row[] } };
  const { transactionsByOwner } = await client.request<Answer>(QUERY, variables);
  const entries = transactionsByOwner.nodes.map(({ id, rawPayload, status }): HistoryEntry => {
    const { tx } = decodeTx(hexToBytes(rawPayload));
    const isIn = status?.blockHeight !== undefined;
    return {
      id,
      kind: tx.type,
      status: !isIn ? 'pending' : status.__typename === 'SuccessStatus' ? 'success' : 'failure',
      reason: status?.reason ?? null,
      blockHeight: isIn ? Number(status.blockHeight) : null,
      unixSeconds: status?.time === undefined ? null : tai64ToUnix(BigInt(status.time)),
      net: netOf(tx, owner, options.baseAssetId),
    };
  });
  return entries.sort((a, b) => (b.blockHeight ?? Infinity) - (a.blockHeight ?? Infinity));
}
