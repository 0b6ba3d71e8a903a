/** Blocks with their transactions as bytes, for whoever checks them. */
import { hexToBytes } from '../../primitives/bytes.ts';
import type { BlockHeader } from '../../tx/block.ts';
import type { Client } from './graphql.ts';
import { HEADER, type HeaderRow, headerOf } from './withdrawals.ts';

/** Transactions in their canonical executed form, the mint last. */
export type RawBlock = {
  readonly header: BlockHeader;
  readonly transactions: readonly Uint8Array[];
};

const BLOCK = `query block($height: U32!) {
  block(height: $height) { header { ${HEADER} } transactions { rawPayload } }
}`;

type Answer = { block: { header: HeaderRow; transactions: { rawPayload: string }[] } | null };

/** null: the node does not have it. */
export async function getRawBlock(client: Client, height: number): Promise<RawBlock | null> {
  const { block } = await client.request<Answer>(BLOCK, { height: String(height) });
  if (block === null) return null;
  const transactions = block.transactions.map(({ rawPayload }) => hexToBytes(rawPayload));
  return { header: headerOf(block.header), transactions };
}
