/**
 * Checks the predicates of a transaction with exactly the gas that its inputs declare.
 *
 * @source fuel-vm 0.66.4, check_predicates (behaviour)
 */
import type { TxId } from '../primitives/types.ts';
import { predicateOwner } from '../tx/contractId.ts';
import { maxGas } from '../tx/fees.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { ChargeableTx, CoinInput, MessageInput } from '../tx/types.ts';
import { PANIC, panicName } from '../vm/panic.ts';
import type { VmRules } from '../vm/ports.ts';
import {
  type BlobSource,
  type PredicateEnd,
  type PredicateSubject,
  predicateSubject,
  runPredicate,
} from '../vm/predicateRun.ts';

/**
 * Why predicates fail, with the names of the reference. `reason` is a panic name; `instruction` the
 * raw word.
 */
export type PredicateError =
  | { readonly name: 'InvalidOwner' | 'False' | 'GasMismatch' | 'OutOfGas'; readonly index: number }
  | { readonly name: 'TransactionExceedsTotalGasAllowance'; readonly maxGas: bigint }
  | { readonly name: 'Panic'; readonly index: number; readonly reason: string }
  | {
      readonly name: 'PanicInstruction';
      readonly index: number;
      readonly reason: string;
      readonly instruction: number;
    };

export type PredicateVerdict =
  | { readonly ok: true; readonly gasUsed: bigint }
  | { readonly ok: false; readonly error: PredicateError };

/** An input that a program unlocks, with its place. */
export type PredicateInput = { readonly index: number; readonly input: CoinInput | MessageInput };

/** The predicate inputs of a transaction, in order. */
export function predicateInputs(tx: ChargeableTx): PredicateInput[] {
  const found: PredicateInput[] = [];
  for (const [index, input] of tx.inputs.entries()) {
    if (input.type !== 'contract' && input.predicate.length > 0) found.push({ index, input });
  }
  return found;
}

/**
 * All predicates must return 1 and use up exactly their declared gas; their code must belong to
 * the owner. The first input that fails decides. A transaction without predicates passes.
 */
export function verifyPredicates(
  tx: ChargeableTx,
  txId: TxId,
  params: ConsensusParameters,
  blobs: BlobSource,
  rules: VmRules,
): PredicateVerdict {
  const gas = maxGas(tx, params);
  if (gas > params.txParams.maxGasPerTx) {
    return failed({ name: 'TransactionExceedsTotalGasAllowance', maxGas: gas });
  }
  const inputs = predicateInputs(tx);
  if (inputs.length === 0) return { ok: true, gasUsed: 0n };
  const subject = predicateSubject(tx, txId, params, blobs, rules);
  let gasUsed = 0n;
  for (const { index, input } of inputs) {
    const error = verifyOne(subject, index, input);
    if (error !== null) return failed(error);
    gasUsed += input.predicateGasUsed;
  }
  return { ok: true, gasUsed };
}

function failed(error: PredicateError): PredicateVerdict {
  return { ok: false, error };
}

function verifyOne(
  subject: PredicateSubject,
  index: number,
  input: CoinInput | MessageInput,
): PredicateError | null {
  const owner = input.type === 'coin' ? input.owner : input.recipient;
  if (predicateOwner(input.predicate) !== owner) return { name: 'InvalidOwner', index };
  const { end, gasUsed } = runPredicate(subject, index, input.predicateGasUsed);
  const error = errorOf(end, index);
  if (error !== null) return error;
  return gasUsed === input.predicateGasUsed ? null : { name: 'GasMismatch', index };
}

function errorOf(end: PredicateEnd, index: number): PredicateError | null {
  switch (end.type) {
    case 'return':
      return end.value === 1n ? null : { name: 'Panic', index, reason: 'PredicateReturnedNonOne' };
    case 'returnData':
      return { name: 'Panic', index, reason: 'ContractInstructionNotAllowed' };
    case 'revert':
      return { name: 'False', index };
    case 'panic':
      if (end.reason === PANIC.OutOfGas) return { name: 'OutOfGas', index };
      return {
        name: 'PanicInstruction',
        index,
        reason: panicName(end.reason),
        instruction: end.instruction,
      };
  }
}
