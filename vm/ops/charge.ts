/**
 * Charges from inside an effect, for the rows whose price is known midway. The dispatcher charges
 * all other rows.
 */
import { effectiveGasCosts } from '../../tx/gasTable.ts';
import type { GasCosts, GasCostValue } from '../../tx/params.ts';
import { growingCost } from '../gas.ts';
import type { Machine } from '../machine.ts';
import { PANIC } from '../panic.ts';
import type { Step } from '../row.ts';

const U64_MAX = 0xffff_ffff_ffff_ffffn;
/** Prices and units up to here are exact as doubles, and so are their sums and products. */
const EXACT_MAX = 0x3ff_ffff;

/** A price as doubles, for what is not huge. */
type Price = {
  readonly cost: GasCostValue;
  /** Above EXACT_MAX: take `cost`. */
  readonly base: number;
  /** Infinity: it does not grow by division. */
  readonly unitsPerGas: number;
  readonly gasPerUnit: number;
};

const tables: WeakMap<GasCosts, ReadonlyMap<string, Price>> = new WeakMap();
/** What was asked for last; the parts of one price are charged one after the other. */
const last: {
  costs: GasCosts | null;
  prices: ReadonlyMap<string, Price>;
  key: string;
  price: Price | undefined;
} = { costs: null, prices: new Map(), key: '', price: undefined };

function priceFrom(cost: GasCostValue): Price {
  if (typeof cost === 'bigint') {
    return { cost, base: Number(cost), unitsPerGas: Number.POSITIVE_INFINITY, gasPerUnit: 0 };
  }
  const slope = Number(cost.type === 'heavy' ? cost.gasPerUnit : cost.unitsPerGas);
  const isExact = slope <= EXACT_MAX && (cost.type === 'heavy' || slope > 0);
  return {
    cost,
    base: isExact ? Number(cost.base) : Number.POSITIVE_INFINITY,
    unitsPerGas: cost.type === 'heavy' ? Number.POSITIVE_INFINITY : slope,
    gasPerUnit: cost.type === 'heavy' ? slope : 0,
  };
}

function priceOf(m: Machine, key: string): Price | undefined {
  const costs = m.ctx.params.gasCosts;
  if (costs !== last.costs) {
    let prices = tables.get(costs);
    if (prices === undefined) {
      const all = effectiveGasCosts(costs);
      prices = new Map([...all].map(([name, cost]) => [name, priceFrom(cost)]));
      tables.set(costs, prices);
    }
    last.costs = costs;
    last.prices = prices;
    last.key = '';
  } else if (key === last.key) return last.price;
  last.key = key;
  last.price = last.prices.get(key);
  return last.price;
}

/** What grows, where both are exact. */
function growth(price: Price, units: number): number {
  return Math.floor(units / price.unitsPerGas) + units * price.gasPerUnit;
}

/** The whole price of `key` for `units`; a key that the table does not define is a panic. */
export function chargeKey(m: Machine, key: string, units: number | bigint): Step {
  const price = priceOf(m, key);
  if (price === undefined) return PANIC.GasCostNotDefined;
  if (units <= EXACT_MAX && price.base <= EXACT_MAX) {
    return m.chargeGas(price.base + growth(price, Number(units)));
  }
  return m.chargeDependent(price.cost, BigInt(units));
}

/** The fixed part of a dependent price. */
export function chargeBase(m: Machine, key: string): Step {
  const price = priceOf(m, key);
  if (price === undefined) return PANIC.GasCostNotDefined;
  if (price.base <= EXACT_MAX) return m.chargeGas(price.base);
  return m.chargeGas(typeof price.cost === 'bigint' ? price.cost : price.cost.base);
}

/** The part of a dependent price that grows; `chargeBase` has charged the rest. */
export function chargeUnits(m: Machine, key: string, units: number | bigint): Step {
  const price = priceOf(m, key);
  if (price === undefined) return PANIC.GasCostNotDefined;
  if (typeof price.cost === 'bigint') return 0;
  if (units <= EXACT_MAX && price.base <= EXACT_MAX) {
    return m.chargeGas(growth(price, Number(units)));
  }
  return m.chargeGas(growingCost(price.cost, BigInt(units)));
}

/** The price of bytes that stay in the state. */
export function chargeNewBytes(m: Machine, bytes: number | bigint): Step {
  const price = priceOf(m, 'new_storage_per_byte');
  if (price === undefined || typeof price.cost !== 'bigint') return PANIC.GasCostNotDefined;
  if (bytes <= EXACT_MAX && price.base <= EXACT_MAX) return m.chargeGas(Number(bytes) * price.base);
  const gas = BigInt(bytes) * price.cost;
  return m.chargeGas(gas > U64_MAX ? U64_MAX : gas);
}
