/** The explain page of a node that posts: how far each block is on its way to the DA layer. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { DA_DEFAULTS } from '../../../../node/daSettings.ts';
import { explainNode } from '../../../support/explainNode.ts';

const PLACES = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = PLACES.find((path) => path !== undefined && existsSync(path));

test('the stage of a block on the DA layer', { skip: executablePath === undefined }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fuelrail-page-'));
  const da = { ...DA_DEFAULTS, layer: { type: 'local', directory } } as const;
  const world = await explainNode('mixed', { count: 4 }, { da });
  const { port } = await world.node.listen();
  await world.block(0, 3);
  const browser = await chromium.launch({
    executablePath: executablePath as string,
    args: ['--no-sandbox', '--disable-gpu'],
  });
  try {
    const page = await browser.newPage();
    for (let i = 0; world.node.services.da?.status()?.final !== 1; i++) {
      assert.ok(i < 500, 'not posted in time');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await page.goto(`http://127.0.0.1:${port}/explain`);
    await page.waitForFunction('document.getElementById("da")?.textContent !== ""');
    assert.match((await page.textContent('#da')) ?? '', /DA layer: final, in the frame of blocks/);
  } finally {
    await browser.close();
    await world.node.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
