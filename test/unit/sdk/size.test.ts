/** What an application's bundle gets for what it imports; and that a browser can run it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const DOOR = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'sdk', 'index.js');

/** Budgets, minified and gzipped. Unit: bytes. */
const BUDGETS: readonly (readonly [names: string, maxBytes: number])[] = [
  ['createClient, getBalances', 2_000],
  ['devClient', 1_500],
  ['createClient, submitBatch, followPreconfirmations', 5_000],
  ['createClient, getInclusionProof', 28_000],
  ['createClient, planTransfer, signTransfer', 29_000],
  ['createNode', 600],
  ['parseAbi, encodeArguments, decodeLog', 6_000],
  ['createClient, planCall, signPlan', 33_000],
  ['*', 44_000],
];

async function bundle(names: string): Promise<{ text: string; gzipBytes: number }> {
  const what = names === '*' ? '*' : `{ ${names} }`;
  const { outputFiles } = await build({
    stdin: { contents: `export ${what} from ${JSON.stringify(DOOR)};`, resolveDir: dirname(DOOR) },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    // The node itself is loaded on demand, and never in a browser.
    external: ['*/node/embedded/index.js'],
    logLevel: 'silent',
  });
  const text = outputFiles[0]!.text;
  return { text, gzipBytes: gzipSync(text, { level: 9 }).length };
}

for (const [names, maxBytes] of BUDGETS) {
  test(`import of ${names}: at most ${maxBytes} bytes`, async (t) => {
    assert.ok(existsSync(DOOR));
    const { text, gzipBytes } = await bundle(names);
    t.diagnostic(`${gzipBytes} bytes`);
    assert.ok(gzipBytes <= maxBytes, `${gzipBytes} bytes`);
    assert.doesNotMatch(text, /from\s*["']node:/, 'a browser has no modules of Node');
  });
}
