/** The trace of a transaction of which only the executed form and the receipts are known. */

import { encodeTx } from '../../tx/codec/transaction.ts';
import type { Receipt } from '../../tx/receipt.ts';
import type { Transaction } from '../../tx/types.ts';
import { txAddressOf } from '../../vm/initialise.ts';
import { predicatesByReceipts } from './predicates.ts';
import { readOf, traceCallOf } from './tree.ts';
import type { CallTree } from './types.ts';

/** What is known. Gas in gas units, fee in base asset units. */
export type Executed = Pick<
  CallTree,
  'id' | 'blockHeight' | 'txIndex' | 'success' | 'reason' | 'totalGas' | 'totalFee' | 'whyReceipts'
> & {
  readonly tx: Transaction;
  /** Canonical bytes of `tx`, when they are at hand. */
  readonly raw?: Uint8Array;
  readonly receipts: readonly Receipt[];
  /** Inputs of one transaction at most: where it lies in memory depends on it. */
  readonly maxInputs: number;
};

export function traceFromReceipts(executed: Executed): CallTree {
  const { tx, raw, receipts, maxInputs, ...known } = executed;
  const read = readOf(raw ?? encodeTx(tx), txAddressOf({ txParams: { maxInputs } }));
  return {
    ...known,
    kind: tx.type,
    source: 'receipts',
    predicates: predicatesByReceipts(tx),
    call: tx.type === 'script' ? traceCallOf(receipts, { read }) : null,
    instructions: null,
    code: [],
    slots: [],
    balances: [],
    gas: [],
  };
}
