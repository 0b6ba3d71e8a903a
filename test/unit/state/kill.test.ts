import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openChainStore } from '../../../state/open.ts';
import { newChain, nextBlock, testGenesis } from '../../support/chainMaker.ts';

/** Runs the committer until it has acknowledged `blocks`, then kills it with SIGKILL. */
async function killedAfter(path: string, blocks: number): Promise<number> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const program = new URL(`../../support/commitForever.${extension}`, import.meta.url);
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(program), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let acknowledged = 0;
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      if (code === null) resolve(acknowledged);
      else reject(new Error(`the committer ended by itself with ${code}`));
    });
    child.stdout.on('data', (chunk: Buffer) => {
      const lines = chunk.toString('utf8').trim().split('\n');
      acknowledged = Math.max(acknowledged, ...lines.map(Number));
      if (acknowledged >= blocks) child.kill('SIGKILL');
    });
  });
}

describe('chain store on disk, killed while it commits', () => {
  it('opens at a whole height, with everything that was acknowledged', async () => {
    const path = mkdtempSync(join(tmpdir(), 'fuelrail-kill-'));
    try {
      const acknowledged = await killedAfter(path, 5);
      const { store } = await openChainStore({ engine: 'disk', path });
      assert.ok(store !== null);
      assert.ok(store.latest.height >= acknowledged);
      const { initialise } = await openChainStore({ engine: 'memory' });
      const twin = await initialise(testGenesis());
      const chain = newChain(1);
      while (twin.latest.height < store.latest.height) {
        await twin.commitBlock(nextBlock(chain, twin, 20));
      }
      assert.equal(await store.digest(), await twin.digest());
      await store.close();
    } finally {
      rmSync(path, { recursive: true, force: true });
    }
  });
});
