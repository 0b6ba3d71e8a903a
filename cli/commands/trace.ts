/** `fuelrail trace` and `fuelrail gas-report`. */
import type { Command } from 'commander';
import { DEFAULT_NODE_URL, NODE_URL_VARIABLE } from '../wallet/context.ts';

const collect = (text: string, all: string[] = []): string[] => [...all, text];

function withNode(command: Command): Command {
  return command
    .option('--url <url>', 'the node', process.env[NODE_URL_VARIABLE] ?? DEFAULT_NODE_URL)
    .option('--json', 'one JSON object on stdout');
}

export function addTraceCommands(program: Command): void {
  withNode(
    program
      .command('trace')
      .description('what a transaction did: calls, gas, logs, storage, where it failed')
      .argument('[id]', 'transaction id'),
  )
    .option(
      '--abi <file>',
      'ABI that names arguments, results and logs; 0x<contract>=<file> for one contract (repeat)',
      collect,
    )
    .option('--raw <hex or file>', 'instead: canonical bytes, what they would do now, unsigned')
    .addHelpText(
      'after',
      `
A node with --debug runs the transaction again on the state before it, for its latest blocks since
its start. Of older ones, and of nodes that are not fuelrail's, the receipts are shown.

Examples:
  fuelrail trace 0x12…ef --abi out/release/token-abi.json
  fuelrail trace 0x12…ef --abi 0xaa…01=amm-abi.json --abi 0xaa…02=token-abi.json --json`,
    )
    .action(async (id, flags) => (await import('../trace/show.ts')).showTrace(id, flags));
  withNode(
    program
      .command('gas-report')
      .description('where the gas went, by contract, method and instruction')
      .argument('[ids...]', 'transactions; without them: blocks'),
  )
    .option('--from-block <height>', 'first block (default: the newest)')
    .option('--to-block <height>', 'last block (default: the newest)')
    .option('--opcodes', 'what the instructions of each method cost, too')
    .option('--compare <file>', 'what changed since an earlier report, made with --json')
    .addHelpText(
      'after',
      `
Needs a node with --debug. Own gas: without what a method called.

Examples:
  fuelrail gas-report --from-block 1 --to-block 20
  fuelrail gas-report 0x12…ef --opcodes
  fuelrail gas-report --from-block 1 --json > gas.json
  fuelrail gas-report --from-block 1 --compare gas.json`,
    )
    .action(async (ids, flags) => (await import('../trace/gasReport.ts')).gasReport(ids, flags));
}
