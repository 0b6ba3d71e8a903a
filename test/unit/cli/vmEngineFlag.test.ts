import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSettings } from '../../../cli/runConfig.ts';

const NONE: ReadonlyMap<string, string> = new Map();

test('--vm-engine and its environment variable choose the engine; auto is the default', () => {
  assert.equal(runSettings(NONE, {}).config.vmEngine, 'auto');
  const given = new Map([['vm-engine', 'interpreter']]);
  assert.equal(runSettings(given, {}).config.vmEngine, 'interpreter');
  assert.equal(runSettings(NONE, { FUELRAIL_VM_ENGINE: 'jit' }).config.vmEngine, 'jit');
  assert.throws(() => runSettings(NONE, { FUELRAIL_VM_ENGINE: 'fast' }), {
    code: 'CLI_BAD_VALUE',
    message: /--vm-engine/,
  });
});
