/** `fuelrail proof …`: what is in the state, proven. */
import type { Command } from 'commander';
import { DEFAULT_NODE_URL, NODE_URL_VARIABLE } from '../wallet/context.ts';

function withNode(command: Command): Command {
  return command
    .option('--height <n>', 'behind this block (default: the newest)')
    .option(
      '--url <url>',
      'a node with --state-tree',
      process.env[NODE_URL_VARIABLE] ?? DEFAULT_NODE_URL,
    )
    .option('--json', 'the proof as one JSON object on stdout');
}

export function addProofCommand(program: Command): void {
  const load = (): Promise<typeof import('../bridge/proof.ts')> => import('../bridge/proof.ts');
  const proof = program
    .command('proof')
    .description('prove that something is in the state of the chain, or that it is not')
    .addHelpText(
      'after',
      `
Proofs lead to the state root of a block, which batches on Ethereum commit to. They are checked here.
Examples:
  fuelrail proof coin 0x<transaction>0000
  fuelrail proof contract 0x<id> --asset 0x<asset> --json`,
    );
  withNode(
    proof.command('coin').description('an unspent coin').argument('<utxo>', 'UTXO id'),
  ).action(async (utxo, flags) => (await load()).proveCoin(utxo, flags));
  withNode(
    proof.command('message').description('an unspent message from Ethereum').argument('<nonce>'),
  ).action(async (nonce, flags) => (await load()).proveMessage(nonce, flags));
  withNode(proof.command('contract').description('a contract').argument('<id>'))
    .option('--slot <key>', 'one of its storage slots')
    .option('--asset <id>', 'what it holds of an asset')
    .option('--code', 'the hash of its code')
    .action(async (id, flags) => (await load()).proveContract(id, flags));
}
