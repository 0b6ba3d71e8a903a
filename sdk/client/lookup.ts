/** Looking up transactions and blocks. */
import { hexToBytes } from '../../primitives/bytes.ts';
import { tai64ToUnix } from '../../primitives/tai64.ts';
import type { BlockId, TxId } from '../../primitives/types.ts';
import { decodeTx } from '../../tx/codec/index.ts';
import type { Transaction } from '../../tx/types.ts';
import { panicName } from '../../vm/panic.ts';
import type { Client } from './graphql.ts';

/** A receipt as the API gives it: fields that its kind does not have are left out. */
export type ReceiptFields = { readonly receiptType: string } & Readonly<Record<string, string>>;

/** A transaction that the node knows. Gas in gas units, fee in base asset units. */
export type FoundTransaction = {
  readonly id: TxId;
  /** In a block: as executed, with outputs filled in. */
  readonly tx: Transaction;
  readonly status: 'submitted' | 'success' | 'failure' | 'squeezedOut' | 'unknown';
  /** Why it failed or was squeezed out; null otherwise. */
  readonly reason: string | null;
  readonly blockHeight: number | null;
  readonly unixSeconds: bigint | null;
  readonly totalGas: bigint | null;
  readonly totalFee: bigint | null;
  readonly receipts: readonly ReceiptFields[];
};

export type FoundBlock = {
  readonly id: BlockId;
  readonly height: number;
  readonly unixSeconds: bigint;
  readonly daHeight: bigint;
  readonly prevRoot: string;
  readonly transactionsRoot: string;
  readonly transactionIds: readonly TxId[];
};

/** Fields of a receipt in a query. */
export const RECEIPT: string = `receiptType id pc is to toAddress amount assetId gas param1 param2 val ptr digest
  reason ra rb rc rd len result gasUsed data sender recipient nonce contractId subId`;

const TRANSACTION = `query transaction($id: TransactionId!) {
  transaction(id: $id) {
    id
    rawPayload
    status {
      __typename
      ... on SuccessStatus { blockHeight time totalGas totalFee receipts { ${RECEIPT} } }
      ... on FailureStatus { blockHeight time totalGas totalFee reason receipts { ${RECEIPT} } }
      ... on SqueezedOutStatus { reason }
    }
  }
}`;

const BLOCK = `query block($id: BlockId, $height: U32) {
  block(id: $id, height: $height) {
    id
    header { height time daHeight prevRoot transactionsRoot }
    transactionIds
  }
}`;

const LATEST = '{ chain { latestBlock { height } } }';

type StatusRow = {
  __typename: string;
  blockHeight?: string;
  time?: string;
  totalGas?: string;
  totalFee?: string;
  reason?: string;
  receipts?: Record<string, string | null>[];
};

const STATUS_WORD: Readonly<Record<string, FoundTransaction['status']>> = {
  SubmittedStatus: 'submitted',
  SuccessStatus: 'success',
  FailureStatus: 'failure',
  SqueezedOutStatus: 'squeezedOut',
};

/** Reasons of panics get their name; their number stays what the API says. */
export function receiptOf(row: Record<string, string | null>): ReceiptFields {
  const fields = Object.fromEntries(
    Object.entries(row).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  if (fields['receiptType'] === 'PANIC' && fields['reason'] !== undefined) {
    // The reason is the highest byte of the word; the failing instruction follows.
    fields['panic'] = panicName(Number(BigInt(fields['reason']) >> 56n));
  }
  return fields as ReceiptFields;
}

const optional = <T>(text: string | undefined, read: (text: string) => T): T | null =>
  text === undefined ? null : read(text);

/** A transaction by its id; null: the node does not know it. */
export async function getTransaction(client: Client, id: TxId): Promise<FoundTransaction | null> {
  type Row = { id: TxId; rawPayload: string; status: StatusRow | null };
  type Answer = { transaction: Row | null };
  const { transaction } = await client.request<Answer>(TRANSACTION, { id });
  if (transaction === null) return null;
  const { status } = transaction;
  return {
    id: transaction.id,
    tx: decodeTx(hexToBytes(transaction.rawPayload)).tx,
    status: STATUS_WORD[status?.__typename ?? ''] ?? 'unknown',
    reason: status?.reason ?? null,
    blockHeight: optional(status?.blockHeight, Number),
    unixSeconds: optional(status?.time, (time) => tai64ToUnix(BigInt(time))),
    totalGas: optional(status?.totalGas, BigInt),
    totalFee: optional(status?.totalFee, BigInt),
    receipts: (status?.receipts ?? []).map(receiptOf),
  };
}

/** A block by height or id, or the newest; null: the node does not have it. */
export async function getBlock(
  client: Client,
  which: number | BlockId | 'latest',
): Promise<FoundBlock | null> {
  let variables: Record<string, string>;
  if (which === 'latest') {
    type Latest = { chain: { latestBlock: { height: string } } };
    variables = { height: (await client.request<Latest>(LATEST)).chain.latestBlock.height };
  } else variables = typeof which === 'number' ? { height: String(which) } : { id: which };
  type Header = {
    height: string;
    time: string;
    daHeight: string;
    prevRoot: string;
    transactionsRoot: string;
  };
  type Answer = { block: { id: BlockId; header: Header; transactionIds: TxId[] } | null };
  const { block } = await client.request<Answer>(BLOCK, variables);
  if (block === null) return null;
  const { header } = block;
  return {
    id: block.id,
    height: Number(header.height),
    unixSeconds: tai64ToUnix(BigInt(header.time)),
    daHeight: BigInt(header.daHeight),
    prevRoot: header.prevRoot,
    transactionsRoot: header.transactionsRoot,
    transactionIds: block.transactionIds,
  };
}
