/**
 * What keeping a state tree costs a node under full load, and how far the tree falls behind: without
 * one, with one on the main thread, with one in a thread of its own. Transfers come ready signed;
 * a block every 100 ms, database on disk.
 *
 *   node dist/bench/state/follow.js [transfers] [rounds]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeNode } from '../../node/compose.ts';
import { embeddedConfig } from '../../node/defaults.ts';
import { SILENT_LOG } from '../../node/log.ts';
import { coinOf, fundedChain, keyOf, roomyParams, transferOf } from '../../test/support/funded.ts';

const COUNT = Number(process.argv[2] ?? 5_000);
const ROUNDS = Number(process.argv[3] ?? 2);
const BLOCK_MS = 100;
/** Submissions that wait for their answer at the same time. */
const AT_ONCE = 64;
const TREES = [
  ['none', null],
  ['on the main thread', { historyBlocks: 100, thread: false }],
  ['in a thread', { historyBlocks: 100, thread: true }],
] as const;

const params = roomyParams();
const coins = Array.from({ length: COUNT }, (_, n) => coinOf(n));
const snapshot = fundedChain(coins, [], params);
const raws = coins.map((coin, n) => transferOf(coin, keyOf(n % 50).address, 1_000n, params).raw);

async function measure(name: string, stateTree: (typeof TREES)[number][1]): Promise<void> {
  const dbPath = mkdtempSync(join(tmpdir(), 'tree-follow-'));
  const config = embeddedConfig({
    dbType: 'disk',
    dbPath,
    trigger: { type: 'interval', blockTimeMs: BLOCK_MS },
    stateTree,
  });
  const node = await composeNode(config, { log: SILENT_LOG, snapshot });
  await node.start();
  const { store, txs, stateTree: tree } = node.services;
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await until(() => (tree?.progress().height ?? 0) >= 0 && store.latest.height >= 1);
  const began = performance.now();
  let next = 0;
  const sender = async (): Promise<void> => {
    while (next < raws.length) await txs.submit(raws[next++]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  const isIn = (): boolean => store.latest.transactionsCount <= 1;
  await until(isIn);
  const seconds = (performance.now() - began) / 1_000;
  const lag = tree?.progress().lag ?? 0;
  await until(() => (tree?.progress().lag ?? 0) <= 1);
  const caughtUp = (performance.now() - began) / 1_000 - seconds;
  const work = tree === undefined ? 0 : tree.progress().workMs / COUNT;
  console.log(
    `${name}: ${Math.round(COUNT / seconds)} transfers/s; tree ${lag} blocks behind at the end, ` +
      `caught up ${caughtUp.toFixed(2)} s later, ${work.toFixed(3)} ms a transfer`,
  );
  await node.close();
  rmSync(dbPath, { recursive: true });
}

for (let round = 0; round < ROUNDS; round++) {
  for (const [name, stateTree] of TREES) await measure(name, stateTree);
}
