/** Tokens of Ethereum on this chain, through Fuel's token contract: finding them, sending them back. */
import { bytesToHex, concatBytes, equalBytes, hexToBytes, utf8 } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import {
  type Address,
  type AssetId,
  type B256,
  type ContractId,
  ZERO_B256,
} from '../../primitives/types.ts';
import type { ScriptTx } from '../../tx/types.ts';
import type { Plan } from './assemble.ts';
import { assetIdFor, getAsset } from './assets.ts';
import { callsOf, planCall, returnedBytes, simulateCall } from './contractCall.ts';
import type { Client } from './graphql.ts';

/** 20 bytes. */
type L1Address = `0x${string}`;

/** A token of Ethereum as this chain has it. */
export type BridgedToken = {
  readonly assetId: AssetId;
  /** Mints and burns it here. */
  readonly contractId: ContractId;
  readonly l1Token: L1Address;
  /** Holds the tokens on Ethereum. */
  readonly gateway: L1Address;
  /** Here: those on Ethereum, or 9 where there are more. */
  readonly decimals: number;
};

/** By its asset id, or by its address on Ethereum and the contract that mints it here. */
export type TokenName =
  | { readonly assetId: AssetId }
  | { readonly contractId: ContractId; readonly l1Token: L1Address };

/** What the gateway is told to pay out. `amount`: units of the asset on this chain. */
export type TokenOrder = {
  readonly to: L1Address;
  readonly l1Token: L1Address;
  readonly amount: bigint;
};

/** Ethereum in SRC-8's sub ids. */
const L1_CHAIN = '1';
/** `finalizeWithdrawal(address,address,uint256,uint256)` */
const FINALIZE = '0x64a7fad9';
const WORD_DIGITS = 64;
const L1_DIGITS = 40;
/** Of the data: selector, recipient, token, amount, and an id that is 0 for these tokens. */
const ORDER_BYTES = 4 + 4 * 32;

const asB256 = (address: L1Address): B256 =>
  `0x${address.slice(2).toLowerCase().padStart(WORD_DIGITS, '0')}`;

/** The last 20 of 32 bytes; null: the others are not zero. */
function l1AddressIn(word: string): L1Address | null {
  const start = word.length - L1_DIGITS;
  return /^(0x)?0*$/.test(word.slice(0, start)) ? `0x${word.slice(start)}` : null;
}

/** Id of the asset that a token contract mints for a token of Ethereum (SRC-8). */
export function bridgedAssetId(contractId: ContractId, l1Token: L1Address): AssetId {
  const bytes = [utf8(L1_CHAIN), hexToBytes(asB256(l1Token)), hexToBytes(ZERO_B256)];
  return assetIdFor(contractId, sha256Hex(concatBytes(...bytes)));
}

function unknownToken(why: string, cause?: unknown): never {
  throw new CodedError('TOKEN_UNKNOWN', why, {}, cause);
}

/** The contract that mints the asset. */
async function minterOf(client: Client, assetId: AssetId): Promise<ContractId> {
  const { contractId, isBase } = await getAsset(client, assetId);
  if (isBase)
    unknownToken('this is the base asset, ether: it is withdrawn as ether, not as a token');
  return (
    contractId ??
    unknownToken(`nobody has minted the asset ${assetId} on this chain; is it the right network?`)
  );
}

/**
 * Asks the token contract; it runs on the node, nothing is sent.
 * @throws CodedError TOKEN_UNKNOWN: never minted, not minted by a bridge, not of Ethereum
 */
