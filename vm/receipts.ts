/** The list of receipts of one execution, and its limit. */
import type { Receipt } from '../tx/receipt.ts';

/** Receipts of one transaction, ScriptResult included. */
export const RECEIPTS_MAX = 65_535;

/**
 * Whether one more receipt fits: the last two places are kept for Panic and ScriptResult, so that
 * every execution can be closed.
 */
export function receiptFits(count: number, type: Receipt['type']): boolean {
  if (type === 'scriptResult') return count < RECEIPTS_MAX;
  if (type === 'panic') return count < RECEIPTS_MAX - 1;
  return count < RECEIPTS_MAX - 2;
}
