/** Many transactions at once, each with its own outcome. */
import { bytesToHex } from '../../primitives/bytes.ts';
import { CodedError } from '../../primitives/errors.ts';
import type { TxId } from '../../primitives/types.ts';
import { encodeTx } from '../../tx/codec/index.ts';
import type { ChargeableTx } from '../../tx/types.ts';
import type { Client } from './graphql.ts';

/** Requests that are out at once unless told otherwise. */
export const BATCH_CONCURRENCY: number = 32;

export type BatchResult =
  | { readonly accepted: true; readonly id: TxId }
  | { readonly accepted: false; readonly error: CodedError };

const SUBMIT = 'mutation submit($tx: HexString!) { submit(tx: $tx) { id } }';

/**
 * Sends signed transactions to the pool; they may depend on each other, in this order with a
 * concurrency of 1, in any order where the node waits for missing inputs.
 * @returns one result each, in the order given; what was refused does not stop the others
 */
export async function submitBatch(
  client: Client,
  txs: readonly ChargeableTx[],
  { concurrency = BATCH_CONCURRENCY }: { readonly concurrency?: number } = {},
): Promise<BatchResult[]> {
  const results = new Array<BatchResult>(txs.length);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < txs.length) {
      const at = next;
      next += 1;
      results[at] = await submitOne(client, txs[at] as ChargeableTx);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, txs.length) }, work));
  return results;
}

async function submitOne(client: Client, tx: ChargeableTx): Promise<BatchResult> {
  try {
    const answer = await client.request<{ submit: { id: TxId } }>(SUBMIT, {
      tx: bytesToHex(encodeTx(tx)),
    });
    return { accepted: true, id: answer.submit.id };
  } catch (thrown) {
    const error =
      thrown instanceof CodedError
        ? thrown
        : new CodedError('NODE_ANSWER', String(thrown), {}, thrown);
    return { accepted: false, error };
  }
}
