/** `fuelrail wallet …`: keys, funds, signatures. */
import { type Command, Option } from 'commander';
import { withSharedOptions } from '../wallet/context.ts';

const ACCOUNT = ['-a, --account <n>', 'account number', '0'] as const;
const OWNER = ['--address <address>', 'any address instead of an own account'] as const;

function addKeyCommands(wallet: Command): void {
  const keys = (): Promise<typeof import('../wallet/keys.ts')> => import('../wallet/keys.ts');
  withSharedOptions(
    wallet.command('create').description('a new wallet from a fresh recovery phrase'),
  )
    .addOption(
      new Option('--words <n>', 'length of the phrase')
        .choices(['12', '15', '18', '21', '24'])
        .default('24'),
    )
    .option('--phrase-out <file>', 'write the phrase there instead of showing it')
    .option(
      '--replace',
      'put it in the place of an existing wallet, which is kept under another name',
    )
    .action(async (flags) => (await keys()).create(flags));
  withSharedOptions(wallet.command('import').description('a wallet from your recovery phrase'))
    .option('--phrase-file <file>', 'a file that holds the phrase')
    .option(
      '--replace',
      'put it in the place of an existing wallet, which is kept under another name',
    )
    .action(async (flags) => (await keys()).importWallet(flags));
  withSharedOptions(wallet.command('list').description('wallets in the folder of --path')).action(
    async (flags) => (await keys()).list(flags),
  );
  withSharedOptions(wallet.command('accounts').description('known accounts of the wallet'))
    .option('--new', 'derive the next one')
    .option('--derive <n>', 'derive the first n')
    .action(async (flags) => (await keys()).accounts(flags));
  withSharedOptions(wallet.command('address').description('the address of an account'))
    .option(...ACCOUNT)
    .option('--qr', 'as a QR code, too')
    .action(async (flags) => (await keys()).address(flags));
  withSharedOptions(wallet.command('export').description('the phrase, or the key of an account'))
    .option('-a, --account <n>', 'the key of this account instead of the phrase')
    .option('--out <file>', 'write it to a new file that only you can read')
    .action(async (flags) => (await keys()).exportSecret(flags));
}

function addMoneyCommands(wallet: Command): void {
  const money = (): Promise<typeof import('../wallet/money.ts')> => import('../wallet/money.ts');
  withSharedOptions(wallet.command('balance').description('what an account holds'))
    .option(...ACCOUNT)
    .option(...OWNER)
    .action(async (flags) => (await money()).balance(flags));
  withSharedOptions(wallet.command('coins').description('unspent coins of an account'))
    .option(...ACCOUNT)
    .option(...OWNER)
    .option('--asset <id>', 'of this asset only')
    .action(async (flags) => (await money()).coins(flags));
  withSharedOptions(wallet.command('history').description('transactions of an account'))
    .option(...ACCOUNT)
    .option(...OWNER)
    .option('--count <n>', 'the newest n', '20')
    .action(async (flags) => (await money()).history(flags));
  withSharedOptions(
    wallet
      .command('send')
      .description('pay somebody, or many')
      .argument('[address]', 'recipient')
      .argument('[amount]', 'such as 0.5; ETH unless --asset says otherwise'),
  )
    .option(...ACCOUNT)
    .option('--asset <id>', 'another asset than ETH')
    .option('--decimals <n>', 'decimals of that asset (default: whole units)')
    .option('--max', 'everything, less the fee')
    .option('--payments <file>', 'many: a file of lines address,amount[,asset]')
    .option('--dry-run', 'show the plan, sign nothing')
    .action(async (to, amount, flags) => (await money()).send(to, amount, flags));
}

function addMessageCommands(wallet: Command): void {
  const messages = (): Promise<typeof import('../wallet/messages.ts')> =>
    import('../wallet/messages.ts');
  withSharedOptions(wallet.command('sign').description('sign a message').argument('<message>'))
    .option(...ACCOUNT)
    .option('--hex', 'the message is hex')
    .option('--file', 'the message is the contents of this file')
    .action(async (message, flags) => (await messages()).signText(message, flags));
  withSharedOptions(
    wallet
      .command('verify')
      .description('check who signed a message')
      .argument('<signature>')
      .argument('<message>'),
  )
    .requiredOption('--address <address>', 'who should have signed')
    .option('--hex', 'the message is hex')
    .option('--file', 'the message is the contents of this file')
    .action(async (signature, message, flags) =>
      (await messages()).verifyText(signature, message, flags),
    );
}

export function addWalletCommand(program: Command): void {
  const wallet = program
    .command('wallet')
    .description('accounts, balances, payments (reads and writes the wallets of forc-wallet)')
    .addHelpText(
      'after',
      `
The password: --password-file, or FUELRAIL_WALLET_PASSWORD, or you are asked. Keys are never taken from the command line.

Examples:
  fuelrail wallet create                                   a new wallet in ~/.fuel/wallets/.wallet
  fuelrail wallet balance --url https://example.org        what account 0 holds there
  fuelrail wallet send 0x12…ef 0.25                        0.25 ETH, after a preview and a question
  fuelrail wallet send 0x12…ef --max --yes --password-file pw.txt --json`,
    );
  addKeyCommands(wallet);
  addMoneyCommands(wallet);
  addMessageCommands(wallet);
}
