/**
 * Messages of Fuel's token gateway that wait to be handed to a contract of this chain. A deposit of
 * tokens arrives as such a message; handing it over makes the contract mint. Anybody may.
 */
import { bytesToHex, equalBytes, hexToBytes } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import {
  type Address,
  type AssetId,
  type ContractId,
  type Nonce,
  ZERO_B256,
} from '../../primitives/types.ts';
import { encodeInput } from '../../tx/codec/index.ts';
import { predicateOwner } from '../../tx/contractId.ts';
import type { MessageInput, ScriptTx } from '../../tx/types.ts';
import { assemblePlan, type Plan } from './assemble.ts';
import { getChainInfo } from './chain.ts';
import type { Client } from './graphql.ts';

/**
 * Satisfied in a transaction whose script is {@link DELIVERY_SCRIPT}, and in no other.
 * @source `@fuel-bridge/message-predicates` 1.0.0, whose gateway sends to its address
 */
export const DELIVERY_PREDICATE: Uint8Array = hexToBytes(
  '0x1a40500091000020614400096148000342411480504cc04c72580020295134165b501012615c000572680002' +
    '595d7001616172005b61a010616572455b6400125b5c100b24040000240000007cc480c6385fe2c31dc95cc830' +
    'e4ffb75da5532558ef938b8368da930bf60722',
);

/**
 * Calls `process_message` of the contract that the first input, a message, names in its data.
 * @source `@fuel-bridge/message-predicates` 1.0.0
 */
export const DELIVERY_SCRIPT: Uint8Array = hexToBytes(
  '0x1a40500091000050504500206148024860452020504cc034505110205f5130005058c04b505510285f556000' +
    '2d44000a24000000000000000000000f70726f636573735f6d6573736167650000000000000000',
);

const CONTRACT_ID_BYTES = 32;
const PAGE_ROWS = 100;
const EMPTY = new Uint8Array(0);
const NO_UTXO = { txId: ZERO_B256, outputIndex: 0 } as const;
const NO_POINTER = { blockHeight: 0, txIndex: 0 } as const;
const NO_ROOTS = { balanceRoot: ZERO_B256, stateRoot: ZERO_B256 } as const;

/** A message that its contract has not been given yet. */
export type Delivery = {
  readonly nonce: Nonce;
  readonly sender: Address;
  /** Base asset units; the gateway sends none. */
  readonly amount: bigint;
  readonly data: Uint8Array;
  /** Who is to get it. */
  readonly contractId: ContractId;
};

/** Coins that a delivery makes. */
export type Minted = {
  readonly to: Address;
  readonly assetId: AssetId;
  /** Units of the asset. */
  readonly amount: bigint;
};

type Row = { nonce: Nonce; sender: Address; recipient: Address; amount: string; data: string };
const ROW = 'nonce sender recipient amount data';
const MESSAGE = `query message($nonce: Nonce!) {
  message(nonce: $nonce) { ${ROW} }
  messageStatus(nonce: $nonce) { state }
}`;
const MESSAGES = `query messages($owner: Address!, $first: Int!, $after: String) {
  messages(owner: $owner, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes { ${ROW} }
  }
}`;

function deliveryOf({ nonce, sender, amount, data: hex }: Row): Delivery | null {
  const data = hexToBytes(hex);
  if (data.length < CONTRACT_ID_BYTES) return null;
  const contractId = bytesToHex(data.subarray(0, CONTRACT_ID_BYTES)) as ContractId;
  return { nonce, sender, amount: BigInt(amount), data, contractId };
}

/** Everything that waits, of anybody. */
export async function getDeliveries(client: Client): Promise<Delivery[]> {
  type Page = { pageInfo: { hasNextPage: boolean; endCursor: string | null }; nodes: Row[] };
  const owner = predicateOwner(DELIVERY_PREDICATE);
  const found: Delivery[] = [];
  const page = async (after: string | null): Promise<Page> => {
    const variables = { owner, first: PAGE_ROWS, after };
    return (await client.request<{ messages: Page }>(MESSAGES, variables)).messages;
  };
  for (let after: string | null = null; ; ) {
    const messages: Page = await page(after);
    found.push(...messages.nodes.flatMap((row) => deliveryOf(row) ?? []));
    if (!messages.pageInfo.hasNextPage) return found;
    after = messages.pageInfo.endCursor;
  }
}

/** @throws CodedError DELIVERY: not here yet, handed over already, or not for a contract */
export async function getDelivery(client: Client, nonce: Nonce): Promise<Delivery> {
  type Answer = { message: Row | null; messageStatus: { state: string } };
  const { message, messageStatus } = await client.request<Answer>(MESSAGE, { nonce });
  const refuse = (why: string): never => {
    throw new CodedError('DELIVERY', `the message ${nonce} ${why}`);
  };
  if (messageStatus.state === 'SPENT') return refuse('was handed over already');
  if (message === null) {
    return refuse('is not on this chain yet: it comes once its block on Ethereum is final');
  }
  const isForContract = message.recipient === predicateOwner(DELIVERY_PREDICATE);
  const found = isForContract ? deliveryOf(message) : null;
  return found ?? refuse(`is not for a contract: it belongs to ${message.recipient}`);
}

/**
 * Plans handing a message over. The node tries it: without success nothing comes of it.
 * Sign it with `signPlan`.
 * @param from who pays the fee
 * @throws CodedError DELIVERY (the contract refuses), GRAPHQL (funds missing, no such contract),
 * PLAN_CHANGED
 */
export async function planDelivery(
  client: Client,
  from: Address,
  { nonce, sender, amount, data, contractId }: Delivery,
): Promise<{ readonly plan: Plan<ScriptTx>; readonly minted: readonly Minted[] }> {
  const chain = await getChainInfo(client);
  const message: MessageInput = {
    type: 'message',
    sender,
    recipient: predicateOwner(DELIVERY_PREDICATE),
    amount,
    nonce,
    witnessIndex: 0,
    predicateGasUsed: 0n,
    data,
    predicate: DELIVERY_PREDICATE,
    predicateData: EMPTY,
  };
  const start: ScriptTx = {
    type: 'script',
    scriptGasLimit: 0n,
    receiptsRoot: ZERO_B256,
    script: DELIVERY_SCRIPT,
    scriptData: EMPTY,
    policies: { maxFee: 0n },
    inputs: [
      message,
      { type: 'contract', utxoId: NO_UTXO, ...NO_ROOTS, txPointer: NO_POINTER, contractId },
    ],
    outputs: [{ type: 'contract', inputIndex: 1, ...NO_ROOTS }],
    witnesses: [],
  };
  const plan = await assemblePlan(client, start, { chain, from, spends: [] });
  checkMessage(plan.tx, message);
  const { success, reason, receipts } = plan.outcome;
  if (!success) {
    throw new CodedError(
      'DELIVERY',
      `the contract ${contractId} would refuse the message ${nonce} (${reason}); nothing was sent`,
    );
  }
  const minted = receipts.flatMap((each) =>
    each.type === 'transferOut'
      ? [{ to: each.to, assetId: each.assetId, amount: each.amount }]
      : [],
  );
  return { plan, minted };
}

/** The node may fill in the gas of the predicate, and nothing else. */
function checkMessage({ inputs: [first] }: ScriptTx, asked: MessageInput): void {
  if (first?.type === 'message') {
    const { predicateGasUsed } = first;
    if (equalBytes(encodeInput(first), encodeInput({ ...asked, predicateGasUsed }))) return;
  }
  throw new CodedError(
    'PLAN_CHANGED',
    'the node returned another message than was asked for; nothing was signed',
  );
}
