/** Submitting transactions. */
import { encodeTx } from '../../tx/codec/transaction.ts';
import type { NodeServices } from '../services.ts';
import type { ApiContext, ResolverTable, TxNode } from './context.ts';
import { decodeInput, withEstimatedPredicates } from './txInput.ts';

export type SubmitArgs = { tx: Uint8Array; estimatePredicates?: boolean | null };

/** The bytes to submit: as they came, or with predicates estimated. */
export async function bytesToSubmit(
  services: NodeServices,
  { tx, estimatePredicates }: SubmitArgs,
): Promise<Uint8Array> {
  if (estimatePredicates !== true) return tx;
  return encodeTx(await withEstimatedPredicates(services, decodeInput(tx)));
}

async function submit(_: unknown, args: SubmitArgs, { services }: ApiContext): Promise<TxNode> {
  const raw = args.estimatePredicates === true ? await bytesToSubmit(services, args) : args.tx;
  const { id, tx } = await services.txs.submit(raw);
  return { id, tx, raw: null };
}

export const MUTATIONS: ResolverTable = { Mutation: { submit } };
