import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultWorkerCount } from '../../../node/runner.ts';

test('every core but the main thread’s gets a worker, up to a limit', () => {
  assert.deepEqual([0, 1, 2, 4, 17, 64].map(defaultWorkerCount), [0, 0, 1, 3, 16, 16]);
});
