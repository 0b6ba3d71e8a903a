/**
 * First execution: every run has code that no cache has seen (the last word differs), so that
 * compiling is inside the time. `ratio` is the interpreter's best time by the engine's (below 1:
 * the engine is slower). `contract-10k` is a contract of 10 KB that is called once.
 */
import { ok } from 'node:assert/strict';
import { concatBytes } from '../../primitives/bytes.ts';
import type { ContractId } from '../../primitives/types.ts';
import type { ScriptTx } from '../../tx/types.ts';
import { assemble } from '../../vm/asm.ts';
import { configureEngine, type EngineSetting } from '../../vm/engine.ts';
import * as op from '../../vm/gen/op.ts';
import { type TransactInput, transact } from '../../vm/transact.ts';
import { interleaved, type Report, rounded, setting } from '../report.ts';
import { type BenchProgram, benchInput, benchPrograms } from './programs.ts';

const ENGINES: readonly EngineSetting[] = ['interpreter', 'auto', 'jit'];
const CONTRACT_WORDS = 2_560;
const MOVI_MAX = 1 << 18;

let unique = 0;

/** An instruction that was not there before; it is never reached. */
function freshWord(): Uint8Array {
  unique = (unique + 1) % MOVI_MAX;
  return assemble([op.movi(16, unique)]);
}

/** The same transaction with a word behind its script. */
function fresh(input: TransactInput): TransactInput {
  const { raw: _, ...rest } = input;
  const tx = input.tx as ScriptTx;
  return { ...rest, tx: { ...tx, script: concatBytes(tx.script, freshWord()) } };
}

/** Straight code with a branch in each hundred words. */
function bigContract(): Uint8Array {
  const words: number[] = [];
  while (words.length < CONTRACT_WORDS - 2) {
    const n = words.length;
    if (n % 100 === 99) words.push(op.jnzf(16, 0, 1));
    else words.push(op.addi(16 + (n % 24), 16 + ((n * 7) % 24), n % 64));
  }
  words.push(op.ret(1));
  return concatBytes(assemble(words), freshWord());
}

/** Calls a big contract once, in the place of the small one of the program `calls`. */
function bigCall(program: BenchProgram): TransactInput {
  const input = benchInput(program);
  const storage = input.storage as TransactInput['storage'] & {
    codes: Map<ContractId, Uint8Array>;
  };
  for (const id of storage.codes.keys()) storage.codes.set(id, bigContract());
  const script = assemble([
    op.gtf(17, 0, 0x00a),
    op.addi(18, 17, 48),
    op.call(17, 0, 18, 10),
    op.ret(1),
  ]);
  return fresh({ ...input, tx: { ...(input.tx as ScriptTx), script } });
}

function timed(input: TransactInput): number {
  const startedMs = performance.now();
  ok(!transact(input).reverted, 'the program succeeds');
  return performance.now() - startedMs;
}

/** `BENCH_ROUNDS`: first executions of each. */
export async function run(report: Report): Promise<void> {
  const rounds = setting('BENCH_ROUNDS', 7);
  const all = benchPrograms();
  const calls = all.find(({ name }) => name === 'calls');
  ok(calls !== undefined, 'there is a program that calls');
  const cases = all.map(({ name }, i) => {
    const input = benchInput(all[i]!);
    return { name, make: () => fresh(input) };
  });
  cases.push({ name: 'contract-10k', make: () => bigCall(calls) });
  for (const { name, make } of cases) {
    const tasks = ENGINES.map((engine) => async () => {
      configureEngine({ setting: engine });
      return timed(make());
    });
    const runs = await interleaved(rounds, tasks);
    for (const [i, engine] of ENGINES.entries()) {
      const ms = runs[i] ?? [];
      report.add(`vm/cold ${name} ${engine}`, 'ms', ms, {
        ratio: rounded(Math.min(...(runs[0] ?? [])) / Math.min(...ms)),
      });
    }
  }
  configureEngine({ setting: 'auto' });
}
