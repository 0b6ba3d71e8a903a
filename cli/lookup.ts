/** Commands that look things up: transactions and blocks. */
import { readFile } from 'node:fs/promises';
import { bytesToHex, hexToBytes, isB256 } from '../primitives/bytes.ts';
import { CodedError } from '../primitives/errors.ts';
import type { BlockId, TxId } from '../primitives/types.ts';
import { createClient } from '../sdk/client/graphql.ts';
import { type FoundTransaction, getBlock, getTransaction } from '../sdk/client/lookup.ts';
import { followTransaction, type TxStatus } from '../sdk/client/transactions.ts';
import {
  decodeRawTransaction,
  describeReceipt,
  describeTransaction,
} from '../sdk/describe/transaction.ts';
import { parseId, print, timeText } from './wallet/context.ts';
import { usage } from './wallet/errors.ts';

type Flags = { readonly url: string; readonly json?: boolean };

function notFound(what: string): never {
  throw new CodedError(
    'NOT_FOUND',
    `the node does not know ${what}; is it the right network (--url)?`,
  );
}

async function found(id: string, flags: Flags): Promise<FoundTransaction> {
  const txId = parseId('a transaction', id) as TxId;
  return (await getTransaction(createClient(flags), txId)) ?? notFound(`transaction ${txId}`);
}

function resultText(found: FoundTransaction): string {
  const { status, reason, blockHeight, unixSeconds, totalFee, totalGas } = found;
  const where = blockHeight === null ? '' : ` in block ${blockHeight}`;
  const when = unixSeconds === null ? '' : ` at ${timeText(unixSeconds)}`;
  const why = reason === null ? '' : `: ${reason}`;
  const cost = totalFee === null ? '' : `, fee ${totalFee}, gas ${totalGas}`;
  return `${status}${where}${when}${why}${cost}`;
}

/** Bytes as hex, so that JSON can hold them. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return bytesToHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

/** `tx show`: what it is, what became of it, and its receipts. */
export async function showTransaction(id: string, flags: Flags): Promise<void> {
  const it = await found(id, flags);
  const text = [
    `transaction ${it.id}`,
    resultText(it),
    ...describeTransaction(it.tx),
    ...it.receipts.map((receipt, i) => `receipt ${i}: ${describeReceipt(receipt)}`),
  ];
  print(flags, plain(it), text.join('\n'));
}

/** `tx status`: one line. */
export async function transactionStatus(id: string, flags: Flags): Promise<void> {
  const it = await found(id, flags);
  const { status, reason, blockHeight, totalFee, totalGas } = it;
  print(flags, { id: it.id, status, reason, blockHeight, totalFee, totalGas }, resultText(it));
}

function statusText(status: TxStatus): string {
  switch (status.type) {
    case 'submitted':
      return 'submitted';
    case 'preconfirmed':
      return `preconfirmed: ${status.success ? 'success' : 'failure'}`;
    case 'success':
      return `success in block ${status.blockHeight}, fee ${status.totalFee}`;
    case 'failure':
      return `failure in block ${status.blockHeight}: ${status.reason}`;
    case 'squeezedOut':
      return `squeezed out: ${status.reason}`;
  }
}

/** `tx watch`: a line per status until the final one. */
export async function watchTransaction(id: string, flags: Flags): Promise<void> {
  const txId = parseId('a transaction', id) as TxId;
  let last: TxStatus | null = null;
  for await (const status of followTransaction(createClient(flags), txId)) {
    print(flags, { id: txId, ...status }, statusText(status));
    last = status;
  }
  if (last === null) notFound(`transaction ${txId}`);
}

/** `tx decode`: canonical bytes, as hex or in a file, without a node. */
export async function decodeTransaction(
  source: string,
  flags: { readonly json?: boolean; readonly chainId: string },
): Promise<void> {
  const isHex = /^0x[0-9a-f]*$/i.test(source);
  const text = isHex
    ? source
    : await readFile(source, 'utf8').catch((cause) => {
        throw new CodedError(
          'CLI_FILE',
          `'${source}' is neither 0x-hex nor a readable file`,
          {},
          cause,
        );
      });
  if (!/^\d+$/.test(flags.chainId)) usage(`--chain-id is a number, not '${flags.chainId}'`);
  const { id, tx } = decodeRawTransaction(hexToBytes(text.trim()), BigInt(flags.chainId));
  const lines = [`transaction ${id} on a chain of id ${flags.chainId}`, ...describeTransaction(tx)];
  print(flags, { id, tx: plain(tx) }, lines.join('\n'));
}

/** `block`: by height, id, or the newest. */
export async function showBlock(which: string | undefined, flags: Flags): Promise<void> {
  const text = (which ?? 'latest').toLowerCase();
  let wanted: number | BlockId | 'latest';
  if (text === 'latest') wanted = text;
  else if (/^\d{1,10}$/.test(text)) wanted = Number(text);
  else if (isB256(text)) wanted = text as BlockId;
  else return usage(`a block is a height, an id or 'latest', not '${which}'`);
  const block = (await getBlock(createClient(flags), wanted)) ?? notFound(`block ${text}`);
  const lines = [
    `block ${block.height} ${block.id}`,
    `time ${timeText(block.unixSeconds)}, DA height ${block.daHeight}`,
    `parent root ${block.prevRoot}`,
    `transactions root ${block.transactionsRoot}`,
    ...block.transactionIds.map((id, i) => `transaction ${i}: ${id}`),
  ];
  print(flags, block, lines.join('\n'));
}
