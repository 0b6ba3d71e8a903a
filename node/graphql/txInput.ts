/** Transactions as they come in: canonical bytes, decoded with the reference's error texts. */
import { CodedError } from '../../primitives/errors.ts';
import { decodeTx } from '../../tx/codec/transaction.ts';
import type { ChargeableTx, Transaction } from '../../tx/types.ts';
import type { NodeServices } from '../services.ts';

const REASON_TEXTS: Readonly<Record<string, string>> = {
  BufferIsTooShort: 'buffer is too short',
  UnknownDiscriminant: 'unknown discriminant',
  AllocationLimit: 'allocation too large',
};

/** Bytes after the transaction are ignored. @throws CodedError TX_DECODE */
export function decodeInput(raw: Uint8Array): Transaction {
  try {
    return decodeTx(raw).tx;
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'TX_DECODE') throw error;
    const reason = String(error.context['reason']);
    const quoted = /^Unknown\("(.*)"\)$/.exec(reason)?.[1];
    throw new CodedError(error.code, REASON_TEXTS[reason] ?? quoted ?? reason, error.context);
  }
}

/** @throws CodedError TX_DECODE; MINT_REFUSED with the given text */
export function decodeChargeable(raw: Uint8Array, mintRefusal: string): ChargeableTx {
  const tx = decodeInput(raw);
  if (tx.type !== 'mint') return tx;
  throw new CodedError('MINT_REFUSED', mintRefusal);
}

export function hasPredicate(tx: ChargeableTx): boolean {
  return tx.inputs.some((input) => input.type !== 'contract' && input.predicate.length > 0);
}

/** Fills in the gas of predicates; unchanged when there are none. */
export async function withEstimatedPredicates(
  services: NodeServices,
  tx: Transaction,
): Promise<Transaction> {
  if (tx.type === 'mint' || !hasPredicate(tx)) return tx;
  return services.dryRuns.estimatePredicates(tx);
}
