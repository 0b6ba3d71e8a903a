/** `fuelrail watch`: audits what an operator commits to Ethereum, and disputes it. */
import type { Command } from 'commander';
import { FOLLOW_FLAGS, optionOf } from '../flagOptions.ts';
import { DEFAULT_NODE_URL, NODE_URL_VARIABLE } from '../wallet/context.ts';

export function addWatchCommand(program: Command): void {
  const { env } = process;
  const command = program
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
    .option('--db-path <path>', 'where it keeps what it has sent and audited (default: in memory)')
    .option('--operator <url>', "the operator's node, when --url is one of your own")
    .option('--metrics-file <path>', 'figures as text for a collector, after every look')
    .option(
      '--data-grace <duration>',
      'blocks that are missing so long are an alarm (default: 0s, with --follow-da 10m)',
    )
    .option('--snapshot <dir>', 'genesis of the chain (default: the built-in local chain)')
    .option('--poll <duration>', 'how often it looks', '12s')
    .option('--max-fee <gwei>', 'most that it pays, gwei per gas', '500')
    .option('--bump-after <duration>', 'a statement that waits longer gets higher fees', '30s')
    .option('--webhook <url>', 'every alarm is posted there as JSON')
    .option('--once', 'audit everything that is there and end')
    .addHelpText(
      'after',
      `
Best watched with --follow-da: takes the chain from the DA layer, executes every block again, and
what the operator commits has to be what comes out. The options about the layer are those of run.
--operator then names the operator's node, whose steps a dispute needs when it commits other ones.
Without --follow-da the blocks come from --url: a node of your own, or one that you trust to have
them. With --db-path a restart goes on behind the last batch that was in order.

The key that sends statements comes from the environment: FUELRAIL_L1_WATCH_KEY. Without it nothing
is sent. Exit codes: 0 everything in order, 3 there were alarms, 1 it could not look.
Example:
  fuelrail watch --ethereum http://127.0.0.1:8545 --settlement 0xabc… --once
  fuelrail watch --follow-da celestia --da-url http://127.0.0.1:26658 --db-path watch …`,
    )
    .action(async (flags) => (await import('../bridge/watch.ts')).watch(flags));
  for (const row of FOLLOW_FLAGS) command.addOption(optionOf(row));
}
