import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import {
  configureEngine,
  ENGINE_SETTINGS,
  engineReport,
  engineSettingOf,
} from '../../../vm/engine.ts';
import { engineChoiceOf } from '../../support/engineOption.ts';

afterEach(() => configureEngine({ setting: 'interpreter' }));

test('the choice is kept until the next one', () => {
  for (const setting of ENGINE_SETTINGS) {
    configureEngine({ setting, seed: 7 });
    assert.equal(engineReport().setting, setting);
    assert.equal(engineReport().seed, 7);
  }
});

test('texts name settings, or nothing', () => {
  assert.equal(engineSettingOf('jit'), 'jit');
  assert.equal(engineSettingOf('JIT'), null);
  assert.equal(engineSettingOf(''), null);
});

test('flags go before the environment, which goes before the usual engine', () => {
  const env = { FUELRAIL_VM_ENGINE: 'random', FUELRAIL_VM_ENGINE_SEED: '5' };
  assert.deepEqual(engineChoiceOf([], {}), { setting: 'interpreter', seed: 1 });
  assert.deepEqual(engineChoiceOf([], env), { setting: 'random', seed: 5 });
  const args = ['--engine', 'jit', '--engine-seed', '9'];
  assert.deepEqual(engineChoiceOf(args, env), { setting: 'jit', seed: 9 });
  assert.throws(() => engineChoiceOf(['--engine', 'fast'], {}), /unknown engine fast/);
  assert.throws(() => engineChoiceOf(['--engine-seed', '-1'], {}), /--engine-seed/);
});
