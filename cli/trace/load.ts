/** Traces from a node: its own where it has them, pieced together from receipts where not. */

import { traceFromReceipts } from '../../node/trace/fromReceipts.ts';
import type { CallTree } from '../../node/trace/types.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { TxId } from '../../primitives/types.ts';
import { getChainInfo } from '../../sdk/client/chain.ts';
import type { Client } from '../../sdk/client/graphql.ts';
import { type FoundTransaction, getTransaction } from '../../sdk/client/lookup.ts';
import { receiptFromFields } from '../../sdk/client/receipts.ts';
import { rawHex } from '../../sdk/describe/transaction.ts';

type Failure = { readonly error?: { readonly code: string; readonly message: string } };

/** Unit: ms. Running a whole block again may take that long. */
const TIMEOUT_MS = 120_000;

/**
 * Asks the node's `/trace`; null: this node has no such thing.
 * @param tx canonical bytes of a transaction that is in no block, as hex
 * @throws CodedError with the node's code and message, NODE_UNREACHABLE
 */
export async function askTrace<T>(client: Client, path: string, tx?: string): Promise<T | null> {
  const url = new URL(`/trace${path}`, client.url);
  const body = tx === undefined ? {} : { method: 'POST', body: JSON.stringify({ tx }) };
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), ...body });
  } catch (cause) {
    throw new CodedError(
      'NODE_UNREACHABLE',
      `no node answers at ${url.origin}; start one with 'fuelrail run', or name another with --url`,
      {},
      cause,
    );
  }
  if (!(response.headers.get('content-type') ?? '').startsWith('application/json')) return null;
  const answer = (await response.json()) as T & Failure;
  if (answer.error !== undefined) throw new CodedError(answer.error.code, answer.error.message);
  return answer;
}

/** @throws CodedError NOT_FOUND, NOT_EXECUTED, NODE_UNREACHABLE */
export async function loadTrace(client: Client, id: TxId): Promise<CallTree> {
  const own = await askTrace<CallTree>(client, `/${id}`).catch((error: unknown) => {
    const isUnknown = error instanceof CodedError && error.code === 'TRACE_UNKNOWN_TX';
    if (isUnknown) return null;
    throw error;
  });
  return own ?? fromReceipts(client, id);
}

/**
 * What a transaction that is in no block would do now, unsigned and unpaid.
 * @param tx canonical bytes, as hex
 * @throws CodedError NO_TRACES (not a node of ours), TRACE_OFF (one without --debug), TRACE_REFUSED
 */
export async function traceRaw(client: Client, tx: string): Promise<CallTree> {
  const tree = await askTrace<CallTree>(client, '', tx);
  if (tree !== null) return tree;
  throw new CodedError(
    'NO_TRACES',
    'this node runs no transactions for traces; use a fuelrail node',
  );
}

/** As {@link traceRaw}. */
export async function traceTx(client: Client, tx: FoundTransaction['tx']): Promise<CallTree> {
  return traceRaw(client, rawHex(tx));
}

async function fromReceipts(client: Client, id: TxId): Promise<CallTree> {
  const found = await getTransaction(client, id);
  if (found === null) {
    throw new CodedError(
      'NOT_FOUND',
      `the node does not know transaction ${id}; is it the right network (--url)?`,
    );
  }
  if (found.blockHeight === null) {
    const why = found.reason === null ? '' : ` (${found.reason})`;
    throw new CodedError(
      'NOT_EXECUTED',
      `transaction ${id} is ${found.status}${why}: there is nothing to trace before it is in a block`,
    );
  }
  const chain = await getChainInfo(client);
  return traceFromReceipts({
    id,
    tx: found.tx,
    receipts: found.receipts.map(receiptFromFields),
    maxInputs: chain.maxInputs,
    blockHeight: found.blockHeight,
    txIndex: null,
    success: found.status === 'success',
    reason: found.reason,
    totalGas: String(found.totalGas ?? 0n),
    totalFee: String(found.totalFee ?? 0n),
    whyReceipts: 'this node has no traces of its own',
  });
}
