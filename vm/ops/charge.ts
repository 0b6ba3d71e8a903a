/**
 * Charges from inside an effect, for the rows whose price is known midway. The dispatcher charges
 * all other rows.
 */
import { effectiveGasCosts } from '../../tx/gasTable.ts';
import type { GasCostValue } from '../../tx/params.ts';
import { growingCost } from '../gas.ts';
import type { Machine } from '../machine.ts';
import { PANIC } from '../panic.ts';
import type { Step } from '../row.ts';

const U64_MAX = 0xffff_ffff_ffff_ffffn;

function costOf(m: Machine, key: string): GasCostValue | undefined {
  return effectiveGasCosts(m.ctx.params.gasCosts).get(key);
}

/** The whole price of `key` for `units`; a key that the table does not define is a panic. */
export function chargeKey(m: Machine, key: string, units: bigint): Step {
  return m.chargeDependent(costOf(m, key), units);
}

/** The fixed part of a dependent price. */
export function chargeBase(m: Machine, key: string): Step {
  const cost = costOf(m, key);
  if (cost === undefined) return PANIC.GasCostNotDefined;
  return m.chargeGas(typeof cost === 'bigint' ? cost : cost.base);
}

/** The part of a dependent price that grows; `chargeBase` has charged the rest. */
export function chargeUnits(m: Machine, key: string, units: bigint): Step {
  const cost = costOf(m, key);
  if (cost === undefined) return PANIC.GasCostNotDefined;
  return typeof cost === 'bigint' ? 0 : m.chargeGas(growingCost(cost, units));
}

/** The price of bytes that stay in the state. */
export function chargeNewBytes(m: Machine, bytes: bigint): Step {
  const cost = costOf(m, 'new_storage_per_byte');
  if (typeof cost !== 'bigint') return PANIC.GasCostNotDefined;
  const gas = bytes * cost;
  return m.chargeGas(gas > U64_MAX ? U64_MAX : gas);
}
