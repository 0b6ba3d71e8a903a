/** Transfers: built with the node's help, checked here, signed here. */
import { bytesToHex, equalBytes, hexToBytes, readU16 } from '../../primitives/bytes.ts';
import { assert, CodedError } from '../../primitives/errors.ts';
import { sign } from '../../primitives/secp256k1.ts';
import {
  type Address,
  type AssetId,
  type B256,
  type TxId,
  ZERO_B256,
} from '../../primitives/types.ts';
import { type AccessList, accessListOf } from '../../tx/access.ts';
import { decodeTx, encodeOutput, encodeTx } from '../../tx/codec/index.ts';
import { txId } from '../../tx/id.ts';
import type { CoinInput, MessageInput, Output, ScriptTx, Transaction } from '../../tx/types.ts';
import { type ChainInfo, getChainInfo } from './chain.ts';
import type { Client } from './graphql.ts';

/** One payment. `amount`: units of the asset; `'all'`: everything there is, less the fee. */
export type Payment = {
  readonly to: Address;
  readonly assetId: AssetId;
  readonly amount: bigint | 'all';
};

export type ExactPayment = {
  readonly to: Address;
  readonly assetId: AssetId;
  readonly amount: bigint;
};

/** A transaction that waits for its signature, and what it will do. Amounts in asset units. */
export type TransferPlan = {
  readonly tx: ScriptTx;
  readonly id: TxId;
  readonly chain: ChainInfo;
  readonly from: Address;
  readonly payments: readonly ExactPayment[];
  /** Upper bound of the fee; what is not needed comes back as change. */
  readonly maxFee: bigint;
  readonly gasPrice: bigint;
  readonly access: AccessList;
};

/** Payments of one transaction; a protocol limit of outputs (255) less one change per asset. */
export const PAYMENTS_MAX: number = 127;
/** Blocks ahead for which the gas price is estimated. */
const BLOCK_HORIZON = 10;
/** `RET $zero`: the script of a plain transfer, as the SDKs write it. */
const RETURN_ZERO = '0x24000000';

const ASSEMBLE = `query assemble(
  $tx: HexString!, $blockHorizon: U32!, $required: [RequiredBalance!]!, $feeIndex: U16!
) {
  assembleTx(
    tx: $tx, blockHorizon: $blockHorizon, requiredBalances: $required, feeAddressIndex: $feeIndex
  ) {
    transaction { rawPayload }
    gasPrice
  }
}`;

type Assembled = { assembleTx: { transaction: { rawPayload: string }; gasPrice: string } };

const SPENDABLE = `query spendable($owner: Address!, $query: [SpendQueryElementInput!]!) {
  coinsToSpend(owner: $owner, queryPerAsset: $query) {
    __typename
    ... on Coin { utxoId amount }
    ... on MessageCoin { sender recipient nonce amount }
  }
}`;

type SpendableRow = { utxoId?: string; sender: Address; nonce: B256; amount: string };

const NO_POINTER = { blockHeight: 0, txIndex: 0 } as const;
const EMPTY = new Uint8Array(0);
const SIGNATURE_BYTES = 64;

function emptyTransfer(inputs: ScriptTx['inputs'], outputs: Output[]): ScriptTx {
  return {
    type: 'script',
    scriptGasLimit: 0n,
    receiptsRoot: ZERO_B256,
    script: hexToBytes(RETURN_ZERO),
    scriptData: EMPTY,
    policies: { maxFee: 0n },
    inputs,
    outputs,
    witnesses: inputs.length === 0 ? [] : [new Uint8Array(SIGNATURE_BYTES)],
  };
}

type Sum = { readonly assetId: AssetId; amount: bigint };

