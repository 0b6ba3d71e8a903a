/**
 * The gas price, version 1: an execution part that follows how full blocks are, and a DA part, a
 * PD controller over the profit of what was paid for data availability. Both are kept scaled by
 * `SCALE` and divided down for use. All arithmetic saturates as the reference's integers do, so
 * the price is a pure function of the blocks.
 *
 * With the defaults (change 0 %) the price is constant. Without a DA committer recorded costs are
 * zero and the DA part falls to its minimum.
 *
 * @source fuel-gas-price-algorithm 0.48.3 (v1), fuel-core-gas-price-service 0.48.2, behaviour
 */
import { CodedError } from '../primitives/errors.ts';
import type { BlockHeight, Gas } from '../primitives/types.ts';
import { exactExp, exactLn } from './exactExp.ts';

/** Prices are kept this many times larger than they are used. */
const SCALE = 100n;
const WEI_PER_GWEI = 1_000_000_000n;
const U64_MAX = 2n ** 64n - 1n;
const U128_MAX = 2n ** 128n - 1n;
const I128_MAX = 2n ** 127n - 1n;
const I128_MIN = -(2n ** 127n);

/** Prices per `gasPriceFactor` gas; percentages are whole numbers. */
export type GasPriceConfig = {
  readonly startingExecPrice: bigint;
  readonly minExecPrice: bigint;
  /** Step of the execution part per block. */
  readonly execChangePercent: number;
  /** A block this full, or fuller, raises the execution part. */
  readonly thresholdPercent: number;
  readonly minDaPrice: bigint;
  readonly maxDaPrice: bigint;
  /** Largest step of the DA part per block; absent: 0. */
  readonly daChangePercent?: number;
  /** Divisors of profit and of its change; 0: that term is off. */
  readonly daPComponent: bigint;
  readonly daDComponent: bigint;
  /** How long low activity takes to restrain the DA part; absent: never. */
  readonly activity?: ActivityConfig;
};

/** Sizes of the ranges of the activity counter, in blocks. */
export type ActivityConfig = {
  readonly normalBlocks: number;
  readonly cappedBlocks: number;
  readonly decreaseBlocks: number;
  /** A block below this fullness lowers the counter. */
  readonly thresholdPercent: number;
};

/** Plain data: kept beside the chain, rebuilt by replaying blocks. */
export type GasPriceState = {
  readonly height: BlockHeight;
  readonly execPriceScaled: bigint;
  readonly daPriceScaled: bigint;
  /** Wei. */
  readonly daRewardsTotal: bigint;
  /** Wei, as of the last block recorded on the DA layer. */
  readonly daCostKnownTotal: bigint;
  /** Wei, with the unrecorded blocks at the latest cost per byte. */
  readonly daCostProjectedTotal: bigint;
  readonly daCostPerByte: bigint;
  readonly profit: bigint;
  readonly profitBefore: bigint;
  /** Encoded sizes of the blocks that the DA layer has not recorded. */
  readonly unrecordedBytes: bigint;
  /** Counter between 0 and the sum of the three ranges. */
  readonly activity: number;
};

/** What the price learns from a block. */
export type PriceBlock = {
  readonly height: BlockHeight;
  readonly usedGas: Gas;
  /** Block gas limit, > 0. */
  readonly capacityGas: Gas;
  /** Encoded size. */
  readonly bytes: bigint;
  /** Mint amount, base asset units. */
  readonly feeCollected: bigint;
};

/** What the DA layer charged for a run of blocks. */
export type DaRecord = {
  /** Sum of `PriceBlock.bytes` of the blocks in it that were not recorded before. */
  readonly blockBytes: bigint;
  /** As written to the DA layer, compressed. */
  readonly recordedBytes: bigint;
  readonly costWei: bigint;
};

function clamp(value: bigint, min: bigint, max: bigint): bigint {
  return value < min ? min : value > max ? max : value;
}
function u64(value: bigint): bigint {
  return clamp(value, 0n, U64_MAX);
}
function u128(value: bigint): bigint {
  return clamp(value, 0n, U128_MAX);
}
function i128(value: bigint): bigint {
  return clamp(value, I128_MIN, I128_MAX);
}

