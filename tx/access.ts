/**
 * Access lists: what a transaction declares that it touches, known before it runs.
 *
 * Keys are strings in one name space, a letter for the kind in front:
 * `u:` UTXO, `m:` message nonce, `c:` contract, `b:` blob.
 *
 * | declared                    | key          | access                                  |
 * |-----------------------------|--------------|-----------------------------------------|
 * | coin input                  | u: utxo key  | write (destroy)                         |
 * | message input               | m: nonce     | write (destroy)                         |
 * | output i                    | u: (id, i)   | write (create)                          |
 * | contract input              | c: contract  | write                                   |
 * | Create                      | c: contract  | write (create)                          |
 * | Blob                        | b: blob      | write (create)                          |
 * | Upgrade, Upload             | whole chain  | barrier                                 |
 *
 * Blobs are immutable and reads of them are not declared, so a Blob transaction is a barrier only
 * for those later in the block (`blobBarrier`).
 */

import type { TxId } from '../primitives/types.ts';
import { blobKey, contractKey, messageKey, utxoAccessKey } from './accessKeys.ts';
import type { ChargeableTx, Input } from './types.ts';

/**
 * Keys as small numbers: among access lists of one `space`, equal numbers are equal keys and the
 * other way round.
 */
export type KeyNumbers = {
  readonly space: object;
  /** Of `writes`, then of `reads`, in their order. */
  readonly list: readonly number[];
};

export type AccessList = {
  /** Keys that the transaction writes, destroys or creates; unique. */
  readonly writes: readonly string[];
  /** Keys that it only reads; unique, none of them in `writes`. */
  readonly reads: readonly string[];
  /** The subset of `writes` that this transaction brings into being. */
  readonly creates: readonly string[];
  /** Everything before runs first, everything after waits. */
  readonly barrier: boolean;
  /** Everything after waits. */
  readonly blobBarrier: boolean;
  /** Set by a pool while it holds the transaction, in it or in flight; makes splitting cheaper. */
  numbers?: KeyNumbers | undefined;
};

/** The declared access of `tx`; `txId` names its outputs. */
export function accessListOf(tx: ChargeableTx, txId: TxId): AccessList {
  const declared = tx.inputs.map(inputKeyOf);
  const creates: string[] = [];
  tx.outputs.forEach((output, index) => {
    if (output.type === 'contract') return;
    creates.push(
      output.type === 'contractCreated'
        ? contractKey(output.contractId)
        : utxoAccessKey(txId, index),
    );
  });
  if (tx.type === 'blob') creates.push(blobKey(tx.blobId));
  return {
    writes: [...new Set([...declared, ...creates])],
    reads: [],
    creates,
    barrier: tx.type === 'upgrade' || tx.type === 'upload',
    blobBarrier: tx.type === 'blob',
  };
}

function inputKeyOf(input: Input): string {
  if (input.type === 'coin') return utxoAccessKey(input.utxoId.txId, input.utxoId.outputIndex);
  return input.type === 'message' ? messageKey(input.nonce) : contractKey(input.contractId);
}
