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

test('what was read in one block only is not expected', () => {
  const history = new ReadHistory();
  for (const blockNumber of [1, 1, 2]) {
    history.blockNumber = blockNumber;
    history.note('slot', make.CONTRACT, idOf(`slot of ${blockNumber}`));
  }
  assert.equal(history.expected(make.CONTRACT, VIEW), null);
  history.note('balance', make.CONTRACT, idOf('asset'));
  history.blockNumber = 3;
  history.note('balance', make.CONTRACT, idOf('asset'));
  const { slots, balances } = history.expected(make.CONTRACT, VIEW) ?? {};
  assert.deepEqual([slots?.size, balances?.size], [0, 1]);
});

test('the newest keys are kept, the oldest go', () => {
  const history = new ReadHistory();
  for (let n = 0; n <= HISTORY_KEYS_MAX; n += 1) {
    for (const blockNumber of [2 * n, 2 * n + 1]) {
      history.blockNumber = blockNumber;
      history.note('slot', make.CONTRACT, idOf(`slot ${n}`));
      history.note('balance', make.CONTRACT, idOf(`asset ${n % 2}`));
    }
  }
  const { slots, balances } = history.expected(make.CONTRACT, VIEW) ?? {};
  assert.equal(slots?.size, HISTORY_KEYS_MAX);
  assert.equal(slots?.has(idOf('slot 0')), false);
  assert.equal(slots?.get(idOf(`slot ${HISTORY_KEYS_MAX}`)), null);
  assert.equal(balances?.size, 2);
});

test('a key that every transaction reads is expected, however many others are read', () => {
  const history = new ReadHistory();
  for (history.blockNumber = 1; history.blockNumber <= 3; history.blockNumber += 1) {
    for (let n = 0; n < 3 * HISTORY_KEYS_MAX; n += 1) {
      history.note('slot', make.CONTRACT, idOf(`fresh ${history.blockNumber} ${n}`));
      history.note('slot', make.CONTRACT, idOf('supply'));
    }
  }
  const { slots } = history.expected(make.CONTRACT, VIEW) ?? {};
  assert.deepEqual([...slots!.keys()], [idOf('supply')]);
});