function sumsOf(payments: readonly ExactPayment[], baseAssetId: AssetId): Sum[] {
  const sums = new Map<AssetId, Sum>();
  for (const { assetId, amount } of payments) {
    const sum = sums.get(assetId);
    if (sum === undefined) sums.set(assetId, { assetId, amount });
    else sum.amount += amount;
  }
  // The fee is paid in the base asset, so it needs a place to take from and to give change to.
  if (!sums.has(baseAssetId)) sums.set(baseAssetId, { assetId: baseAssetId, amount: 0n });
  return [...sums.values()];
}

async function assemble(
  client: Client,
  start: ScriptTx,
  sums: readonly Sum[],
  plan: { from: Address; chain: ChainInfo },
): Promise<{ tx: ScriptTx; gasPrice: bigint }> {
  const { from, chain } = plan;
  const { assembleTx } = await client.request<Assembled>(ASSEMBLE, {
    tx: bytesToHex(encodeTx(start)),
    blockHorizon: String(BLOCK_HORIZON),
    required: sums.map(({ assetId, amount }) => ({
      assetId,
      amount: String(amount),
      account: { address: from },
      changePolicy: { change: from },
    })),
    feeIndex: String(sums.findIndex(({ assetId }) => assetId === chain.baseAssetId)),
  });
  const { tx } = decodeTx(hexToBytes(assembleTx.transaction.rawPayload));
  const gasPrice = BigInt(assembleTx.gasPrice);
  return { tx: checkedTransfer(tx, from, start.outputs), gasPrice };
}

/** A node that is not ours might put in what nobody asked for: sign nothing else than the plan. */
function checkedTransfer(tx: Transaction, from: Address, wanted: readonly Output[]): ScriptTx {
  const refuse = (why: string): never => {
    throw new CodedError(
      'PLAN_CHANGED',
      `the node returned another transaction than was asked for (${why}); nothing was signed`,
    );
  };
  if (tx.type !== 'script' || bytesToHex(tx.script) !== RETURN_ZERO) return refuse('its script');
  for (const input of tx.inputs) {
    if (input.type === 'contract') return refuse('it calls a contract');
    const owner = input.type === 'coin' ? input.owner : input.recipient;
    if (owner !== from) return refuse(`it spends coins of ${owner}`);
  }
  if (tx.outputs.length < wanted.length) return refuse('an output is missing');
  tx.outputs.forEach((output, i) => {
    const asked = wanted[i];
    if (asked === undefined || asked.type === 'change') {
      if (output.type !== 'change' || output.to !== from) refuse('its change goes elsewhere');
    } else if (!equalBytes(encodeOutput(output), encodeOutput(asked))) {
      refuse(`output ${i}`);
    }
  });
  return tx;
}

/** As many coins and messages of an asset as one transaction may spend, ready as inputs. */
async function spendable(
  client: Client,
  owner: Address,
  assetId: AssetId,
  chain: ChainInfo,
): Promise<(CoinInput | MessageInput)[]> {
  // Another input stays free for the fee.
  const max = String(chain.maxInputs - 1);
  const query = [{ assetId, amount: String((1n << 128n) - 1n), max, allowPartial: true }];
  type Answer = { coinsToSpend: SpendableRow[][] };
  const { coinsToSpend } = await client.request<Answer>(SPENDABLE, { owner, query });
  const signed = {
    witnessIndex: 0,
    predicateGasUsed: 0n,
    predicate: EMPTY,
    predicateData: EMPTY,
  };
  return (coinsToSpend[0] ?? []).map((row) => {
    const amount = BigInt(row.amount);
    if (row.utxoId === undefined) {
      const { sender, nonce } = row;
      return { type: 'message', sender, recipient: owner, amount, nonce, data: EMPTY, ...signed };
    }
    const id = hexToBytes(row.utxoId);
    const utxoId = { txId: bytesToHex(id.subarray(0, 32)), outputIndex: readU16(id, 32) };
    return { type: 'coin', utxoId, owner, amount, assetId, txPointer: NO_POINTER, ...signed };
  });
}

