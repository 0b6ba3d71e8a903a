import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECEIPTS_MAX, receiptFits } from '../../../vm/receipts.ts';

test('the last two places are kept for the panic and the script result', () => {
  assert.equal(receiptFits(RECEIPTS_MAX - 3, 'log'), true);
  assert.equal(receiptFits(RECEIPTS_MAX - 2, 'log'), false);
  assert.equal(receiptFits(RECEIPTS_MAX - 2, 'panic'), true);
  assert.equal(receiptFits(RECEIPTS_MAX - 1, 'panic'), false);
  assert.equal(receiptFits(RECEIPTS_MAX - 1, 'scriptResult'), true);
  assert.equal(receiptFits(RECEIPTS_MAX, 'scriptResult'), false);
});
