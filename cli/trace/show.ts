/** `fuelrail trace`: what a transaction did, call by call. */
import type { TxId } from '../../primitives/types.ts';
import { createClient } from '../../sdk/client/graphql.ts';
import { parseId, print } from '../wallet/context.ts';
import { decodeTree, readAbiBook } from './decode.ts';
import { loadTrace } from './load.ts';
import { treeText } from './text.ts';

export type TraceFlags = {
  readonly url: string;
  readonly abi?: readonly string[];
  readonly json?: boolean;
};

/** @throws CodedError CLI_USAGE, CLI_FILE, NOT_FOUND, NOT_EXECUTED, NODE_UNREACHABLE */
export async function showTrace(id: string, flags: TraceFlags): Promise<void> {
  const txId = parseId('a transaction', id) as TxId;
  const book = await readAbiBook(flags.abi ?? []);
  const tree = decodeTree(await loadTrace(createClient(flags), txId), book);
  print(flags, tree, treeText(tree));
}
