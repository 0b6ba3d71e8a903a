/** `fuelrail tx …` and `fuelrail block`: looking things up on a node. */
import type { Command } from 'commander';
import { DEFAULT_NODE_URL, NODE_URL_VARIABLE } from '../wallet/context.ts';

function withNode(command: Command): Command {
  return command
    .option('--url <url>', 'the node', process.env[NODE_URL_VARIABLE] ?? DEFAULT_NODE_URL)
    .option('--json', 'one JSON object on stdout');
}

export function addLookupCommands(program: Command): void {
  const load = (): Promise<typeof import('../lookup.ts')> => import('../lookup.ts');
  const tx = program.command('tx').description('look at transactions');
  withNode(
    tx.command('show').description('inputs, outputs, receipts, result').argument('<id>'),
  ).action(async (id, flags) => (await load()).showTransaction(id, flags));
  withNode(tx.command('status').description('what became of it').argument('<id>')).action(
    async (id, flags) => (await load()).transactionStatus(id, flags),
  );
  withNode(tx.command('watch').description('every status until the last').argument('<id>')).action(
    async (id, flags) => (await load()).watchTransaction(id, flags),
  );
  tx.command('decode')
    .description('canonical bytes, without a node')
    .argument('<hex or file>')
    .option('--chain-id <n>', 'chain that the id is for', '0')
    .option('--json', 'one JSON object on stdout')
    .action(async (source, flags) => (await load()).decodeTransaction(source, flags));
  withNode(program.command('block').description('a block').argument('[height|id|latest]')).action(
    async (which, flags) => (await load()).showBlock(which, flags),
  );
}
