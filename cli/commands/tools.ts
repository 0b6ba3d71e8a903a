/** `fuelrail predicate …`, `fuelrail asset …` and `fuelrail completions`. */
import type { Command } from 'commander';
import { DEFAULT_NODE_URL, NODE_URL_VARIABLE } from '../wallet/context.ts';

function withNode(command: Command): Command {
  return command
    .option('--url <url>', 'the node', process.env[NODE_URL_VARIABLE] ?? DEFAULT_NODE_URL)
    .option('--json', 'one JSON object on stdout');
}

function withCode(command: Command): Command {
  return command
    .option('--configurables <json>', 'other constants, as an object or a file with one')
    .option('--abi <file>', 'its ABI (default: …-abi.json beside the bytecode)');
}

function addPredicateCommand(program: Command): void {
  const load = (): Promise<typeof import('../contract/predicate.ts')> =>
    import('../contract/predicate.ts');
  const predicate = program.command('predicate').description('programs that guard coins');
  withCode(
    predicate
      .command('address')
      .description('where to send what the predicate shall guard')
      .argument('<bytecode>', 'file that forc build writes'),
  )
    .option('--json', 'one JSON object on stdout')
    .addHelpText(
      'after',
      `
Example:
  fuelrail predicate address multisig.bin --configurables '{"REQUIRED": 1}'`,
    )
    .action(async (path, flags) => (await load()).showAddress(path, flags));
  withNode(
    withCode(
      predicate
        .command('estimate')
        .description('gas that it uses, and its data in the encoding of a transaction')
        .argument('<bytecode>', 'file that forc build writes')
        .argument('[args...]', 'arguments of its main'),
    ),
  )
    .option('--data <hex>', 'its data, instead of arguments')
    .addHelpText(
      'after',
      `
Example:
  fuelrail predicate estimate multisig.bin '[0, 1, 2]'`,
    )
    .action(async (path, args, flags) => (await load()).estimate(path, args, flags));
}

function addAssetCommand(program: Command): void {
  const load = (): Promise<typeof import('../contract/asset.ts')> => import('../contract/asset.ts');
  const asset = program.command('asset').description('assets that contracts mint');
  asset
    .command('id')
    .description('the asset that a contract mints under a sub id')
    .argument('<contract>', 'its id')
    .argument('[sub id]', '32 bytes (default: zero)')
    .option('--json', 'one JSON object on stdout')
    .addHelpText('after', '\nExample:\n  fuelrail asset id 0x12…ef')
    .action(async (contract, subId, flags) => (await load()).showAssetId(contract, subId, flags));
  withNode(
    asset.command('show').description('who mints it, and how much there is').argument('<id>'),
  )
    .addHelpText('after', '\nExample:\n  fuelrail asset show 0x12…ef --json')
    .action(async (id, flags) => (await load()).showAsset(id, flags));
}

/** Adds them; `completions` describes the program that it is added to. */
export function addToolCommands(program: Command): void {
  addPredicateCommand(program);
  addAssetCommand(program);
  program
    .command('completions')
    .description('a script that completes commands and options in your shell')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      `
Examples:
  fuelrail completions bash > ~/.local/share/bash-completion/completions/fuelrail
  fuelrail completions zsh > ~/.zfunc/_fuelrail             with ~/.zfunc in fpath
  fuelrail completions fish > ~/.config/fish/completions/fuelrail.fish`,
    )
    .action(async (shell: string) => {
      const { completionScript } = await import('../completions.ts');
      process.stdout.write(completionScript(program, shell));
    });
}