function activityOf(config: GasPriceConfig): ActivityConfig {
  return (
    config.activity ?? {
      normalBlocks: 100,
      cappedBlocks: 0,
      decreaseBlocks: 0,
      thresholdPercent: 0,
    }
  );
}

/** The state before any block after `height`. */
export function initialGasPrice(config: GasPriceConfig, height: BlockHeight): GasPriceState {
  const { startingExecPrice, minExecPrice } = config;
  const start = clamp(startingExecPrice, minExecPrice, U64_MAX);
  const { normalBlocks, cappedBlocks, decreaseBlocks } = activityOf(config);
  return {
    height,
    execPriceScaled: u64(start * SCALE),
    daPriceScaled: u64(config.minDaPrice * SCALE),
    daRewardsTotal: 0n,
    daCostKnownTotal: 0n,
    daCostProjectedTotal: 0n,
    daCostPerByte: 0n,
    profit: 0n,
    profitBefore: 0n,
    unrecordedBytes: 0n,
    activity: normalBlocks + cappedBlocks + decreaseBlocks,
  };
}

/**
 * Gas of a block, derived from its mint: floor(amount · factor / price), at most the block limit.
 * Price 0: the limit. Without a recipient the mint amount is 0, and so is the answer.
 */
export function gasUsedFromMint(mint: {
  readonly amount: bigint;
  readonly gasPrice: bigint;
  readonly gasPriceFactor: bigint;
  readonly blockGasLimit: Gas;
}): Gas {
  if (mint.gasPrice === 0n) return mint.blockGasLimit;
  const gas = (mint.amount * mint.gasPriceFactor) / mint.gasPrice;
  return clamp(gas, 0n, mint.blockGasLimit);
}

/**
 * The state after one more block.
 * @throws CodedError GAS_PRICE_GAP unless the block is the next one
 */
export function updateGasPrice(
  state: GasPriceState,
  block: PriceBlock,
  config: GasPriceConfig,
): GasPriceState {
  if (block.height !== state.height + 1) {
    throw new CodedError(
      'GAS_PRICE_GAP',
      `the gas price needs every block in order: expected ${state.height + 1}, ` +
        `got ${block.height}; rebuild it from the chain`,
      { expected: state.height + 1, got: block.height },
    );
  }
  const feeWei = u128(block.feeCollected * WEI_PER_GWEI);
  const daRewardsTotal = u128(state.daRewardsTotal + daPartOfFee(state, feeWei));
  const daCostProjectedTotal = u128(
    state.daCostProjectedTotal + u128(block.bytes * state.daCostPerByte),
  );
  const counted: GasPriceState = {
    ...state,
    height: block.height,
    daRewardsTotal,
    daCostProjectedTotal,
    profit: i128(i128(daRewardsTotal) - i128(daCostProjectedTotal)),
    profitBefore: state.profit,
    activity: nextActivity(state.activity, block, activityOf(config)),
    execPriceScaled: nextExecPrice(state, block, config),
  };
  return {
    ...counted,
    daPriceScaled: nextDaPrice(counted, config),
    unrecordedBytes: u128(state.unrecordedBytes + block.bytes),
  };
}

/**
 * The state after the DA layer recorded blocks.
 * @throws CodedError DA_RECORD_EMPTY when nothing was recorded for the cost
 */
export function recordDaCost(
  state: GasPriceState,
  record: DaRecord,
  config: GasPriceConfig,
): GasPriceState {
  if (record.recordedBytes === 0n) {
    throw new CodedError(
      'DA_RECORD_EMPTY',
      'a DA record has a cost but no bytes: check the DA layer that reported it',
      { costWei: record.costWei },
    );
  }
  const unrecordedBytes = u128(state.unrecordedBytes - record.blockBytes);
  const daCostKnownTotal = u128(state.daCostKnownTotal + record.costWei);
  const daCostPerByte = record.costWei / record.recordedBytes;
  const counted: GasPriceState = {
    ...state,
    unrecordedBytes,
    daCostKnownTotal,
    daCostPerByte,
    daCostProjectedTotal: u128(daCostKnownTotal + u128(unrecordedBytes * daCostPerByte)),
  };
  return { ...counted, daPriceScaled: nextDaPrice(counted, config) };
}

