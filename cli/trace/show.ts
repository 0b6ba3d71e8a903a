/** `fuelrail trace`: what a transaction did, call by call. */
import type { CallTree } from '../../node/trace/types.ts';
import { bytesToHex } from '../../primitives/bytes.ts';
import type { TxId } from '../../primitives/types.ts';
import { type Client, createClient } from '../../sdk/client/graphql.ts';
import { readCode } from '../files.ts';
import { parseId, print } from '../wallet/context.ts';
import { usage } from '../wallet/errors.ts';
import { decodeTree, readAbiBook } from './decode.ts';
import { loadTrace, traceRaw } from './load.ts';
import { treeText } from './text.ts';

export type TraceFlags = {
  readonly url: string;
  readonly abi?: readonly string[];
  readonly raw?: string;
  readonly json?: boolean;
};

/** @throws CodedError CLI_USAGE, CLI_FILE, NOT_FOUND, NOT_EXECUTED, NODE_UNREACHABLE */
export async function showTrace(id: string | undefined, flags: TraceFlags): Promise<void> {
  const book = await readAbiBook(flags.abi ?? []);
  const client = createClient(flags);
  const tree = decodeTree(await treeOf(client, id, flags), book);
  print(flags, tree, treeText(tree));
}

async function treeOf(
  client: Client,
  id: string | undefined,
  { raw }: TraceFlags,
): Promise<CallTree> {
  if (raw === undefined) {
    if (id === undefined) return usage('which transaction? Give its id, or --raw <hex or file>');
    return loadTrace(client, parseId('a transaction', id) as TxId);
  }
  if (id !== undefined) usage('give either an id or --raw, not both');
  const isHex = /^0x([0-9a-f]{2})+$/i.test(raw);
  return traceRaw(client, isHex ? raw : bytesToHex(await readCode(raw, 'the transaction')));
}
