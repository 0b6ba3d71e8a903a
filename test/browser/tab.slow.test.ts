/**
 * `createNode()` in a browser tab, bundled the way applications are: by the `browser` field of
 * package.json alone, without a plugin.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { launchBrowser, NO_BROWSER, watchedPage } from '../support/browser.ts';
import { until } from '../support/until.ts';
import type { TabReport } from './tab.ts';

const require = createRequire(import.meta.url);
const ENTRY = fileURLToPath(new URL('./tab.js', import.meta.url));

async function bundle(outdir: string): Promise<void> {
  await build({
    entryPoints: [ENTRY],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    logLevel: 'error',
    // Its browser form stands in a field that esbuild does not read beside `exports`.
    alias: {
      '@fuel-ts/crypto': require
        .resolve('@fuel-ts/crypto')
        .replace(/index\.(js|mjs)$/, 'index.browser.mjs'),
    },
  });
}

test('a node in a tab, with the fuels SDK and our client', { skip: NO_BROWSER }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fuelrail-tab-'));
  await bundle(directory);
  const server = createServer((request, response) => {
    const name = basename(request.url ?? '/');
    if (name.endsWith('.js')) {
      response.writeHead(200, { 'content-type': 'text/javascript' });
      response.end(readFileSync(join(directory, name)));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<link rel="icon" href="data:,"><script type="module" src="/tab.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await launchBrowser();
  try {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { page, complaints } = await watchedPage(browser, origin);
    await page.goto(origin);
    await until(
      'the report',
      async () => (await page.evaluate('Boolean(globalThis.report)')) === true,
    );
    const report = (await page.evaluate('globalThis.report')) as TabReport;
    assert.deepEqual(report, {
      statuses: ['success', 'success', 'success'],
      balance: '1000235',
      height: 4,
      declared: report.declared,
    });
    assert.ok(report.declared >= 2, 'the coin that is spent and the coins that are made');
    const own = complaints.filter(
      (line) => !/fuel-core version|TS SDK currently supports/.test(line),
    );
    assert.deepEqual(own, []);
  } finally {
    await browser.close();
    await new Promise((resolve) => server.close(resolve));
    rmSync(directory, { recursive: true, force: true });
  }
});
