/**
 * Load on a node, as a process of its own: submits raw transactions over keep-alive connections and
 * waits until all of them are in blocks. `node load.js URL FILE CONNECTIONS`; FILE holds one
 * transaction in hex a line. Prints one JSON object.
 */
import { readFileSync } from 'node:fs';
import { percentile } from '../report.ts';
import { Client, SUBMIT } from './client.ts';

/** What the process prints. */
export type LoadResult = {
  readonly submitted: number;
  readonly refused: number;
  readonly firstRefusal: string | null;
  readonly submitMs: number;
  /** From the first request until the last transaction is in a readable block. */
  readonly allInBlocksMs: number;
  readonly included: number;
  readonly blocks: number;
  /** Latency of `submit`, ms. */
  readonly latencyP50: number;
  readonly latencyP99: number;
};

const GIVE_UP_MS = 60_000;
const POLL_MS = 20;

async function load(url: string, txs: readonly string[], connections: number): Promise<LoadResult> {
  const client = new Client(url, connections);
  const firstHeight = await client.height();
  const latencies: number[] = [];
  let next = 0;
  let refused = 0;
  let firstRefusal: string | null = null;
  const startedMs = performance.now();
  const connection = async (): Promise<void> => {
    while (next < txs.length) {
      const tx = txs[next++] as string;
      const sentMs = performance.now();
      const answer = await client.post(SUBMIT, { tx }).catch((error) => `"errors" ${error}`);
      latencies.push(performance.now() - sentMs);
      if (!answer.includes('"errors"')) continue;
      refused += 1;
      firstRefusal ??= answer.slice(0, 300);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  const submitMs = performance.now() - startedMs;
  let included = 0;
  let height = firstHeight;
  while (included < txs.length - refused && performance.now() - startedMs < GIVE_UP_MS) {
    const top = await client.height();
    while (height < top) included += await client.txCount(++height);
    if (included < txs.length - refused) await new Promise((r) => setTimeout(r, POLL_MS));
  }
  const allInBlocksMs = performance.now() - startedMs;
  client.close();
  return {
    submitted: txs.length,
    refused,
    firstRefusal,
    submitMs,
    allInBlocksMs,
    included,
    blocks: height - firstHeight,
    latencyP50: percentile(latencies, 0.5),
    latencyP99: percentile(latencies, 0.99),
  };
}

const [url, file, connections] = process.argv.slice(2);
if (url !== undefined && file !== undefined) {
  const txs = readFileSync(file, 'utf8').trim().split('\n');
  console.log(JSON.stringify(await load(url, txs, Number(connections ?? 64))));
}
