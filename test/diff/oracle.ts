/**
 * `npm run diff -- --count N --seed S [--kinds a,b]`: fresh requests, answered by the reference
 * program and by us. The environment variable ORACLE names the program.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runFile } from '../vectors/run.ts';

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

function option(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at === -1 ? undefined : process.argv[at + 1];
}

function main(): number {
  const program = process.env['ORACLE'];
  if (program === undefined || !existsSync(program)) {
    console.error(
      'ORACLE is not set to an existing file: build the reference program (cargo build --release ' +
        'in its folder) and run ORACLE=/path/to/oracle npm run diff -- --count 1000 --seed 1',
    );
    return 2;
  }
  const count = Number(option('--count') ?? 1000);
  const seed = option('--seed') ?? String(Date.now() % 1_000_000);
  const kinds = (option('--kinds') ?? Object.keys(SHARES).join(',')).split(',');
  const whole = kinds.reduce((sum, kind) => sum + (SHARES[kind] ?? 1), 0);
  console.log(`seed ${seed}`);
  const folder = mkdtempSync(join(tmpdir(), 'diff-'));
  let passed = 0;
  let failed = 0;
  try {
    for (const kind of kinds) {
      const file = join(folder, `${kind}.jsonl.gz`);
      const part = Math.max(1, Math.ceil((count * (SHARES[kind] ?? 1)) / whole));
      const args = [
        'vectors',
        '--seed',
        seed,
        '--kind',
        kind,
        '--count',
        String(part),
        '--out',
        file,
      ];
      execFileSync(program, args, { stdio: 'ignore' });
      const tally = runFile(file);
      passed += tally.passed;
      failed += tally.failed;
      rmSync(file);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = main();
