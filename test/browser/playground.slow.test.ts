/** The playground in a real browser: a VM, and a whole node, in a tab. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createNode, type EmbeddedNode } from '../../sdk/createNode.ts';
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
import { until } from '../support/until.ts';

describe('playground in Chromium', { skip: NO_BROWSER }, () => {
  let node: EmbeddedNode;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let url: string;

  before(async () => {
    node = await createNode({ port: 0 });
    const { origin } = new URL(node.url);
    url = `${origin}/playground`;
    browser = await launchBrowser();
    ({ page, complaints } = await watchedPage(browser, origin));
    await visit(page, url);
  });
  after(async () => {
    await browser?.close();
    await node?.close();
  });

  const text = async (selector: string): Promise<string> =>
    (await page.textContent(selector)) ?? '';

  it('runs each example', async () => {
    const ends: Record<string, RegExp> = {
      'Count down': /returned 1.*Instructions34.*ra 55/,
      // SHA-256 and Keccak-256 of "hello world".
      'Hash a text': /data 0xb94d27b9.*data 0x47173285/,
      'Stack and memory': /returned 207864/,
      'Panic and revert': /panic: ArithmeticError at DIV/,
      '256-bit numbers': /data 0x00000000000001000000000000000000000000100000/,
    };
    for (const [name, expected] of Object.entries(ends)) {
      await page.selectOption('#example', name);
      await page.click('#run');
      assert.match(await text('#outcome'), expected, name);
    }
  });

  it('steps to and fro: registers, code and memory are those of the step', async () => {
    await page.selectOption('#example', 'Stack and memory');
    await page.click('#run');
    await page.click('#first');
    assert.match(await text('#where'), /^0 of 14, next: CFEI 24/);
    for (let i = 0; i < 4; i++) await page.click('#next');
    assert.match(await text('#where'), /^4 of 14, next: MULI/);
    assert.match(await text('#registers'), /\$1751.966/);
    assert.match(await text('#code [aria-current]'), /MULI.*line 6/);
    assert.match(await text('#memory'), /00 00 00 00 00 00 ca fe/);
    await page.click('#back');
    assert.match(await text('#where'), /^3 of 14, next: SW/);
    assert.doesNotMatch(await text('#memory'), /ca fe/);
    await page.locator('#slider').fill('14');
    assert.match(await text('#where'), /14 of 14, at the end/);
  });

  it('takes bytecode and data, keeps to the gas limit, says what is wrong', async () => {
    await page.selectOption('#form', 'bytecode');
    await page.fill('#source', '0x724003e8 24400000');
    await page.click('#run');
    assert.match(await text('#outcome'), /returned 1000/);
    await page.fill('#source', '0x9000');
    await page.click('#run');
    assert.match(await text('#fault'), /multiple of 4 bytes/);
    await page.selectOption('#form', 'assembly');
    await page.fill('#source', 'RET $one\nMOVE $one');
    await page.click('#run');
    assert.match(await text('#fault'), /line 2: MOVE takes 2 arguments/);
    await page.fill('#source', 'here: JI here');
    await page.fill('#gas', '5000');
    await page.keyboard.press('Control+Enter');
    assert.match(await text('#outcome'), /panic: OutOfGas/);
    await page.fill('#gas', '999999999');
    await page.keyboard.press('Control+Enter');
    assert.match(await text('#outcome'), /cut after 2.000.000 instructions/);
  });

  it('a link carries the program', async () => {
    await page.goto('about:blank');
    await visit(page, `${url}#assembly=${encodeURIComponent('MOVI $16 7\nRET $16')}`);
    await page.click('#run');
    assert.match(await text('#outcome'), /returned 7/);
  });

  it('a whole node in the tab: a transfer makes a block', async () => {
    await page.click('#start');
    await page.waitForSelector('#send');
    await page.click('#send');
    await until('the transfer', async () => /Bob.*, 1 of the base/.test(await text('#node')));
    assert.match(await text('#node table'), /10x[0-9a-f]{8}….{4}2/);
  });

  it('can be read and reached', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 390, height: 800 });
      assert.deepEqual(await weakTexts(page), [], colorScheme);
      assert.deepEqual(await barriers(page), []);
      assert.ok((await overflow(page)) <= 0);
    }
    await page.goto('about:blank');
    await visit(page, url);
    await page.keyboard.press('Control+Enter');
    const stops = await tabStops(page, 20);
    assert.deepEqual(
      stops.filter(({ isVisible }) => !isVisible),
      [],
    );
    assert.deepEqual(complaints, []);
  });
});
