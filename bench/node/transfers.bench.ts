/**
 * A whole node as a process, loaded over HTTP by another process: transactions a second from the
 * first `submit` until the last one is in a readable block. Serial execution and 1 and 2 workers by
 * turns, each round on a fresh node in memory.
 *
 * W, CP (sum of run times, longest chains of dependent transactions) and CPU time are what the
 * node's own metrics say; with workers `auto` decides per block whether threads are used.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bytesToHex } from '../../primitives/bytes.ts';
import { roomyParams, writeSnapshot } from '../../test/support/funded.ts';
import { startNodeProcess } from '../../test/support/nodeProcess.ts';
import { type Workload, workload } from '../data.ts';
import { interleaved, type Report, rounded, setting } from '../report.ts';
import type { LoadResult } from './load.ts';
import { metricsOf } from './metricsOf.ts';

const WORKER_COUNTS: readonly number[] = [0, 1, 2];
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

type Run = { readonly load: LoadResult; readonly metrics: ReadonlyMap<string, number> };

async function loadOnce(dir: string, workerCount: number): Promise<Run> {
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

const rateOf = ({ load }: Run): number => (1000 * load.included) / load.allInBlocksMs;

function addLine(report: Report, name: string, runs: readonly Run[], serialRate: number): void {
  const best = runs.reduce((a, b) => (rateOf(b) > rateOf(a) ? b : a));
  const { load, metrics } = best;
  const seconds = (metric: string): number => metrics.get(`executor_${metric}_seconds_total`) ?? 0;
  const [work, path] = [seconds('work'), seconds('critical_path')];
  report.add(name, 'tx/s', runs.map(rateOf), {
    txs: load.submitted,
    included: load.included,
    refused: load.refused,
    firstRefusal: load.firstRefusal,
    blocks: load.blocks,
    submitP50Ms: rounded(load.latencyP50),
    submitP99Ms: rounded(load.latencyP99),
    cpuSeconds: rounded(metrics.get('process_cpu_seconds_total') ?? 0),
    workSeconds: rounded(work),
    criticalPathSeconds: rounded(path),
    executionSeconds: rounded(seconds('wall')),
    speedUp: rounded(rateOf(best) / serialRate),
  });
}

async function measure(report: Report, kind: Workload, count: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'fuelrail-bench-'));
  try {
    const { chain, txs } = workload(kind, count, roomyParams());
    writeSnapshot(dir, chain);
    writeFileSync(join(dir, 'txs'), txs.map(({ raw }) => bytesToHex(raw)).join('\n'));
    const tasks = WORKER_COUNTS.map((workerCount) => () => loadOnce(dir, workerCount));
    const runs = await interleaved(setting('BENCH_ROUNDS', 3), tasks);
    const serialRate = Math.max(...(runs[0] ?? []).map(rateOf));
    for (const [at, workerCount] of WORKER_COUNTS.entries()) {
      addLine(report, `node/${kind} workers=${workerCount}`, runs[at] ?? [], serialRate);
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

export async function run(report: Report): Promise<void> {
  await measure(report, 'transfers', setting('BENCH_TRANSFERS', 10_000));
  const calls = setting('BENCH_CALLS', 3_000);
  await measure(report, 'one hot contract', calls);
  await measure(report, 'private contracts', calls);
}
