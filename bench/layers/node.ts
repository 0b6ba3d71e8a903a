/**
 * End to end, without and with a socket: predicate transfers through the pool of a node in this
 * process, signed ones over HTTP through a node that is a process of its own.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { composeNode } from '../../node/compose.ts';
import { embeddedConfig } from '../../node/defaults.ts';
import { SILENT_LOG } from '../../node/log.ts';
import { bytesToHex } from '../../primitives/bytes.ts';
import { writeSnapshot } from '../../test/support/funded.ts';
import { startNodeProcess } from '../../test/support/nodeProcess.ts';
import type { LoadResult } from '../node/load.ts';
import { interleaved, type Report, rounded } from '../report.ts';
import { type Workload, type WorkloadName, workload } from '../workloads/index.ts';
import type { Scale } from './scale.ts';

const LOAD = fileURLToPath(new URL('../node/load.js', import.meta.url));
const CONNECTIONS = 64;
const AT_A_TIME = 64;
const WORK = 100;
const FLAGS = [
  '--debug',
  '--utxo-validation',
  '--db-type',
  'in-memory',
  '--poa-interval-period',
  '100ms',
  '--tx-max-number',
  '200000',
  '--tx-max-total-gas',
  '30000000000000',
  '--tx-max-total-bytes',
  '1000000000',
];

type InProcess = { readonly ingressMs: number; readonly blockMs: number };

async function submitAndMake({ txs, chain }: Workload, workers: number): Promise<InProcess> {
  const { chainConfig, stateConfig } = chain();
  const config = embeddedConfig({ trigger: { type: 'never' }, workerCount: workers });
  const pool = { ...config.pool, txCountMax: 1e6, gasMax: 10n ** 15n, bytesMax: 1e10 };
  const snapshot = { chainConfig, stateConfig };
  const node = await composeNode({ ...config, pool }, { log: SILENT_LOG, snapshot });
  await node.start();
  try {
    const startedMs = performance.now();
    for (let at = 0; at < txs.length; at += AT_A_TIME) {
      const some = txs.slice(at, at + AT_A_TIME);
      await Promise.all(some.map(({ raw }) => node.services.txs.submit(raw)));
    }
    const submittedMs = performance.now();
    while (node.services.txs.stats().txCount > 0) await node.services.blocks.produceBlocks(1, null);
    return { ingressMs: submittedMs - startedMs, blockMs: performance.now() - submittedMs };
  } finally {
    await node.close();
  }
}

/** Decoding, ids, predicates, admission, execution, commit. */
export async function predicateLayer(report: Report, scale: Scale): Promise<void> {
  const made = workload('predicates', { count: scale.signed, work: WORK });
  const tasks = [0, 2].map((workers) => () => submitAndMake(made, workers));
  const runs = await interleaved(scale.rounds, tasks);
  for (const [at, workers] of [0, 2].entries()) {
    const all = runs[at] ?? [];
    const rates = all.map(
      ({ ingressMs, blockMs }) => (1000 * scale.signed) / (ingressMs + blockMs),
    );
    const best = all.reduce((a, b) => (b.ingressMs + b.blockMs < a.ingressMs + a.blockMs ? b : a));
    report.add('predicates/end to end', 'tx/s', rates, {
      layer: 'predicates',
      workers,
      count: scale.signed,
      txPerSecond: rounded(Math.max(...rates)),
      ingressMs: rounded(best.ingressMs),
      blockMs: rounded(best.blockMs),
    });
  }
}

type OverHttp = { readonly load: LoadResult; readonly metrics: ReadonlyMap<string, number> };

async function metricsOf(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(new URL('/v1/metrics', url))).text();
  const found = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^([a-z_]+)(\{.*\})? ([-+.\de]+)$/.exec(line);
    if (match === null) continue;
    const name = `${match[1]}`;
    const label = /stage="([^"]+)"/.exec(match[2] ?? '')?.[1];
    const key = label === undefined ? name : `${name} ${label}`;
    found.set(key, (found.get(key) ?? 0) + Number(match[3]));
  }
  return found;
}

async function loadOnce(dir: string, workers: number): Promise<OverHttp> {
  const node = await startNodeProcess([...FLAGS, '--workers', String(workers), '--snapshot', dir]);
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

const rateOf = ({ load }: OverHttp): number => (1000 * load.included) / load.allInBlocksMs;

/** Share of the time from first submit to last block that each stage was busy. */
function stagesOf({ load, metrics }: OverHttp): Record<string, number> {
  const seconds = load.allInBlocksMs / 1000;
  const stages: Record<string, number> = {};
  const add = (stage: string, metric: string): void => {
    const value = metrics.get(metric);
    if (value !== undefined) stages[`stage ${stage}`] = rounded(value / seconds);
  };
  add('process, CPU', 'process_cpu_seconds_total');
  add('execution', 'executor_wall_seconds_total');
  for (const name of metrics.keys()) {
    const [metric = '', stage] = name.split(' ');
    if (stage !== undefined && metric.endsWith('busy_seconds_total')) add(stage, name);
  }
  return stages;
}

async function loadWorkload(report: Report, name: WorkloadName, scale: Scale): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'fuelrail-bench-'));
  try {
    const made = workload(name, { count: scale.signed, contracts: 1000 });
    writeSnapshot(dir, made.chain());
    writeFileSync(join(dir, 'txs'), made.txs.map(({ raw }) => bytesToHex(raw)).join('\n'));
    const counts = [0, 2];
    const tasks = counts.map((workers) => () => loadOnce(dir, workers));
    const runs = await interleaved(scale.rounds, tasks);
    for (const [at, workers] of counts.entries()) {
      const all = runs[at] ?? [];
      const best = all.reduce((a, b) => (rateOf(b) > rateOf(a) ? b : a));
      report.add(`http/${name}`, 'tx/s', all.map(rateOf), {
        layer: 'http',
        workload: name,
        workers,
        count: scale.signed,
        included: best.load.included,
        refused: best.load.refused,
        firstRefusal: best.load.firstRefusal,
        txPerSecond: rounded(rateOf(best)),
        latencyP50Ms: rounded(best.load.latencyP50),
        latencyP99Ms: rounded(best.load.latencyP99),
        ...stagesOf(best),
      });
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Signed transactions, submitted one by one over keep-alive connections. */
export async function httpLayer(report: Report, scale: Scale): Promise<void> {
  await loadWorkload(report, 'transfers', scale);
  await loadWorkload(report, 'token', scale);
}
