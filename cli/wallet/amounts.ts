/** Amounts as people write them. */
import { CodedError } from '../../primitives/errors.ts';
import type { AssetId } from '../../primitives/types.ts';

/** Decimals of the base asset on every Fuel network. */
export const BASE_DECIMALS: number = 9;
const U64_MAX = (1n << 64n) - 1n;
const DECIMALS_MAX = 18;

/**
 * `1.5` with 9 decimals → 1 500 000 000 units.
 * @throws CodedError CLI_AMOUNT: says what is wrong, never rounds
 */
export function parseAmount(text: string, decimals: number): bigint {
  const bad = (why: string): never => {
    throw new CodedError('CLI_AMOUNT', `'${text}' is no amount: ${why}`);
  };
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text.replace(/_/g, ''));
  if (match === null) return bad('write digits with an optional point, such as 12 or 0.5');
  const [, whole = '', part = ''] = match;
  if (part.length > decimals) {
    return bad(`this asset has ${decimals} decimals${decimals === 0 ? ' (give --decimals)' : ''}`);
  }
  const units = BigInt(whole + part.padEnd(decimals, '0'));
  if (units === 0n) return bad('it is zero');
  if (units > U64_MAX) return bad(`it is more than ${formatAmount(U64_MAX, decimals)}`);
  return units;
}

/** Units as a decimal number without trailing zeros. Negative numbers keep their sign. */
export function formatAmount(units: bigint, decimals: number): string {
  const digits = (units < 0n ? -units : units).toString().padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals);
  const part = digits.slice(digits.length - decimals).replace(/0+$/, '');
  return `${units < 0n ? '-' : ''}${whole}${part === '' ? '' : `.${part}`}`;
}

/** @throws CodedError CLI_AMOUNT */
export function parseDecimals(text: string): number {
  if (!/^\d{1,2}$/.test(text) || Number(text) > DECIMALS_MAX) {
    throw new CodedError('CLI_AMOUNT', `--decimals goes from 0 to ${DECIMALS_MAX}, not '${text}'`);
  }
  return Number(text);
}

/** Base asset in ETH with its decimals, other assets in whole units. */
export function amountText(amount: bigint, assetId: AssetId, baseAssetId: AssetId): string {
  return assetId === baseAssetId
    ? `${formatAmount(amount, BASE_DECIMALS)} ETH`
    : `${formatAmount(amount, 0)} of ${assetId}`;
}
