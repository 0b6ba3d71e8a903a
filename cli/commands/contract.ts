/** `fuelrail deploy` and `fuelrail call`. */
import type { Command } from 'commander';
import { withSharedOptions } from '../wallet/context.ts';

const ACCOUNT = ['-a, --account <n>', 'account of the wallet that pays and signs', '0'] as const;

const collect = (text: string, all: string[] = []): string[] => [...all, text];

export function addContractCommands(program: Command): void {
  withSharedOptions(
    program
      .command('deploy')
      .description('put a contract onto the chain')
      .argument('<bytecode>', 'file that forc build writes: out/release/<name>.bin'),
  )
    .option(...ACCOUNT)
    .option(
      '--storage-slots <file>',
      "first contents of its storage, or 'none' (default: …-storage_slots.json beside the bytecode)",
    )
    .option(
      '--salt <hex>',
      "32 bytes; 'random'; the same code with another salt is another id",
      '0',
    )
    .option('--configurables <json>', 'other constants, as an object or a file with one')
    .option('--abi <file>', 'its ABI (default: …-abi.json beside the bytecode)')
    .option('--blobs', 'as blobs with a loader, as code is that is larger than a contract may be')
    .option('--dry-run', 'show id, fee and access list; sign nothing')
    .addHelpText(
      'after',
      `
Examples:
  fuelrail deploy out/release/token.bin
  fuelrail deploy amm.bin --configurables '{"FEE_PER_MILLE": 3}' --salt random
  fuelrail deploy token.bin --dry-run --json`,
    )
    .action(async (path, flags) => (await import('../contract/deploy.ts')).deploy(path, flags));
  withSharedOptions(
    program
      .command('call')
      .description('call a method of a contract')
      .argument('<contract>', 'its id')
      .argument('[method]', 'without it: the methods that the ABI has')
      .argument('[args...]', 'numbers, hex and text as they are; structs, enums and lists as JSON'),
  )
    .requiredOption(
      '--abi <file>',
      'the ABI of the contract: …-abi.json; 0x<contract>=<file> for others that it calls (repeat)',
      collect,
    )
    .option(...ACCOUNT)
    .option('--amount <amount>', 'coins to send along, such as 0.5')
    .option('--asset <id>', 'of this asset (default: ETH)')
    .option('--decimals <n>', 'decimals of that asset (default: whole units)')
    .option('--gas <n>', 'gas limit (default: what trying it took, and a tenth more)')
    .option('--dry-run', 'what it would do now; needs no wallet and costs nothing')
    .option('--from <address>', 'with --dry-run: who would be calling')
    .addHelpText(
      'after',
      `
Enums are {"Variant": value}; options null or the value; Address, ContractId and AssetId just hex.

Examples:
  fuelrail call 0x12…ef balance_of 0xab…cd --abi token-abi.json --dry-run
  fuelrail call 0x12…ef swap 5 '{"Address":"0xab…cd"}' --abi amm-abi.json --amount 0.1
  fuelrail call 0x12…ef --abi amm-abi.json             lists the methods`,
    )
    .action(async (contract, method, args, flags) =>
      (await import('../contract/call.ts')).call(contract, method, args, flags),
    );
}
