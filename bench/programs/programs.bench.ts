/**
 * Compiled Sway programs: each transaction of a workload on the state before the block, on one
 * thread, by every engine in turn. Block-level work is inside the time, signatures are not. Rates
 * are of gas and of transactions; `ratio` is to the interpreter. When the environment variable
 * ORACLE names the reference program, it runs the same programs, too: `programs/reference`.
 */
import type { TxToExecute } from '../../executor/ports.ts';
import { runTx } from '../../executor/runTx.ts';
import { configureEngine, type EngineSetting } from '../../vm/engine.ts';
import { type World, worldOf } from '../layers/world.ts';
import { interleaved, type Report, rounded, setting } from '../report.ts';
import type { WorkloadName } from '../workloads/index.ts';
import { runReference } from './reference.ts';

const NAMES: readonly WorkloadName[] = ['token', 'amm', 'orderbook', 'oracle'];
const ENGINES: readonly EngineSetting[] = ['interpreter', 'auto', 'jit'];
const CONTRACTS = 4;

type Run = { readonly gas: number; readonly seconds: number };

function runAll({ made, env, view }: World): Run {
  let gas = 0n;
  const startedMs = performance.now();
  for (const [txIndex, job] of made.txs.entries()) gas += runOne(env, view, job, txIndex);
  return { gas: Number(gas), seconds: (performance.now() - startedMs) / 1000 };
}

function runOne(env: World['env'], view: World['view'], job: TxToExecute, txIndex: number): bigint {
  const result = runTx(env, view, job, { txIndex, gasPrice: 0n });
  if (!result.ok) throw new Error(`a transaction was skipped: ${result.reason}`);
  const { success, totalGas } = result.outcome.executed;
  if (!success) throw new Error('a transaction of the workload failed');
  return totalGas;
}

/** `BENCH_COUNT`: transactions; `BENCH_ROUNDS`: runs of each. */
export async function run(report: Report): Promise<void> {
  const count = setting('BENCH_COUNT', 500);
  const rounds = setting('BENCH_ROUNDS', 5);
  for (const name of NAMES) {
    const world = worldOf(name, { count, contracts: CONTRACTS });
    const tasks = ENGINES.map((engine) => async () => {
      configureEngine({ setting: engine });
      return runAll(world);
    });
    await interleaved(1, tasks);
    const runs = await interleaved(rounds, tasks);
    const rates = runs.map((list) => list.map(({ gas, seconds }) => gas / seconds / 1e6));
    for (const [i, engine] of ENGINES.entries()) {
      const best = Math.max(...(rates[i] ?? []));
      const seconds = Math.min(...(runs[i] ?? []).map((each) => each.seconds));
      report.add(`programs/${name} ${engine}`, 'M gas/s', rates[i] ?? [], {
        ratio: rounded(best / Math.max(...(rates[0] ?? []))),
        gasPerTx: Math.round((runs[i]?.[0]?.gas ?? 0) / count),
        txPerSecond: rounded(count / seconds),
      });
    }
  }
  configureEngine({ setting: 'auto' });
  const oracle = process.env['ORACLE'];
  if (oracle !== undefined) await runReference(report, oracle, rounds);
}
