/**
 * A sample of the reference's answers, always; all of them, in ../shared/vectors next to the
 * package, when FUELRAIL_FULL_VECTORS=1.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { useEngineUnderTest } from '../support/engineOption.ts';
import { checkVector } from './check.ts';
import { testDataUrl } from './host.ts';
import { readVectors } from './json.ts';
import { NOT_COMPARABLE } from './legacyHost.ts';
import { vectorFiles } from './run.ts';

const SHOWN_MAX = 3;

useEngineUnderTest();

function checkFile(path: string): void {
  let count = 0;
  const differences: string[] = [];
  for (const vector of readVectors(path)) {
    count++;
    const difference = checkVector(vector);
    if (difference !== null && difference !== NOT_COMPARABLE)
      differences.push(`${vector.n}: ${difference}`);
  }
  assert.ok(count > 0, `${path} has vectors`);
  const shown = differences.slice(0, SHOWN_MAX).join('\n');
  assert.equal(differences.length, 0, `${differences.length} of ${count} differ\n${shown}`);
}

for (const path of vectorFiles(fileURLToPath(testDataUrl('vectors/')))) {
  test(`sampled vectors: ${basename(path)}`, () => checkFile(path));
}

const whole = fileURLToPath(testDataUrl('../../../shared/vectors/'));
const isWhole = process.env['FUELRAIL_FULL_VECTORS'] === '1';
test('all vectors', { skip: !isWhole && 'FUELRAIL_FULL_VECTORS is not 1' }, async (t) => {
  assert.ok(existsSync(whole), `${whole} does not exist`);
  for (const path of vectorFiles(whole)) await t.test(basename(path), () => checkFile(path));
});
