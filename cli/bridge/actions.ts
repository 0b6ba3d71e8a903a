/** What `fuelrail bridge` does. */
import type { Bridge, ChainFacts, OutMessage, WithdrawalState } from '../../node/bridge.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { Nonce, TxId } from '../../primitives/types.ts';
import { getChainInfo } from '../../sdk/client/chain.ts';
import type { Client } from '../../sdk/client/graphql.ts';
import { getBlock } from '../../sdk/client/lookup.ts';
import { tokenOrderOf } from '../../sdk/client/tokenWithdrawals.ts';
import { submitAndWait } from '../../sdk/client/transactions.ts';
import { signTransfer } from '../../sdk/client/transfer.ts';
import { getMessageProof, getWithdrawals, planWithdrawal } from '../../sdk/client/withdrawals.ts';
import { parseB256 } from '../flagValue.ts';
import { parseL1Address } from '../relayerFlags.ts';
import { BASE_DECIMALS, formatAmount, parseAmount } from '../wallet/amounts.ts';
import { confirm } from '../wallet/ask.ts';
import {
  addressOf,
  clientOf,
  parseAddress,
  parseIndex,
  print,
  unlock,
  type WalletFlags,
} from '../wallet/context.ts';
import { usage } from '../wallet/errors.ts';
import { orderText, parseTokenAmount, withdrawToken } from './tokens.ts';

/** Environment variable with the key on Ethereum. */
export const KEY_VARIABLE: string = 'FUELRAIL_L1_KEY';

/** How often `--wait` looks. */
const POLL_MS = 4_000;
const POLL_VARIABLE = 'FUELRAIL_BRIDGE_POLL_MS';

export type BridgeFlags = WalletFlags & {
  readonly ethereum?: string;
  readonly portal?: string;
  readonly wait?: boolean;
};

async function open(flags: BridgeFlags): Promise<Bridge> {
  if (flags.ethereum === undefined) usage('name an Ethereum endpoint: --ethereum http://…');
  if (flags.portal === undefined) usage('name the portal contract: --portal 0x…');
  const key = process.env[KEY_VARIABLE];
  const { openBridge } = await import('../../node/bridge.ts');
  return openBridge({
    url: flags.ethereum,
    portal: parseL1Address('portal', flags.portal),
    secret: key === undefined || key === '' ? null : parseB256(KEY_VARIABLE, key),
  });
}

function pause(): Promise<void> {
  const ms = Number(process.env[POLL_VARIABLE] ?? POLL_MS);
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Progress goes to stderr: stdout is for the result. */
function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The line again only when it has changed. */
function teller(): (line: string) => void {
  let last = '';
  return (line) => {
    if (line !== last) progress(line);
    last = line;
  };
}

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
  let made: { hash: string; nonce: Nonce };
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
  if (flags.wait === true) await untilHere(clientOf(flags), made.nonce);
  const here =
    flags.token === undefined
      ? 'it is here'
      : 'its message is here, for anybody to hand to the token contract, which then mints';
  const where = flags.wait === true ? here : 'it comes once Ethereum calls its block final';
  print(flags, { ...made, recipient }, `deposited by ${made.hash}; ${where}`);
}

const STATUS = 'query($nonce: Nonce!) { messageStatus(nonce: $nonce) { state } }';

async function untilHere(client: Client, nonce: Nonce): Promise<void> {
  const tell = teller();
  for (;;) {
    const { messageStatus } = await client.request<{ messageStatus: { state: string } }>(STATUS, {
      nonce,
    });
    if (messageStatus.state !== 'NOT_FOUND') return;
    tell(
      'on Ethereum; waiting until its block is final there (about 13 minutes) and taken in here',
    );
    await pause();
  }
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
  const next = `fuelrail bridge claim ${plan.id}`;
  print(
    flags,
    { id: plan.id, blockHeight: result.blockHeight },
    `sent by ${plan.id}\nthen: ${next}`,
  );
}

