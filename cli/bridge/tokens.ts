/** Tokens of Ethereum in `fuelrail bridge`: naming them, and sending them back. */
import { isB256 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { Address, AssetId } from '../../primitives/types.ts';
import { signPlan } from '../../sdk/client/assemble.ts';
import { getBalances } from '../../sdk/client/balances.ts';
import { getChainInfo } from '../../sdk/client/chain.ts';
import type { Client } from '../../sdk/client/graphql.ts';
import {
  type BridgedToken,
  getBridgedToken,
  planTokenWithdrawal,
} from '../../sdk/client/tokenWithdrawals.ts';
import { planLines, sendPlan } from '../contract/send.ts';
import { parseL1Address } from '../relayerFlags.ts';
import { BASE_DECIMALS, formatAmount, parseAmount } from '../wallet/amounts.ts';
import { confirm } from '../wallet/ask.ts';
import { addressOf, clientOf, parseIndex, unlock } from '../wallet/context.ts';
import { usage } from '../wallet/errors.ts';
import { explainMissing } from '../wallet/funds.ts';
import { type BridgeFlags, openForWait, sent } from './context.ts';
import { DECIMALS_MAX } from './orders.ts';

export type TokenWithdrawFlags = BridgeFlags & {
  readonly account: string;
  readonly token: string;
  readonly gateway?: string;
};

/**
 * An amount of a token whose decimals are known.
 * @throws CodedError CLI_AMOUNT
 */
export function parseTokenAmount(text: string, decimals: number): bigint {
  if (decimals === 0 && /^\d+\.\d+$/.test(text)) {
    throw new CodedError('CLI_AMOUNT', `'${text}' is no amount: this token has no decimals`);
  }
  return parseAmount(text, decimals);
}

/** The token that `--token` names: by its asset id here, or by its address on Ethereum. */
async function tokenOf(client: Client, flags: TokenWithdrawFlags): Promise<BridgedToken> {
  const { token, ethereum } = flags;
  const gateway =
    flags.gateway === undefined ? undefined : parseL1Address('gateway', flags.gateway);
  const assetId = token.toLowerCase();
  if (isB256(assetId)) {
    const found = await getBridgedToken(client, { assetId });
    if (gateway === undefined || gateway === found.gateway) return found;
    throw new CodedError(
      'TOKEN_UNKNOWN',
      `this asset belongs to the gateway ${found.gateway}, not to ${gateway}`,
    );
  }
  if (!/^(0x)?[0-9a-f]{40}$/.test(assetId)) {
    usage(
      `--token is an asset id of 64 hex digits or a token's address on Ethereum of 40, not '${token}'`,
    );
  }
  const l1Token = parseL1Address('token', token);
  if (gateway === undefined || ethereum === undefined) {
    return usage(
      '--token with an address on Ethereum needs --gateway and --ethereum; or name the token by ' +
        "its asset id here, which 'fuelrail wallet balance' shows",
    );
  }
  const { openGatewayFacts } = await import('../../node/bridge.ts');
  const contractId = await (await openGatewayFacts(ethereum, gateway)).issuer();
  return getBridgedToken(client, { contractId, l1Token });
}

/**
 * Burnt here must be payable there: what the contract says of its gateway is asked of the gateway.
 * @throws CodedError TOKEN_UNKNOWN, WITHDRAWAL, L1_…
 */
async function checkOnEthereum(url: string, token: BridgedToken, amount: bigint): Promise<void> {
  const { openGatewayFacts } = await import('../../node/bridge.ts');
  const facts = await openGatewayFacts(url, token.gateway);
  const issuer = await facts.issuer();
  if (issuer !== token.contractId) {
    throw new CodedError(
      'TOKEN_UNKNOWN',
      `the gateway ${token.gateway} pays for contract ${issuer}, not for ${token.contractId}: ` +
        'this would be burnt here and never paid out; nothing was sent',
    );
  }
  const decimals = Math.min(await facts.decimals(token.l1Token), DECIMALS_MAX);
  if (decimals !== token.decimals) {
    throw new CodedError(
      'TOKEN_UNKNOWN',
      `${token.l1Token} has ${decimals} decimals by Ethereum and ${token.decimals} by the ` +
        'contract here: the amount would be another one there; nothing was sent',
    );
  }
  const held = await facts.deposited(token.l1Token);
  if (held >= amount) return;
  throw new CodedError(
    'WITHDRAWAL',
    `the gateway owes no more than ${formatAmount(held, decimals)} of this token to the chain; nothing was sent`,
  );
}

/** @throws CodedError FUNDS_MISSING */
async function checkFunds(
  client: Client,
  from: Address,
  { assetId, decimals }: BridgedToken,
  amount: bigint,
): Promise<void> {
  const balances = new Map<AssetId, bigint>();
  for (const each of await getBalances(client, from)) balances.set(each.assetId, each.amount);
  const held = balances.get(assetId) ?? 0n;
  if (held < amount) {
    throw new CodedError(
      'FUNDS_MISSING',
      `${from} has ${formatAmount(held, decimals)} of this token, not ${formatAmount(amount, decimals)}`,
    );
  }
  const { baseAssetId } = await getChainInfo(client);
  if ((balances.get(baseAssetId) ?? 0n) > 0n) return;
  throw new CodedError(
    'FUNDS_MISSING',
    `${from} has the tokens, but no ETH on this chain, in which the fee is paid; send it some`,
  );
}

/** `bridge withdraw --token` */
export async function withdrawToken(
  amountText: string,
  recipient: `0x${string}`,
  flags: TokenWithdrawFlags,
): Promise<void> {
  const waiting = await openForWait(flags);
  const client = clientOf(flags);
  const index = parseIndex(flags.account);
  const token = await tokenOf(client, flags);
  const amount = parseTokenAmount(amountText, token.decimals);
  const from = await addressOf(flags, index);
  await checkFunds(client, from, token, amount);
  if (flags.ethereum !== undefined) await checkOnEthereum(flags.ethereum, token, amount);
  const plan = await planTokenWithdrawal(client, from, token, recipient, amount).catch(
    async (cause) => explainMissing(cause, (await getChainInfo(client)).baseAssetId),
  );
  const shown = formatAmount(amount, token.decimals);
  const preview = [
    `burn ${shown} of ${token.assetId} by ${token.contractId}`,
    `pay ${shown} of ${token.l1Token} to ${recipient} by the gateway ${token.gateway} on Ethereum`,
    ...(flags.ethereum === undefined
      ? ['  nobody asked that gateway whether it would: give --ethereum to have it checked']
      : []),
    ...planLines(plan),
  ];
  if (!flags.json) process.stderr.write(`${preview.join('\n')}\n`);
  const fee = formatAmount(plan.maxFee, BASE_DECIMALS);
  await confirm(
    `Withdraw ${shown} of ${token.l1Token} to ${recipient}, fee at most ${fee} ETH?`,
    flags.yes === true,
  );
  const { secret } = await unlock(flags, index);
  const result = await sendPlan(client, plan, signPlan(plan, secret), flags);
  if (result.type !== 'success') {
    throw new CodedError('WITHDRAWAL', `the withdrawal failed: ${result.reason}`);
  }
  const { assetId, contractId, l1Token } = token;
  const { blockHeight } = result;
  await sent(plan.id, { blockHeight, assetId, contractId, l1Token, amount }, flags, waiting);
}
