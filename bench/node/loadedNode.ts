/**
 * A node as a process with its database in memory, loaded over HTTP by another process.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startNodeProcess } from '../../test/support/nodeProcess.ts';
import type { LoadResult } from './load.ts';
import { metricsOf } from './metricsOf.ts';

const CONNECTIONS = 64;
const LOAD = fileURLToPath(new URL('./load.js', import.meta.url));
const FLAGS = [
  '--debug',
  '--utxo-validation',
  '--db-type',
  'in-memory',
  '--tx-max-number',
  '200000',
  '--tx-max-total-gas',
  '30000000000000',
  '--tx-max-total-bytes',
  '1000000000',
];

/** What the load program saw, and by how much the node's own numbers grew meanwhile. */
export type LoadedRun = {
  readonly load: LoadResult;
  readonly metrics: ReadonlyMap<string, number>;
};

/** @param dir a genesis snapshot, and the transactions to send, one in hex a line, in `txs` */
export async function loadOnce(dir: string, workerCount: number): Promise<LoadedRun> {
  const flags = [...FLAGS, '--workers', String(workerCount), '--snapshot', dir];
  const node = await startNodeProcess(flags);
  try {
    const before = await metricsOf(node.url);
    const args = [LOAD, node.url, join(dir, 'txs'), String(CONNECTIONS)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const after = await metricsOf(node.url);
    for (const [name, value] of after) after.set(name, value - (before.get(name) ?? 0));
    return { load: JSON.parse(stdout) as LoadResult, metrics: after };
  } finally {
    await node.stop('SIGKILL');
  }
}

/** Transactions a second, from the first submit until the last is in a readable block. */
export function rateOf({ load }: LoadedRun): number {
  return (1000 * load.included) / load.allInBlocksMs;
}
