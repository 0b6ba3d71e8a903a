/** Messages from this chain to Ethereum: sending ether, finding what was sent, proving it. */
import {
  bytesToHex,
  concatBytes,
  equalBytes,
  hexToBytes,
  writeU64,
} from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import {
  type Address,
  type AssetId,
  type B256,
  type Nonce,
  type TxId,
  ZERO_B256,
} from '../../primitives/types.ts';
import { accessListOf } from '../../tx/access.ts';
import type { BlockHeader } from '../../tx/block.ts';
import { decodeTx, encodeTx } from '../../tx/codec/index.ts';
import { txId } from '../../tx/id.ts';
import type { MerklePath, MessageProof } from '../../tx/messageProof.ts';
import type { ScriptTx, Transaction } from '../../tx/types.ts';
import { getChainInfo } from './chain.ts';
import type { Client } from './graphql.ts';
import type { TransferPlan } from './transfer.ts';

/**
 * The program: `gtf $16 $zero 10` (script data), `lw $17 $16 4` (amount behind the recipient),
 * `smo $16 $zero $zero $17`, `ret $one`.
 */
export const WITHDRAW_SCRIPT: Uint8Array = hexToBytes('0x6140000a5d4500044c40001124040000');

/** Blocks ahead for which the gas price is estimated. */
const BLOCK_HORIZON = 10;
/** Ample for the four instructions; what is not used is not paid. */
const SCRIPT_GAS = 100_000n;

/** A message that a transaction sent to Ethereum. */
export type Withdrawal = {
  readonly nonce: Nonce;
  readonly sender: Address;
  readonly recipient: Address;
  /** Base asset units. */
  readonly amount: bigint;
  readonly data: Uint8Array;
};

const RECEIPTS = `query withdrawals($id: TransactionId!) {
  transaction(id: $id) {
    status {
      __typename
      ... on SuccessStatus {
        blockHeight receipts { receiptType sender recipient nonce amount data }
      }
      ... on FailureStatus { reason }
    }
  }
}`;

type ReceiptRow = {
  receiptType: string;
  sender: Address;
  recipient: Address;
  nonce: Nonce;
  amount: string;
  data: string | null;
};
type ReceiptsAnswer = {
  transaction: {
    status: { __typename: string; blockHeight?: string; receipts?: ReceiptRow[]; reason?: string };
  } | null;
};

/**
 * @throws CodedError WITHDRAWAL when the transaction is unknown, not yet in a block, or failed
 */
export async function getWithdrawals(
  client: Client,
  id: TxId,
): Promise<{ readonly blockHeight: number; readonly messages: readonly Withdrawal[] }> {
  const { transaction } = await client.request<ReceiptsAnswer>(RECEIPTS, { id });
  const status = transaction?.status;
  if (status?.receipts === undefined || status.blockHeight === undefined) {
    const why =
      status === undefined
        ? 'is not known to this node'
        : status.reason === undefined
          ? 'is not in a block yet'
          : `failed (${status.reason}), so it sent nothing`;
    throw new CodedError('WITHDRAWAL', `the transaction ${id} ${why}`);
  }
  const messages = status.receipts
    .filter(({ receiptType }) => receiptType === 'MESSAGE_OUT')
    .map(({ nonce, sender, recipient, amount, data }) => ({
      nonce,
      sender,
      recipient,
      amount: BigInt(amount),
      data: hexToBytes(data ?? '0x'),
    }));
  return { blockHeight: Number(status.blockHeight), messages };
}

/** Fields of a header in a query. */
export const HEADER: string = `id daHeight consensusParametersVersion stateTransitionBytecodeVersion
  transactionsCount messageReceiptCount transactionsRoot messageOutboxRoot eventInboxRoot height
  prevRoot time applicationHash`;

const PROOF = `query proof($id: TransactionId!, $nonce: Nonce!, $height: U32!) {
  messageProof(transactionId: $id, nonce: $nonce, commitBlockHeight: $height) {
    sender recipient nonce amount data
    messageProof { proofIndex proofSet }
    blockProof { proofIndex proofSet }
    messageBlockHeader { ${HEADER} }
    commitBlockHeader { ${HEADER} }
  }
}`;

/** A header as the API gives it. */
export type HeaderRow = Readonly<Record<keyof BlockHeader, string>>;
type PathRow = { readonly proofIndex: string; readonly proofSet: B256[] };
type ProofAnswer = {
  messageProof: {
    sender: Address;
    recipient: Address;
    nonce: Nonce;
    amount: string;
    data: string;
    messageProof: PathRow;
    blockProof: PathRow;
    messageBlockHeader: HeaderRow;
    commitBlockHeader: HeaderRow;
  };
};

const pathOf = ({ proofIndex, proofSet }: PathRow): MerklePath => ({
  proofIndex: Number(proofIndex),
  proofSet,
});

