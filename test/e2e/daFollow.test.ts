/** Processes: a sequencer, a follower on its blobs, and the commands that ask and verify. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { graphql, ROOT, startNodeProcess } from '../support/nodeProcess.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const MEMORY = ['--debug', '--utxo-validation', '--db-type', 'in-memory'];

async function fuelrail(...args: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [join(ROOT, 'bin', 'fuelrail.js'), ...args]);
  return stdout;
}

async function latest(url: string): Promise<{ id: string; height: string }> {
  return (await graphql(url, '{ chain { latestBlock { id height } } }'))['chain'].latestBlock;
}

test('a follower process arrives at the tip, and the commands agree', {
  timeout: 60_000,
}, async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'fuelrail-follow-'));
  const daPath = join(root, 'blobs');
  const sequencer = await startNodeProcess([...MEMORY, '--da-path', daPath]);
  t.after(() => sequencer.child.kill('SIGKILL'));
  await graphql(sequencer.url, 'mutation { produceBlocks(blocksToProduce: "5") }');
  const base = sequencer.url.replace('/v1/graphql', '');
  for (let i = 0; ; i++) {
    const status = JSON.parse(await fuelrail('da', 'status', '--url', base, '--json'));
    if (status.posting?.final === 5) break;
    assert.ok(i < 50, JSON.stringify(status));
  }
  const follower = await startNodeProcess([...MEMORY, '--follow-da', 'local', '--da-path', daPath]);
  t.after(() => follower.child.kill('SIGKILL'));
  const tip = await latest(sequencer.url);
  await until(follower.log, async () => (await latest(follower.url)).height === '5');
  assert.deepEqual(await latest(follower.url), tip);
  await until(follower.log, () => /at its end, block 5\n/.test(follower.log()));
  assert.doesNotMatch(follower.log(), / 0 %/, 'no progress is told of what is done at once');
  await assert.rejects(
    graphql(follower.url, 'mutation { produceBlocks(blocksToProduce: "1") }'),
    /cannot make blocks|follow/i,
  );
  assert.match(await fuelrail('da', 'status', '--url', base), /final +block 5/);
  const block = await fuelrail('da', 'status', '--url', base, '--block', '3');
  assert.match(block, /block 3: final\nframe 0x[0-9a-f]{64}, blocks \d+ to \d+/);
  const followed = await fuelrail('da', 'status', '--url', follower.url.replace('/v1/graphql', ''));
  assert.match(followed, /following local: block 5/);
  const verified = await fuelrail('da', 'verify', '--da-path', daPath, '--proofs');
  assert.match(verified, new RegExp(`tip 5 ${tip.id}`));
  const part = JSON.parse(
    await fuelrail('da', 'verify', '--da-path', daPath, '--to', '2', '--json'),
  );
  assert.equal(part.tipHeight, 2);
  assert.equal(await follower.stop(), 0);
  assert.equal(await sequencer.stop(), 0);
  rmSync(root, { recursive: true, force: true });
});
