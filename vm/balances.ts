/**
 * Free balances of a running script: what the coin and message inputs brought, minus max fee and
 * coin outputs. The VM keeps a copy in memory (one entry an asset, sorted), which guests may read.
 *
 * @source fuel-vm 0.66.4, runtime balances
 */
import { hexToBytes } from '../primitives/bytes.ts';
import type { AssetId } from '../primitives/types.ts';
import type { CheckedBalances } from '../tx/validity/balances.ts';

/** Address of the first entry: after transaction id and base asset id. Unit: bytes. */
export const BALANCES_OFFSET = 64;
/** Asset id and amount. Unit: bytes. */
export const BALANCE_ENTRY_BYTES = 40;

const U64_MAX = (1n << 64n) - 1n;

type Entry = { amount: bigint; readonly address: number };

/** Amounts by asset; the set of assets is fixed when execution starts. */
export class RuntimeBalances {
  readonly #entries: Map<AssetId, Entry> = new Map();

  constructor(amounts: ReadonlyMap<AssetId, bigint>) {
    let address = BALANCES_OFFSET;
    const assets = amounts.size < 2 ? amounts.keys() : [...amounts.keys()].sort();
    for (const asset of assets) {
      this.#entries.set(asset, { amount: amounts.get(asset)!, address });
      address += BALANCE_ENTRY_BYTES;
    }
  }

  /** null: the transaction has no such asset. */
  amount(asset: AssetId): bigint | null {
    return this.#entries.get(asset)?.amount ?? null;
  }

  /**
   * Takes `amount` away and updates the entry in VM memory.
   * @returns false when there is not enough; zero of an unknown asset is enough.
   */
  subtract(view: DataView, asset: AssetId, amount: bigint): boolean {
    const entry = this.#entries.get(asset);
    if (entry === undefined) return amount === 0n;
    if (entry.amount < amount) return false;
    entry.amount -= amount;
    view.setBigUint64(entry.address + 32, entry.amount);
    return true;
  }

  /** Writes every entry into VM memory. */
  write(mem: Uint8Array, view: DataView): void {
    for (const [asset, { amount, address }] of this.#entries) {
      mem.set(hexToBytes(asset), address);
      view.setBigUint64(address + 32, amount);
    }
  }
}

/**
 * Balances that a script may spend: data messages count too (base asset).
 * @returns null when the sum does not fit 64 bits.
 */
export function spendable(
  checked: CheckedBalances,
  baseAsset: AssetId,
): ReadonlyMap<AssetId, bigint> | null {
  if (checked.retryableBase === 0n) return checked.nonRetryable;
  const sum = (checked.nonRetryable.get(baseAsset) ?? 0n) + checked.retryableBase;
  if (sum > U64_MAX) return null;
  return new Map(checked.nonRetryable).set(baseAsset, sum);
}
