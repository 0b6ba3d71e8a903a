/** Sending signed transactions, and hearing what becomes of them. */
import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { TxId } from '../../primitives/types.ts';
import { encodeTx } from '../../tx/codec/transaction.ts';
import type { ChargeableTx } from '../../tx/types.ts';
import type { Client } from './graphql.ts';

/** A step in the life of a transaction. Fees in base asset units, gas in gas units. */
export type TxStatus =
  | { readonly type: 'submitted' }
  | { readonly type: 'preconfirmed'; readonly success: boolean; readonly totalFee: bigint }
  | {
      readonly type: 'success';
      readonly blockHeight: number;
      readonly totalGas: bigint;
      readonly totalFee: bigint;
    }
  | {
      readonly type: 'failure';
      readonly blockHeight: number;
      readonly totalGas: bigint;
      readonly totalFee: bigint;
      /** `Revert(n)` or the name of a panic. */
      readonly reason: string;
    }
  | { readonly type: 'squeezedOut'; readonly reason: string };

const STATUS = `
  __typename
  ... on PreconfirmationSuccessStatus { totalGas totalFee }
  ... on PreconfirmationFailureStatus { totalGas totalFee reason }
  ... on SuccessStatus { blockHeight totalGas totalFee }
  ... on FailureStatus { blockHeight totalGas totalFee reason }
  ... on SqueezedOutStatus { reason }`;

const SUBMIT = `subscription submit($tx: HexString!) {
  submitAndAwaitStatus(tx: $tx, includePreconfirmation: true) { ${STATUS} }
}`;

const FOLLOW = `subscription follow($id: TransactionId!) {
  statusChange(id: $id, includePreconfirmation: true) { ${STATUS} }
}`;

type StatusAnswer = {
  __typename: string;
  blockHeight: string;
  totalGas: string;
  totalFee: string;
  reason: string;
};

function statusOf(answer: StatusAnswer): TxStatus {
  const totalGas = (): bigint => BigInt(answer.totalGas);
  const totalFee = (): bigint => BigInt(answer.totalFee);
  const blockHeight = Number(answer.blockHeight);
  switch (answer.__typename) {
    case 'SuccessStatus':
      return { type: 'success', blockHeight, totalGas: totalGas(), totalFee: totalFee() };
    case 'FailureStatus': {
      const { reason } = answer;
      return { type: 'failure', blockHeight, totalGas: totalGas(), totalFee: totalFee(), reason };
    }
    case 'PreconfirmationSuccessStatus':
    case 'PreconfirmationFailureStatus': {
      const success = answer.__typename === 'PreconfirmationSuccessStatus';
      return { type: 'preconfirmed', success, totalFee: totalFee() };
    }
    case 'SqueezedOutStatus':
      return { type: 'squeezedOut', reason: answer.reason };
    default:
      return { type: 'submitted' };
  }
}

/**
 * Sends a signed transaction and yields every status until a final one.
 * @throws CodedError GRAPHQL with the node's reason when it refuses the transaction
 */
export async function* submitAndFollow(
  client: Client,
  tx: ChargeableTx,
): AsyncGenerator<TxStatus, void, undefined> {
  const variables = { tx: bytesToHex(encodeTx(tx)) };
  const answers = client.subscribe<{ submitAndAwaitStatus: StatusAnswer }>(SUBMIT, variables);
  for await (const answer of answers) yield statusOf(answer.submitAndAwaitStatus);
}

/** Statuses of a transaction that somebody sent, from the present one to a final one. */
export async function* followTransaction(
  client: Client,
  id: TxId,
): AsyncGenerator<TxStatus, void, undefined> {
  const answers = client.subscribe<{ statusChange: StatusAnswer }>(FOLLOW, { id });
  for await (const answer of answers) yield statusOf(answer.statusChange);
}

/** The final status of a transaction that was sent with {@link submitAndFollow}. */
export type FinalStatus = Extract<TxStatus, { type: 'success' | 'failure' | 'squeezedOut' }>;

/**
 * @throws CodedError STATUS_UNKNOWN when the node stops telling before the end: the transaction may
 * still be included, so look for its id before you send another one
 */
export async function submitAndWait(client: Client, tx: ChargeableTx): Promise<FinalStatus> {
  for await (const status of submitAndFollow(client, tx)) {
    if (status.type !== 'submitted' && status.type !== 'preconfirmed') return status;
  }
  throw new CodedError(
    'STATUS_UNKNOWN',
    'the node closed the connection before the transaction was final; look for its id before you send it again',
  );
}
