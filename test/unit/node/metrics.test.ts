import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../../node/metrics.ts';
import { b256, fakeServices } from '../../support/fakeServices.ts';

test('the pool: parts, waiting times, hot contracts', async () => {
  const metrics = createMetrics(fakeServices().services);
  const lines = (await metrics.text()).split('\n');
  metrics.close();
  for (const line of [
    'txpool_transaction_count 3',
    'txpool_verifying_count 1',
    'txpool_pending_count 2',
    'txpool_executable_count 3',
    'txpool_in_flight_count 4',
    'txpool_oldest_wait_seconds 1.5',
    'txpool_overdue_total 6',
    'txpool_held_back_total 7',
    `txpool_contract_waiting_count{contract="${b256(0xc0)}"} 2`,
  ]) {
    assert.ok(lines.includes(line), line);
  }
});
