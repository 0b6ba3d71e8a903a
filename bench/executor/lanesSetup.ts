/** Blocks of a workload for measurements of lanes. */
import { ok } from 'node:assert/strict';
import type { LaneRunner } from '../../executor/block.ts';
import type { ExecutedBlock } from '../../executor/ports.ts';
import { produceBlock } from '../../executor/produce.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { memoryState } from '../../test/support/memoryState.ts';
import { listSource, testEnv } from '../../test/support/randomBlock.ts';
import { accessListOf } from '../../tx/access.ts';
import { rulesFor } from '../../vm/rules.ts';
import { setting } from '../report.ts';
import {
  WORKLOAD_NAMES,
  type Workload,
  type WorkloadOptions,
  workload,
} from '../workloads/index.ts';

export type Run = { readonly block: ExecutedBlock; readonly ms: number; readonly cpuMs: number };

/** Unsigned: execution alone is measured. `BENCH_CONTRACTS`: how many contracts share the calls. */
export function made(
  name: string,
  options: Partial<WorkloadOptions> & { count: number },
): Workload {
  const known = WORKLOAD_NAMES.find((each) => each === name);
  ok(known !== undefined, `a workload of ${WORKLOAD_NAMES.join(', ')}`);
  const contracts = setting('BENCH_CONTRACTS', 0);
  return workload(known, { sign: false, ...(contracts > 0 ? { contracts } : {}), ...options });
}

/** Executes all transactions in one block; gives wall and process time. */
export function blockRunner(set: Workload): (runner: LaneRunner) => Promise<Run> {
  const view = memoryState([set.genesis]);
  const env = testEnv(set.options.params, {
    rules: rulesFor(set.options.params, 'auto'),
    gasPrice: 0n,
  });
  // As the pool hands them out.
  const txs = set.txs.map((job) => ({ ...job, access: accessListOf(job.tx, job.id) }));
  return async (runner) => {
    const source = listSource(txs, txs.length);
    const cpuBefore = process.cpuUsage();
    const startedMs = performance.now();
    const block = await produceBlock(env, source, view, runner);
    const ms = performance.now() - startedMs;
    const { user, system } = process.cpuUsage(cpuBefore);
    return { block, ms, cpuMs: (user + system) / 1000 };
  };
}

/** A function that runs one serial block and gives its time in ms. */
export function serialBlocks(name: string, count: number, work: number): () => Promise<number> {
  const run = blockRunner(made(name, { count, work }));
  const runner = createSerialRunner();
  return async () => (await run(runner)).ms;
}
