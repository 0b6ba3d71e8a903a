/** `fuelrail bridge …`: ether and tokens between Ethereum and this chain. */
import type { Command } from 'commander';
import { withSharedOptions } from '../wallet/context.ts';

/** Environment twins of the options, and the key on Ethereum, which is never an option. */
const RPC_VARIABLE = 'FUELRAIL_L1_RPC';
const PORTAL_VARIABLE = 'FUELRAIL_L1_PORTAL';
const SETTLEMENT_VARIABLE = 'FUELRAIL_L1_SETTLEMENT';

function withEthereum(command: Command): Command {
  const { env } = process;
  return withSharedOptions(command)
    .option('--ethereum <url>', `Ethereum endpoint [env: ${RPC_VARIABLE}]`, env[RPC_VARIABLE])
    .option('--portal <address>', `portal there [env: ${PORTAL_VARIABLE}]`, env[PORTAL_VARIABLE])
    .option(
      '--settlement <address>',
      `or the project's own contract there [env: ${SETTLEMENT_VARIABLE}]`,
      env[SETTLEMENT_VARIABLE],
    )
    .option('--deploy-height <n>', 'Ethereum block of its deployment', '0')
    .option('--wait', 'stay until it is done, showing progress');
}

export function addBridgeCommand(program: Command): void {
  const actions = (): Promise<typeof import('../bridge/actions.ts')> =>
    import('../bridge/actions.ts');
  const bridge = program
    .command('bridge')
    .description('ether and tokens between Ethereum and this chain')
    .addHelpText(
      'after',
      `
The key on Ethereum comes from the environment only: FUELRAIL_L1_KEY.
Examples:
  fuelrail bridge deposit 0.5 --wait              ether to account 0 of the wallet
  fuelrail bridge withdraw 0.2 0xabc…             ether to an address on Ethereum
  fuelrail bridge status 0x<transaction>          where that withdrawal stands
  fuelrail bridge claim 0x<transaction> --wait    pays it out on Ethereum when it can be
  fuelrail bridge deposit 5 --token 0x<token> --gateway 0x<gateway>
  fuelrail bridge deliver 0x<message>             hands that deposit to the contract that mints
  fuelrail bridge withdraw 2 0xabc… --token 0x<asset or token>
A token is named by its asset id here (fuelrail wallet balance shows it), or by its address on
Ethereum with --gateway. status and claim are the same for ether and tokens; status takes the
transaction of a deposit on Ethereum as well. --wait may be interrupted: nothing is lost.`,
    );
  withEthereum(
    bridge.command('deposit').description('from Ethereum to this chain').argument('<amount>'),
  )
    .option('-a, --account <n>', 'account number of the wallet', '0')
    .option('--to <address>', 'another recipient on this chain')
    .option('--token <address>', 'a token instead of ether')
    .option('--gateway <address>', 'token gateway on Ethereum, with --token')
    .action(async (amount, flags) => (await actions()).deposit(amount, flags));
  withEthereum(
    bridge
      .command('withdraw')
      .description('from this chain to Ethereum')
      .argument('<amount>')
      .argument('<address>', 'recipient on Ethereum'),
  )
    .option('-a, --account <n>', 'account number of the wallet', '0')
    .option('--token <id>', 'a token instead of ether: asset id, or its address on Ethereum')
    .option('--gateway <address>', 'token gateway on Ethereum, with such an address')
    .action(async (amount, to, flags) => (await actions()).withdraw(amount, to, flags));
  withEthereum(
    bridge
      .command('status')
      .description('where a deposit or a withdrawal stands, and how long it still takes')
      .argument('<transaction>', 'of this chain, or of a deposit on Ethereum'),
  ).action(async (id, flags) => (await actions()).status(id, flags));
  withEthereum(
    bridge
      .command('deliver')
      .description('hands a deposit of tokens to the contract that mints them; anybody may')
      .argument('[message]', 'its nonce, or its transaction on Ethereum; without it: what waits'),
  )
    .option('-a, --account <n>', 'account of the wallet that pays the fee', '0')
    .option('--all', 'everything that waits, of anybody')
    .action(async (what, flags) => (await import('../bridge/deliver.ts')).deliver(what, flags));
  withEthereum(
    bridge
      .command('claim')
      .description('pays withdrawals of a transaction out on Ethereum')
      .argument('<transaction>'),
  ).action(async (id, flags) => (await actions()).claim(id, flags));
  addExit(bridge);
}

function addExit(bridge: Command): void {
  const { env } = process;
  withSharedOptions(
    bridge
      .command('exit')
      .description("takes one's own out of a chain that nobody commits any more")
      .argument('<address>', 'recipient on Ethereum'),
  )
    .option('-a, --account <n>', 'account number of the wallet', '0')
    .option('--ethereum <url>', `Ethereum endpoint [env: ${RPC_VARIABLE}]`, env[RPC_VARIABLE])
    .option(
      '--settlement <address>',
      `contract there [env: ${SETTLEMENT_VARIABLE}]`,
      env[SETTLEMENT_VARIABLE],
    )
    .option('--deploy-height <n>', 'Ethereum block of its deployment', '0')
    .option('--dust', 'also what is worth less than the gas of taking it')
    .option('--wait', 'stay until the chain can be closed, showing how long that is')
    .addHelpText(
      'after',
      `
Closes the chain if nobody has, which ends it for everybody; then takes every coin of ether and
every message of the account, and deposits of your account on Ethereum that were never taken in.
--url is any node that has derived the chain: fuelrail run --follow-da … --state-tree.
May be interrupted and started again: what is taken is taken.
Example:
  fuelrail bridge exit 0xabc… --settlement 0xdef… --ethereum http://127.0.0.1:8545`,
    )
    .action(async (to, flags) => (await import('../bridge/exit.ts')).exit(to, flags));
}
