import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FakeFaults } from '../../support/daFake.ts';
import { NO_FAULTS } from '../../support/daFake.ts';
import { faultRun, type RunResult } from '../../support/daRuns.ts';
import { REALISTIC, Traffic } from '../../support/daTraffic.ts';

/** The whole suite takes FUELRAIL_DA_RUNS of these; 500 in `npm run check`. */
const RUNS = Number(process.env['FUELRAIL_DA_RUNS'] ?? (process.env['FUELRAIL_SLOW'] ? 500 : 20));
const BLOCKS = 14;

function traffic(): Traffic {
  const made = new Traffic({ ...REALISTIC, accounts: 40 });
  for (let i = 0; i < BLOCKS; i++) made.next(i % 4);
  return made;
}

const ALL: FakeFaults = {
  unsent: 10,
  unknown: 15,
  vanished: 10,
  delayed: 20,
  lies: 10,
  down: 10,
  reorganised: 8,
};

async function runs(count: number, faults: FakeFaults, firstSeed: number): Promise<RunResult[]> {
  const chain = traffic();
  const expected = chain.blocks.map(({ block }) => block.header.id);
  const results: RunResult[] = [];
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const result = await faultRun(seed, chain, faults).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    });
    assert.deepEqual(result.ids, expected, `seed ${seed}`);
    results.push(result);
  }
  return results;
}

function sum(results: readonly RunResult[], pick: (result: RunResult) => number): number {
  return results.reduce((total, result) => total + pick(result), 0);
}

describe('posting on a layer where everything fails', () => {
  it(`loses nothing and applies nothing twice in ${RUNS} seeded runs`, async () => {
    const results = await runs(RUNS, ALL, 1);
    // The runs met what they are about.
    assert.ok(sum(results, ({ crashes }) => crashes) > 0);
    assert.ok(sum(results, ({ resubmissions }) => resubmissions) > 0);
    assert.ok(sum(results, ({ duplicates }) => duplicates) > 0);
    assert.ok(sum(results, ({ foreign }) => foreign) > 0);
    assert.ok(sum(results, ({ reorganisations }) => reorganisations) > 0);
  });

  const single: [string, Partial<FakeFaults>][] = [
    ['the answer times out, the blob lands', { unknown: 60 }],
    ['the answer times out, the blob lands late', { unknown: 50, delayed: 80 }],
    ['the blob never arrives', { vanished: 50 }],
    ['the connection is refused', { unsent: 60 }],
    ['bytes come back cut, changed or as null', { lies: 40 }],
    ['the layer does not answer', { down: 40 }],
    ['heights are taken back', { reorganised: 30 }],
    ['only processes end', {}],
  ];
  for (const [name, faults] of single) {
    it(`holds when ${name}`, async () => {
      await runs(4, { ...NO_FAULTS, ...faults }, 9_000);
    });
  }
});
