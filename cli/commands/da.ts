/** `fuelrail da …`: the data-availability layer. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { parseBool, parseU64 } from '../flagValue.ts';

/** A line of progress after this many blocks. */
const PROGRESS_EVERY = 1_000;

type VerifyFlags = {
  dbPath: string;
  snapshot?: string;
  vmRules: string;
  workers: string;
  utxoValidation: string;
  json?: boolean;
};

export function addDaCommand(program: Command): void {
  const da = program.command('da').description('the data-availability layer');
  da.command('verify')
    .description('derive the chain again from its blobs and compare every block id')
    .option('--db-path <path>', 'directory of the node', './.fuelrail')
    .option('--snapshot <path>', 'genesis of the chain (default: the built-in local chain)')
    .option('--vm-rules <rules>', 'auto or 0.66, as the node ran', 'auto')
    .option('--workers <u64>', 'threads that execute transactions', '0')
    .option('--utxo-validation <bool>', 'false for a node that ran without it', 'true')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample:\n  fuelrail da verify --db-path ./.fuelrail')
    .action(verify);
}

async function verify(flags: VerifyFlags): Promise<void> {
  const { verifyDa } = await import('../../node/daVerify.ts');
  const report = await verifyDa({
    dbPath: resolve(flags.dbPath),
    snapshotPath: flags.snapshot === undefined ? null : resolve(flags.snapshot),
    vmRules: flags.vmRules === '0.66' ? '0.66' : 'auto',
    workerCount: Number(parseU64('workers', flags.workers)),
    utxoValidation: parseBool('utxo-validation', flags.utxoValidation),
    onProgress: (height) => {
      if (height > 0 && height % PROGRESS_EVERY === 0) process.stderr.write(`block ${height}\n`);
    },
  });
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(report)}\n`);
    return;
  }
  process.stdout.write(
    `${report.blocks} blocks with ${report.transactions} transactions derived again, all ids equal\n` +
      `tip ${report.tipHeight} ${report.tipId}\nstate digest ${report.stateDigest}\n`,
  );
}
