import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WAITING_COUNT_MAX } from '../../../../node/explain/service.ts';
import { bytesToHex } from '../../../../primitives/bytes.ts';
import { type ExplainNode, explainNode } from '../../../support/explainNode.ts';

const PREFIX = '/v1/fuelrail/explain';

describe('explaining a node', () => {
  it('a block: sets, edges with keys, costs, reasons', async () => {
    const it = await explainNode('hot-contract', { count: 6 });
    const height = await it.block(0, 5);
    const { status, body } = await it.get(`${PREFIX}/block/${height}`);
    assert.equal(status, 200);
    assert.equal(body.height, height);
    assert.equal(body.txs.length, 6);
    assert.equal(body.sets.length, 1);
    assert.equal(body.sets[0].chainTxCount, 6);
    assert.equal(body.edgeCount, 5);
    const contract = [...it.made.genesis.contractCode.keys()][0];
    assert.ok(body.edges.every((edge: any) => edge.keys[0].id === contract));
    assert.deepEqual(body.criticalPath, [0, 1, 2, 3, 4, 5]);
    assert.match(body.why.join('\n'), /6 of 6 transactions share contract/);
    assert.equal(body.canRunAgain, true);
    assert.equal(body.source, 'measured');
    assert.deepEqual(
      body.lanes.map(({ worker, txs }: any) => [worker, txs.length]),
      [[-1, 6]],
    );
    assert.match(body.why[0], /^It ran on the main thread: /);
    const byId = await it.get(`${PREFIX}/block/${body.id}`);
    assert.equal(byId.body.id, body.id);
    assert.equal((await it.get(`${PREFIX}/block/latest`)).body.id, body.id);
    await it.node.close();
  });

  it('a transaction in a block: for whom it waited, who waits for it', async () => {
    const it = await explainNode('hot-contract', { count: 3 });
    await it.block(0, 2);
    const ids = (await it.get(`${PREFIX}/block/latest`)).body.txs.map(({ id }: any) => id);
    const { body } = await it.get(`${PREFIX}/tx/${ids[1]}`);
    assert.equal(body.where, 'block');
    assert.deepEqual(
      [body.waitedFor, body.awaitedBy].map((list) => list.map(({ id }: any) => id)),
      [[ids[0]], [ids[2]]],
    );
    assert.equal(body.waitedFor[0].keys[0].kind, 'contract');
    assert.equal(body.block.isCritical, true);
    assert.match(body.why[0], /3 of 3 transactions share/);
    await it.node.close();
  });

  it('the pool: sets, hot keys, and one of its transactions', async () => {
    const it = await explainNode('hot-contract', { count: 4 });
    for (const { raw } of it.made.txs) await it.node.services.txs.submit(raw);
    const { body } = await it.get(`${PREFIX}/pool`);
    assert.equal(body.txCount, 4);
    assert.equal(body.setCount, 1);
    assert.equal(body.sets[0].chainTxCount, 4);
    assert.match(body.why[0], /^4 of 4 transactions share contract/);
    const one = await it.get(`${PREFIX}/tx/${it.made.txs[1]!.id}`);
    assert.equal(one.body.where, 'pool');
    assert.equal(one.body.waitedFor.length, 3);
    await it.node.close();
  });

  it('lists that declare too much are told, by receipts', async () => {
    const it = await explainNode('over-declared', { count: 4, contracts: 3, declared: 2 });
    await it.block(0, 3);
    const { body } = await it.get(`${PREFIX}/block/latest`);
    assert.match(body.why.join('\n'), /4 transactions declare contracts that no receipt names/);
    await it.node.close();
  });

  it('answers so many at a time, refuses more, and goes on', async () => {
    const it = await explainNode('transfers', { count: 1 });
    const all = Array.from({ length: WAITING_COUNT_MAX + 2 }, () => it.get(`${PREFIX}/block/0`));
    const statuses = (await Promise.all(all)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 200).length, WAITING_COUNT_MAX);
    assert.equal(statuses.filter((status) => status === 503).length, 2);
    assert.equal((await it.get(`${PREFIX}/block/0`)).status, 200);
    await it.node.close();
  });

  it('errors say what to do', async () => {
    const it = await explainNode('transfers', { count: 1 });
    const codes = async (path: string): Promise<unknown[]> => {
      const { status, body } = await it.get(PREFIX + path);
      return [status, body.error.code];
    };
    assert.deepEqual(await codes('/block/77'), [404, 'EXPLAIN_UNKNOWN_BLOCK']);
    assert.deepEqual(await codes('/block/x'), [404, 'EXPLAIN_UNKNOWN_BLOCK']);
    assert.deepEqual(await codes(`/tx/0x${'00'.repeat(32)}`), [404, 'EXPLAIN_UNKNOWN_TX']);
    assert.deepEqual(await codes('/nothing'), [404, 'EXPLAIN_UNKNOWN_PATH']);
    assert.equal((await it.post(`${PREFIX}/pool`, {})).status, 405);
    await it.block(0, 0);
    const mint = it.node.services.store.block(1)?.transactionIds.at(-1);
    assert.deepEqual(await codes(`/tx/${mint}`), [404, 'EXPLAIN_UNKNOWN_TX']);
    const { body } = await it.get(`${PREFIX}/blocks`);
    assert.deepEqual(
      body.map(({ height }: any) => height),
      [1, 0],
    );
    await it.node.close();
  });
});

