/**
 * Gas and fees of a transaction. Sums saturate at 2^64 - 1 as the reference's do: a rule on the
 * largest gas refuses such transactions.
 *
 * @source fuel-specs protocol/tx-validity; fuel-tx 0.66.4 `fee`
 */

import { assert } from '../primitives/errors.ts';
import type { Gas } from '../primitives/types.ts';
import { txSizeBytes, witnessesSizeBytes } from './codec/transaction.ts';
import { effectiveGasCosts } from './gasTable.ts';
import type { ConsensusParameters, GasCostValue } from './params.ts';
import type { ChargeableTx } from './types.ts';

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const U128_MAX = (1n << 128n) - 1n;
/** Seed, salt, code root, state root. Unit: bytes. */
const CONTRACT_ID_INPUT_BYTES = 4n + 32n + 32n + 32n;

function saturate(value: bigint): bigint {
  return value > U64_MAX ? U64_MAX : value;
}

/** Price of one entry of the gas table as the VM sees it; undefined: not in this version. */
export function gasCost(params: ConsensusParameters, key: string): GasCostValue | undefined {
  return effectiveGasCosts(params.gasCosts).get(key);
}

/** Gas of an operation on `units` units: bytes, slots or whatever the entry counts. */
export function dependentCost(cost: GasCostValue, units: bigint): Gas {
  if (typeof cost === 'bigint') return cost;
  if (cost.type === 'heavy') return saturate(cost.base + saturate(units * cost.gasPerUnit));
  // A table with 0 units per gas stops the reference; we take it as the highest price.
  if (cost.unitsPerGas === 0n) return U64_MAX;
  return saturate(cost.base + units / cost.unitsPerGas);
}

function priced(params: ConsensusParameters, key: string, units: bigint): Gas {
  const cost = gasCost(params, key);
  assert(cost !== undefined, 'every table version prices what fees are made of');
  return dependentCost(cost, units);
}

/** Bytes that are charged for: the whole canonical size. */
export function meteredBytes(tx: ChargeableTx): number {
  return txSizeBytes(tx);
}

function inputsGas(tx: ChargeableTx, params: ConsensusParameters, vmStart: Gas): Gas {
  let gas = 0n;
  const witnesses = new Set<number>();
  for (const input of tx.inputs) {
    if (input.type === 'contract') continue;
    if (input.predicate.length > 0) {
      const root = priced(params, 'contract_root', BigInt(input.predicate.length));
      gas += root + input.predicateGasUsed + vmStart;
    } else if (!witnesses.has(input.witnessIndex)) {
      witnesses.add(input.witnessIndex);
      gas += priced(params, 'eck1', 0n);
    }
  }
  return saturate(gas);
}

function witnessLength(tx: ChargeableTx, index: number): bigint {
  return BigInt(tx.witnesses[index]?.length ?? 0);
}

/** Gas of the hashing that identifies a transaction and its content. */
function metadataGas(tx: ChargeableTx, params: ConsensusParameters, size: bigint): Gas {
  const gas = priced(params, 's256', size);
  switch (tx.type) {
    case 'script':
      return gas;
    case 'create': {
      const root = priced(params, 'contract_root', witnessLength(tx, tx.bytecodeWitnessIndex));
      const state = priced(params, 'state_root', BigInt(tx.storageSlots.length));
      return gas + root + state + priced(params, 's256', CONTRACT_ID_INPUT_BYTES);
    }
    case 'upgrade':
      if (tx.purpose.type === 'stateTransition') return gas;
      return gas + priced(params, 's256', witnessLength(tx, tx.purpose.witnessIndex));
    case 'upload': {
      const leaf = priced(params, 's256', witnessLength(tx, tx.witnessIndex));
      return gas + leaf + priced(params, 'state_root', BigInt(tx.subsectionsNumber));
    }
    case 'blob':
      return gas + priced(params, 's256', witnessLength(tx, tx.witnessIndex));
  }
}

