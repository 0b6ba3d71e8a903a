/** What a transaction's inputs leave to spend after its fee and its coin outputs. */
import type { AssetId } from '../../primitives/types.ts';
import type { ChargeableTx } from '../types.ts';
import type { ValidityError } from './error.ts';
import { isDataMessage } from './inputs.ts';

const U64_MAX = 0xffff_ffff_ffff_ffffn;

export type CheckedBalances = {
  /**
   * Free balance of each asset of coins and plain messages, less the max fee and coin outputs;
   * always has the base asset. Ascending by asset id.
   */
  readonly nonRetryable: Map<AssetId, bigint>;
  /** Sum of the data messages, in the base asset: usable by the script only. */
  readonly retryableBase: bigint;
  /** The max-fee policy, already deducted from `nonRetryable`. */
  readonly maxFee: bigint;
};

type Sums = { readonly coins: Map<AssetId, bigint>; readonly retryable: bigint };

/** null when a sum does not fit 64 bits. */
function sumInputs(tx: ChargeableTx, baseAssetId: AssetId): Sums | null {
  const coins = new Map<AssetId, bigint>();
  let retryable = 0n;
  for (const input of tx.inputs) {
    if (input.type === 'contract') continue;
    if (isDataMessage(input)) {
      retryable += input.amount;
      if (retryable > U64_MAX) return null;
      continue;
    }
    const asset = input.type === 'coin' ? input.assetId : baseAssetId;
    const sum = (coins.get(asset) ?? 0n) + input.amount;
    if (sum > U64_MAX) return null;
    coins.set(asset, sum);
  }
  return { coins, retryable };
}

function insufficient(asset: AssetId, expected: bigint, provided: bigint): ValidityError {
  return { name: 'InsufficientInputAmount', fields: { asset, expected, provided } };
}

function spendCoinOutputs(tx: ChargeableTx, coins: Map<AssetId, bigint>): ValidityError | null {
  for (const output of tx.outputs) {
    if (output.type !== 'coin') continue;
    const provided = coins.get(output.assetId);
    if (provided === undefined) {
      return { name: 'TransactionOutputCoinAssetIdNotFound', fields: { 0: output.assetId } };
    }
    if (provided < output.amount) return insufficient(output.assetId, output.amount, provided);
    coins.set(output.assetId, provided - output.amount);
  }
  return null;
}

function sorted(coins: Map<AssetId, bigint>): Map<AssetId, bigint> {
  if (coins.size < 2) return coins;
  return new Map([...coins].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Balances at the start of execution, or the rule that they break. */
export function checkedBalances(
  tx: ChargeableTx,
  baseAssetId: AssetId,
): { ok: true; balances: CheckedBalances } | { ok: false; error: ValidityError } {
  const sums = sumInputs(tx, baseAssetId);
  if (sums === null) return { ok: false, error: { name: 'BalanceOverflow' } };
  const { maxFee } = tx.policies;
  if (maxFee === undefined) return { ok: false, error: { name: 'TransactionMaxFeeNotSet' } };
  const { coins, retryable } = sums;
  const base = coins.get(baseAssetId) ?? 0n;
  if (base < maxFee) {
    const fields = { expected: maxFee, provided: base };
    return { ok: false, error: { name: 'InsufficientFeeAmount', fields } };
  }
  coins.set(baseAssetId, base - maxFee);
  const error = spendCoinOutputs(tx, coins);
  if (error !== null) return { ok: false, error };
  return { ok: true, balances: { nonRetryable: sorted(coins), retryableBase: retryable, maxFee } };
}