/** A header from its row. */
export function headerOf(row: HeaderRow): BlockHeader {
  return {
    id: row.id as B256,
    daHeight: BigInt(row.daHeight),
    consensusParametersVersion: Number(row.consensusParametersVersion),
    stateTransitionBytecodeVersion: Number(row.stateTransitionBytecodeVersion),
    transactionsCount: Number(row.transactionsCount),
    messageReceiptCount: Number(row.messageReceiptCount),
    transactionsRoot: row.transactionsRoot as B256,
    messageOutboxRoot: row.messageOutboxRoot as B256,
    eventInboxRoot: row.eventInboxRoot as B256,
    height: Number(row.height),
    prevRoot: row.prevRoot as B256,
    time: BigInt(row.time),
    applicationHash: row.applicationHash as B256,
  };
}

/** @param commitHeight a block behind the message's, whose id is on Ethereum */
export async function getMessageProof(
  client: Client,
  id: TxId,
  nonce: Nonce,
  commitHeight: number,
): Promise<MessageProof> {
  const variables = { id, nonce, height: String(commitHeight) };
  const { messageProof: row } = await client.request<ProofAnswer>(PROOF, variables);
  return {
    sender: row.sender,
    recipient: row.recipient,
    nonce: row.nonce,
    amount: BigInt(row.amount),
    data: hexToBytes(row.data),
    messageProof: pathOf(row.messageProof),
    blockProof: pathOf(row.blockProof),
    messageBlockHeader: headerOf(row.messageBlockHeader),
    commitBlockHeader: headerOf(row.commitBlockHeader),
  };
}

const ASSEMBLE = `query assemble($tx: HexString!, $horizon: U32!, $required: [RequiredBalance!]!) {
  assembleTx(tx: $tx, blockHorizon: $horizon, requiredBalances: $required, feeAddressIndex: "0") {
    transaction { rawPayload }
    gasPrice
  }
}`;

type Assembled = { assembleTx: { transaction: { rawPayload: string }; gasPrice: string } };

/** Signs nothing else than was asked for. */
function checked(tx: Transaction, from: Address, asked: ScriptTx): ScriptTx {
  const isAsked =
    tx.type === 'script' &&
    equalBytes(tx.script, asked.script) &&
    equalBytes(tx.scriptData, asked.scriptData) &&
    tx.inputs.every((input) =>
      input.type === 'coin'
        ? input.owner === from
        : input.type === 'message' && input.recipient === from,
    ) &&
    tx.outputs.every((output) => output.type === 'change' && output.to === from);
  if (isAsked) return tx;
  throw new CodedError(
    'PLAN_CHANGED',
    'the node returned another transaction than was asked for; nothing was signed',
  );
}

/**
 * Plans sending ether to an address of Ethereum; sign it as a transfer. There it can be claimed once
 * a later block of this chain is final on Ethereum.
 * @param to 20 bytes
 * @param amount base asset units
 * @throws CodedError PAYMENTS (an amount of 0), PLAN_CHANGED, GRAPHQL (funds missing)
 */
export async function planWithdrawal(
  client: Client,
  from: Address,
  to: `0x${string}`,
  amount: bigint,
): Promise<TransferPlan> {
  if (amount <= 0n) throw new CodedError('PAYMENTS', 'an amount must be more than 0');
  const chain = await getChainInfo(client);
  const assetId: AssetId = chain.baseAssetId;
  const recipient: B256 = `0x${to.slice(2).toLowerCase().padStart(64, '0')}`;
  const amountBytes = new Uint8Array(8);
  writeU64(amountBytes, 0, amount);
  const start: ScriptTx = {
    type: 'script',
    scriptGasLimit: SCRIPT_GAS,
    receiptsRoot: ZERO_B256,
    script: WITHDRAW_SCRIPT,
    scriptData: concatBytes(hexToBytes(recipient), amountBytes),
    policies: { maxFee: 0n },
    inputs: [],
    outputs: [],
    witnesses: [],
  };
  const { assembleTx } = await client.request<Assembled>(ASSEMBLE, {
    tx: bytesToHex(encodeTx(start)),
    horizon: String(BLOCK_HORIZON),
    required: [
      {
        assetId,
        amount: String(amount),
        account: { address: from },
        changePolicy: { change: from },
      },
    ],
  });
  const { tx } = decodeTx(hexToBytes(assembleTx.transaction.rawPayload));
  const plan = checked(tx, from, start);
  const id = txId(plan, chain.chainId);
  return {
    tx: plan,
    id,
    chain,
    from,
    payments: [{ to: recipient, assetId, amount }],
    maxFee: plan.policies.maxFee ?? 0n,
    gasPrice: BigInt(assembleTx.gasPrice),
    access: accessListOf(plan, id),
  };
}
