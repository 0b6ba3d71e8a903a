/** What the node tells of its chain on Ethereum. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { composeNode, type Node } from '../../node/compose.ts';
import { embeddedConfig } from '../../node/defaults.ts';
import { SILENT_LOG } from '../../node/log.ts';
import { anvilPath } from '../support/anvil.ts';
import { randomOf } from '../support/chainMaker.ts';
import { grow, openRollup } from '../support/rollup.ts';

type Row = Readonly<Record<string, unknown>>;
type Report = Readonly<
  Record<'batches' | 'deposits' | 'withdrawals' | 'disputes', readonly Row[]>
> &
  Row;

async function ask(node: Node, method = 'GET'): Promise<{ status: number; body: Report }> {
  const request = { path: '/settlement', method, headers: {}, body: '' };
  const { status, body } = await node.api.handle(request);
  return { status, body: JSON.parse(body as string) as Report };
}

test('batches and deposits of a chain that commits', { skip: anvilPath() === null }, async (t) => {
  const rollup = await openRollup(t, randomOf(3), 4);
  const { anvil, node } = rollup;
  await grow(rollup);
  const height = (): number => node.services.committer.progress()?.committed?.height ?? 0;
  while (height() < 8) {
    await anvil.test.mine({ blocks: 1 });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { body } = await ask(node);
  assert.equal(body['kind'], 'own');
  assert.equal(body['failure'], null);
  const { batches, deposits, disputes } = body;
  assert.ok(batches.length >= 2);
  const [newest, second] = batches;
  assert.equal(newest!['first'], (second!['last'] as number) + 1);
  assert.equal(newest!['number'], batches.length - 1);
  assert.equal(newest!['final'], false);
  assert.match(newest!['transaction'] as string, /^0x[0-9a-f]{64}$/);
  const sent = (await rollup.events()).filter(({ type }) => type === 'message');
  assert.equal(deposits.length, sent.length);
  for (const { status, amount } of deposits) {
    assert.ok(['SPENT', 'UNSPENT'].includes(status as string), status as string);
    assert.match(amount as string, /^\d+$/);
  }
  assert.deepEqual(disputes, []);
  assert.equal((await ask(node, 'POST')).status, 405);
  assert.equal((await ask(node, 'OPTIONS')).status, 200);
});

test('a node without Ethereum says so; one that cannot reach it tells why', async (t) => {
  const lone = await composeNode(embeddedConfig({ workerCount: 0 }), { log: SILENT_LOG });
  t.after(() => lone.close());
  assert.deepEqual((await ask(lone)).body, { enabled: false });
  const rollup = {
    url: 'http://127.0.0.1:1',
    settlement: `0x${'12'.repeat(20)}`,
    secret: `0x${'34'.repeat(32)}`,
    blocksPerBatch: 4,
    maxWaitMs: 1_000,
    pollMs: 1_000,
    bumpAfterMs: 1_000,
    maxFeeCap: 1n,
  } as const;
  const cut = await composeNode(embeddedConfig({ workerCount: 0, rollup }), { log: SILENT_LOG });
  t.after(() => cut.close());
  const { body } = await ask(cut);
  assert.equal(body['enabled'], true);
  assert.match(body['failure'] as string, /127\.0\.0\.1:1/);
  assert.deepEqual(body.batches, []);
});
