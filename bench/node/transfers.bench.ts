/**
 * A whole node as a process, loaded over HTTP by another process: transactions a second from the
 * first `submit` until the last one is in a readable block. Serial execution and 1 and 2 workers by
 * turns, each round on a fresh node in memory.
 *
 * W, CP (sum of run times, longest chains of dependent transactions) and CPU time are what the
 * node's own metrics say; with workers `auto` decides per block whether threads are used.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex } from '../../primitives/bytes.ts';
import { roomyParams, writeSnapshot } from '../../test/support/funded.ts';
import { type Workload, workload } from '../data.ts';
import { interleaved, type Report, rounded, setting } from '../report.ts';
import { type LoadedRun, loadOnce, rateOf } from './loadedNode.ts';

const WORKER_COUNTS: readonly number[] = [0, 1, 2];
function addLine(
  report: Report,
  name: string,
  runs: readonly LoadedRun[],
  serialRate: number,
): void {
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
