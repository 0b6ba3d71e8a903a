/** `fuelrail watch`: audits what an operator commits to Ethereum, and disputes it. */
import type { Command } from 'commander';
import { DEFAULT_NODE_URL, NODE_URL_VARIABLE } from '../wallet/context.ts';

export function addWatchCommand(program: Command): void {
  const { env } = process;
  program
    .command('watch')
    .description('audit the batches on Ethereum and dispute what is wrong')
    .option('--ethereum <url>', 'Ethereum endpoint [env: FUELRAIL_L1_RPC]', env['FUELRAIL_L1_RPC'])
    .option(
      '--settlement <address>',
      'contract there [env: FUELRAIL_L1_SETTLEMENT]',
      env['FUELRAIL_L1_SETTLEMENT'],
    )
    .option('--deploy-height <n>', 'Ethereum block of its deployment', '0')
    .option('--url <url>', 'a node that has the blocks', env[NODE_URL_VARIABLE] ?? DEFAULT_NODE_URL)
    .option('--db-path <path>', 'where it keeps what it has sent (default: in memory)')
    .option('--operator <url>', "the operator's node, when --url is one of your own")
    .option('--metrics-file <path>', 'figures as text for a collector, after every look')
    .option('--snapshot <dir>', 'genesis of the chain (default: the built-in local chain)')
    .option('--poll <duration>', 'how often it looks', '12s')
    .option('--max-fee <gwei>', 'most that it pays, gwei per gas', '500')
    .option('--bump-after <duration>', 'a statement that waits longer gets higher fees', '30s')
    .option('--webhook <url>', 'every alarm is posted there as JSON')
    .option('--once', 'audit everything that is there and end')
    .addHelpText(
      'after',
      `
Best watched with a node of your own at --url (run --follow-da … --state-tree): it executes every
block again, and what the operator commits has to be what comes out. --operator then names the
operator's node, whose steps a dispute needs.

The key that sends statements comes from the environment: FUELRAIL_L1_WATCH_KEY. Without it nothing
is sent. Exit codes: 0 everything in order, 3 there were alarms, 1 it could not look.
Example:
  fuelrail watch --ethereum http://127.0.0.1:8545 --settlement 0xabc… --once`,
    )
    .action(async (flags) => (await import('../bridge/watch.ts')).watch(flags));
}
