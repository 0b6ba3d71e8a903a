/** Whether a transaction is valid by itself: what needs no state and no predicate run. */

import { hexToBytes } from '../primitives/bytes.ts';
import { addressOfPublicKey, recoverPublicKey } from '../primitives/secp256k1.ts';
import type { Address, BlockHeight, TxId } from '../primitives/types.ts';
import { txSizeBytes } from './codec/transaction.ts';
import { predicateOwner } from './contractId.ts';
import type { ConsensusParameters } from './params.ts';
import type { ChargeableTx, Transaction } from './types.ts';
import type { CheckedBalances } from './validity/balances.ts';
import { checkedBalances } from './validity/balances.ts';
import { checkCommon } from './validity/common.ts';
import type { ValidityError } from './validity/error.ts';
import { atIndex } from './validity/error.ts';
import { checkDerived, checkKind, checkMint } from './validity/kinds.ts';

export type { CheckedBalances } from './validity/balances.ts';
export type { ValidityError, ValidityErrorName } from './validity/error.ts';
export { checkErrorText, debugText } from './validity/error.ts';

export type ValidityOutcome =
  | { readonly ok: true; readonly balances: CheckedBalances }
  | { readonly ok: false; readonly error: ValidityError };

const SIGNATURE_BYTES = 64;
const VALID_MINT: ValidityOutcome = {
  ok: true,
  balances: { nonRetryable: new Map(), retryableBase: 0n, maxFee: 0n },
};

/** The first rule that `tx` breaks, balances and signatures aside; null when it is well-formed. */
export function checkRules(
  tx: Transaction,
  height: BlockHeight,
  params: ConsensusParameters,
): ValidityError | null {
  if (tx.type === 'mint') return checkMint(tx, txSizeBytes(tx), height, params);
  return checkCommon(tx, height, params) ?? checkKind(tx, params);
}

/**
 * All rules that need neither state nor signatures, balances included, in the reference's order.
 *
 * @param height of the block that would hold the transaction.
 */
export function checkTx(
  tx: Transaction,
  height: BlockHeight,
  params: ConsensusParameters,
): ValidityOutcome {
  const derived = tx.type === 'mint' ? null : checkDerived(tx);
  const error = derived ?? checkRules(tx, height, params);
  if (error !== null) return { ok: false, error };
  return tx.type === 'mint' ? VALID_MINT : checkedBalances(tx, params.baseAssetId);
}

/** Who made the signature in `witness`, witness `index` of a transaction; null: nobody can have. */
export type SignerOf = (witness: Uint8Array, index: number) => Address | null;

function recovering(txId: TxId): SignerOf {
  const digest = hexToBytes(txId);
  return (witness) => {
    if (witness.length !== SIGNATURE_BYTES) return null;
    const publicKey = recoverPublicKey(witness, digest);
    return publicKey === null ? null : addressOfPublicKey(publicKey);
  };
}

/** The witnesses that have to be signatures by their length and by an input, each once. */
export function signatureWitnesses(tx: ChargeableTx): number[] {
  const found: number[] = [];
  for (const input of tx.inputs) {
    if (input.type === 'contract' || input.predicate.length > 0) continue;
    const index = input.witnessIndex;
    if (tx.witnesses[index]?.length === SIGNATURE_BYTES && !found.includes(index)) {
      found.push(index);
    }
  }
  return found;
}

/**
 * Whether each signed input is signed by its owner and each predicate's code is its owner's.
 * A witness that several inputs share is recovered once. Predicates are not run.
 *
 * @param signerOf for who has recovered the signers of {@link signatureWitnesses} already
 */
export function checkSignatures(
  tx: Transaction,
  txId: TxId,
  signerOf: SignerOf = recovering(txId),
): { readonly ok: true } | { readonly ok: false; readonly error: ValidityError } {
  if (tx.type === 'mint') return { ok: true };
  const signers = new Map<number, Address>();
  for (let i = 0; i < tx.inputs.length; i++) {
    const input = tx.inputs[i]!;
    if (input.type === 'contract') continue;
    const owner = input.type === 'coin' ? input.owner : input.recipient;
    if (input.predicate.length > 0) {
      if (predicateOwner(input.predicate) === owner) continue;
      return { ok: false, error: atIndex('InputPredicateOwner', i) };
    }
    const witness = tx.witnesses[input.witnessIndex];
    if (witness === undefined) return { ok: false, error: atIndex('InputWitnessIndexBounds', i) };
    const recovered = signers.get(input.witnessIndex) ?? signerOf(witness, input.witnessIndex);
    if (recovered !== owner) return { ok: false, error: atIndex('InputInvalidSignature', i) };
    signers.set(input.witnessIndex, recovered);
  }
  return { ok: true };
}
