/** Balances of accounts, and what is known of assets. */
import type { Address, AssetId } from '../../primitives/types.ts';
import { U64_MAX } from '../../primitives/u64.ts';
import type { ChainStore } from '../../state/types.ts';
import type { ApiContext, ResolverTable } from './context.ts';
import { mapConnection, type PageArgs, paginate } from './pagination.ts';
import { parseB256 } from './scalars.ts';

type BalanceNode = { owner: Address; assetId: AssetId; amount: bigint };

type Row = { assetId: AssetId; amount: bigint };

/** The base asset is the first row whatever its id is; the others go by id. */
async function baseFirst(
  store: ChainStore,
  owner: Address,
  baseAssetId: AssetId,
  range: { after: AssetId | undefined; reverse: boolean; limit: number },
): Promise<Row[]> {
  const { after, reverse, limit } = range;
  if (reverse && after === baseAssetId) return [];
  const from = after === baseAssetId ? undefined : after;
  const rows = await store.balancesOf(owner, { after: from, reverse, limit: limit + 1 });
  const others = rows.filter((row) => row.assetId !== baseAssetId);
  if (!reverse && after !== undefined) return others.slice(0, limit);
  const amount = await store.balanceOf(owner, baseAssetId);
  const base = amount > 0n ? [{ assetId: baseAssetId, amount }] : [];
  return (reverse ? [...others, ...base] : [...base, ...others]).slice(0, limit);
}

export const BALANCES: ResolverTable = {
  Query: {
    balance: async (
      _: unknown,
      { owner, assetId }: { owner: Address; assetId: AssetId },
      { services }: ApiContext,
    ): Promise<BalanceNode> => ({
      owner,
      assetId,
      amount: await services.store.balanceOf(owner, assetId),
    }),
    balances: async (
      _: unknown,
      args: PageArgs & { filter: { owner: Address } },
      { services }: ApiContext,
    ) => {
      const { store } = services;
      const { owner } = args.filter;
      const { baseAssetId } = services.params().params;
      const page = await paginate(args, {
        parseCursor: parseB256,
        cursorOf: (row: { assetId: AssetId }) => row.assetId,
        has: async (assetId) => (await store.balanceOf(owner, assetId)) > 0n,
        rows: (range) => baseFirst(store, owner, baseAssetId, range),
      });
      return mapConnection(page, (row): BalanceNode => ({ owner, ...row }));
    },
    assetDetails: (_: unknown, { id }: { id: AssetId }, { services }: ApiContext) =>
      services.store.assetDetails(id),
  },
  Balance: {
    // The older field saturates; the newer one is exact.
    amount: ({ amount }: BalanceNode) => (amount > U64_MAX ? U64_MAX : amount),
    amountU128: ({ amount }: BalanceNode) => amount,
  },
};
