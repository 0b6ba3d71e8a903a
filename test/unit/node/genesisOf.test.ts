/** What is said while a large genesis is read. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { genesisOf, IMPORT_TOLD_FROM, tellImport } from '../../../node/genesisOf.ts';
import type { Snapshot } from '../../../state/snapshot.ts';

/** Lines that were logged for a genesis of so many coins that takes four seconds. */
function told(coinCount: number): string[] {
  const local = genesisOf(null, null);
  const [coin] = local.stateConfig.coins;
  assert.ok(coin);
  const coins = Array.from({ length: coinCount }, () => coin);
  const stateConfig = { ...local.stateConfig, coins, messages: [], contracts: [] };
  const snapshot: Snapshot = { ...local, stateConfig };
  const lines: string[] = [];
  const times = [1_000, 5_000];
  const done = tellImport(
    snapshot,
    { info: (line) => void lines.push(line) },
    () => times.shift() ?? 0,
  );
  done();
  return lines;
}

it('a small genesis is not talked about', () => {
  assert.deepEqual(told(IMPORT_TOLD_FROM - 1), []);
});

it('a large one: before, and after with a rate', () => {
  assert.deepEqual(told(IMPORT_TOLD_FROM), [
    `Reading the genesis: ${IMPORT_TOLD_FROM} coins, 0 messages, 0 contracts`,
    'Genesis read in 4.0 s, 5000 entries/s',
  ]);
});