describe('what if', () => {
  async function calls(over: object = {}): Promise<ExplainNode & { ids: string[] }> {
    const it = await explainNode('hot-contract', { count: 8, work: 2 }, over);
    await it.block(0, 3);
    const { body } = await it.get(`${PREFIX}/block/1`);
    return { ...it, ids: body.txs.map(({ id }: any) => id) };
  }

  it('nothing changed: nothing differs', async () => {
    const it = await calls();
    const { status, body } = await it.post(`${PREFIX}/what-if/1`, {});
    assert.equal(status, 200);
    assert.deepEqual(body.differences, []);
    assert.deepEqual(body.state, { coins: 0, slots: 0, balances: 0 });
    assert.deepEqual(body.after, body.before);
    await it.node.close();
  });

  it('drop: later calls count one less, their receipts differ', async () => {
    const it = await calls();
    const { body } = await it.post(`${PREFIX}/what-if/1`, { drop: [it.ids[1]] });
    const what = new Map(body.differences.map((d: any) => [d.id, d.what]));
    assert.deepEqual(what.get(it.ids[1]!), ['dropped']);
    assert.ok((what.get(it.ids[2]!) as string[]).includes('receipts'));
    assert.ok((what.get(it.ids[3]!) as string[]).includes('place'));
    assert.equal(what.has(it.ids[0]!), false);
    assert.equal(body.after.criticalTxCount, body.before.criticalTxCount - 1);
    assert.equal(body.state.slots, 1);
    await it.node.close();
  });

  it('add: appended and checked; an unsigned one is skipped', async () => {
    const it = await calls();
    const next = it.made.txs[5]!;
    const good = await it.post(`${PREFIX}/what-if/1`, { add: [bytesToHex(next.raw)] });
    assert.equal(good.body.differences.length, 1);
    assert.equal(good.body.differences[0].id, next.id);
    assert.equal(good.body.differences[0].after.status, 'success');
    const raw = next.raw.slice();
    raw[raw.length - 1]! ^= 1;
    const bad = await it.post(`${PREFIX}/what-if/1`, { add: [bytesToHex(raw)] });
    assert.equal(bad.body.differences[0].after.status, 'skipped');
    await it.node.close();
  });

  it('reorder: two trade places, and see the other count', async () => {
    const it = await calls();
    const [, a, b] = it.ids;
    const { body } = await it.post(`${PREFIX}/what-if/1`, { reorder: [b, a] });
    const differing = body.differences.map(({ id }: any) => id);
    assert.deepEqual(new Set(differing), new Set([a, b]));
    const [first] = body.differences.filter(({ id }: any) => id === b);
    assert.deepEqual([first.before.index, first.after.index], [2, 1]);
    assert.equal(body.state.slots, 0);
    await it.node.close();
  });

  it('declare: without its contract a call fails, and waits for nobody', async () => {
    const it = await calls();
    const declare = [{ tx: it.ids[1], contracts: [] }];
    const { body } = await it.post(`${PREFIX}/what-if/1`, { declare });
    const [mine] = body.differences.filter(({ id }: any) => id === it.ids[1]);
    assert.equal(mine.after.status, 'failure');
    assert.equal(mine.after.reason, 'ContractNotInInputs');
    assert.equal(body.before.setCount, 1);
    assert.equal(body.after.setCount, 2);
    await it.node.close();
  });

  for (const name of ['token', 'amm', 'orderbook', 'mint-counter', 'chains', 'mixed'] as const) {
    it(`older blocks run again on the state of then: ${name}`, async () => {
      const it = await explainNode(name, { count: 24, contracts: 3, depth: 6 });
      for (const first of [0, 8, 16]) await it.block(first, first + 7);
      for (const height of [1, 2, 3]) {
        const { body } = await it.post(`${PREFIX}/what-if/${height}`, {});
        assert.deepEqual(body.differences, [], `block ${height}`);
      }
      await it.node.close();
    });
  }

  it('is refused with a reason: no debug, forgotten, unknown, nonsense', async () => {
    const it = await calls();
    const refused = async (which: string, question: object): Promise<unknown> => {
      const { body } = await it.post(`${PREFIX}/what-if/${which}`, question);
      return body.error.code;
    };
    assert.equal(await refused('0', {}), 'WHAT_IF_FORGOTTEN');
    assert.equal(await refused('9', {}), 'EXPLAIN_UNKNOWN_BLOCK');
    assert.equal(await refused('1', { drop: ['0x00'] }), 'WHAT_IF_BAD_CHANGE');
    assert.equal(await refused('1', { add: ['0x00'] }), 'WHAT_IF_BAD_CHANGE');
    assert.equal(await refused('1', { add: ['xyz'] }), 'WHAT_IF_BAD_CHANGE');
    assert.equal(await refused('1', { reorder: [it.ids[0], it.ids[0]] }), 'WHAT_IF_BAD_CHANGE');
    assert.equal(await refused('1', { swap: [] }), 'WHAT_IF_BAD_CHANGE');
    assert.equal(await refused('1', { workers: [0] }), 'WHAT_IF_BAD_CHANGE');
    const again = { add: [bytesToHex(it.made.txs[0]!.raw)] };
    assert.equal(await refused('1', again), 'WHAT_IF_BAD_CHANGE');
    const both = await Promise.all([
      refused('1', {}).catch(() => null),
      refused('1', { drop: [] }).catch(() => null),
    ]);
    assert.ok(both.includes('WHAT_IF_BUSY'));
    await it.node.close();
    const quiet = await calls({ debug: false });
    const { status, body } = await quiet.post(`${PREFIX}/what-if/1`, {});
    assert.deepEqual([status, body.error.code], [403, 'WHAT_IF_OFF']);
    await quiet.node.close();
  });
});
