/**
 * Everything that is checked about a transaction before it may see the pool, in the reference's
 * order: kind, basic validity at the next height, price, gas, blacklist, signatures and
 * predicates, bytecode of an upgrade. Its answer depends on the arguments alone.
 */
import type { CodedError } from '../primitives/errors.ts';
import type { B256, BlockHeight, TxId } from '../primitives/types.ts';
import { accessListOf } from '../tx/access.ts';
import { maxGas, meteredBytes, minGas } from '../tx/fees.ts';
import type { ConsensusParameters } from '../tx/params.ts';
import type { ChargeableTx, Transaction } from '../tx/types.ts';
import { checkTx, debugText } from '../tx/validity.ts';
import { refusal } from './errors.ts';
import type { ChainInfo, CheckInputs } from './ports.ts';
import type { PooledTx } from './types.ts';

const U64_MAX = 2n ** 64n - 1n;
const U32_MAX = 2 ** 32 - 1;

/** A verified transaction before the pool gives it a place in time. */
export type VerifiedTx = Omit<PooledTx, 'arrivedAtMs' | 'sequence'>;

export type VerifyEnv = {
  /** Height of the latest block. */
  readonly height: BlockHeight;
  readonly params: ConsensusParameters;
  /** Of the next block. */
  readonly gasPrice: bigint;
  /** False: signatures and predicates are not checked. */
  readonly utxoValidation: boolean;
  readonly blacklisted: (tx: ChargeableTx) => CodedError | null;
  readonly checkInputs: CheckInputs;
  readonly bytecodeFault: ChainInfo['bytecodeFault'];
};

/**
 * Price per gas that `maxFee` can pay: ceil(maxFee · factor / maxGas), at most u64.
 * Zero gas counts as one.
 */
export function maxGasPriceOf(maxFee: bigint, gas: bigint, factor: bigint): bigint {
  const divisor = gas > 0n ? gas : 1n;
  const price = (maxFee * factor + divisor - 1n) / divisor;
  return price > U64_MAX ? U64_MAX : price;
}

/** @throws CodedError POOL_… with the reference's text */
export async function verifyForPool(
  submitted: { readonly id: TxId; readonly tx: Transaction; readonly raw: Uint8Array },
  env: VerifyEnv,
): Promise<VerifiedTx> {
  const { id, tx, raw } = submitted;
  const { params } = env;
  if (tx.type === 'mint') throw refusal.mint();

  // It runs in the next block at the earliest.
  const outcome = checkTx(tx, Math.min(env.height + 1, U32_MAX), params);
  if (!outcome.ok) throw refusal.invalid(`Validity(${debugText(outcome.error)})`);

  const gas = maxGas(tx, params);
  const maxFee = tx.policies.maxFee ?? 0n;
  const maxGasPrice = maxGasPriceOf(maxFee, gas, params.feeParams.gasPriceFactor);
  if (maxGasPrice < env.gasPrice) throw refusal.maxFee(env.gasPrice, maxGasPrice);
  if (gas === 0n) throw refusal.maxGasZero();
  const blacklisted = env.blacklisted(tx);
  if (blacklisted !== null) throw blacklisted;

  if (env.utxoValidation) {
    const verdict = await env.checkInputs({ id, tx, raw, params });
    if (!verdict.ok) {
      const outer = verdict.kind === 'validity' ? 'Validity' : 'PredicateVerificationFailed';
      throw refusal.invalid(`${outer}(${verdict.debug})`);
    }
  }
  const bytecode = upgradeRoot(tx);
  const fault = bytecode === null ? null : env.bytecodeFault(bytecode);
  if (fault !== null) throw refusal.wasm(fault);

  return {
    id,
    tx,
    raw,
    minGas: minGas(tx, params),
    maxGas: gas,
    sizeBytes: meteredBytes(tx),
    tip: tx.policies.tip ?? 0n,
    maxFee,
    maxGasPrice,
    access: accessListOf(tx, id),
    verified: env.utxoValidation,
  };
}

function upgradeRoot(tx: ChargeableTx): B256 | null {
  return tx.type === 'upgrade' && tx.purpose.type === 'stateTransition' ? tx.purpose.root : null;
}
