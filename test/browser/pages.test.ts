/** What matters most of the pages in a real browser; the rest is in the slow tests beside. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser, NO_BROWSER, visit, watchedPage } from '../support/browser.ts';
import { type ExplainNode, explainNode } from '../support/explainNode.ts';
import { until } from '../support/until.ts';

describe('pages in Chromium', { skip: NO_BROWSER }, () => {
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

  it('shows the chain, and each new block without being asked', async () => {
    await visit(page, `${origin}/explorer`);
    assert.match(await text('table'), /^HeightIdTransactionsMade20x[0-9a-f]{8}….{4}20/);
    await world.block(30, 32);
    await until('block 3 in the list', async () => /Made30x/.test(await text('table')));
    assert.match(await text(), /Height3Last block/);
    const newest = world.made.txs[32]!.id;
    const first = page.locator('[aria-label="Latest transactions"] tbody tr').first();
    assert.match((await first.textContent()) ?? '', /scriptsuccess.*3$/);
    assert.equal(await first.locator('a').first().getAttribute('title'), newest);
  });

  it('goes from a block to its transaction, and by a deep link to the same page', async () => {
    await page.click('main table a >> text="2"');
    await until('the block', async () => (await heading()) === 'Block 2');
    assert.match(await text(), /Transactions \(21\)/);
    await page.click('table tbody tr:nth-child(6) a');
    await until('the transaction', async () => (await heading()) === 'Transaction');
    const url = page.url();
    const shown = await text();
    assert.match(shown, /Statussuccess/);
    assert.match(shown, /Inputs \(\d\)/);
    await visit(page, url);
    assert.equal(await text(), shown);
    await page.goBack();
    await until('the block again', async () => (await heading()) === 'Block 2');
  });

  it('the playground runs a program in the tab', async () => {
    await visit(page, `${origin}/playground`);
    await page.click('#run');
    assert.match(await text('#outcome'), /returned 1.*Instructions34.*ra 55/);
  });

  it('had nothing to complain about', () => assert.deepEqual(complaints, []));
});
