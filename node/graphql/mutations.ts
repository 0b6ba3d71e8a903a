/** Submitting transactions, and the debugger's entry points. */
import { CodedError } from '../../primitives/errors.ts';
import { encodeTx } from '../../tx/codec/transaction.ts';
import type { NodeServices } from '../services.ts';
import type { ApiContext, FieldResolvers, ResolverTable, TxNode } from './context.ts';
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

/** The debugger is not part of this node. */
function noDebugger(): never {
  throw new CodedError('DEBUGGER_OFF', "The 'debug' feature is disabled");
}

const DEBUGGER_MUTATIONS = [
  'startSession',
  'endSession',
  'reset',
  'execute',
  'setSingleStepping',
  'setBreakpoint',
  'startTx',
  'continueTx',
];
const debuggers = (names: readonly string[]): FieldResolvers =>
  Object.fromEntries(names.map((name) => [name, noDebugger]));

export const MUTATIONS: ResolverTable = {
  Query: debuggers(['register', 'memory']),
  Mutation: { submit, ...debuggers(DEBUGGER_MUTATIONS) },
};
