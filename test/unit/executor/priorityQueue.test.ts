import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PriorityQueue } from '../../../executor/priorityQueue.ts';

test('pops in order whatever was pushed when (seed 11)', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 99 }))), (steps) => {
      const queue = new PriorityQueue((a, b) => a < b);
      const model: number[] = [];
      for (const step of steps) {
        if (step === null) {
          model.sort((a, b) => a - b);
          assert.equal(queue.peek(), model[0] ?? null);
          assert.equal(queue.pop(), model.shift() ?? null);
        } else {
          queue.push(step);
          model.push(step);
        }
        assert.equal(queue.length, model.length);
      }
    }),
    { seed: 11, numRuns: 500 },
  );
});
