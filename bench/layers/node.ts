/**
 * End to end, without and with a socket: predicate transfers through the pool of a node in this
 * process, signed ones over HTTP through a node that is a process of its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeNode } from '../../node/compose.ts';
import { embeddedConfig } from '../../node/defaults.ts';
import { SILENT_LOG } from '../../node/log.ts';
import { bytesToHex } from '../../primitives/bytes.ts';
import { writeSnapshot } from '../../test/support/funded.ts';
import { type LoadedRun, loadOnce, rateOf } from '../node/loadedNode.ts';
import { interleaved, type Report, rounded } from '../report.ts';
import { type Workload, type WorkloadName, workload } from '../workloads/index.ts';
import type { Scale } from './scale.ts';

const AT_A_TIME = 64;
const WORK = 100;
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

/** Share of the time from first submit to last block that each stage was busy. */
function stagesOf({ load, metrics }: LoadedRun): Record<string, number> {
  const seconds = load.allInBlocksMs / 1000;
  const stages: Record<string, number> = {};
  const add = (stage: string, metric: string): void => {
    const value = metrics.get(metric);
    if (value !== undefined) stages[`stage ${stage}`] = rounded(value / seconds);
  };
  add('process, CPU', 'process_cpu_seconds_total');
  add('execution', 'executor_wall_seconds_total');
  for (const name of metrics.keys()) {
    const stage = /busy_seconds_total\{.*stage="([^"]+)"/.exec(name)?.[1];
    if (stage !== undefined) add(stage, name);
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
