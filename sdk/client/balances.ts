/** Balances and coins of an address. */
import type { Address, AssetId } from '../../primitives/types.ts';
import type { Client } from './graphql.ts';

export type Balance = { readonly assetId: AssetId; readonly amount: bigint };

/** An unspent coin. `utxoId`: transaction id and output index as the API writes them. */
export type OwnedCoin = {
  readonly utxoId: string;
  readonly assetId: AssetId;
  readonly amount: bigint;
  readonly blockHeight: number;
};

/** Rows asked for at once. */
const PAGE_ROWS = 500;

type Page<T> = { pageInfo: { hasNextPage: boolean; endCursor: string | null }; nodes: T[] };

const BALANCES = `query balances($owner: Address!, $first: Int!, $after: String) {
  balances(filter: { owner: $owner }, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { assetId amountU128 }
  }
}`;

const COINS = `query coins($filter: CoinFilterInput!, $first: Int!, $after: String) {
  coins(filter: $filter, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { utxoId assetId amount blockCreated }
  }
}`;

async function allPages<T>(page: (after: string | null) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  let after: string | null = null;
  for (;;) {
    const { pageInfo, nodes }: Page<T> = await page(after);
    all.push(...nodes);
    if (!pageInfo.hasNextPage) return all;
    after = pageInfo.endCursor;
  }
}

/** Every asset that the address holds. */
export async function getBalances(client: Client, owner: Address): Promise<Balance[]> {
  type Row = { assetId: AssetId; amountU128: string };
  const rows = await allPages(async (after) => {
    const variables = { owner, first: PAGE_ROWS, after };
    return (await client.request<{ balances: Page<Row> }>(BALANCES, variables)).balances;
  });
  return rows.map(({ assetId, amountU128 }) => ({ assetId, amount: BigInt(amountU128) }));
}

/** Every unspent coin of the address, of one asset or of all. */
export async function getCoins(
  client: Client,
  owner: Address,
  assetId?: AssetId,
): Promise<OwnedCoin[]> {
  type Row = { utxoId: string; assetId: AssetId; amount: string; blockCreated: string };
  const filter = assetId === undefined ? { owner } : { owner, assetId };
  const rows = await allPages(async (after) => {
    const variables = { filter, first: PAGE_ROWS, after };
    return (await client.request<{ coins: Page<Row> }>(COINS, variables)).coins;
  });
  return rows.map((row) => ({
    utxoId: row.utxoId,
    assetId: row.assetId,
    amount: BigInt(row.amount),
    blockHeight: Number(row.blockCreated),
  }));
}
