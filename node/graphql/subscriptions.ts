/** Streams of events. A stream ends by itself or when the client goes (`context.signal`). */
import { CodedError } from '../../primitives/errors.ts';
import type { TxId } from '../../primitives/types.ts';
import { txId } from '../../tx/id.ts';
import type { NodeServices, TxStatus } from '../services.ts';
import type { ApiContext, StatusNode } from './context.ts';
import { needsHistory } from './contracts.ts';
import { bytesToSubmit, type SubmitArgs } from './mutations.ts';
import { isFinal, isPreconfirmation, statusOf } from './statuses.ts';
import { decodeInput } from './txInput.ts';

export type Subscriber = (
  source: unknown,
  args: never,
  context: ApiContext,
) => AsyncIterable<unknown> | Promise<AsyncIterable<unknown>>;

/** Submitted, preconfirmation, final. */
const SUBMIT_EVENTS_MAX = 3;

async function* statusChanges(
  services: NodeServices,
  id: TxId,
  preconfirmations: boolean,
  signal: AbortSignal,
): AsyncGenerator<StatusNode> {
  const changes = services.status.subscribe(id, signal);
  try {
    const current = statusOf(services, id, preconfirmations);
    if (current) {
      yield { id, status: current };
      if (isFinal(current)) return;
    }
    for await (const status of changes) {
      if (isPreconfirmation(status) && !preconfirmations) continue;
      yield { id, status };
      if (isFinal(status)) return;
    }
  } finally {
    await changes.return?.();
  }
}

/** Listens first and submits then, so that nothing is missed. @throws the pool's refusal */
async function submitAndListen(
  { services, signal }: ApiContext,
  args: SubmitArgs,
): Promise<{ id: TxId; changes: AsyncIterableIterator<TxStatus> }> {
  const raw = await bytesToSubmit(services, args);
  const id = txId(decodeInput(raw), services.params().params.chainId);
  const changes = services.status.subscribe(id, signal);
  try {
    await services.txs.submit(raw);
  } catch (error) {
    await changes.return?.();
    throw error;
  }
  return { id, changes };
}

/** At most `max` of the statuses that pass. */
async function* limited(
  id: TxId,
  changes: AsyncIterableIterator<TxStatus>,
  max: number,
  passes: (status: TxStatus) => boolean,
): AsyncGenerator<StatusNode> {
  try {
    let count = 0;
    for await (const status of changes) {
      if (!passes(status)) continue;
      yield { id, status };
      count += 1;
      if (count === max) return;
    }
  } finally {
    await changes.return?.();
  }
}

/** The two alpha streams carry internal encodings of the reference; this node makes none. */
function expensive(name: string): Subscriber {
  return (_source, _args: never, { services }) => {
    if (!services.config.expensiveSubscriptions) {
      throw new CodedError(
        'EXPENSIVE_OFF',
        '`--expensive-subscriptions` is required for this operation',
      );
    }
    throw new CodedError('NOT_SUPPORTED', `\`${name}\` is not supported: use \`statusChange\``);
  };
}

type StatusArgs = { id: TxId; includePreconfirmation?: boolean | null };
type AwaitArgs = SubmitArgs & { includePreconfirmation?: boolean | null };

/** By field of `Subscription`. */
export const SUBSCRIPTIONS: Readonly<Record<string, Subscriber>> = {
  statusChange: (_: unknown, args: StatusArgs, { services, signal }: ApiContext) =>
    statusChanges(services, args.id, args.includePreconfirmation === true, signal),
  submitAndAwait: async (_: unknown, args: SubmitArgs, context: ApiContext) => {
    const { id, changes } = await submitAndListen(context, args);
    return limited(id, changes, 1, isFinal);
  },
  submitAndAwaitStatus: async (_: unknown, args: AwaitArgs, context: ApiContext) => {
    const { id, changes } = await submitAndListen(context, args);
    const all = args.includePreconfirmation === true;
    return limited(id, changes, SUBMIT_EVENTS_MAX, (status) => all || !isPreconfirmation(status));
  },
  contractStorageSlots: needsHistory,
  contractStorageBalances: needsHistory,
  alpha__preconfirmations: expensive('alpha__preconfirmations'),
  alpha__new_blocks: expensive('alpha__new_blocks'),
};
