/** What `fuelrail bridge` does. */
import type { Bridge } from '../../node/bridge.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { B256, Nonce } from '../../primitives/types.ts';
import type { Client } from '../../sdk/client/graphql.ts';
import { getTransaction } from '../../sdk/client/lookup.ts';
import { submitAndWait } from '../../sdk/client/transactions.ts';
import { signTransfer } from '../../sdk/client/transfer.ts';
import { getMessageProof, planWithdrawal } from '../../sdk/client/withdrawals.ts';
import { parseB256 } from '../flagValue.ts';
import { parseL1Address } from '../relayerFlags.ts';
import { BASE_DECIMALS, formatAmount, parseAmount } from '../wallet/amounts.ts';
import { confirm } from '../wallet/ask.ts';
import { addressOf, clientOf, parseAddress, parseIndex, print, unlock } from '../wallet/context.ts';
import { usage } from '../wallet/errors.ts';
import { type BridgeFlags, open, openForWait, progress, sent } from './context.ts';
import {
  arrival,
  depositStanding,
  describeDeposit,
  lookAt,
  lookAtDeposit,
  type Standings,
  standingJson,
  standingLines,
  standings,
} from './standing.ts';
import { parseTokenAmount, withdrawToken } from './tokens.ts';
import { type Look, waitFor } from './waiting.ts';

const HERE = 'it is here';

export type DepositFlags = BridgeFlags & {
  readonly account: string;
  readonly to?: string;
  readonly token?: string;
  readonly gateway?: string;
};

/** `bridge deposit` */
export async function deposit(amountText: string, flags: DepositFlags): Promise<void> {
  const bridge = await open(flags);
  const recipient =
    flags.to === undefined
      ? await addressOf(flags, parseIndex(flags.account))
      : parseAddress('--to', flags.to);
  let made: { hash: B256; nonce: Nonce };
  if (flags.token === undefined) {
    const amount = parseAmount(amountText, BASE_DECIMALS);
    const shown = formatAmount(amount, BASE_DECIMALS);
    await confirm(`Send ${shown} ETH from ${bridge.sender()} to ${recipient}?`, flags.yes === true);
    made = await bridge.deposit(recipient, amount);
  } else {
    if (flags.gateway === undefined) usage('--token needs --gateway');
    const gateway = parseL1Address('gateway', flags.gateway);
    const token = parseL1Address('token', flags.token);
    const amount = parseTokenAmount(amountText, await bridge.tokenDecimals(gateway, token));
    await confirm(`Send ${amountText} of ${token} to ${recipient}?`, flags.yes === true);
    made = await bridge.depositToken(gateway, token, recipient, amount);
  }
  progress(`deposited by ${made.hash}`);
  const isToken = flags.token !== undefined;
  if (flags.wait === true) await untilHere(bridge, clientOf(flags), made);
  const where = flags.wait === true ? HERE : 'it comes once Ethereum calls its block final';
  const next = isToken ? `\nthen: fuelrail bridge deliver ${made.nonce}` : '';
  print(flags, { ...made, recipient }, `deposited by ${made.hash}; ${where}${next}`);
}

async function untilHere(
  bridge: Bridge,
  client: Client,
  { hash, nonce }: { readonly hash: B256; readonly nonce: Nonce },
): Promise<void> {
  await waitFor(async () => {
    // The node first: it may have taken in what the endpoint no longer tells.
    const here = await arrival(client, nonce);
    return lookAtDeposit(here ?? (await depositStanding(bridge, client, hash)));
  });
}

export type WithdrawFlags = BridgeFlags & {
  readonly account: string;
  readonly token?: string;
  readonly gateway?: string;
};

/** `bridge withdraw` */
export async function withdraw(
  amountText: string,
  to: string,
  flags: WithdrawFlags,
): Promise<void> {
  const recipient = parseL1Address('address', to);
  const { token } = flags;
  if (token !== undefined) return withdrawToken(amountText, recipient, { ...flags, token });
  if (flags.gateway !== undefined) usage('--gateway is for a token: add --token');
  const waiting = await openForWait(flags);
  const client = clientOf(flags);
  const amount = parseAmount(amountText, BASE_DECIMALS);
  const account = await unlock(flags, parseIndex(flags.account));
  const plan = await planWithdrawal(client, account.address, recipient, amount);
  const fee = formatAmount(plan.maxFee, BASE_DECIMALS);
  await confirm(
    `Withdraw ${formatAmount(amount, BASE_DECIMALS)} ETH to ${recipient}, fee at most ${fee} ETH?`,
    flags.yes === true,
  );
  const result = await submitAndWait(client, signTransfer(plan, account.secret));
  if (result.type !== 'success') {
    throw new CodedError('WITHDRAWAL', `the withdrawal failed: ${result.reason}`);
  }
  await sent(plan.id, { blockHeight: result.blockHeight }, flags, waiting);
}

/** `bridge status`: of withdrawals by their transaction here, of a deposit by its transaction there. */
export async function status(idText: string, flags: BridgeFlags): Promise<void> {
  const id = parseB256('transaction', idText);
  const bridge = await open(flags);
  const client = clientOf(flags);
  if ((await getTransaction(client, id)) === null) {
    const deposited = (await arrival(client, id)) ?? (await depositStanding(bridge, client, id));
    if (deposited !== null) return print(flags, deposited, describeDeposit(deposited));
  }
  const found = await standings(bridge, client, id);
  print(flags, standingJson(found.all), standingLines(found));
}

/** `bridge claim`: everything that can be claimed; with `--wait` all of it. */
export async function claim(idText: string, flags: BridgeFlags): Promise<void> {
  const id = parseB256('transaction', idText);
  const bridge = await open(flags);
  const client = clientOf(flags);
  const hashes: string[] = [];
  const claimNow = async (): Promise<Look<Standings>> => {
    const found = await standings(bridge, client, id);
    for (const { message, state } of found.all) {
      if (state.type !== 'claimable') continue;
      const proof = await getMessageProof(client, id, message.nonce, state.rootHeight);
      const { hash } = await bridge.claim(proof);
      hashes.push(hash);
      progress(`claimed by ${hash}`);
    }
    return lookAt(found);
  };
  if (flags.wait === true) await waitFor(claimNow);
  else await claimNow();
  const after = await standings(bridge, client, id);
  print(flags, { hashes, messages: standingJson(after.all) }, standingLines(after));
}
