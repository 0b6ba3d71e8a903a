/** Explorer, playground, live tips and storage over the API, without a browser. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { explorerFiles } from '../../../../node/explorer/files.ts';
import { LIVE_READERS_MAX, type LiveTip } from '../../../../node/explorer/live.ts';
import { SLOTS_MAX } from '../../../../node/explorer/slots.ts';
import type { ApiResponse } from '../../../../node/graphql/api.ts';
import { type ExplainNode, explainNode } from '../../../support/explainNode.ts';

/** All that explorer and playground load, the node in the tab not counted. Unit: bytes, gzip. */
const PAGES_BYTES_MAX = 200_000;
const FIRST_LOAD_BYTES_MAX = 40_000;

describe('explorer routes', () => {
  let world: ExplainNode;
  before(async () => {
    world = await explainNode('token', { count: 120, contracts: 1 });
    await world.block(0, 119);
  });
  after(() => world.node.close());

  const ask = (path: string, method = 'GET'): Promise<ApiResponse> =>
    world.node.api.handle({ path, method, headers: {}, body: '' });

  it('serves the pages under a policy that lets them ask this node only', async () => {
    for (const path of ['/explorer', '/explorer/block/7', '/explorer/tx/0x', '/playground']) {
      const { status, headers, body } = await ask(path);
      assert.equal(status, 200, path);
      assert.match(headers['content-type'] as string, /^text\/html/);
      const policy = headers['content-security-policy'] as string;
      assert.match(policy, /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval';/);
      assert.doesNotMatch(policy, /unsafe-inline|https?:|\*/);
      assert.match(body as string, /^<!doctype html>/);
      assert.doesNotMatch(body as string, /<script(?! type="module" src="\/)|style=|https?:/);
    }
    assert.equal((await ask('/explorer', 'POST')).status, 405);
    assert.equal((await ask('/explorer/assets/nothing.js')).status, 404);
    assert.equal((await ask('/explorer/assets/../../package.json')).status, 404);
    assert.match(
      (await ask('/explorer/assets/style.css')).headers['content-type'] as string,
      /css/,
    );
    assert.equal((await ask('/explain')).headers['location'], '/explorer/parallel');
  });

  it('is small, and writes no markup', async () => {
    const files = await explorerFiles();
    const sizeOf = (names: Iterable<string>): number =>
      [...names].reduce(
        (sum, name) => sum + gzipSync(files.get(name)!.text, { level: 9 }).length,
        0,
      );
    const reach = (start: string, late: boolean, without = ''): Set<string> => {
      const seen = new Set<string>();
      const open = [start];
      for (let name = open.pop(); name !== undefined; name = open.pop()) {
        const text = files.get(name)?.text;
        if (text === undefined || seen.has(name) || name === without) continue;
        seen.add(name);
        const links = late
          ? /(?:from|import)\s*\(?"\.\/([\w.-]+)"/g
          : /(?:from|import)"\.\/([\w.-]+)"/g;
        for (const [, next = ''] of text.matchAll(links)) open.push(next);
      }
      return seen;
    };
    const whole = reach('explorer.js', true);
    for (const name of reach('playground.js', false)) whole.add(name);
    for (const name of ['index.html', 'playground.html', 'style.css']) whole.add(name);
    assert.ok(sizeOf(whole) < PAGES_BYTES_MAX, `${sizeOf(whole)} bytes`);
    const first = reach('explorer.js', false);
    assert.ok(first.size > 1 && sizeOf(first) < FIRST_LOAD_BYTES_MAX, `${sizeOf(first)} bytes`);
    for (const name of first) {
      assert.doesNotMatch(files.get(name)!.text, /innerHTML|document\.write|\beval\(/);
    }
  });

  it('tells each new tip, the newest only to those who are slow', async () => {
    const { status, headers, body } = await ask('/v1/fuelrail/live');
    assert.equal(status, 200);
    assert.equal(headers['content-type'], 'text/event-stream');
    const frames = (body as AsyncIterable<string>)[Symbol.asyncIterator]();
    const next = async (): Promise<LiveTip> => {
      const { value } = await frames.next();
      return JSON.parse((value as string).slice('data:'.length)) as LiveTip;
    };
    const first = await next();
    assert.deepEqual([first.height, first.txCount, first.poolTxCount], [1, 121, 0]);
    assert.equal(first.id, world.node.services.store.blockId(1));
    const waiting = next();
    await world.node.services.blocks.produceBlocks(1, null);
    assert.equal((await waiting).height, 2);
    await world.node.services.blocks.produceBlocks(3, null);
    assert.equal((await next()).height, 5);
    await frames.return?.();
  });

  it(`has room for ${LIVE_READERS_MAX} readers, and again when one leaves`, async () => {
    const open: AsyncIterator<string>[] = [];
    for (let i = 0; i < LIVE_READERS_MAX; i++) {
      const { status, body } = await ask('/v1/fuelrail/live');
      assert.equal(status, 200);
      const frames = (body as AsyncIterable<string>)[Symbol.asyncIterator]();
      await frames.next();
      open.push(frames);
    }
    assert.equal((await ask('/v1/fuelrail/live')).status, 503);
    await open[0]?.return?.();
    const again = await ask('/v1/fuelrail/live');
    assert.equal(again.status, 200);
    for (const frames of [...open, (again.body as AsyncIterable<string>)[Symbol.asyncIterator]()]) {
      await frames.return?.();
    }
  });

  it('lists storage in pages and looks up a key', async () => {
    const { tx } = world.made.txs[0]!;
    const contract = tx.inputs.flatMap((i) => (i.type === 'contract' ? [i.contractId] : []))[0];
    type Page = {
      slots: { key: string; value: string }[];
      previous: string | null;
      next: string | null;
    };
    const prefix = `/v1/fuelrail/contract/${contract}`;
    const first = (await world.get(`${prefix}/slots`)).body as Page;
    assert.equal(first.slots.length, SLOTS_MAX);
    assert.equal(first.next, first.slots.at(-1)?.key);
    const second = (await world.get(`${prefix}/slots/${first.next}`)).body as Page;
    assert.ok(second.slots.length > 0 && second.slots[0]!.key > first.next!);
    assert.deepEqual([first.previous, second.previous], [null, second.slots[0]!.key]);
    const back = (await world.get(`${prefix}/slots/before/${second.previous}`)).body as Page;
    assert.deepEqual(back, first);
    const none = (await world.get(`${prefix}/slots/before/${first.slots[0]!.key}`)).body as Page;
    assert.deepEqual(none, { slots: [], previous: null, next: first.slots[0]!.key });
    const [{ key, value }] = first.slots as [{ key: string; value: string }];
    assert.deepEqual((await world.get(`${prefix}/slot/${key}`)).body, { key, value });
    const unknown = `0x${'ff'.repeat(32)}`;
    assert.equal((await world.get(`${prefix}/slot/${unknown}`)).body.value, null);
    const codeOf = async (path: string): Promise<unknown> =>
      (await world.get(`/v1/fuelrail/contract/${path}`)).body.error.code;
    assert.equal(await codeOf(`${unknown}/slots`), 'SLOTS_UNKNOWN_CONTRACT');
    assert.equal(await codeOf('0x12/slots'), 'SLOTS_BAD_ID');
    assert.equal(await codeOf(`${contract}/slot/0x1`), 'SLOTS_BAD_ID');
    for (const path of ['things', 'slots/before', `slots/before/${unknown}/more`, 'slot']) {
      assert.equal(await codeOf(`${contract}/${path}`), 'SLOTS_UNKNOWN_PATH');
    }
  });
});
