/**
 * Prices by opcode, resolved once per gas table.
 *
 * @source fuel-tx 0.66.4, gas costs; fuel-vm 0.66.4, gas
 */
import { effectiveGasCosts } from '../tx/gasTable.ts';
import type { DependentCost, GasCosts, GasCostValue } from '../tx/params.ts';

const U64_MAX = 0xffff_ffff_ffff_ffffn;

function saturate(value: bigint): bigint {
  return value > U64_MAX ? U64_MAX : value;
}

/** The part of a price that grows with `units`. A slope of 0 units per gas is the highest price. */
export function growingCost(cost: DependentCost, units: bigint): bigint {
  if (cost.type === 'heavy') return saturate(units * cost.gasPerUnit);
  return cost.unitsPerGas === 0n ? U64_MAX : units / cost.unitsPerGas;
}

/** The whole price for `units`; a plain number does not grow. */
export function wholeCost(cost: GasCostValue, units: bigint): bigint {
  if (typeof cost === 'bigint') return cost;
  return saturate(cost.base + growingCost(cost, units));
}

/** What the VM asks about prices. */
export type GasTable = {
  /** By opcode; undefined: not defined by this table, or not charged by the dispatcher. */
  readonly byCode: readonly (GasCostValue | undefined)[];
  /**
   * By opcode, for the hot loop: fixed prices, and the base of those that grow by division.
   * {@link NEVER_HOT}: the general path must charge.
   */
  readonly hot: Int32Array;
  /** By opcode: units per gas of prices that grow by division; Infinity for those that do not. */
  readonly unitsPerGas: Float64Array;
};

/** Above every budget of the hot loop. */
export const NEVER_HOT = 0x7fff_ffff;
/** Largest price that the hot loop charges by itself, and its largest budget. */
export const HOT_BUDGET_MAX = 0x3fff_ffff;

/** An opcode and the name of its price; null: the effect charges. */
export type PricedRow = { readonly code: number; readonly key: string | null };

const tables: WeakMap<GasCosts, GasTable> = new WeakMap();

/** Base and units per gas for the hot loop, or null when it cannot charge this price. */
function hotPrice(price: GasCostValue): [base: number, per: number] | null {
  const base = typeof price === 'bigint' ? price : price.base;
  if (base > BigInt(HOT_BUDGET_MAX)) return null;
  if (typeof price === 'bigint') return [Number(base), Infinity];
  if (price.type === 'heavy') return price.gasPerUnit === 0n ? [Number(base), Infinity] : null;
  return price.unitsPerGas === 0n ? null : [Number(base), Number(price.unitsPerGas)];
}

/** The table of `costs`, made at its first use. `rows` is always the whole instruction set. */
export function gasTableOf(costs: GasCosts, rows: readonly PricedRow[]): GasTable {
  const known = tables.get(costs);
  if (known !== undefined) return known;
  const prices = effectiveGasCosts(costs);
  const byCode: (GasCostValue | undefined)[] = new Array(256).fill(undefined);
  const hot = new Int32Array(256).fill(NEVER_HOT);
  const unitsPerGas = new Float64Array(256).fill(Infinity);
  for (const { code, key } of rows) {
    const price = key === null ? undefined : prices.get(key);
    byCode[code] = price;
    const hotter = price === undefined ? null : hotPrice(price);
    if (hotter !== null) [hot[code], unitsPerGas[code]] = hotter;
  }
  const table: GasTable = { byCode, hot, unitsPerGas };
  tables.set(costs, table);
  return table;
}
