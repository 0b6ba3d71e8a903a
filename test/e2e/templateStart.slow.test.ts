/** The template is up quickly. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { copyExample, workplace } from '../support/examplesRun.ts';

const TEMPLATE_READY_MS = 3_000;
/** On a busy machine the best of some tells what it takes. */
const TRIES = 3;

test('the template: node, contract and page are there within three seconds', async (t) => {
  const times: number[] = [];
  for (let i = 0; i < TRIES; i += 1) times.push(await readyMs());
  t.diagnostic(`${times.map(Math.round).join(', ')} ms`);
  assert.ok(Math.min(...times) < TEMPLATE_READY_MS, `${times} ms`);
});

/** Time from the start of the process to the page. */
async function readyMs(): Promise<number> {
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
    return tookMs;
  } finally {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
    place.remove();
  }
}
