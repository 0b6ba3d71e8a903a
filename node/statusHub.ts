/**
 * Where everybody learns what became of a transaction.
 *
 * A subscriber has at most two events waiting: `submitted` or the preconfirmation that replaced
 * it, and the final status. Final statuses of dropped transactions are kept for a while, those of
 * included ones are read from the store.
 */
import { CodedError } from '../primitives/errors.ts';
import type { TxId } from '../primitives/types.ts';
import type { TxStatus, TxStatusHub } from './services.ts';

export type StatusHubConfig = {
  /** Subscriptions that may be open at once. */
  readonly subscriptionCountMax: number;
  /** How long the status of a dropped transaction is remembered. */
  readonly droppedTtlMs: number;
};

export type StatusHubDeps = {
  /** Status of a committed transaction. */
  readonly committed: (txId: TxId) => TxStatus | null;
  readonly nowMs: () => number;
};

/** A dropped transaction's status is kept for this many transactions at most. */
export const DROPPED_STATUS_COUNT_MAX = 10_000;

export function isFinal(status: TxStatus): boolean {
  return status.type === 'success' || status.type === 'failure' || status.type === 'squeezedOut';
}

class Subscriber {
  readonly waiting: TxStatus[] = [];
  private wake: (() => void) | null = null;
  ended = false;

  push(status: TxStatus): void {
    const last = this.waiting.at(-1);
    if (last?.type === 'submitted' && !isFinal(status)) this.waiting.pop();
    this.waiting.push(status);
    this.signal();
  }
  end(): void {
    this.ended = true;
    this.signal();
  }
  private signal(): void {
    const wake = this.wake;
    this.wake = null;
    wake?.();
  }
  async next(): Promise<TxStatus | null> {
    while (this.waiting.length === 0) {
      if (this.ended) return null;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.waiting.shift() ?? null;
  }
}

function statusIterator(
  subscriber: Subscriber,
  release: () => void,
): AsyncIterableIterator<TxStatus> {
  const done = { value: undefined, done: true } as const;
  let final = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const status = final ? null : await subscriber.next();
      if (status === null) {
        release();
        return done;
      }
      if (isFinal(status)) {
        final = true;
        release();
      }
      return { value: status, done: false };
    },
    async return() {
      final = true;
      release();
      return done;
    },
  };
}

/** The hub with its writing side, which pool and producer feed. */
export class StatusHub implements TxStatusHub {
  private readonly config: StatusHubConfig;
  private readonly deps: StatusHubDeps;
  private readonly live = new Map<TxId, TxStatus>();
  private readonly dropped = new Map<TxId, { status: TxStatus; untilMs: number }>();
  private readonly subscribers = new Map<TxId, Set<Subscriber>>();
  private subscriptionCount = 0;

  constructor(config: StatusHubConfig, deps: StatusHubDeps) {
    this.config = config;
    this.deps = deps;
  }

  current(txId: TxId): TxStatus | null {
    const live = this.live.get(txId);
    if (live) return live;
    const committed = this.deps.committed(txId);
    if (committed) return committed;
    this.forgetOld();
    return this.dropped.get(txId)?.status ?? null;
  }

  /** Transactions whose status is not final, in the order in which they came. */
  liveIds(): readonly TxId[] {
    return [...this.live.keys()];
  }

  /** A new status. A final one of an included transaction must be readable in the store already. */
  publish(txId: TxId, status: TxStatus): void {
    if (isFinal(status)) {
      this.live.delete(txId);
      if (status.type === 'squeezedOut') this.remember(txId, status);
      else this.dropped.delete(txId);
    } else {
      this.live.set(txId, status);
    }
    for (const subscriber of this.subscribers.get(txId) ?? []) subscriber.push(status);
  }

  /** Registers at once, not at the first `next`: nothing published afterwards is missed. */
  subscribe(txId: TxId, signal: AbortSignal): AsyncIterableIterator<TxStatus> {
    if (this.subscriptionCount >= this.config.subscriptionCountMax) {
      throw new CodedError(
        'SUBSCRIPTION_LIMIT',
        'The maximum number of transaction status subscriptions is open: close some or retry later',
        { subscriptionCountMax: this.config.subscriptionCountMax },
      );
    }
    const subscriber = new Subscriber();
    const all = this.subscribers.get(txId) ?? new Set<Subscriber>();
    all.add(subscriber);
    this.subscribers.set(txId, all);
    this.subscriptionCount += 1;
    const stop = (): void => subscriber.end();
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
    let open = true;
    const release = (): void => {
      if (!open) return;
      open = false;
      signal.removeEventListener('abort', stop);
      subscriber.end();
      this.subscriptionCount -= 1;
      all.delete(subscriber);
      if (all.size === 0) this.subscribers.delete(txId);
    };
    return statusIterator(subscriber, release);
  }

  /** Ends every open subscription. */
  close(): void {
    for (const all of this.subscribers.values()) for (const each of all) each.end();
  }

  private remember(txId: TxId, status: TxStatus): void {
    this.forgetOld();
    this.dropped.delete(txId);
    this.dropped.set(txId, { status, untilMs: this.deps.nowMs() + this.config.droppedTtlMs });
    if (this.dropped.size > DROPPED_STATUS_COUNT_MAX) {
      const oldest = this.dropped.keys().next().value;
      if (oldest !== undefined) this.dropped.delete(oldest);
    }
  }

  private forgetOld(): void {
    const nowMs = this.deps.nowMs();
    for (const [txId, entry] of this.dropped) {
      if (entry.untilMs > nowMs) return;
      this.dropped.delete(txId);
    }
  }
}
