/** `fuelrail dev …`: development controls of a node that runs with `--dev`. */
import type { Command } from 'commander';
import { DEFAULT_NODE_URL, NODE_URL_VARIABLE } from '../wallet/context.ts';

function withNode(command: Command): Command {
  return command
    .option('--url <url>', 'the node', process.env[NODE_URL_VARIABLE] ?? DEFAULT_NODE_URL)
    .option('--json', 'one JSON object on stdout');
}

export function addDevCommand(program: Command): void {
  const load = (): Promise<typeof import('../dev.ts')> => import('../dev.ts');
  const dev = program
    .command('dev')
    .description('development controls of a node that runs with --dev')
    .addHelpText(
      'after',
      `
Examples:
  fuelrail run --dev                       a node with development controls
  fuelrail dev fund 0x… 5                  5 of the base asset (9 decimals) for an address
  fuelrail dev snapshot                    prints a number: go back to it as often as you like
  fuelrail dev revert 1
  fuelrail dev dump ./state                a directory that --snapshot takes
  fuelrail dev time advance 3600           the next block is an hour later
  fuelrail dev mine 100                    blocks now
  fuelrail dev impersonate 0x…             no signature of this owner is asked for`,
    );
  const sub = (name: string, about: string): Command =>
    withNode(dev.command(name).description(about));
  sub('status', 'height, clock, snapshots, who is impersonated').action(async (flags) =>
    (await load()).devStatus(flags),
  );
  addHistory(sub, load);
  addTime(dev, sub, load);
  addState(sub, load);
}

type Sub = (name: string, about: string) => Command;
type Load = () => Promise<typeof import('../dev.ts')>;

function addHistory(sub: Sub, load: Load): void {
  sub('snapshot', 'remember the present state').action(async (flags) =>
    (await load()).devSnapshot(flags),
  );
  sub('revert', 'go back to a snapshot; it can be used again')
    .argument('<id>')
    .action(async (id, flags) => (await load()).devRevert(id, flags));
  sub('drop', 'forget a snapshot')
    .argument('<id>')
    .action(async (id, flags) => (await load()).devDrop(id, flags));
  sub('dump', 'write the state into a directory that --snapshot takes')
    .argument('<directory>')
    .action(async (directory, flags) => (await load()).devDump(directory, flags));
  sub('load', 'go on from the state in a directory that dump has written')
    .argument('<directory>')
    .action(async (directory, flags) => (await load()).devLoad(directory, flags));
}

function addTime(dev: Command, sub: Sub, load: Load): void {
  const time = dev.command('time').description("the chain's clock");
  withNode(
    time
      .command('set')
      .description('time of the next block')
      .argument('<unix seconds or ISO date>'),
  ).action(async (when, flags) => (await load()).devSetTime(when, flags));
  withNode(time.command('advance').description('let time pass').argument('<seconds>')).action(
    async (seconds, flags) => (await load()).devAdvanceTime(seconds, flags),
  );
  withNode(time.command('freeze').description('stop the clock')).action(async (flags) =>
    (await load()).devFreezeTime(true, flags),
  );
  withNode(time.command('run').description('let a frozen clock go on')).action(async (flags) =>
    (await load()).devFreezeTime(false, flags),
  );
  sub('mine', 'make blocks now')
    .argument('[count]', 'how many', '1')
    .option('--interval <seconds>', 'between their times (default: 1, with a frozen clock 0)')
    .action(async (count, flags) => (await load()).devMine(count, flags));
  sub('auto-mine', 'whether blocks come by themselves')
    .argument('<on|off>')
    .action(async (word, flags) => (await load()).devAutoMine(word, flags));
}

function addState(sub: Sub, load: Load): void {
  sub('fund', 'a new coin for an address')
    .argument('<address>')
    .argument('<amount>', 'with decimals for the base asset (9), in units for others')
    .option('--asset <id>', 'default: the base asset')
    .action(async (address, amount, flags) => (await load()).devFund(address, amount, flags));
  sub('set-coin', 'put a coin there, or take one away')
    .argument('<utxo id>', '34 bytes of hex: transaction id and output index')
    .option('--owner <address>')
    .option('--amount <units>')
    .option('--asset <id>', 'default: the base asset')
    .option('--remove', 'there is no such coin any more')
    .action(async (id, flags) => (await load()).devSetCoin(id, flags));
  sub('set-message', 'put a message of the settlement layer there, or take one away')
    .argument('<nonce>')
    .option('--sender <address>')
    .option('--recipient <address>')
    .option('--amount <units>')
    .option('--data <hex>')
    .option('--remove', 'there is no such message any more')
    .action(async (nonce, flags) => (await load()).devSetMessage(nonce, flags));
  sub('set-slot', 'a storage slot of a contract')
    .argument('<contract>')
    .argument('<key>')
    .argument('[value]', 'hex; left out: the slot is empty')
    .action(async (id, key, value, flags) => (await load()).devSetSlot(id, key, value, flags));
  sub('set-balance', 'what a contract has of an asset')
    .argument('<contract>')
    .argument('<asset>')
    .argument('<units>')
    .action(async (id, asset, units, flags) =>
      (await load()).devSetBalance(id, asset, units, flags),
    );
  sub('set-contract', 'put a contract there without a transaction')
    .argument('<file>', 'its bytecode')
    .option('--id <contract>', 'default: computed from the code')
    .action(async (file, flags) => (await load()).devSetContract(file, flags));
  sub('impersonate', 'ask for no signature of this owner')
    .argument('<address>')
    .action(async (address, flags) => (await load()).devImpersonate(address, flags));
  sub('stop-impersonating', 'ask for signatures again')
    .argument('[address]', 'default: of everybody')
    .action(async (address, flags) => (await load()).devStopImpersonating(address, flags));
}
