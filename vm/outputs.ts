/**
 * What an execution does to the outputs of its transaction.
 *
 * @source fuel-vm 0.66.4, post-execution
 */
import type { AssetId } from '../primitives/types.ts';
import { refundFee } from '../tx/fees.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { ChargeableTx } from '../tx/types.ts';
import type { CheckedBalances } from '../tx/validity/balances.ts';

const U64_MAX = (1n << 64n) - 1n;

/** What the change outputs are filled from. */
export type Settlement = {
  readonly params: ConsensusParameters;
  readonly gasPrice: bigint;
  readonly gasUsed: bigint;
  readonly reverted: boolean;
  readonly checked: CheckedBalances;
  /** Free balance at the end, per asset. */
  readonly remaining: (asset: AssetId) => bigint;
};

/**
 * Fills change outputs, and zeroes the amounts of variable outputs after a revert.
 *
 * `tx` is the transaction as the VM holds it, with malleable fields zeroed: the gas that predicates
 * used does not count in its min gas here, so it is refunded.
 * @returns null when done, else the name of the reason why the VM gives no result.
 */
export function settleOutputs(tx: ChargeableTx, how: Settlement): string | null {
  const refund = refundFee(tx, how.params, how.gasUsed, how.gasPrice);
  if (refund === null) return 'UncomputableRefund';
  for (const output of tx.outputs) {
    if (output.type === 'variable' && how.reverted) output.amount = 0n;
    if (output.type !== 'change') continue;
    const free = how.reverted
      ? (how.checked.nonRetryable.get(output.assetId) ?? 0n)
      : how.remaining(output.assetId);
    const amount = output.assetId === how.params.baseAssetId ? free + refund : free;
    if (amount > U64_MAX) return 'UncomputableRefund';
    output.amount = amount;
  }
  return null;
}
