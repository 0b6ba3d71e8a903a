/** Balances of accounts, and what is known of assets. */
import type { Address, AssetId } from '../../primitives/types.ts';
import { U64_MAX } from '../../primitives/u64.ts';
import type { ApiContext, ResolverTable } from './context.ts';
import { mapConnection, type PageArgs, paginate } from './pagination.ts';
import { parseB256 } from './scalars.ts';

type BalanceNode = { owner: Address; assetId: AssetId; amount: bigint };

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
      { services: { store } }: ApiContext,
    ) => {
      const { owner } = args.filter;
      const page = await paginate(args, {
        parseCursor: parseB256,
        cursorOf: (row: { assetId: AssetId }) => row.assetId,
        has: async (assetId) => (await store.balanceOf(owner, assetId)) > 0n,
        rows: (range) => store.balancesOf(owner, range),
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
