/**
 * The command line. Exit codes: 0 done, 1 it failed (a line on stderr says why), 2 it was called
 * in a way that makes no sense. See docs/cli.md.
 */
import { Command, CommanderError } from 'commander';
import { REFERENCE_VERSION } from '../node/defaults.ts';
import { CodedError } from '../primitives/errors.ts';
import { addBridgeCommand } from './commands/bridge.ts';
import { addContractCommands } from './commands/contract.ts';
import { addDaCommand } from './commands/da.ts';
import { addDevCommand } from './commands/dev.ts';
import { addExplainCommand } from './commands/explain.ts';
import { addLookupCommands } from './commands/lookup.ts';
import { addProofCommand } from './commands/proof.ts';
import { addRunCommand } from './commands/run.ts';
import { addToolCommands } from './commands/tools.ts';
import { addTraceCommands } from './commands/trace.ts';
import { addVmCommand } from './commands/vm.ts';
import { addWalletCommand } from './commands/wallet.ts';
import { addWatchCommand } from './commands/watch.ts';
import { addExamples } from './examples.ts';
import { guardOutput } from './output.ts';
import { PACKAGE_VERSION } from './packageVersion.ts';

export type ProgramName = 'fuelrail' | 'fuel-core';

/** All commands, ready to parse. */
export function createProgram(name: ProgramName): Command {
  const version = name === 'fuel-core' ? REFERENCE_VERSION : PACKAGE_VERSION;
  const program = new Command(name)
    .description(
      "A Fuel node that executes transactions in parallel; a drop-in for 'fuel-core run'.",
    )
    .version(`${name} ${version}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError(`(${name} --help lists commands and options)`)
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  ${name} run --debug --utxo-validation            a development node on 127.0.0.1:4000
  ${name} run --db-type in-memory --port 0         forgets everything at the end, any free port
  ${name} run --snapshot ./genesis                 a chain with your own genesis
  ${name} da verify --db-path ./.fuelrail          derive the chain again from its blobs
  ${name} run --dev                                development controls: ${name} dev --help
  ${name} explain block latest                     why the newest block was, or was not, parallel
  ${name} vm profile script.bin                    where a program's gas and time go
  ${name} wallet create                            keys for accounts, then: wallet send
  ${name} deploy token.bin                         a contract onto the chain, then: call
  ${name} trace 0x12…ef                            what a transaction did, call by call
  ${name} completions bash                         commands and options by the tab key

Exit codes: 0 done, 1 it failed, 2 called in a way that makes no sense, 3 'watch' raised alarms.`,
    );
  addRunCommand(program);
  addDaCommand(program);
  addDevCommand(program);
  addExplainCommand(program);
  addWalletCommand(program);
  addContractCommands(program);
  addBridgeCommand(program);
  addWatchCommand(program);
  addProofCommand(program);
  addTraceCommands(program);
  addVmCommand(program);
  addToolCommands(program);
  addLookupCommands(program);
  addExamples(program, name);
  hintAtHelp(program, name);
  return program;
}

/** Who mistypes an option of a command is sent to the help of that command. */
function hintAtHelp(command: Command, words: string): void {
  for (const below of command.commands) {
    const all = `${words} ${below.name()}`;
    below.showHelpAfterError(`(${all} --help has examples and all options)`);
    hintAtHelp(below, all);
  }
}

/** Old form of fuel-core: flags without the word `run`. */
function withCommand(args: readonly string[]): string[] {
  const first = args[0];
  const bare = first?.startsWith('-') && !/^(-h|--help|-V|--version)$/.test(first);
  if (!bare) return [...args];
  process.stderr.write("warning: flags without a command mean 'run'; please write 'run' first\n");
  return ['run', ...args];
}

/** Runs one command line. Never throws; sets the exit code. */
export async function main(args: readonly string[], name: ProgramName): Promise<void> {
  guardOutput(args);
  const program = createProgram(name);
  try {
    if (args.length === 0) {
      program.outputHelp({ error: true });
      process.exitCode = 2;
      return;
    }
    await program.parseAsync(withCommand(args), { from: 'user' });
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      process.exitCode = thrown.exitCode === 0 ? 0 : 2;
      return;
    }
    const usage = thrown instanceof CodedError && thrown.code.startsWith('CLI_');
    const code = thrown instanceof CodedError ? ` [${thrown.code}]` : '';
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    const word = usage ? 'error' : 'Error';
    process.stderr.write(`${word}: ${text}${code}\n`);
    if (!(thrown instanceof CodedError) && thrown instanceof Error && thrown.stack) {
      process.stderr.write(`${thrown.stack}\n`);
    }
    process.exitCode = usage ? 2 : 1;
  }
}
