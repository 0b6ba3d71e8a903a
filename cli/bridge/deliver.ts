/** `fuelrail bridge deliver`: hands deposits of tokens to the contracts that mint them. */
import { CodedError } from '../../primitives/errors.ts';
import type { Nonce } from '../../primitives/types.ts';
import { signPlan } from '../../sdk/client/assemble.ts';
import { getChainInfo } from '../../sdk/client/chain.ts';
import {
  type Delivery,
  getDeliveries,
  getDelivery,
  type Minted,
  planDelivery,
} from '../../sdk/client/deliveries.ts';
import type { Client } from '../../sdk/client/graphql.ts';
import { planLines, sendPlan } from '../contract/send.ts';
import { parseB256 } from '../flagValue.ts';
import { BASE_DECIMALS, formatAmount } from '../wallet/amounts.ts';
import { confirm } from '../wallet/ask.ts';
import { addressOf, clientOf, parseIndex, print, table, unlock } from '../wallet/context.ts';
import { usage } from '../wallet/errors.ts';
import { explainMissing } from '../wallet/funds.ts';
import { type BridgeFlags, open, progress } from './context.ts';
import { arrival, depositStanding, describeDeposit, lookAtDeposit } from './standing.ts';
import { waitFor } from './waiting.ts';

export type DeliverFlags = BridgeFlags & { readonly account: string; readonly all?: boolean };

/** `bridge deliver` @param what a message, or the transaction on Ethereum that made it */
export async function deliver(what: string | undefined, flags: DeliverFlags): Promise<void> {
  const client = clientOf(flags);
  if (what !== undefined) {
    if (flags.all === true) usage('name a message, or give --all, not both');
    const nonce = await nonceOf(client, what, flags);
    return handOver(client, [await getDelivery(client, nonce)], flags);
  }
  const found = await getDeliveries(client);
  if (flags.all === true && found.length > 0) return handOver(client, found, flags);
  print(flags, found.map(rowOf), listText(found));
}

const rowOf = ({ nonce, contractId, data }: Delivery): object => ({
  nonce,
  contractId,
  bytes: data.length,
});

function listText(found: readonly Delivery[]): string {
  if (found.length === 0) return 'nothing waits to be handed to a contract';
  const rows = found.map(({ nonce, contractId }) => [nonce, contractId]);
  const next = 'fuelrail bridge deliver <message>, or all of them: fuelrail bridge deliver --all';
  return `${table(['message', 'for the contract'], rows)}\nthen: ${next}`;
}

/** Fuel's portal counts its messages; the explorer shows the number. */
const COUNT = /^\d{1,18}$/;

const nonceOfCount = (count: bigint): Nonce => `0x${count.toString(16).padStart(64, '0')}`;

/** A message by its nonce, or by the transaction on Ethereum; with `--wait` as soon as it is here. */
async function nonceOf(client: Client, text: string, flags: DeliverFlags): Promise<Nonce> {
  const id = COUNT.test(text) ? nonceOfCount(BigInt(text)) : parseB256('message', text);
  if ((await arrival(client, id)) !== null) return id;
  if (flags.ethereum === undefined || flags.portal === undefined) {
    throw new CodedError(
      'DELIVERY',
      `this chain has no message ${id}; to have a transaction on Ethereum looked up, give ` +
        '--ethereum and --portal',
    );
  }
  const bridge = await open(flags);
  const first = await depositStanding(bridge, client, id);
  if (first === null) {
    throw new CodedError('DELIVERY', `neither this chain nor Ethereum knows ${id}`);
  }
  const isHere = first.type === 'here' || first.type === 'spent';
  if (!isHere && flags.wait !== true) {
    const state = describeDeposit(first);
    throw new CodedError('DELIVERY', `not here yet: ${state}; --wait stays until then`);
  }
  const here = await waitFor(async () => lookAtDeposit(await depositStanding(bridge, client, id)));
  if (here === null || here.type === 'pending') throw new CodedError('DELIVERY', 'it is gone');
  return here.nonce;
}

type Delivered = { readonly id: string; readonly nonce: Nonce; readonly minted: readonly Minted[] };

/** One after the other: each takes a coin for its fee. */
async function handOver(
  client: Client,
  found: readonly Delivery[],
  flags: DeliverFlags,
): Promise<void> {
  const index = parseIndex(flags.account);
  const from = await addressOf(flags, index);
  const { baseAssetId } = await getChainInfo(client);
  const done: Delivered[] = [];
  for (const delivery of found) {
    const { plan, minted } = await planDelivery(client, from, delivery).catch((cause) =>
      explainMissing(cause, baseAssetId),
    );
    const preview = [
      `hand message ${delivery.nonce} to contract ${delivery.contractId}`,
      ...mintedLines(minted),
      ...planLines(plan),
    ];
    if (!flags.json) progress(preview.join('\n'));
    const fee = formatAmount(plan.maxFee, BASE_DECIMALS);
    await confirm(`Deliver it, fee at most ${fee} ETH?`, flags.yes === true);
    const { secret } = await unlock(flags, index);
    const result = await sendPlan(client, plan, signPlan(plan, secret), flags);
    if (result.type !== 'success') {
      throw new CodedError('DELIVERY', `the contract refused the message: ${result.reason}`);
    }
    done.push({ id: plan.id, nonce: delivery.nonce, minted });
  }
  const lines = done.map(({ id, nonce }) => `message ${nonce} was delivered by ${id}`);
  print(flags, done, lines.join('\n'));
}

function mintedLines(minted: readonly Minted[]): string[] {
  if (minted.length === 0) return ['  which mints nothing now'];
  return minted.map(
    ({ to, assetId, amount }) => `  which mints ${amount} units of ${assetId} for ${to}`,
  );
}
