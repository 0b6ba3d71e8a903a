/**
 * Compiled Sway programs by us and by the reference program, by turns. One transaction calls a
 * contract many times over, and the reference's time for as many bare calls is taken from its time:
 * so what reading requests, signatures and writing answers cost it is not in it, nor are its calls
 * and their receipts, which are in ours. `ratio` is a lower bound.
 */
import { ok } from 'node:assert/strict';
import { OracleProcess } from '../../test/diff/oracleProcess.ts';
import type { JsonObject } from '../../test/vectors/json.ts';
import { configureEngine, type EngineSetting } from '../../vm/engine.ts';
import { transact } from '../../vm/transact.ts';
import { interleaved, type Report, rounded } from '../report.ts';
import { benchInput } from '../vm/programs.ts';
import { BARE_LOOP, LOOPS, loopRequest } from './loops.ts';

const CALLS = 400;
/** Runs of ours in a round; the best counts. */
const RUNS = 5;
/** Compiled code is replaced by its fast form in the background meanwhile. */
const WARM_MS = 3_000;
const ENGINES: readonly EngineSetting[] = ['interpreter', 'jit'];

type Loop = { readonly name: string; readonly request: JsonObject; readonly gasUsed: bigint };

/** Best time of a run, checked against the reference's gas. Unit: ms. */
function ours({ name, request, gasUsed }: Loop, engine: EngineSetting, runs: number): number {
  configureEngine({ setting: engine });
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const input = benchInput({ name, instructionsPerRun: 0, request });
    const startedMs = performance.now();
    const result = transact(input);
    least = Math.min(least, performance.now() - startedMs);
    ok(!result.reverted && result.gasUsed === gasUsed, `${name}: as the reference`);
  }
  return least;
}

async function loopOf(oracle: OracleProcess, name: string): Promise<Loop> {
  const answer = await oracle.ask(loopRequest(name, CALLS));
  ok(answer['reverted'] === false, `${name} succeeds`);
  const gasUsed = BigInt(answer['gasUsed'] as string | number);
  return { name, request: answer['request'] as JsonObject, gasUsed };
}

async function timed(oracle: OracleProcess, { request }: Loop): Promise<number> {
  const startedMs = performance.now();
  await oracle.ask(request);
  return performance.now() - startedMs;
}

/** @param program path of the reference program */
export async function runReference(report: Report, program: string, rounds: number): Promise<void> {
  const oracle = new OracleProcess(program);
  try {
    const bare = await loopOf(oracle, BARE_LOOP);
    for (const name of Object.keys(LOOPS).filter((each) => each !== BARE_LOOP)) {
      const loop = await loopOf(oracle, name);
      const warmUntil = performance.now() + WARM_MS;
      while (performance.now() < warmUntil) ours(loop, 'jit', 1);
      const [theirs = [], theirBare = [], ...own] = await interleaved(rounds, [
        () => timed(oracle, loop),
        () => timed(oracle, bare),
        ...ENGINES.map((engine) => async () => ours(loop, engine, RUNS)),
      ]);
      const theirMs = Math.min(...theirs) - Math.min(...theirBare);
      for (const [i, engine] of ENGINES.entries()) {
        const ms = own[i] ?? [];
        const samples = ms.map((each) => Number(loop.gasUsed) / each / 1e3);
        report.add(`programs/reference ${name} ${engine}`, 'M gas/s', samples, {
          ratio: rounded(theirMs / Math.min(...ms)),
          microsecondsPerCall: rounded((Math.min(...ms) / CALLS) * 1e3),
          reference: rounded((theirMs / CALLS) * 1e3),
        });
      }
    }
  } finally {
    oracle.close();
    configureEngine({ setting: 'auto' });
  }
}
