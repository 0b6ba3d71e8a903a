import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '../../../node/metrics.ts';
import type { NodeServices } from '../../../node/services.ts';
import { fakeServices } from '../../support/fakeServices.ts';

async function linesOf(over: Partial<NodeServices>): Promise<string[]> {
  const metrics = createMetrics({ ...fakeServices().services, ...over });
  const lines = (await metrics.text()).split('\n');
  metrics.close();
  return lines.filter((line) => /^(relayer|committer)_/.test(line));
}

test('following Ethereum and committing to it', async () => {
  const relayer = { read: 90n, finalized: 97n, pageSize: 5, failure: 'down' };
  const committer = { committed: { commit: 3, height: 30 }, pending: 7, obstacle: null };
  const lines = await linesOf({
    relayer: { progress: () => relayer },
    committer: { progress: () => committer },
  });
  assert.deepEqual(lines, [
    'relayer_read_height_blocks 90',
    'relayer_finalized_height_blocks 97',
    'relayer_failing 1',
    'committer_height_blocks 30',
    'committer_pending 1',
    'committer_obstructed 0',
  ]);
});

test('a node that does neither says nothing of it', async () => {
  assert.deepEqual(await linesOf({}), []);
});