/** Price of the next block. */
export function gasPriceOf(state: GasPriceState): bigint {
  return u64(state.execPriceScaled / SCALE + state.daPriceScaled / SCALE);
}

/** Highest price that the block `horizonBlocks` after the state's height can have. */
export function worstCaseGasPrice(
  state: GasPriceState,
  horizonBlocks: number,
  config: GasPriceConfig,
): bigint {
  const exec = grown(state.execPriceScaled / SCALE, config.execChangePercent, horizonBlocks);
  const da = grown(state.daPriceScaled / SCALE, config.daChangePercent ?? 0, horizonBlocks);
  return u64(exec + da);
}

/** `price · (1 + percent/100)^blocks`, rounded up, in doubles as the reference does. */
function grown(price: bigint, percent: number, blocks: number): bigint {
  // EXACT: above this the reference adds a margin for its rounding errors (…277, as a double).
  const cutoff = 16_948_547_188_989_276;
  const margin = 2000;
  const exponent = Math.max(0, blocks) * exactLn(1 + percent / 100);
  let approximate = Number(price) * exactExp(exponent);
  if (approximate > cutoff) approximate += margin;
  if (approximate >= 2 ** 64) return U64_MAX;
  return Number.isNaN(approximate) ? 0n : BigInt(Math.ceil(approximate));
}

function daPartOfFee(state: GasPriceState, feeWei: bigint): bigint {
  const exec = state.execPriceScaled / SCALE;
  const da = state.daPriceScaled / SCALE;
  const sum = exec + da;
  return sum === 0n ? 0n : (u128(feeWei * da) + sum - 1n) / sum;
}

function fullnessPercent(block: PriceBlock): bigint {
  return u64(block.usedGas * 100n) / block.capacityGas;
}

function nextActivity(activity: number, block: PriceBlock, config: ActivityConfig): number {
  const max = config.normalBlocks + config.cappedBlocks + config.decreaseBlocks;
  const full = fullnessPercent(block);
  const usage = full > 100n ? 100 : Number(full);
  const threshold = Math.min(config.thresholdPercent, 100);
  return usage < threshold ? Math.max(0, activity - 1) : Math.min(max, activity + 1);
}

function nextExecPrice(state: GasPriceState, block: PriceBlock, config: GasPriceConfig): bigint {
  const price = state.execPriceScaled;
  const step = u64(price * BigInt(config.execChangePercent)) / 100n;
  const threshold = BigInt(Math.min(config.thresholdPercent, 100));
  const next = fullnessPercent(block) >= threshold ? u64(price + step) : u64(price - step);
  const floor = u64(config.minExecPrice * SCALE);
  return clamp(next, floor, U64_MAX);
}

function nextDaPrice(state: GasPriceState, config: GasPriceConfig): bigint {
  const price = state.daPriceScaled;
  const stepMax = u64(price * BigInt(config.daChangePercent ?? 0)) / 100n;
  // A profit, or a growing one, lowers the price. bigint division truncates as Rust's does.
  const p = config.daPComponent === 0n ? 0n : i128(-(state.profit / config.daPComponent));
  const slope = i128(state.profit - state.profitBefore);
  const d = config.daDComponent === 0n ? 0n : i128(-(slope / config.daDComponent));
  const wanted = i128(i128(p + d) * SCALE);
  const change = restrained(clamp(wanted, -stepMax, stepMax), stepMax, state, config);
  const floor = u64(config.minDaPrice * SCALE);
  // A maximum below the minimum counts as the minimum.
  const top = clamp(config.maxDaPrice, config.minDaPrice, U64_MAX);
  return clamp(u64(price + change), floor, u64(top * SCALE));
}

/** On a quiet chain a rising DA price would only make it quieter. */
function restrained(
  change: bigint,
  stepMax: bigint,
  state: GasPriceState,
  config: GasPriceConfig,
): bigint {
  if (change <= 0n) return change;
  const { cappedBlocks, decreaseBlocks } = activityOf(config);
  if (state.activity >= decreaseBlocks + cappedBlocks) return change;
  return state.activity >= decreaseBlocks ? 0n : -stepMax;
}
