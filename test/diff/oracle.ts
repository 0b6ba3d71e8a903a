/**
 * `npm run diff -- [--count N] [--long N] [--seed S] [--kinds a,b] [--engine E] [--engine-seed N]`:
 * fresh requests, answered by the reference program and by us. `--count`: requests made by the
 * reference program; `--long`: long random programs of ours. The environment variable ORACLE names
 * the program.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useEngineUnderTest } from '../support/engineOption.ts';
import { runFile, type Tally } from '../vectors/run.ts';
import { runLong } from './longRun.ts';
import { OracleProcess } from './oracleProcess.ts';

/** How often each kind is taken when a total is shared out. */
const SHARES: Readonly<Record<string, number>> = {
  alu: 25,
  mem: 12,
  flow: 8,
  program: 8,
  contract: 16,
  crypto: 4,
  meta: 8,
  tx: 10,
  predicate: 5,
  merkle: 3,
  asm: 1,
};

/** Vectors of one file: the reference makes the next file while we check this one. */
const FILE_MAX = 1_000;
const SEED_END = 1_000_000;

type Part = {
  readonly file: string;
  readonly kind: string;
  readonly seed: number;
  readonly count: number;
};

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
}

/** The reference's generator depends on seed, kind and index: a later file needs another seed. */
function partsOf(folder: string, count: number, seed: number): Part[] {
  const kinds = (option('--kinds') ?? Object.keys(SHARES).join(',')).split(',');
  const whole = kinds.reduce((sum, kind) => sum + (SHARES[kind] ?? 1), 0);
  const parts: Part[] = [];
  for (const kind of kinds) {
    let left = Math.max(1, Math.ceil((count * (SHARES[kind] ?? 1)) / whole));
    for (let i = 0; left > 0; i++) {
      const size = Math.min(left, FILE_MAX);
      const file = join(folder, `${kind}-${i}.jsonl.gz`);
      parts.push({ file, kind, seed: seed + i * SEED_END, count: size });
      left -= size;
    }
  }
  return parts;
}

function make(program: string, { file, kind, seed, count }: Part): Promise<void> {
  const args = ['vectors', '--seed', `${seed}`, '--kind', kind, '--count', `${count}`];
  const child = spawn(program, [...args, '--out', file], { stdio: 'ignore' });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('exit', (code) => (code === 0 ? done() : fail(new Error(`${kind}: exit ${code}`))));
  });
}

async function runKinds(program: string, count: number, seed: number): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'diff-'));
  let [passed, failed] = [0, 0];
  try {
    const parts = partsOf(folder, count, seed);
    let next = make(program, parts[0]!);
    for (const [i, part] of parts.entries()) {
      await next;
      const following = parts[i + 1];
      if (following !== undefined) next = make(program, following);
      const tally = runFile(part.file);
      passed += tally.passed;
      failed += tally.failed;
      rmSync(part.file);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { passed, failed };
}

async function runPrograms(program: string, count: number, seed: number): Promise<Tally> {
  const oracle = new OracleProcess(program);
  try {
    const only = option('--index');
    const tally = await runLong(oracle, seed, count, only === undefined ? undefined : Number(only));
    const ends = [...tally.ends].sort((a, b) => b[1] - a[1]);
    console.log(`  ${ends.map(([name, times]) => `${name} ${times}`).join(', ')}`);
    return tally;
  } finally {
    oracle.close();
  }
}

async function main(): Promise<number> {
  const program = process.env['ORACLE'];
  if (program === undefined || !existsSync(program)) {
    console.error(
      'ORACLE is not set to an existing file: build the reference program (cargo build --release ' +
        'in its folder) and run ORACLE=/path/to/oracle npm run diff -- --count 1000 --seed 1',
    );
    return 2;
  }
  const seed = Number(option('--seed') ?? Date.now() % SEED_END);
  console.log(`seed ${seed}`);
  useEngineUnderTest(process.argv.slice(2));
  const long = Number(option('--long') ?? 0);
  const count = Number(option('--count') ?? (long > 0 ? 0 : 1000));
  const kinds = count > 0 ? await runKinds(program, count, seed) : { passed: 0, failed: 0 };
  const programs = long > 0 ? await runPrograms(program, long, seed) : { passed: 0, failed: 0 };
  const failed = kinds.failed + programs.failed;
  console.log(`${kinds.passed + programs.passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