/** Gas that is due before anything runs: bytes, signatures, predicates, hashing, VM start. */
export function minGas(tx: ChargeableTx, params: ConsensusParameters): Gas {
  const size = BigInt(txSizeBytes(tx));
  const vmStart = priced(params, 'vm_initialization', size);
  let gas = inputsGas(tx, params, vmStart) + metadataGas(tx, params, size);
  gas += params.feeParams.gasPerByte * size + vmStart;
  if (tx.type === 'upload') {
    gas += priced(params, 'new_storage_per_byte', 0n) * witnessLength(tx, tx.witnessIndex);
  }
  return saturate(gas);
}

/** `minGas` with what the witness limit still allows and the script's limit on top. */
export function maxGas(tx: ChargeableTx, params: ConsensusParameters): Gas {
  return maxGasFrom(minGas(tx, params), tx, params);
}

function maxGasFrom(minimum: Gas, tx: ChargeableTx, params: ConsensusParameters): Gas {
  const left = (tx.policies.witnessLimit ?? 0n) - BigInt(witnessesSizeBytes(tx.witnesses));
  let gas = minimum;
  if (left > 0n) gas += left * params.feeParams.gasPerByte;
  if (tx.type === 'script') gas += tx.scriptGasLimit;
  return saturate(gas);
}

/**
 * Fee for gas, rounded up. The result may exceed 64 bits.
 *
 * @param price in base asset units for `factor` gas.
 */
export function gasToFee(gas: Gas, price: bigint, factor: bigint): bigint {
  assert(factor > 0n, 'the gas price factor is positive');
  return (gas * price + factor - 1n) / factor;
}

function withTip(fee: bigint, tx: ChargeableTx): bigint {
  const sum = fee + (tx.policies.tip ?? 0n);
  return sum > U128_MAX ? U128_MAX : sum;
}

/** Fee of {@link minGas} with the tip, in base asset units; may exceed 64 bits. */
export function minFee(tx: ChargeableTx, params: ConsensusParameters, gasPrice: bigint): bigint {
  return withTip(gasToFee(minGas(tx, params), gasPrice, params.feeParams.gasPriceFactor), tx);
}

/** Fee of {@link maxGas} with the tip, in base asset units; may exceed 64 bits. */
export function maxFee(tx: ChargeableTx, params: ConsensusParameters, gasPrice: bigint): bigint {
  return withTip(gasToFee(maxGas(tx, params), gasPrice, params.feeParams.gasPriceFactor), tx);
}

export type TransactionFee = {
  readonly minFee: bigint;
  readonly maxFee: bigint;
  readonly minGas: Gas;
  readonly maxGas: Gas;
};

/** Gas and fees at once; null when a fee does not fit 64 bits. */
export function transactionFee(
  tx: ChargeableTx,
  params: ConsensusParameters,
  gasPrice: bigint,
): TransactionFee | null {
  const factor = params.feeParams.gasPriceFactor;
  const least = minGas(tx, params);
  const most = maxGasFrom(least, tx, params);
  const low = withTip(gasToFee(least, gasPrice, factor), tx);
  const high = withTip(gasToFee(most, gasPrice, factor), tx);
  if (high > U64_MAX) return null;
  return { minFee: low, maxFee: high, minGas: least, maxGas: most };
}

/**
 * Fee with tip for what a transaction has used, `gasUsed` not counting `minGas`; may exceed u64.
 * @param least `minGas`, when it is at hand
 */
export function usedFee(
  tx: ChargeableTx,
  params: ConsensusParameters,
  gasUsed: Gas,
  gasPrice: bigint,
  least: Gas = minGas(tx, params),
): bigint {
  const gas = saturate(least + gasUsed);
  return withTip(gasToFee(gas, gasPrice, params.feeParams.gasPriceFactor), tx);
}

/** What is given back of the max-fee policy after `gasUsed`; null when the fee is above it. */
export function refundFee(
  tx: ChargeableTx,
  params: ConsensusParameters,
  gasUsed: Gas,
  gasPrice: bigint,
): bigint | null {
  const refund = (tx.policies.maxFee ?? 0n) - usedFee(tx, params, gasUsed, gasPrice);
  return refund < 0n ? null : refund;
}