function describe(state: WithdrawalState, latestHeight: number): string {
  switch (state.type) {
    case 'waiting':
      return `waits for block ${state.dueHeight} to be committed to Ethereum (now at ${latestHeight})`;
    case 'committed': {
      if (state.finalAtS === null) return `committed with block ${state.rootHeight}, not final yet`;
      const leftS = Math.max(0, state.finalAtS - Math.floor(Date.now() / 1000));
      return `committed with block ${state.rootHeight}, final in ${durationText(leftS)}`;
    }
    case 'claimable':
      return 'can be claimed';
    case 'claimed':
      return 'paid out on Ethereum';
  }
}

/** `2 d 3 h`, `4 min`, `10 s`: the two largest parts. */
export function durationText(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const;
  const parts: string[] = [];
  let left = seconds;
  for (const [size, name] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.length === 0 ? '0 s' : parts.slice(0, 2).join(' ');
}

type Standing = {
  readonly message: OutMessage;
  readonly state: WithdrawalState;
  /** What is paid out, and to whom. */
  readonly what: string;
};

/** A token's withdrawal carries no ether, only what the gateway has to do. */
async function whatOf(bridge: Bridge, { amount, data, recipient }: OutMessage): Promise<string> {
  const target: `0x${string}` = `0x${recipient.slice(-40)}`;
  const order = amount === 0n ? tokenOrderOf(data) : null;
  if (order !== null) return orderText(bridge, target, order);
  const isBare = amount === 0n && data.length > 0;
  return `${isBare ? 'a message' : `${formatAmount(amount, BASE_DECIMALS)} ETH`} to ${target}`;
}

async function standings(
  bridge: Bridge,
  client: Client,
  id: TxId,
): Promise<{ latestHeight: number; all: readonly Standing[] }> {
  const { blockHeight, messages } = await getWithdrawals(client, id);
  const { height: latestHeight } = await getChainInfo(client);
  const facts: ChainFacts = {
    latestHeight,
    blockIdAt: async (height) => (await getBlock(client, height))?.id ?? null,
  };
  const all: Standing[] = [];
  for (const message of messages) {
    const state = await bridge.state(message, blockHeight, facts);
    all.push({ message, state, what: await whatOf(bridge, message) });
  }
  return { latestHeight, all };
}

function lines({ latestHeight, all }: Awaited<ReturnType<typeof standings>>): string {
  if (all.length === 0) return 'the transaction sent nothing to Ethereum';
  return all.map(({ what, state }) => `${what}: ${describe(state, latestHeight)}`).join('\n');
}

const jsonOf = (found: readonly Standing[]): unknown =>
  found.map(({ message, state }) => ({
    nonce: message.nonce,
    recipient: message.recipient,
    amount: message.amount,
    token: tokenOrderOf(message.data),
    ...state,
  }));

/** `bridge status` */
export async function status(idText: string, flags: BridgeFlags): Promise<void> {
  const id = parseB256('transaction', idText);
  const found = await standings(await open(flags), clientOf(flags), id);
  print(flags, jsonOf(found.all), lines(found));
}

/** `bridge claim`: everything that can be claimed; with `--wait` all of it. */
export async function claim(idText: string, flags: BridgeFlags): Promise<void> {
  const id = parseB256('transaction', idText);
  const bridge = await open(flags);
  const client = clientOf(flags);
  const tell = teller();
  const hashes: string[] = [];
  for (;;) {
    const found = await standings(bridge, client, id);
    for (const { message, state } of found.all) {
      if (state.type !== 'claimable') continue;
      const proof = await getMessageProof(client, id, message.nonce, state.rootHeight);
      const { hash } = await bridge.claim(proof);
      hashes.push(hash);
      tell(`claimed by ${hash}`);
    }
    const isOpen = found.all.some(({ state }) => ['waiting', 'committed'].includes(state.type));
    if (!isOpen || flags.wait !== true) break;
    tell(lines(found));
    await pause();
  }
  const after = await standings(bridge, client, id);
  print(flags, { hashes, messages: jsonOf(after.all) }, lines(after));
}
