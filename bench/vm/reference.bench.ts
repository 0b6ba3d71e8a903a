/**
 * Speed of the VM on programs of the reference program's own measurement
 * (test/data/benchPrograms.json). When the environment variable ORACLE names that program, both run
 * by turns on this machine, and `ratio` is our best speed by theirs (above 1: we are faster).
 */
import { ok } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hexToBytes } from '../../primitives/bytes.ts';
import { hostStorageOf, paramsOf, testDataUrl } from '../../test/vectors/host.ts';
import type { JsonObject } from '../../test/vectors/json.ts';
import { decodeTx } from '../../tx/codec/transaction.ts';
import { txId } from '../../tx/id.ts';
import { checkTx } from '../../tx/validity.ts';
import { rulesFor } from '../../vm/rules.ts';
import { transact } from '../../vm/transact.ts';
import { interleaved, type Report, rounded, setting } from '../report.ts';

type Program = {
  readonly name: string;
  readonly instructionsPerRun: number;
  readonly request: JsonObject;
};
/** Million instructions a second, by program. */
type Speeds = ReadonlyMap<string, number>;

/** Each program runs at least this long in a round. */
const PROGRAM_MS = 1_000;
/** The reference's time for each program in a round. */
const ORACLE_SECONDS = 1;

function programs(): Program[] {
  const text = readFileSync(testDataUrl('benchPrograms.json'), 'utf8');
  return (JSON.parse(text) as { programs: Program[] }).programs;
}

/** @returns a function that executes the program once */
function prepared({ request }: Program): () => void {
  const params = paramsOf(request);
  const { tx } = decodeTx(hexToBytes(request['hex'] as string));
  if (tx.type === 'mint') throw new Error('a program is a script');
  const valid = checkTx(tx, 1, params);
  if (!valid.ok) throw new Error(`the program is not valid: ${valid.error.name}`);
  const { storage } = hostStorageOf(request);
  const id = txId(tx, params.chainId);
  const rules = rulesFor(params, 'auto');
  const input = { tx, txId: id, params, gasPrice: 0n, storage, rules, balances: valid.balances };
  return () => ok(!transact(input).reverted, 'the program succeeds');
}

function ours(all: readonly Program[]): Speeds {
  const speeds = new Map<string, number>();
  for (const program of all) {
    const runOnce = prepared(program);
    runOnce();
    const startedMs = performance.now();
    let runs = 0;
    while (performance.now() - startedMs < PROGRAM_MS) {
      runOnce();
      runs += 1;
    }
    const seconds = (performance.now() - startedMs) / 1000;
    speeds.set(program.name, (runs * program.instructionsPerRun) / seconds / 1e6);
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

export async function run(report: Report): Promise<void> {
  const all = programs();
  const oracle = process.env['ORACLE'];
  const tasks = [async () => ours(all)];
  if (oracle !== undefined) tasks.push(async () => reference(oracle));
  const [mine = [], theirs = []] = await interleaved(setting('BENCH_ROUNDS', 5), tasks);
  for (const { name } of all) {
    const samples = column(mine, name);
    const reference = column(theirs, name);
    const best = reference.length === 0 ? null : Math.max(...reference);
    report.add(`vm/reference ${name}`, 'M instructions/s', samples, {
      reference: best === null ? null : rounded(best),
      ratio: best === null ? null : rounded(Math.max(...samples) / best),
    });
  }
}
