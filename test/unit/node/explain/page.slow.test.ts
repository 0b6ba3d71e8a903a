/** The page in a real browser, when there is one (CHROMIUM, or a usual place). */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type ExplainNode, explainNode } from '../../../support/explainNode.ts';

const PLACES = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = PLACES.find((path) => path !== undefined && existsSync(path));

describe('explain page in Chromium', { skip: executablePath === undefined }, () => {
  let world: ExplainNode;
  let browser: Browser;
  let page: Page;
  let url: string;
  const complaints: string[] = [];

  before(async () => {
    world = await explainNode('mixed', { count: 40, contracts: 4, theta: 0.9 });
    const { port } = await world.node.listen();
    url = `http://127.0.0.1:${port}/explain`;
    await world.block(0, 9);
    await world.block(10, 29);
    for (const { raw } of world.made.txs.slice(30)) await world.node.services.txs.submit(raw);
    browser = await chromium.launch({
      executablePath: executablePath as string,
      args: ['--no-sandbox', '--disable-gpu'],
    });
    page = await browser.newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith('http://127.0.0.1')) complaints.push(request.url());
    });
    await page.goto(url);
    await page.waitForSelector('svg .node');
  });
  after(async () => {
    await browser?.close();
    await world?.node.close();
  });

  const text = async (selector: string): Promise<string> =>
    (await page.textContent(selector)) ?? '';

  it('shows the newest block: figures, reasons, graph', async () => {
    assert.match(await text('main'), /Block 2[\s\S]*20transactions/);
    assert.match(await text('main'), /transactions share contract 0x/);
    assert.ok((await page.locator('svg .edge').count()) > 0);
    assert.ok((await page.locator('svg .node.critical').count()) > 1);
  });

  it('goes by keyboard: arrows follow edges, Enter opens, p and n change the block', async () => {
    const critical = page.locator('svg .node.critical');
    const first = critical.first();
    await first.focus();
    await page.keyboard.press('ArrowRight');
    const focused = await page.evaluate(
      'document.activeElement.parentNode.getAttribute("data-tx")',
    );
    assert.notEqual(focused, await first.evaluate('node => node.parentNode.dataset.tx'));
    await page.keyboard.press('Enter');
    assert.match(await text('#detail'), new RegExp(`Transaction ${focused}[\\s\\S]*Waits for`));
    await page.keyboard.press('p');
    await page.waitForFunction('document.querySelector("main h2").textContent === "Block 1"');
    await page.keyboard.press('n');
    await page.waitForFunction('document.querySelector("main h2").textContent === "Block 2"');
    await page.keyboard.press('/');
    assert.equal(await page.evaluate('document.activeElement.id'), 'which');
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

  it('transactions, the pool, ids of either kind, and nonsense', async () => {
    const { id } = world.made.txs[12]!;
    await page.fill('#which', id);
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=Declares');
    assert.match(await text('main'), /In block 2 at index/);
    await page.click('text=Pool');
    await page.waitForSelector('text=Biggest sets');
    assert.match(await text('main'), /10transactions/);
    await page.fill('#which', world.node.services.store.blockId(1) as string);
    await page.keyboard.press('Enter');
    await page.waitForFunction('document.querySelector("main h2").textContent === "Block 1"');
    const before = complaints.length;
    await page.fill('#which', '77');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert]');
    assert.match(await text('main'), /there is no block '77'/);
    // The browser itself notes answers of 404.
    complaints.splice(before);
  });

  it('nothing is wider than a phone', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    await page.goto(`${url}#block/2`);
    await page.reload();
    await page.waitForSelector('svg .node');
    const [content, window] = (await page.evaluate(
      '[document.documentElement.scrollWidth, innerWidth]',
    )) as [number, number];
    assert.ok(content <= window, `${content} > ${window}`);
  });

  it('had nothing to complain about', () => {
    const own = complaints.filter((line) => !line.includes('404') && !line.includes('400'));
    assert.deepEqual(own, []);
  });
});
