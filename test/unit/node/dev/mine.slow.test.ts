/** Ten thousand blocks cost little, and the last as much as the first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDevNode } from '../../../support/devNode.ts';

const BLOCKS = 10_000;
const ROUNDS = 5;
/** Less than 1,000 where nobody else works; a busy machine gives each ms of CPU less to do. */
const CPU_MS_MAX = 2_000;

async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test('10,000 blocks in memory, five times', async (t) => {
  const { node, dev } = await openDevNode();
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push(await cpuMs(() => dev.mine(BLOCKS, null)));
  }
  await node.close();
  const shown = rounds.map((ms) => ms.toFixed()).join(', ');
  t.diagnostic(`CPU ms: ${shown}`);
  // The first warms up.
  assert.ok(Math.min(...rounds.slice(1)) < CPU_MS_MAX, shown);
  assert.ok(rounds.at(-1)! < 3 * rounds[1]!, `it slows down: ${shown}`);
});