export async function getBridgedToken(client: Client, name: TokenName): Promise<BridgedToken> {
  const isAsset = 'assetId' in name;
  const contractId = isAsset ? await minterOf(client, name.assetId) : name.contractId;
  const assetId = isAsset ? name.assetId : bridgedAssetId(contractId, name.l1Token);
  const args = hexToBytes(assetId);
  const none = new Uint8Array(0);
  const { receipts } = await simulateCall(client, ZERO_B256, [
    { contractId, method: 'bridged_token_gateway', args: none },
    { contractId, method: 'asset_to_l1_address', args },
    { contractId, method: 'decimals', args },
  ]).catch((cause: unknown) => {
    if (!String(cause).includes('InputContractDoesNotExist')) throw cause;
    return unknownToken(
      `the contract ${contractId} is not on this chain; is it the right network?`,
    );
  });
  const answers = callsOf(receipts).map(returnedBytes);
  const [gatewayBytes, l1Bytes, decimalBytes] = answers;
  const gateway = gatewayBytes?.length === 32 ? l1AddressIn(bytesToHex(gatewayBytes)) : null;
  if (gateway === null) {
    return unknownToken(
      `the asset ${assetId} is of contract ${contractId}, which bridges no tokens of Ethereum`,
    );
  }
  const l1Token = l1Bytes?.length === 32 ? l1AddressIn(bytesToHex(l1Bytes)) : null;
  // An option of a byte: 8 bytes that say whether it is there, then the byte.
  const decimals = decimalBytes?.[8];
  if (l1Token === null || decimals === undefined) {
    return unknownToken(
      `the bridge contract ${contractId} knows no ${isAsset ? `asset ${assetId}` : `token ${name.l1Token}`}: nothing of it was ever deposited through this bridge`,
    );
  }
  return { assetId, contractId, l1Token, gateway, decimals };
}

function orderBytes({ to, l1Token, amount }: TokenOrder): Uint8Array {
  const words = [asB256(to), asB256(l1Token), asB256(`0x${amount.toString(16)}`), ZERO_B256];
  return concatBytes(hexToBytes(FINALIZE), ...words.map(hexToBytes));
}

/** What a message to a gateway tells it to pay out; null: it is no such message. */
export function tokenOrderOf(data: Uint8Array): TokenOrder | null {
  const hex = bytesToHex(data);
  if (data.length !== ORDER_BYTES || !hex.startsWith(FINALIZE)) return null;
  const word = (i: number): string =>
    hex.slice(FINALIZE.length + i * WORD_DIGITS, FINALIZE.length + (i + 1) * WORD_DIGITS);
  const to = l1AddressIn(word(0));
  const l1Token = l1AddressIn(word(1));
  return to === null || l1Token === null ? null : { to, l1Token, amount: BigInt(`0x${word(2)}`) };
}

/**
 * Plans sending tokens back: the contract burns them here and orders the gateway to pay out. The
 * node tries it, and the order is compared with what was asked for. Sign it with `signPlan`.
 * @param to 20 bytes
 * @param amount units of the asset on this chain
 * @throws CodedError PAYMENTS (an amount or a recipient of 0), WITHDRAWAL (the contract refuses, or
 * orders something else), GRAPHQL (funds missing), PLAN_CHANGED
 */
export async function planTokenWithdrawal(
  client: Client,
  from: Address,
  token: BridgedToken,
  to: L1Address,
  amount: bigint,
): Promise<Plan<ScriptTx>> {
  if (amount <= 0n) throw new CodedError('PAYMENTS', 'an amount must be more than 0');
  if (asB256(to) === ZERO_B256) {
    throw new CodedError('PAYMENTS', 'the recipient is the zero address, which is nobody');
  }
  const { contractId, assetId, gateway, l1Token } = token;
  const args = hexToBytes(asB256(to));
  const plan = await planCall(client, from, [
    { contractId, method: 'withdraw', args, amount, assetId },
  ]);
  const { success, reason, receipts } = plan.outcome;
  if (!success) {
    throw new CodedError(
      'WITHDRAWAL',
      `the bridge contract ${contractId} would refuse this (${reason}); nothing was sent`,
    );
  }
  const [order, ...others] = receipts.filter((receipt) => receipt.type === 'messageOut');
  const isAsked =
    order !== undefined &&
    others.length === 0 &&
    order.recipient === asB256(gateway) &&
    order.sender === contractId &&
    equalBytes(order.data, orderBytes({ to, l1Token, amount }));
  if (isAsked) return plan;
  throw new CodedError(
    'WITHDRAWAL',
    `the contract ${contractId} would tell Ethereum something else than was asked for; nothing was sent`,
  );
}
