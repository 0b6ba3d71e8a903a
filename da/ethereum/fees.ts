/**
 * What a blob transaction offers, and what a replacement must offer. A pool takes a replacement
 * only when all three fees are at least twice those of the transaction before it.
 *
 * @source geth 1.15 blob pool: 100 % price bump
 */
import { CodedError } from '../../primitives/errors.ts';
import { ETHEREUM_LAYER } from './chain.ts';

/** wei per gas. */
export type BlobFees = {
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  readonly maxFeePerBlobGas: bigint;
};

const GWEI = 1_000_000_000n;
/** Lets a transaction live through several full blocks. */
const HEADROOM = 2n;

/** For a first attempt. */
export function firstFees(baseFee: bigint, tip: bigint, blobBaseFee: bigint): BlobFees {
  const maxPriorityFeePerGas = tip > 0n ? tip : GWEI;
  return {
    maxPriorityFeePerGas,
    maxFeePerGas: HEADROOM * baseFee + maxPriorityFeePerGas,
    maxFeePerBlobGas: HEADROOM * blobBaseFee + 1n,
  };
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

/** All fees doubled, or what is asked for now where that is more. */
export function bumpedFees(before: BlobFees, now: BlobFees): BlobFees {
  return {
    maxFeePerGas: larger(2n * before.maxFeePerGas, now.maxFeePerGas),
    maxPriorityFeePerGas: larger(2n * before.maxPriorityFeePerGas, now.maxPriorityFeePerGas),
    maxFeePerBlobGas: larger(2n * before.maxFeePerBlobGas, now.maxFeePerBlobGas),
  };
}

/** Whether a pool with geth's rules takes `next` in place of `before`. */
export function isReplacement(before: BlobFees, next: BlobFees): boolean {
  return (
    next.maxFeePerGas >= 2n * before.maxFeePerGas &&
    next.maxPriorityFeePerGas >= 2n * before.maxPriorityFeePerGas &&
    next.maxFeePerBlobGas >= 2n * before.maxFeePerBlobGas
  );
}

/** @throws CodedError DA_FEE_CAP when more would be offered than the operator allows */
export function checkCap(fees: BlobFees, capWei: bigint): void {
  const highest = larger(fees.maxFeePerGas, fees.maxFeePerBlobGas);
  if (highest <= capWei) return;
  throw new CodedError(
    'DA_FEE_CAP',
    `a blob transaction would offer ${highest / GWEI} gwei per gas, above --da-max-fee: ` +
      'wait for lower fees, or raise it',
    { layer: ETHEREUM_LAYER, offeredWei: highest, capWei },
  );
}
