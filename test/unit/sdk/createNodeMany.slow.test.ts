/** A hundred nodes, one after the other, in one process. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { createClient } from '../../../sdk/client/graphql.ts';
import { createNode } from '../../../sdk/createNode.ts';

const ROUNDS = 100;
const openFiles = (): number => readdirSync('/proc/self/fd').length;
const handles = (): string[] =>
  process.getActiveResourcesInfo().filter((name) => name !== 'Immediate');

test(`${ROUNDS} nodes in one process leave no handle, port or file, and start quickly`, {
  skip: process.platform !== 'linux' && 'counts files in /proc',
}, async (t) => {
  const round = async (port: boolean): Promise<number> => {
    const before = performance.now();
    const node = await createNode(port ? { port: 0 } : {});
    const tookMs = performance.now() - before;
    const client = createClient(node);
    await client.request('{ chain { latestBlock { height } } }');
    await node.close();
    return tookMs;
  };
  await round(true);
  const files = openFiles();
  const resources = handles();
  const times: number[] = [];
  for (let i = 0; i < ROUNDS; i += 1) times.push(await round(i % 10 === 0));
  const median = times.sort((a, b) => a - b)[ROUNDS / 2]!;
  t.diagnostic(`median ${median.toFixed(1)} ms, slowest ${times.at(-1)!.toFixed(1)} ms`);
  assert.ok(median < 100, `median ${median} ms`);
  // Sockets of the platform's fetch close a moment later.
  for (let i = 0; i < 100 && (openFiles() > files || handles().length > resources.length); i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(openFiles() <= files, `${openFiles()} open files, ${files} before`);
  assert.ok(handles().length <= resources.length, `${handles()} after, ${resources} before`);
});