/**
 * Plans payments from one address. Nothing is sent or signed.
 * @throws CodedError PAYMENTS (none, too many, an amount of 0, more than one `'all'`),
 * NOTHING_TO_SEND, PLAN_CHANGED (the node returned another transaction), GRAPHQL (funds missing)
 */
export async function planTransfer(
  client: Client,
  from: Address,
  payments: readonly Payment[],
): Promise<TransferPlan> {
  if (payments.length === 0 || payments.length > PAYMENTS_MAX) {
    throw new CodedError('PAYMENTS', `give 1 to ${PAYMENTS_MAX} payments, not ${payments.length}`);
  }
  if (payments.some(({ amount }) => amount !== 'all' && amount <= 0n)) {
    throw new CodedError('PAYMENTS', 'an amount must be more than 0');
  }
  const chain = await getChainInfo(client);
  const whole = payments.find(({ amount }) => amount === 'all');
  if (whole === undefined) return planExact(client, from, payments as ExactPayment[], chain);
  if (payments.length > 1) throw new CodedError('PAYMENTS', "'all' must be the only payment");
  return planAll(client, from, whole, chain);
}

async function planExact(
  client: Client,
  from: Address,
  payments: readonly ExactPayment[],
  chain: ChainInfo,
): Promise<TransferPlan> {
  const outputs = payments.map((payment): Output => ({ type: 'coin', ...payment }));
  const sums = sumsOf(payments, chain.baseAssetId);
  const { tx, gasPrice } = await assemble(client, emptyTransfer([], outputs), sums, {
    from,
    chain,
  });
  return planOf(tx, { chain, from, payments, gasPrice });
}

/** Everything of one asset; of the base asset what the fee leaves. */
async function planAll(
  client: Client,
  from: Address,
  { to, assetId }: Payment,
  chain: ChainInfo,
): Promise<TransferPlan> {
  const inputs = await spendable(client, from, assetId, chain);
  const total = inputs.reduce((sum, { amount }) => sum + amount, 0n);
  const none = (why: string): never => {
    throw new CodedError('NOTHING_TO_SEND', `${from} holds ${why} of ${assetId}`);
  };
  if (total === 0n) return none('nothing');
  if (assetId !== chain.baseAssetId) {
    return planExact(client, from, [{ to, assetId, amount: total }], chain);
  }
  const outputs: Output[] = [
    { type: 'coin', to, assetId, amount: 1n },
    { type: 'change', to: from, assetId, amount: 0n },
  ];
  const start = emptyTransfer(inputs, outputs);
  const { tx, gasPrice } = await assemble(client, start, [{ assetId, amount: 0n }], {
    from,
    chain,
  });
  // The amount does not change the size of the transaction, so the fee stays what it is.
  const amount = total - (tx.policies.maxFee ?? 0n);
  if (amount <= 0n) return none(`only ${total}, less than the fee,`);
  const full: ScriptTx = {
    ...tx,
    outputs: [{ type: 'coin', to, assetId, amount }, ...tx.outputs.slice(1)],
  };
  return planOf(full, { chain, from, payments: [{ to, assetId, amount }], gasPrice });
}

function planOf(
  tx: ScriptTx,
  rest: Pick<TransferPlan, 'chain' | 'from' | 'payments' | 'gasPrice'>,
): TransferPlan {
  const id = txId(tx, rest.chain.chainId);
  return { tx, id, ...rest, maxFee: tx.policies.maxFee ?? 0n, access: accessListOf(tx, id) };
}

/** Signs a plan with the secret of its sender. @returns a new transaction */
export function signTransfer(plan: TransferPlan, secret: Uint8Array): ScriptTx {
  const signature = sign(secret, hexToBytes(plan.id));
  const used = new Set(
    plan.tx.inputs.flatMap((input) => (input.type === 'contract' ? [] : [input.witnessIndex])),
  );
  assert(used.size === 1, 'one sender, one signature');
  const witnesses = plan.tx.witnesses.map((bytes, i) => (used.has(i) ? signature : bytes));
  return { ...plan.tx, witnesses };
}
