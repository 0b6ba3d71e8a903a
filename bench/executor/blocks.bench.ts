/**
 * Execution of whole blocks, without network, pool and commit: one thread against 1 and 2 workers,
 * by turns. Figures other than p50 and p99 are of the best round of each.
 *
 * `efficiency` = speed-up / min(P, W / CP): 1 is the bound that no schedule can pass. W is the sum
 * of the run times on the threads, CP the longest chain of dependent transactions.
 */
import { ok } from 'node:assert/strict';
import type { LaneRunner } from '../../executor/block.ts';
import { createPoolRunner } from '../../executor/pool.ts';
import type { BlockEnv, ExecutedBlock, StateView, TxSource } from '../../executor/ports.ts';
import { produceBlock } from '../../executor/produce.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { parseChainConfig } from '../../state/chainConfig.ts';
import { genesisBlock } from '../../state/genesis.ts';
import { openChainStore } from '../../state/open.ts';
import { parseStateConfig } from '../../state/stateConfig.ts';
import type { ChainStore } from '../../state/types.ts';
import { roomyParams } from '../../test/support/funded.ts';
import type { ConsensusParameters } from '../../tx/params.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { rulesFor } from '../../vm/rules.ts';
import { type Made, WORKLOADS, type Workload, workload } from '../data.ts';
import { interleaved, type Report, rounded, setting } from '../report.ts';

const SIZES: readonly number[] = [100, 500, 1000, 2000, 5000];
/** `auto`: the cost model decides, as in a node. */
const POOLS = [
  { workerCount: 1, use: 'always' },
  { workerCount: 2, use: 'always' },
  { workerCount: 2, use: 'auto' },
] as const;

type Run = { readonly block: ExecutedBlock; readonly ms: number; readonly cpuMs: number };

async function storeOf({ chain }: Pick<Made, 'chain'>): Promise<ChainStore> {
  const snapshot = {
    chainConfig: parseChainConfig('chainConfig', chain.chainConfig, new Uint8Array(0)),
    stateConfig: parseStateConfig('stateConfig', chain.stateConfig),
  };
  const opened = await openChainStore({ engine: 'memory' });
  return await opened.initialise(genesisBlock(snapshot));
}

function envOn(store: ChainStore, params: ConsensusParameters): BlockEnv {
  const { latest } = store;
  return {
    height: latest.height + 1,
    time: latest.time + 10n,
    daHeight: latest.daHeight,
    prevRoot: store.blocksRoot(latest.height),
    gasPrice: 0n,
    coinbaseRecipient: ZERO_B256,
    consensusParametersVersion: latest.consensusParametersVersion,
    stateTransitionVersion: latest.stateTransitionBytecodeVersion,
    params,
    rules: rulesFor(params, 'auto'),
    utxoValidation: true,
  };
}

function sourceOf({ txs }: Made): TxSource {
  let left = txs.map(({ id, tx, raw }) => ({ id, tx, raw, verified: true }));
  return {
    take() {
      const all = left;
      left = [];
      return all;
    },
  };
}

async function runOnce(
  env: BlockEnv,
  view: StateView,
  made: Made,
  runner: LaneRunner,
): Promise<Run> {
  const source = sourceOf(made);
  const startedMs = performance.now();
  const cpuBefore = process.cpuUsage();
  const block = await produceBlock(env, source, view, runner);
  const ms = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { block, ms, cpuMs: (user + system) / 1000 };
}

/** The least disturbed one. */
function bestOf(runs: readonly Run[]): Run {
  return runs.reduce((best, run) => (run.ms < best.ms ? run : best));
}

function checkEqual(runs: readonly Run[][], made: Made): void {
  const id = runs[0]?.[0]?.block.header.id;
  for (const { block } of runs.flat()) {
    ok(block.header.id === id, 'every runner makes the same block');
    ok(block.transactions.length === made.txs.length + 1, 'nothing is skipped');
    ok(
      block.transactions.every(({ success }) => success),
      'every transaction succeeds',
    );
  }
}

async function measure(
  report: Report,
  kind: Workload,
  size: number,
  runners: readonly LaneRunner[],
): Promise<void> {
  const params = roomyParams();
  const made = workload(kind, size, params);
  const store = await storeOf(made);
  const env = envOn(store, params);
  const rounds = setting('BENCH_ROUNDS', size > 2000 ? 5 : 7);
  const tasks = runners.map((runner) => () => runOnce(env, store, made, runner));
  await interleaved(1, tasks);
  const runs = await interleaved(rounds, tasks);
  checkEqual(runs, made);
  const serialMs = bestOf(runs[0] ?? []).ms;
  for (const [at, runner] of runners.entries()) {
    const isAuto = at > 0 && POOLS[at - 1]?.use === 'auto';
    const ours = runs[at] ?? [];
    const best = bestOf(ours);
    const { workMs, criticalPathMs, workerCount, setCount } = best.block.schedule;
    const bound = workerCount === 0 ? 1 : Math.min(workerCount, workMs / criticalPathMs);
    report.add(
      `executor/blocks ${kind} ${size} workers=${runner.workerCount}${isAuto ? ' auto' : ''}`,
      'ms',
      ours.map(({ ms }) => ms),
      {
        txPerSecond: rounded((1000 * size) / best.ms),
        cpuMs: rounded(Math.min(...ours.map(({ cpuMs }) => cpuMs))),
        onThreads: workerCount,
        sets: setCount,
        workMs: rounded(workMs),
        criticalPathMs: rounded(criticalPathMs),
        speedUp: rounded(serialMs / best.ms),
        efficiency: rounded(serialMs / best.ms / bound),
      },
    );
  }
  await store.close();
}

export async function run(report: Report): Promise<void> {
  const workerUrl = new URL('../../node/worker.js', import.meta.url);
  const deps = { partition: partitionByAccess };
  const runners = [
    createSerialRunner(),
    ...POOLS.map((pool) => createPoolRunner({ ...pool, workerUrl }, deps)),
  ];
  const sizeMax = setting('BENCH_SIZE_MAX', 5000);
  try {
    for (const kind of WORKLOADS) {
      for (const size of SIZES) {
        // A block of computing takes seconds beyond this.
        if (kind === 'private computing' && size > 500) continue;
        if (size <= sizeMax) await measure(report, kind, size, runners);
      }
    }
  } finally {
    await Promise.all(runners.map((runner) => runner.close()));
  }
}
