/** Parallelism, DA and a node that goes away, in a real browser. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { DA_DEFAULTS } from '../../node/daSettings.ts';
import { launchBrowser, NO_BROWSER, visit, watchedPage } from '../support/browser.ts';
import { type ExplainNode, explainNode } from '../support/explainNode.ts';
import { until } from '../support/until.ts';

describe('parallelism, pool and DA in Chromium', { skip: NO_BROWSER }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'fuelrail-page-'));
  let world: ExplainNode;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let origin: string;

  before(async () => {
    const da = { ...DA_DEFAULTS, layer: { type: 'local', directory } } as const;
    world = await explainNode('mixed', { count: 40, contracts: 4, theta: 0.9 }, { da });
    const { port } = await world.node.listen();
    origin = `http://127.0.0.1:${port}`;
    await world.block(0, 9);
    await world.block(10, 29);
    for (const { raw } of world.made.txs.slice(30)) await world.node.services.txs.submit(raw);
    browser = await launchBrowser();
    ({ page, complaints } = await watchedPage(browser, origin));
    await visit(page, `${origin}/explorer/parallel`);
  });
  after(async () => {
    await browser?.close();
    await world?.node.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const text = async (selector = 'main'): Promise<string> =>
    (await page.textContent(selector)) ?? '';
  const isBlock = (height: number) => async (): Promise<boolean> =>
    (await text('h1')) === `Parallelism of block ${height}`;

  it('shows the newest block: figures, reasons, timeline, graph', async () => {
    assert.match(await text(), /Transactions20Disjoint sets/);
    assert.match(await text(), /transactions share contract 0x/);
    assert.ok((await page.locator('svg .edge').count()) > 0);
    assert.ok((await page.locator('svg .lane').count()) > 0);
    assert.ok((await page.locator('svg .node.critical').count()) > 1);
  });

  it('goes by keyboard: arrows follow edges, Enter opens, p and n change the block', async () => {
    const first = page.locator('svg .node.critical').first();
    await first.focus();
    await page.keyboard.press('ArrowRight');
    const focused = await page.evaluate(
      'document.activeElement.parentNode.getAttribute("data-tx")',
    );
    assert.notEqual(focused, await first.evaluate('node => node.parentNode.dataset.tx'));
    await page.keyboard.press('Enter');
    assert.match(await text('#detail'), new RegExp(`Transaction ${focused}[\\s\\S]*Waits for`));
    const isNext = (): Promise<boolean> => page.isVisible('text="Next block"');
    assert.equal(await isNext(), false, 'there is none behind the newest');
    await page.keyboard.press('n');
    await page.keyboard.press('p');
    await until('block 1', isBlock(1));
    assert.equal(await isNext(), true);
    await page.keyboard.press('n');
    await until('block 2', isBlock(2));
    await page.keyboard.press('/');
    assert.equal(await page.evaluate('document.activeElement.id'), 'query');
  });

  it('runs a block again with a change', async () => {
    await page.fill('#drop', '0');
    await page.click('text=Run again');
    await page.waitForSelector('#what-if-result table');
    assert.match(await text('#what-if-result'), /dropped/);
    await page.fill('#drop', '999');
    await page.click('text=Run again');
    await page.waitForSelector('#what-if-result .error');
    assert.match(await text('#what-if-result'), /not in the block/);
  });

  it('a transaction: why, whom it waited for; addresses of the page that was here before', async () => {
    const { id } = world.made.txs[12]!;
    await visit(page, `${origin}/explain#tx/${id}`);
    assert.match(await text(), /Block2 at index/);
    assert.match(await text(), /Waited for/);
    assert.equal(new URL(page.url()).pathname, `/explorer/parallel/tx/${id}`);
  });

  it('the pool and its disjoint sets', async () => {
    await visit(page, `${origin}/explorer/pool`);
    assert.match(await text(), /Transactions10Disjoint sets/);
    assert.match(await text(), /Disjoint sets, biggest first/);
  });

  it('follows a waiting transaction into its block', async () => {
    const { id } = world.made.txs[30]!;
    await visit(page, `${origin}/explorer/tx/${id}`);
    assert.match(await text('#status'), /waits in the pool/);
    await world.node.services.blocks.produceBlocks(1, null);
    await until('success', async () => /success/.test(await text('#status')));
  });

  it('the way of a block to the DA layer', async () => {
    await until('posted', async () => world.node.services.da?.status()?.final === 3);
    await visit(page, `${origin}/explorer/da`);
    assert.match(await text('ol.stages'), /sealed.*3posted.*3included.*3final.*3/);
    await visit(page, `${origin}/explorer/parallel/2`);
    assert.match(await text('#da'), /On the DA layer: final/);
  });

  it('says when the node is away, and draws again when it is back', async () => {
    await page.context().setOffline(true);
    await page.click('nav >> text=Blocks');
    await until('the news', async () => (await text('h1')) === 'Node away');
    assert.equal(await page.isVisible('#offline'), true);
    await page.context().setOffline(false);
    await until('the page', async () => (await text('h1')) === 'Blocks');
    assert.equal(await page.isVisible('#offline'), false);
  });

  it('lets go of the stream while nobody looks, and catches up then', async () => {
    const look = (isHidden: boolean): Promise<unknown> =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`);
    await visit(page, `${origin}/explorer`);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await look(true);
    await world.node.services.blocks.produceBlocks(1, null);
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(asked, []);
    await look(false);
    await until('block 4', async () => /Made40x/.test(await text('table')));
    assert.deepEqual(asked, ['/v1/fuelrail/live', '/v1/graphql']);
  });

  it('had nothing to complain about', () => {
    const own = complaints.filter((line) => !/status of (404|400)|ERR_INTERNET/.test(line));
    assert.deepEqual(own, []);
  });
});
