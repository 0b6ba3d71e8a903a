/** Every example of the README and of the documents runs, and so does the template. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createNode } from '../../sdk/createNode.ts';
import { copyExample, examplesOf, runNode, workplace } from '../support/examplesRun.ts';

const DOCUMENTS = ['README.md', 'docs/sdk.md'] as const;
/** What the examples say; a node of the test answers there. */
const NODE_ADDRESS = 'http://127.0.0.1:4000';
/** From the start of the process to the page. The promise is for a machine with nothing else to do. */
const TEMPLATE_READY_MS = 3_000;

for (const document of DOCUMENTS) {
  const examples = examplesOf(document);
  test(`${document} has examples that are run`, () => assert.ok(examples.length > 0));
  for (const { line, code } of examples) {
    test(`${document}:${line}`, async () => {
      const place = workplace();
      const node = await createNode({ in: 'spawn', dev: true });
      try {
        const address = new URL(node.url).origin;
        const file = join(place.dir, 'example.mjs');
        writeFileSync(file, code.replaceAll(NODE_ADDRESS, address));
        const { code: exit, output } = await runNode([file], place.dir);
        assert.equal(exit, 0, output);
      } finally {
        await node.close();
        place.remove();
      }
    });
  }
}

test('the template: its own tests pass', async () => {
  const place = workplace();
  try {
    copyExample('app', place.dir);
    const args = ['--test', 'test/counter.test.mjs', 'test/app.test.mjs'];
    const { code, output } = await runNode(args, place.dir);
    assert.equal(code, 0, output);
    assert.match(output, /pass 3/);
  } finally {
    place.remove();
  }
});

test('the template: node, contract and page are there within three seconds', async (t) => {
  const place = workplace();
  copyExample('app', place.dir);
  const started = performance.now();
  const env = { ...process.env, PORT: '0' };
  const child = spawn(process.execPath, ['start.mjs'], { cwd: place.dir, env });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', (chunk: Uint8Array) => {
        const ready = /ready: (\S+)/.exec(String(chunk));
        if (ready !== null) resolve(ready[1] as string);
      });
      child.on('exit', (code) => reject(new Error(`it ended with ${code}`)));
    });
    assert.equal((await fetch(url)).status, 200);
    const tookMs = performance.now() - started;
    t.diagnostic(`${tookMs.toFixed()} ms`);
    assert.ok(tookMs < TEMPLATE_READY_MS, `${tookMs} ms`);
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
    place.remove();
  }
});
