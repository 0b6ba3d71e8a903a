/** Coins, and what can be spent. */
import { CodedError } from '../../primitives/errors.ts';
import type { Address, AssetId, Nonce, UtxoKey } from '../../primitives/types.ts';
import type { CoinRow } from '../../state/types.ts';
import {
  type Excluded,
  type Spendable,
  type SpendableMessage,
  selectCoins,
  tooManyExcluded,
} from './coinSelection.ts';
import type { ApiContext, ResolverTable } from './context.ts';
import { type PageArgs, paginate } from './pagination.ts';
import { parseUtxoKey } from './scalars.ts';

export type ExcludeInput = { utxos: UtxoKey[]; messages: Nonce[] };

type SpendQuery = {
  assetId: AssetId;
  amount: bigint;
  max?: number | null;
  allowPartial?: boolean | null;
};

/** @throws CodedError TOO_MANY_EXCLUDED */
export function excludedOf(input: ExcludeInput | null | undefined, maxInputs: number): Excluded {
  const utxos = input?.utxos ?? [];
  const messages = input?.messages ?? [];
  const count = utxos.length + messages.length;
  if (count > maxInputs) throw tooManyExcluded(count, maxInputs);
  return { utxos: new Set(utxos), messages: new Set(messages) };
}

async function coinsToSpend(
  { services }: ApiContext,
  owner: Address,
  queries: readonly SpendQuery[],
  excludedIds: ExcludeInput | null | undefined,
): Promise<Spendable[][]> {
  const { params } = services.params();
  const { maxInputs } = params.txParams;
  const excluded = excludedOf(excludedIds, maxInputs);
  if (new Set(queries.map((query) => query.assetId)).size < queries.length) {
    throw new CodedError('DUPLICATE_ASSETS', 'the query contains duplicate assets');
  }
  const selected: Spendable[][] = [];
  for (const query of queries.slice(0, maxInputs)) {
    const target = {
      assetId: query.assetId,
      amount: query.amount,
      max: Math.min(query.max ?? maxInputs, maxInputs),
      allowPartial: query.allowPartial === true,
    };
    selected.push(await selectCoins(services.store, owner, target, params.baseAssetId, excluded));
  }
  return selected;
}

export const COINS: ResolverTable = {
  Query: {
    coin: (_: unknown, { utxoId }: { utxoId: UtxoKey }, { services }: ApiContext) => {
      const coin = services.store.coin(utxoId);
      return coin && { key: utxoId, ...coin };
    },
    coins: (
      _: unknown,
      args: PageArgs & { filter: { owner: Address; assetId?: AssetId | null } },
      { services: { store } }: ApiContext,
    ) => {
      const { owner, assetId } = args.filter;
      return paginate(args, {
        parseCursor: parseUtxoKey,
        cursorOf: (row: CoinRow) => row.key,
        has: (key) => {
          const coin = store.coin(key);
          return coin?.owner === owner && (assetId == null || coin.assetId === assetId);
        },
        rows: (range) => store.coins(owner, assetId ?? null, range),
      });
    },
    coinsToSpend: (
      _: unknown,
      args: { owner: Address; queryPerAsset: SpendQuery[]; excludedIds?: ExcludeInput | null },
      context: ApiContext,
    ) => coinsToSpend(context, args.owner, args.queryPerAsset, args.excludedIds),
  },
  CoinType: {
    __resolveType: (coin: Spendable) => (coin.type === 'coin' ? 'Coin' : 'MessageCoin'),
  },
  Coin: {
    utxoId: (coin: CoinRow) => coin.key,
    blockCreated: (coin: CoinRow) => coin.txPointer.blockHeight,
    txCreatedIdx: (coin: CoinRow) => coin.txPointer.txIndex,
  },
  MessageCoin: {
    assetId: (_: SpendableMessage, __: unknown, { services }: ApiContext) =>
      services.params().params.baseAssetId,
  },
};
