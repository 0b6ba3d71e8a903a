/**
 * Which coins to spend for an amount. Biggest first until twice the amount is met, so that the
 * change is worth having; the choice depends on the state and the request only.
 *
 * @source behaviour of fuel-core 0.48.2 `coins_query` with its index, without the random dust
 */

import type { MessageRecord } from '../../executor/ports.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { Address, AssetId, Nonce, UtxoKey } from '../../primitives/types.ts';
import type { ChainStore, CoinRow } from '../../state/types.ts';

export type SpendableCoin = { readonly type: 'coin' } & CoinRow;
export type SpendableMessage = { readonly type: 'message' } & MessageRecord;
export type Spendable = SpendableCoin | SpendableMessage;

export type Excluded = { readonly utxos: Set<UtxoKey>; readonly messages: Set<Nonce> };

export type SpendTarget = {
  readonly assetId: AssetId;
  /** u128. */
  readonly amount: bigint;
  /** Coins at most. */
  readonly max: number;
  /** Return what there is instead of failing. */
  readonly allowPartial: boolean;
};

/** Messages that are read at a time. */
const MESSAGE_BATCH = 512;

const bare = (id: string): string => id.slice(2);

/** The text is parsed by SDKs. */
export function insufficientCoins(owner: Address, assetId: AssetId, collected: bigint): CodedError {
  return new CodedError(
    'INSUFFICIENT_COINS',
    `the target cannot be met due to insufficient coins available for ${bare(assetId)}. ` +
      `Collected: ${collected}. Owner: ${bare(owner)}.`,
  );
}

/** The text is parsed by SDKs. */
export function maxCoinsReached(
  owner: Address,
  assetId: AssetId,
  collected: bigint,
  max: number,
): CodedError {
  return new CodedError(
    'MAX_COINS_REACHED',
    `the target for ${bare(assetId)} cannot be met due to exceeding the ${max} coin limit. ` +
      `Collected: ${collected}. Owner: ${bare(owner)}.`,
  );
}

export function tooManyExcluded(provided: number, allowed: number): CodedError {
  return new CodedError(
    'TOO_MANY_EXCLUDED',
    `too many excluded ids: provided (${provided}) is > than allowed (${allowed})`,
  );
}

export function tooManyCoins(required: number, max: number): CodedError {
  return new CodedError(
    'TOO_MANY_COINS',
    'the query requires more coins than the max allowed coins: ' +
      `required (${required}) > max (${max})`,
  );
}

async function spendableMessages(
  store: ChainStore,
  owner: Address,
  excluded: Excluded,
): Promise<SpendableMessage[]> {
  const found: SpendableMessage[] = [];
  let after: Nonce | undefined;
  for (;;) {
    const batch = await store.messages(owner, { after, limit: MESSAGE_BATCH });
    for (const message of batch) {
      if (message.data.length === 0 && !excluded.messages.has(message.nonce)) {
        found.push({ type: 'message', ...message });
      }
    }
    after = batch.at(-1)?.nonce;
    if (batch.length < MESSAGE_BATCH) return found;
  }
}

const keyOf = (coin: Spendable): string => (coin.type === 'coin' ? coin.key : coin.nonce);

function byAmountDown(a: Spendable, b: Spendable): number {
  if (a.amount !== b.amount) return a.amount > b.amount ? -1 : 1;
  return keyOf(a) < keyOf(b) ? -1 : 1;
}

/** The biggest `limit` resources, those excluded left out. */
async function biggest(
  store: ChainStore,
  owner: Address,
  assetId: AssetId,
  baseAssetId: AssetId,
  excluded: Excluded,
  limit: number,
): Promise<Spendable[]> {
  const rows = await store.coinsByAmount(owner, assetId, limit + excluded.utxos.size);
  const coins: Spendable[] = rows
    .filter((row) => !excluded.utxos.has(row.key))
    .map((row) => ({ type: 'coin', ...row }));
  if (assetId === baseAssetId) coins.push(...(await spendableMessages(store, owner, excluded)));
  return coins.sort(byAmountDown).slice(0, limit);
}

/**
 * @throws CodedError INSUFFICIENT_COINS, MAX_COINS_REACHED; with `allowPartial` only when there is
 *   nothing at all
 */
export async function selectCoins(
  store: ChainStore,
  owner: Address,
  target: SpendTarget,
  baseAssetId: AssetId,
  excluded: Excluded,
): Promise<Spendable[]> {
  const { assetId, amount, max, allowPartial } = target;
  if (amount === 0n || max === 0) return [];
  const ordered = await biggest(store, owner, assetId, baseAssetId, excluded, max + 1);
  const selected: Spendable[] = [];
  let collected = 0n;
  for (const coin of ordered) {
    if (selected.length === max || collected >= amount * 2n) break;
    selected.push(coin);
    collected += coin.amount;
  }
  if (collected >= amount || (allowPartial && collected > 0n)) return selected;
  if (selected.length === max && ordered.length > max) {
    throw maxCoinsReached(owner, assetId, collected, max);
  }
  throw insufficientCoins(owner, assetId, collected);
}
