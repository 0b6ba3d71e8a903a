import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GAS_ENTRIES } from '../../../tx/gasTable.ts';
import { ISA } from '../../../vm/isa.ts';
import { PANIC, panicName } from '../../../vm/panic.ts';
import { rulesFor } from '../../../vm/rules.ts';
import { PARAMS } from './support.ts';

test('127 instructions, sorted by code, in at most 24 bits', () => {
  assert.equal(ISA.length, 127);
  for (const [i, row] of ISA.entries()) {
    assert.ok(i === 0 || ISA[i - 1]!.code < row.code, row.name);
    const bits = row.args.map((spec) => (spec.endsWith(':R') ? 6 : Number(spec.split(':I')[1])));
    assert.ok(bits.reduce((sum, n) => sum + n, 0) <= 24, row.name);
  }
});

test('every price that rows name exists in the newest gas table, with units where it grows', () => {
  const entries = new Map(GAS_ENTRIES[7].map((entry) => [entry.key, entry.dependent]));
  for (const { name, gas, args } of ISA) {
    if (gas === 'inside') continue;
    const key = typeof gas === 'string' ? gas : gas.key;
    assert.equal(entries.get(key), typeof gas !== 'string', name);
    if (typeof gas !== 'string') {
      assert.ok(
        args.some((spec) => spec.startsWith(`${gas.units}:`)),
        name,
      );
    }
  }
});

test('predicates may not use what needs contracts', () => {
  const forbidden = ISA.filter((row) => !row.predicateAllowed).map((row) => row.name);
  for (const name of ['CALL', 'RETD', 'LOG', 'SRW', 'SWWQ', 'MINT', 'SMO', 'TIME', 'SPLD']) {
    assert.ok(forbidden.includes(name), name);
  }
  for (const name of ['LDC', 'BLDD', 'GTF', 'ECAL', 'RET']) {
    assert.ok(!forbidden.includes(name), name);
  }
});

test('panic bytes have names', () => {
  assert.equal(panicName(PANIC.OutOfGas), 'OutOfGas');
  assert.equal(panicName(66), 'StorageOutOfBounds');
  assert.equal(panicName(200), 'UnknownPanicReason');
  assert.deepEqual(Object.values(PANIC), [...Object.values(PANIC).keys()]);
});

test('old gas tables select the old rules, unless told otherwise', () => {
  const old = { ...PARAMS, gasCosts: { ...PARAMS.gasCosts, version: 6 as const } };
  assert.equal(rulesFor(PARAMS, 'auto'), '0.66');
  assert.equal(rulesFor(old, 'auto'), '0.65');
  assert.equal(rulesFor(old, '0.66'), '0.66');
});

test('generated files are fresh: npm run gen', () => {
  const compiled = fileURLToPath(new URL('../../../', import.meta.url));
  const candidates = [`${compiled}../scripts/gen.mjs`, `${compiled}scripts/gen.mjs`];
  const script = candidates.find((path) => existsSync(path));
  assert.ok(script !== undefined, 'scripts/gen.mjs is found');
  execFileSync(process.execPath, [script, '--from', compiled, '--check'], { stdio: 'pipe' });
});
