import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HISTORY_KEYS_MAX, ReadHistory } from '../../../executor/readHistory.ts';
import { idOf } from '../../support/chainMaker.ts';
import * as make from '../../support/executorTx.ts';
import { memoryState } from '../../support/memoryState.ts';

const VIEW = memoryState([make.testWorld()]);

test('nothing is expected of a contract that nobody called', () => {
  assert.equal(new ReadHistory().expected(make.CONTRACT, VIEW), null);
});

test('the newest keys are kept, the oldest go', () => {
  const history = new ReadHistory();
  for (let n = 0; n <= HISTORY_KEYS_MAX; n += 1) {
    history.note('slot', make.CONTRACT, idOf(`slot ${n}`));
    history.note('balance', make.CONTRACT, idOf(`asset ${n % 2}`));
  }
  const { slots, balances } = history.expected(make.CONTRACT, VIEW) ?? {};
  assert.equal(slots?.size, HISTORY_KEYS_MAX);
  assert.equal(slots?.has(idOf('slot 0')), false);
  assert.equal(slots?.get(idOf(`slot ${HISTORY_KEYS_MAX}`)), null);
  assert.equal(balances?.size, 2);
});
