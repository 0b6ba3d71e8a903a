/**
 * Speed of the VM on programs of the reference program's own measurement
 * (test/data/benchPrograms.json), by engine. When the environment variable ORACLE names that
 * program, all run by turns on this machine, and `ratio` is our best speed by theirs (above 1: we
 * are faster); without it `ratio` is to recorded speeds, of little worth on another machine. VM start is inside the time; compiling is not, `vm/cold` measures that.
 */
import { ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { configureEngine, type EngineSetting } from '../../vm/engine.ts';
import { transact } from '../../vm/transact.ts';
import { interleaved, type Report, rounded, setting } from '../report.ts';
import { type BenchProgram, benchInput, benchPrograms } from './programs.ts';

/** Million instructions a second, by program. */
type Speeds = ReadonlyMap<string, number>;

/** fuel-vm 0.66.4 on two cores of an AMD EPYC under load, best of several runs, same unit. */
const RECORDED: Readonly<Record<string, number>> = {
  alu: 57,
  memory: 59,
  sway: 51.7,
  wide: 16.9,
  k256: 6.6,
  s256: 22.1,
  calls: 4,
  storage: 5.8,
};
const ENGINES: readonly EngineSetting[] = ['interpreter', 'jit'];
/** Each program runs at least this long in a round. */
const PROGRAM_MS = 500;
/** The reference's time for each program in a round. */
const ORACLE_SECONDS = 1;

function ours(all: readonly BenchProgram[], engine: EngineSetting): Speeds {
  configureEngine({ setting: engine });
  const speeds = new Map<string, number>();
  for (const program of all) {
    const input = benchInput(program);
    const runOnce = (): void => ok(!transact(input).reverted, 'the program succeeds');
    runOnce();
    // The best of single runs: a neighbour on the same core disturbs some of them.
    let least = Number.POSITIVE_INFINITY;
    const startedMs = performance.now();
    while (performance.now() - startedMs < PROGRAM_MS) {
      const runMs = performance.now();
      runOnce();
      least = Math.min(least, performance.now() - runMs);
    }
    speeds.set(program.name, program.instructionsPerRun / least / 1e3);
  }
  return speeds;
}

type OracleAnswer = {
  readonly interpreter: readonly {
    readonly name: string;
    readonly millionInstructionsPerSecond: number;
  }[];
};

function reference(oracle: string): Speeds {
  const args = ['bench', '--seconds', String(ORACLE_SECONDS)];
  const text = execFileSync(oracle, args, { encoding: 'utf8', maxBuffer: 1 << 24 });
  const { interpreter } = JSON.parse(text) as OracleAnswer;
  return new Map(interpreter.map((each) => [each.name, each.millionInstructionsPerSecond]));
}

function column(rounds: readonly Speeds[], name: string): number[] {
  return rounds.flatMap((speeds) => speeds.get(name) ?? []);
}

/** `BENCH_ROUNDS`: turns of each engine and of the reference. */
export async function run(report: Report): Promise<void> {
  const all = benchPrograms();
  const oracle = process.env['ORACLE'];
  const tasks = ENGINES.map((engine) => async () => ours(all, engine));
  if (oracle !== undefined) tasks.push(async () => reference(oracle));
  const rounds = await interleaved(setting('BENCH_ROUNDS', 5), tasks);
  configureEngine({ setting: 'auto' });
  for (const { name } of all) {
    const theirs = column(rounds[ENGINES.length] ?? [], name);
    const best = theirs.length === 0 ? RECORDED[name] : Math.max(...theirs);
    for (const [i, engine] of ENGINES.entries()) {
      const samples = column(rounds[i] ?? [], name);
      report.add(`vm/reference ${name} ${engine}`, 'M instructions/s', samples, {
        reference: best === undefined ? null : rounded(best),
        recorded: theirs.length === 0 ? 1 : 0,
        ratio: best === undefined ? null : rounded(Math.max(...samples) / best),
      });
    }
  }
}
