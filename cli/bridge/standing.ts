/** Where deposits and withdrawals stand, in words. */
import type { Bridge, ChainFacts, OutMessage, WithdrawalState } from '../../node/bridge.ts';
import type { B256, Nonce, TxId } from '../../primitives/types.ts';
import { getChainInfo } from '../../sdk/client/chain.ts';
import { DELIVERY_PREDICATE } from '../../sdk/client/deliveries.ts';
import type { Client } from '../../sdk/client/graphql.ts';
import { getBlock } from '../../sdk/client/lookup.ts';
import { predicateAddress } from '../../sdk/client/predicates.ts';
import { tokenOrderOf } from '../../sdk/client/tokenWithdrawals.ts';
import { getWithdrawals } from '../../sdk/client/withdrawals.ts';
import { BASE_DECIMALS, formatAmount } from '../wallet/amounts.ts';
import { orderText } from './orders.ts';
import type { Look } from './waiting.ts';

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

/** @param atS seconds since 1970 */
export function secondsUntil(atS: number): number {
  return Math.max(0, atS - Math.floor(Date.now() / 1000));
}

/** @param latestHeight of this chain */
export function describeWithdrawal(state: WithdrawalState, latestHeight: number): string {
  switch (state.type) {
    case 'waiting': {
      const then = `then ${durationText(state.challengeS)} until it is final`;
      return `waits for block ${state.dueHeight} to be committed to Ethereum (now at ${latestHeight}), ${then}`;
    }
    case 'committed': {
      if (state.finalAtS === null) return `committed with block ${state.rootHeight}, not final yet`;
      const left = durationText(secondsUntil(state.finalAtS));
      return `committed with block ${state.rootHeight}, final in ${left}`;
    }
    case 'claimable':
      return 'can be claimed';
    case 'claimed':
      return 'paid out on Ethereum';
  }
}

/** A withdrawal and its state. */
export type Standing = {
  readonly message: OutMessage;
  readonly state: WithdrawalState;
  /** What is paid out, and to whom. */
  readonly what: string;
};

/** All withdrawals of one transaction. */
export type Standings = { readonly latestHeight: number; readonly all: readonly Standing[] };

/** A token's withdrawal carries no ether, only what the gateway has to do. */
async function whatOf(bridge: Bridge, { amount, data, recipient }: OutMessage): Promise<string> {
  const target: `0x${string}` = `0x${recipient.slice(-40)}`;
  const order = amount === 0n ? tokenOrderOf(data) : null;
  if (order !== null) return orderText(bridge, target, order);
  const isBare = amount === 0n && data.length > 0;
  return `${isBare ? 'a message' : `${formatAmount(amount, BASE_DECIMALS)} ETH`} to ${target}`;
}

/** @throws CodedError WITHDRAWAL, L1_… */
export async function standings(bridge: Bridge, client: Client, id: TxId): Promise<Standings> {
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

const each = ({ latestHeight, all }: Standings): string[] =>
  all.map(({ what, state }) => `${what}: ${describeWithdrawal(state, latestHeight)}`);

/** A line for each withdrawal. */
export function standingLines(found: Standings): string {
  return found.all.length === 0
    ? 'the transaction sent nothing to Ethereum'
    : each(found).join('\n');
}

/** For waiting until nothing is left that only needs time. */
export function lookAt(found: Standings): Look<Standings> {
  const { all } = found;
  return {
    stage: all.map(({ state }) => state.type).join(),
    text: () => each(found).join('; '),
    isDone: !all.some(({ state }) => state.type === 'waiting' || state.type === 'committed'),
    value: found,
  };
}

export const standingJson = (found: readonly Standing[]): unknown =>
  found.map(({ message, state }) => ({
    nonce: message.nonce,
    recipient: message.recipient,
    amount: message.amount,
    token: tokenOrderOf(message.data),
    ...state,
  }));

/** Where a deposit stands; `nonce` is that of its message on this chain. */
export type DepositStanding =
  | { readonly type: 'pending' }
  | { readonly type: 'included'; readonly nonce: Nonce; readonly finalAtS: number }
  /** Final on Ethereum; a block of this chain takes it in. */
  | { readonly type: 'final'; readonly nonce: Nonce }
  /** `forContract`: it waits to be handed over. */
  | { readonly type: 'here'; readonly nonce: Nonce; readonly forContract: boolean }
  | { readonly type: 'spent'; readonly nonce: Nonce };

const STATUS = `query($nonce: Nonce!) {
  messageStatus(nonce: $nonce) { state }
  message(nonce: $nonce) { recipient }
}`;

/** null: this chain has no such message. */
export async function arrival(client: Client, nonce: Nonce): Promise<DepositStanding | null> {
  const { messageStatus, message } = await client.request<{
    messageStatus: { state: string };
    message: { recipient: B256 } | null;
  }>(STATUS, { nonce });
  if (messageStatus.state === 'NOT_FOUND') return null;
  if (messageStatus.state === 'SPENT') return { type: 'spent', nonce };
  const forContract = message?.recipient === predicateAddress(DELIVERY_PREDICATE);
  return { type: 'here', nonce, forContract };
}

/** null: Ethereum does not know the transaction. @throws CodedError L1_… */
export async function depositStanding(
  bridge: Bridge,
  client: Client,
  hash: B256,
): Promise<DepositStanding | null> {
  const state = await bridge.depositState(hash);
  if (state === null || state.type === 'pending') return state;
  return (await arrival(client, state.nonce)) ?? state;
}

/** One line. */
export function describeDeposit(state: DepositStanding): string {
  switch (state.type) {
    case 'pending':
      return 'sent to Ethereum, in no block there yet';
    case 'included': {
      const left = secondsUntil(state.finalAtS);
      const when = left === 0 ? 'any moment now' : `in about ${durationText(left)}`;
      return `in a block of Ethereum that is final ${when}; then it is taken in here`;
    }
    case 'final':
      return 'final on Ethereum; the next blocks here take it in';
    case 'here':
      return state.forContract
        ? `its message is here, for a contract: fuelrail bridge deliver ${state.nonce}`
        : 'it is here';
    case 'spent':
      return 'it is here, and was used';
  }
}

/** For waiting until a deposit is here. @param state null: Ethereum does not know it right now */
export function lookAtDeposit(state: DepositStanding | null): Look<DepositStanding | null> {
  if (state === null) {
    const text =
      'Ethereum does not know it right now: its block was replaced, or the endpoint lags';
    return { stage: 'unknown', text: () => text, isDone: false, value: null };
  }
  return {
    stage: state.type,
    text: () => describeDeposit(state),
    isDone: state.type === 'here' || state.type === 'spent',
    value: state,
  };
}
