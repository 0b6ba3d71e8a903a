/**
 * Finds the gas that predicates need, and writes it into the inputs. A predicate that fails is no
 * error here: its gas up to the failure is written.
 *
 * @source fuel-vm 0.66.4, estimate_predicates (behaviour)
 */
import { CodedError } from '../primitives/errors.ts';
import type { TxId } from '../primitives/types.ts';
import { maxGas } from '../tx/fees.ts';
import { txId as idOf } from '../tx/id.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { ChargeableTx } from '../tx/types.ts';
import type { VmRules } from '../vm/ports.ts';
import { type BlobSource, predicateSubject, runPredicate } from '../vm/predicateRun.ts';
import { predicateInputs } from './verify.ts';

/**
 * Gas that each predicate may use: `shared`, what is left of the transaction's limit after those
 * before it; `each`, the whole limit for every one (as fuel-core's parallel estimation).
 */
export type EstimationBudget = 'shared' | 'each';

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const minus = (a: bigint, b: bigint): bigint => (a > b ? a - b : 0n);

/**
 * The transaction with `predicateGasUsed` set in every predicate input, and its max gas with them.
 * The caller judges whether that fits `maxGasPerTx`.
 */
export function measurePredicates(
  tx: ChargeableTx,
  txId: TxId | undefined,
  params: ConsensusParameters,
  blobs: BlobSource,
  rules: VmRules,
  budget: EstimationBudget = 'shared',
): { readonly tx: ChargeableTx; readonly maxGas: bigint } {
  const limit = params.txParams.maxGasPerTx;
  const each = params.predicateParams.maxGasPerPredicate;
  let left = budget === 'shared' ? minus(limit, maxGas(tx, params)) : limit;
  const found = predicateInputs(tx);
  const estimated: ChargeableTx = { ...tx, inputs: [...tx.inputs] };
  if (found.length > 0) {
    const subject = predicateSubject(tx, txId ?? idOf(tx, params.chainId), params, blobs, rules);
    for (const { index, input } of found) {
      const { gasUsed } = runPredicate(subject, index, least(left, each));
      if (budget === 'shared') left = minus(left, gasUsed);
      estimated.inputs[index] = { ...input, predicateGasUsed: gasUsed };
    }
  }
  return { tx: estimated, maxGas: maxGas(estimated, params) };
}

/**
 * A copy of `tx` with the gas of its predicates filled in.
 * @param txId computed when undefined
 * @throws CodedError PREDICATE_GAS_LIMIT when the predicates make it exceed the limit of a
 *   transaction
 */
export function estimatePredicates(
  tx: ChargeableTx,
  txId: TxId | undefined,
  params: ConsensusParameters,
  blobs: BlobSource,
  rules: VmRules,
  budget: EstimationBudget = 'shared',
): ChargeableTx {
  const measured = measurePredicates(tx, txId, params, blobs, rules, budget);
  if (measured.maxGas > params.txParams.maxGasPerTx) {
    throw new CodedError(
      'PREDICATE_GAS_LIMIT',
      'the transaction exceeds the gas limit with what its predicates use: simplify them',
      { maxGas: measured.maxGas, limit: params.txParams.maxGasPerTx },
    );
  }
  return measured.tx;
}
