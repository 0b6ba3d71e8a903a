/**
 * Rules for every kind of transaction but Mint, in the reference's order.
 *
 * @source fuel-specs tx-format, tx-validity; fuel-tx 0.66.4
 */
import type { AssetId, BlockHeight } from '../../primitives/types.ts';
import { utxoKeyOf } from '../accessKeys.ts';
import { txSizeBytes, witnessesSizeBytes } from '../codec/transaction.ts';
import { maxGas } from '../fees.ts';
import type { ConsensusParameters } from '../params.ts';
import type { ChargeableTx, Input } from '../types.ts';
import type { ValidityError } from './error.ts';
import { atIndex } from './error.ts';
import { checkInput, checkOutput, inputAsset, isDataMessage } from './inputs.ts';

const U32_MAX = 0xffff_ffffn;

function checkPolicies(
  tx: ChargeableTx,
  height: BlockHeight,
  params: ConsensusParameters,
): ValidityError | null {
  const { witnessLimit, maturity, maxFee, expiration, owner } = tx.policies;
  if ((maturity ?? 0n) > U32_MAX || (expiration ?? 0n) > U32_MAX || (owner ?? 0n) > U32_MAX) {
    return { name: 'TransactionPoliciesAreInvalid' };
  }
  if (witnessLimit !== undefined && BigInt(witnessesSizeBytes(tx.witnesses)) > witnessLimit) {
    return { name: 'TransactionWitnessLimitExceeded' };
  }
  if (maxGas(tx, params) > params.txParams.maxGasPerTx) {
    return { name: 'TransactionMaxGasExceeded' };
  }
  if (maxFee === undefined) return { name: 'TransactionMaxFeeNotSet' };
  if (maturity !== undefined && maturity > BigInt(height)) return { name: 'TransactionMaturity' };
  if (expiration !== undefined && expiration < BigInt(height)) {
    return { name: 'TransactionExpiration' };
  }
  return null;
}

function checkCounts(tx: ChargeableTx, params: ConsensusParameters): ValidityError | null {
  const limits = params.txParams;
  if (tx.inputs.length > limits.maxInputs) return { name: 'TransactionInputsMax' };
  if (tx.outputs.length > limits.maxOutputs) return { name: 'TransactionOutputsMax' };
  if (tx.witnesses.length > limits.maxWitnesses) return { name: 'TransactionWitnessesMax' };
  return null;
}

function checkOwner(tx: ChargeableTx): ValidityError | null {
  const { owner } = tx.policies;
  if (owner === undefined) return null;
  if (owner >= BigInt(tx.inputs.length)) return { name: 'TransactionOwnerIndexOutOfBounds' };
  const index = Number(owner);
  if (tx.inputs[index]!.type !== 'contract') return null;
  return atIndex('TransactionOwnerInputHasNoOwner', index);
}

/** The first value that occurs a second time. */
function firstDuplicate(
  inputs: readonly Input[],
  keyOf: (input: Input) => string | null,
): Input | null {
  const seen = new Set<string>();
  for (const input of inputs) {
    const key = keyOf(input);
    if (key === null) continue;
    if (seen.has(key)) return input;
    seen.add(key);
  }
  return null;
}

function checkDuplicates(inputs: readonly Input[]): ValidityError | null {
  const coin = firstDuplicate(inputs, (input) =>
    input.type === 'coin' ? utxoKeyOf(input.utxoId.txId, input.utxoId.outputIndex) : null,
  );
  if (coin?.type === 'coin') {
    return { name: 'DuplicateInputUtxoId', fields: { utxo_id: coin.utxoId } };
  }
  const contract = firstDuplicate(inputs, (i) => (i.type === 'contract' ? i.contractId : null));
  if (contract?.type === 'contract') {
    return { name: 'DuplicateInputContractId', fields: { contract_id: contract.contractId } };
  }
  const message = firstDuplicate(inputs, (i) => (i.type === 'message' ? i.nonce : null));
  if (message?.type === 'message') {
    return { name: 'DuplicateInputNonce', fields: { nonce: message.nonce } };
  }
  return null;
}

function checkChanges(tx: ChargeableTx, assets: ReadonlySet<AssetId>): ValidityError | null {
  const counts = new Map<AssetId, number>();
  for (const output of tx.outputs) {
    if (output.type === 'change') {
      counts.set(output.assetId, (counts.get(output.assetId) ?? 0) + 1);
    }
  }
  for (const asset of assets) {
    if ((counts.get(asset) ?? 0) > 1) {
      return { name: 'TransactionOutputChangeAssetIdDuplicated', fields: { 0: asset } };
    }
  }
  return null;
}

/** The first common rule that `tx` breaks at `height`, the height of the block it would be in. */
export function checkCommon(
  tx: ChargeableTx,
  height: BlockHeight,
  params: ConsensusParameters,
): ValidityError | null {
  if (BigInt(txSizeBytes(tx)) > params.txParams.maxSizeBytes) {
    return { name: 'TransactionSizeLimitExceeded' };
  }
  const early = checkPolicies(tx, height, params) ?? checkCounts(tx, params) ?? checkOwner(tx);
  if (early !== null) return early;
  if (!tx.inputs.some((input) => input.type !== 'contract' && !isDataMessage(input))) {
    return { name: 'NoSpendableInput' };
  }
  const assets = new Set<AssetId>();
  for (const input of tx.inputs) {
    const asset = inputAsset(input, params.baseAssetId);
    if (asset !== null) assets.add(asset);
  }
  const repeated = checkChanges(tx, assets) ?? checkDuplicates(tx.inputs);
  if (repeated !== null) return repeated;
  for (let i = 0; i < tx.inputs.length; i++) {
    const error = checkInput(tx, i, params);
    if (error !== null) return error;
  }
  for (let i = 0; i < tx.outputs.length; i++) {
    const error = checkOutput(tx, i, assets);
    if (error !== null) return error;
  }
  return null;
}
