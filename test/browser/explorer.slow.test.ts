/** The explorer in a real browser, as a reader uses it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { OWN_FLAGS } from '../../cli/runFlags.ts';
import {
  barriers,
  launchBrowser,
  NO_BROWSER,
  overflow,
  tabStops,
  visit,
  watchedPage,
  weakTexts,
} from '../support/browser.ts';
import { type ExplainNode, explainNode } from '../support/explainNode.ts';
import { until } from '../support/until.ts';

describe('explorer in Chromium', { skip: NO_BROWSER }, () => {
  let world: ExplainNode;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let origin: string;

  before(async () => {
    world = await explainNode('mixed', { count: 60, contracts: 4, theta: 0.9 });
    const { port } = await world.node.listen();
    origin = `http://127.0.0.1:${port}`;
    await world.block(0, 9);
    await world.block(10, 29);
    browser = await launchBrowser();
    ({ page, complaints } = await watchedPage(browser, origin));
  });
  after(async () => {
    await browser?.close();
    await world?.node.close();
  });

  const text = async (selector = 'main'): Promise<string> =>
    (await page.textContent(selector)) ?? '';
  const heading = (): Promise<string> => text('h1');

  it('disassembles scripts, tells receipts and the call tree', async () => {
    const called = world.made.txs.find(({ tx }) => tx.type === 'script' && tx.script.length > 0);
    assert.ok(called);
    await visit(page, `${origin}/explorer/tx/${called.id}`);
    assert.match(await text(), /the script calls contract 0x/);
    assert.match(await text(), /Trace/);
    await page.click('summary >> text=Disassembly');
    await until('the listing', async () => /CALL \$/.test(await text('pre.listing')));
  });

  it('finds heights, ids and addresses, and says what is not there', async () => {
    const search = async (given: string): Promise<void> => {
      await page.keyboard.press('Escape');
      await page.fill('#query', given);
      await page.keyboard.press('Enter');
    };
    await visit(page, `${origin}/explorer`);
    const contract = world.made.txs[10]!.id;
    for (const [given, found] of [
      ['1', 'Block 1'],
      [contract, 'Transaction'],
      [world.node.services.store.blockId(2) as string, 'Block 2'],
      ['77', 'Not found'],
      ['<img src=x onerror=alert(1)>', 'Not found'],
    ] as const) {
      await search(given);
      await until(`${given}: ${found}`, async () => (await heading()) === found);
    }
    assert.match(await text(), /“<img src=x onerror=alert\(1\)>” is no height/);
    assert.equal(await page.locator('main img').count(), 0);
  });

  it('every page can be read: contrast, width of a phone, nothing to complain about', async () => {
    const { tx } = world.made.txs.find(({ tx }) => tx.inputs.some((i) => i.type === 'contract'))!;
    const contract = tx.inputs.flatMap((i) => (i.type === 'contract' ? [i.contractId] : []))[0];
    const owner = tx.inputs.flatMap((i) => (i.type === 'coin' ? [i.owner] : []))[0];
    const paths = ['', 'blocks', 'block/2', `tx/${world.made.txs[5]!.id}`, `account/${owner}`]
      .concat([`contract/${contract}`, 'pool', 'parallel/2', 'da', 'settlement', 'nowhere'])
      .concat([`asset/0x${'00'.repeat(32)}`, `message/0x${'00'.repeat(32)}`]);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: colorScheme === 'light' ? 390 : 1200, height: 800 });
      for (const path of paths) {
        await visit(page, `${origin}/explorer/${path}`);
        assert.deepEqual(await weakTexts(page), [], `${colorScheme} ${path}`);
        assert.deepEqual(await barriers(page), [], path);
        assert.ok((await overflow(page)) <= 0, `${path} is ${await overflow(page)} px too wide`);
      }
    }
    assert.deepEqual(complaints, []);
  });

  it('sees weak text, barriers and what is too wide, when there are some', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    await visit(page, `${origin}/explorer/settlement`);
    await page.evaluate(`(() => {
      const main = document.querySelector('main');
      const bad = document.createElement('p');
      bad.className = 'wide';
      bad.textContent = 'pale';
      bad.style.color = '#999999';
      bad.style.width = '4000px';
      main.append(bad, document.createElement('button'), document.createElement('input'));
    })()`);
    assert.match((await weakTexts(page)).join(), /^2\.\d\d P\.wide pale$/);
    assert.ok((await overflow(page)) > 0);
    assert.match((await barriers(page)).join(), /no name: <button>.*no label: <input>/);
  });

  it('is reached by keyboard alone, in the order of the page, and the focus is seen', async () => {
    await page.setViewportSize({ width: 1200, height: 800 });
    await visit(page, `${origin}/explorer`);
    const stops = await tabStops(page, 12);
    assert.deepEqual(
      stops.slice(0, 11).map(({ name }) => name),
      [
        'Skip to content',
        'Fuelrail',
        'Height, id or address',
        'Search',
        'Home',
        'Blocks',
        'Pool',
      ].concat(['Parallelism', 'DA', 'Settlement', 'Playground']),
    );
    assert.deepEqual(
      stops.filter(({ isVisible }) => !isVisible),
      [],
    );
    await page.keyboard.press('/');
    await page.keyboard.press('2');
    await page.keyboard.press('Enter');
    await until('a block', async () => (await heading()) !== 'Latest');
  });

  it('copies ids', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
    await visit(page, `${origin}/explorer/block/1`);
    await page.click('[aria-label="Copy block id"]');
    const id = world.node.services.store.blockId(1);
    await until('the clipboard', async () => {
      return (await page.evaluate('navigator.clipboard.readText()')) === id;
    });
    assert.equal(await text('#said'), 'Copied block id');
  });

  it('a node that posts nothing says what would change that', async () => {
    await visit(page, `${origin}/explorer/da`);
    const told = (await text('main code')).match(/--[\w-]+/)?.[0].slice(2);
    assert.ok(
      OWN_FLAGS.some(([name]) => name === told),
      told,
    );
  });

  it('settlement: batches, deposits, withdrawals, disputes, and what is in the way', async () => {
    await visit(page, `${origin}/explorer/settlement`);
    assert.match(await text(), /neither follows Ethereum nor commits to it/);
    const id = (digits: string): string => `0x${digits.repeat(32)}`;
    const report = {
      enabled: true,
      kind: 'own',
      relayer: { read: '1200', finalized: '1234', pageSize: 100, failure: null },
      committer: { committed: { commit: 3, height: 90 }, pending: 4, obstacle: 'no ether <b>' },
      failure: null,
      batches: [
        { number: 1, first: 31, last: 60, root: id('a1'), time: 1_795_000_000 },
        { number: 0, first: 1, last: 30, root: id('a0'), time: 0, final: true },
      ].map((each) => ({ proposer: '0x12', final: false, lastBlockId: id('bb'), ...each })),
      deposits: [
        { nonce: id('01'), sender: id('02'), recipient: id('03'), amount: '1500000000' },
      ].map((each) => ({ ...each, status: 'UNSPENT', daHeight: 77, data: 0 })),
      withdrawals: [
        { messageId: id('04'), height: 5, sender: id('05'), recipient: id('06'), nonce: id('07') },
      ].map((each) => ({ ...each, amount: '5', txId: id('08'), state: 'paid' })),
      disputes: [{ batch: 1, fraud: 'wrongStep', challenger: id('09'), block: 88 }],
    };
    await page.route('**/v1/fuelrail/settlement', (route) => route.fulfill({ json: report }));
    await visit(page, `${origin}/explorer/settlement`);
    const shown = await text();
    assert.match(shown, /no ether <b>/);
    assert.match(shown, /Committed up to block90Under waycommit 4/);
    assert.match(shown, /131 to 600xa1a1a1a1….*can be disputed01 to 300xa0a0a0a0….*–.*final/);
    assert.match(shown, /1\.5 base asset.*unspent/);
    assert.match(shown, /0\.000000005 base asset.*paid/);
    assert.match(shown, /1wrongStep/);
    assert.deepEqual(await weakTexts(page), []);
    await page.unroute('**/v1/fuelrail/settlement');
  });

  it('pages of a list: forth, back, and to the first', async () => {
    await world.node.services.blocks.produceBlocks(60, null);
    const heights = (): Promise<string[]> =>
      page.locator('main tbody tr td:first-child').allTextContents();
    const follow = async (words: string): Promise<string[]> => {
      await page.click(`main nav >> text="${words}"`);
      await page.waitForSelector('main:not([aria-busy]) h1');
      return await heights();
    };
    await visit(page, `${origin}/explorer/blocks`);
    const one = await heights();
    assert.equal(one[0], '62');
    const two = await follow('Next page');
    assert.equal(two[0], String(62 - one.length));
    const three = await follow('Next page');
    assert.equal(three.at(-1), '0');
    assert.equal(await page.locator('text="Next page"').count(), 0);
    assert.deepEqual(await follow('Previous page'), two);
    assert.deepEqual(await follow('Previous page'), one);
    assert.equal(await page.locator('text="Previous page"').count(), 0);
    await follow('Next page');
    assert.deepEqual(await follow('First page'), one);
    assert.deepEqual(complaints, []);
  });
});
