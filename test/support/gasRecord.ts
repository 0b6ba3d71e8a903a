/** Gas of calls of the project's contracts, as recorded beside them. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './nodeProcess.ts';

const GAS_FILE = join(ROOT, 'settlement', 'contracts', 'gas.json');
/** No statement may need more. */
const GAS_MAX = 400_000;
/** Signatures and ids have zero bytes by chance, which cost less. */
const TOLERANCE = 0.03;

/**
 * What was used is what is recorded. FUELRAIL_WRITE_GAS=1 records it.
 * @param gas by label, as anvil told
 */
export function checkGas(gas: ReadonlyMap<string, bigint>, names: readonly string[]): void {
  // Marked contracts use more.
  if (process.env['FUELRAIL_CONTRACTS'] !== undefined) return;
  const recorded = JSON.parse(readFileSync(GAS_FILE, 'utf8')) as Record<string, number>;
  const used = Object.fromEntries(names.map((name) => [name, Number(gas.get(name))]));
  if (process.env['FUELRAIL_WRITE_GAS'] === '1') {
    const all = Object.entries({ ...recorded, ...used });
    all.sort(([a], [b]) => a.localeCompare(b));
    writeFileSync(GAS_FILE, `${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
    return;
  }
  for (const [name, units] of Object.entries(used)) {
    assert.ok(units < GAS_MAX, `${name}: ${units}`);
    const off = Math.abs(units - (recorded[name] ?? 0)) / units;
    assert.ok(off < TOLERANCE, `${name}: ${units}, recorded ${recorded[name]}`);
  }
}
