/** Trees from receipts that no block ever held. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { TraceRecorder } from '../../../../node/trace/recorder.ts';
import { CALL_DEPTH_MAX, traceCallOf } from '../../../../node/trace/tree.ts';
import type { TraceCall } from '../../../../node/trace/types.ts';
import { ZERO_B256 } from '../../../../primitives/types.ts';
import type { Receipt } from '../../../../tx/receipt.ts';

const call: Receipt = {
  type: 'call',
  id: ZERO_B256,
  to: `0x${'11'.repeat(32)}`,
  amount: 0n,
  assetId: ZERO_B256,
  gas: 9n,
  param1: 0n,
  param2: 0n,
  pc: 0n,
  is: 0n,
};
const end: Receipt = { type: 'return', id: ZERO_B256, val: 1n, pc: 0n, is: 0n };

it('calls in calls are shown up to a depth, and counted below it', () => {
  const depth = 20_000;
  const receipts = [...Array<Receipt>(depth).fill(call), ...Array<Receipt>(depth + 1).fill(end)];
  const tree = traceCallOf(receipts, new TraceRecorder());
  let at: TraceCall = tree;
  let levels = 0;
  for (;;) {
    const [next] = at.steps;
    if (next?.type !== 'call') break;
    at = next;
    levels += 1;
  }
  assert.equal(levels, CALL_DEPTH_MAX);
  assert.equal(at.hiddenCalls, depth - CALL_DEPTH_MAX);
  assert.ok(JSON.stringify(tree).length > 0);
});

it('receipts that end too often do no harm', () => {
  const tree = traceCallOf([end, end, call, end], { read: () => null });
  assert.equal(tree.end.type, 'return');
});
