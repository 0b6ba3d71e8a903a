/** Rules on one input or output that need no signature. */

import type { AssetId } from '../../primitives/types.ts';
import type { ConsensusParameters } from '../params.ts';
import type { ChargeableTx, Input, Output } from '../types.ts';
import type { ValidityError } from './error.ts';
import { atIndex } from './error.ts';

/** Asset of an input; null for contracts. Messages hold the base asset. */
export function inputAsset(input: Input, baseAssetId: AssetId): AssetId | null {
  if (input.type === 'contract') return null;
  return input.type === 'coin' ? input.assetId : baseAssetId;
}

/** A message that carries data: spendable only by running a script with it. */
export function isDataMessage(input: Input): boolean {
  return input.type === 'message' && input.data.length > 0;
}

function contractOutputsOf(index: number, outputs: readonly Output[]): number {
  let count = 0;
  for (const output of outputs) {
    if (output.type === 'contract' && output.inputIndex === index) count++;
  }
  return count;
}

/** The first rule that input `index` breaks. */
export function checkInput(
  tx: ChargeableTx,
  index: number,
  params: ConsensusParameters,
): ValidityError | null {
  const input = tx.inputs[index]!;
  if (input.type === 'contract') {
    if (contractOutputsOf(index, tx.outputs) === 1) return null;
    return atIndex('InputContractAssociatedOutputContract', index);
  }
  const limits = params.predicateParams;
  if (input.predicate.length > 0) {
    if (BigInt(input.predicate.length) > limits.maxPredicateLength) {
      return atIndex('InputPredicateLength', index);
    }
    if (BigInt(input.predicateData.length) > limits.maxPredicateDataLength) {
      return atIndex('InputPredicateDataLength', index);
    }
  } else if (input.witnessIndex >= tx.witnesses.length) {
    return atIndex('InputWitnessIndexBounds', index);
  }
  if (input.type === 'message' && BigInt(input.data.length) > limits.maxMessageDataLength) {
    return atIndex('InputMessageDataLength', index);
  }
  return null;
}

/** The first rule that output `index` breaks. `assets`: those of the inputs. */
export function checkOutput(
  tx: ChargeableTx,
  index: number,
  assets: ReadonlySet<AssetId>,
): ValidityError | null {
  const output = tx.outputs[index]!;
  if (output.type === 'contract') {
    if (tx.inputs[output.inputIndex]?.type === 'contract') return null;
    return atIndex('OutputContractInputIndex', index);
  }
  if (output.type === 'change' && !assets.has(output.assetId)) {
    return { name: 'TransactionOutputChangeAssetIdNotFound', fields: { 0: output.assetId } };
  }
  if (output.type === 'coin' && !assets.has(output.assetId)) {
    return { name: 'TransactionOutputCoinAssetIdNotFound', fields: { 0: output.assetId } };
  }
  return null;
}
