/** `fuelrail bridge exit`: takes one's own out of a chain that nobody commits any more. */
import type { Exits, Holding } from '../../node/exits.ts';
import { CodedError } from '../../primitives/errors.ts';
import { exitSource } from '../../sdk/client/exitSource.ts';
import { parseB256, parseU64 } from '../flagValue.ts';
import { progressOnTerminal } from '../progress.ts';
import { parseL1Address } from '../relayerFlags.ts';
import { BASE_DECIMALS, formatAmount } from '../wallet/amounts.ts';
import { confirm } from '../wallet/ask.ts';
import { addressOf, parseIndex, print, unlock, type WalletFlags } from '../wallet/context.ts';
import { usage } from '../wallet/errors.ts';
import { KEY_VARIABLE, progress } from './context.ts';
import { durationText, secondsUntil } from './standing.ts';
import { type Look, waitFor } from './waiting.ts';

export type ExitFlags = WalletFlags & {
  readonly account: string;
  readonly ethereum?: string;
  readonly settlement?: string;
  readonly deployHeight: string;
  readonly dust?: boolean;
  readonly wait?: boolean;
};

async function open(flags: ExitFlags): Promise<Exits> {
  if (flags.ethereum === undefined) usage('name an Ethereum endpoint: --ethereum http://…');
  if (flags.settlement === undefined) usage('name the contract: --settlement 0x…');
  const key = process.env[KEY_VARIABLE];
  const { openExits } = await import('../../node/exits.ts');
  const { fetchTrace } = await import('../../node/stateTree/trace.ts');
  return openExits({
    url: flags.ethereum,
    settlement: parseL1Address('settlement', flags.settlement),
    deployHeight: parseU64('deploy-height', flags.deployHeight),
    secret: key === undefined || key === '' ? null : parseB256(KEY_VARIABLE, key),
    source: { ...exitSource(flags.url), trace: (height) => fetchTrace(flags.url, height) },
  });
}

const ether = (units: bigint): string => `${formatAmount(units, BASE_DECIMALS)} ETH`;

/** Until it can be closed, or somebody has done it. */
async function untilClosable(exits: Exits, flags: ExitFlags): Promise<'closable' | 'closed'> {
  const look = async (): Promise<Look<'open' | 'closable' | 'closed'>> => {
    const stage = await exits.stage();
    const text = (): string => {
      if (stage.type !== 'open') return stage.type;
      const left = durationText(secondsUntil(stage.closableAtS));
      return `somebody may still commit; if nobody does, the chain can be closed in ${left}`;
    };
    return { stage: stage.type, text, isDone: stage.type !== 'open', value: stage.type };
  };
  const { text, value } = await look();
  if (value !== 'open') return value;
  if (flags.wait === true) return (await waitFor(look)) as 'closable' | 'closed';
  throw new CodedError('EXIT_TOO_EARLY', `${text()}; --wait stays until then`);
}

/** `bridge exit` @param to recipient on Ethereum */
export async function exit(toText: string, flags: ExitFlags): Promise<void> {
  const to = parseL1Address('address', toText);
  const index = parseIndex(flags.account);
  const exits = await open(flags);
  const owner = await addressOf(flags, index);
  exits.sender();
  if ((await untilClosable(exits, flags)) === 'closable') {
    await confirm('Close the chain for good, for everybody?', flags.yes === true);
    const { hash } = await exits.close();
    progress(`closed by ${hash}`);
  }
  const all = await exits.holdings(owner);
  const cost = await exits.cost();
  const worth = all.filter(({ amount }) => flags.dust === true || amount > cost);
  const left = all.length - worth.length;
  if (left > 0) {
    progress(
      `${left} of ${all.length} are left: each is worth less than the gas of about ${ether(cost)} ` +
        'that it takes; --dust takes them, too',
    );
  }
  const amount = worth.reduce((sum, each) => sum + each.amount, 0n);
  const taken: { readonly holding: Holding; readonly hash: string }[] = [];
  if (worth.length > 0) {
    const many = `${worth.length} ${worth.length === 1 ? 'transaction' : 'transactions'}`;
    const question = `Take ${ether(amount)} to ${to}, in ${many} for about ${ether(cost)} each?`;
    await confirm(question, flags.yes === true);
    const { secret } = await unlock(flags, index);
    const line = progressOnTerminal({ total: worth.length, unit: 'exits' });
    try {
      await exits.take(worth, to, secret, (holding, hash) => {
        taken.push({ holding, hash });
        line.advance(1);
      });
    } finally {
      line.end();
    }
  }
  const got = taken.reduce((sum, { holding }) => sum + holding.amount, 0n);
  print(flags, { amount: got, left, taken: taken.map(rowOf) }, resultText(taken.length, got, to));
}

function resultText(count: number, amount: bigint, to: string): string {
  if (count === 0) return 'there is nothing to take out';
  return `${count} taken out: ${ether(amount)} to ${to}`;
}

const rowOf = ({
  holding,
  hash,
}: {
  readonly holding: Holding;
  readonly hash: string;
}): object => ({
  type: holding.type,
  id: holding.type === 'coin' ? holding.utxo : holding.nonce,
  amount: holding.amount,
  hash,
});
