/**
 * The pool as a running service: verifies what is submitted (a bounded number at a time), puts it
 * in, waits for missing inputs, lets old transactions go, and tells everybody. The only file of
 * this folder with timers.
 */
import { CodedError } from '../primitives/errors.ts';
import type { BlockHeight, Gas, TxId } from '../primitives/types.ts';
import { decodeTx } from '../tx/codec/transaction.ts';
import { txId, txIdOfBytes } from '../tx/id.ts';
import type { Output, Transaction, UtxoId } from '../tx/types.ts';
import { createBlacklistCheck } from './blacklist.ts';
import type { PoolConfig } from './config.ts';
import type { Conflict } from './conflictGraph.ts';
import { refusal } from './errors.ts';
import type { Fairness } from './fairness.ts';
import type { HotKey, PartitionView, ViewLimits } from './partitionView.ts';
import { type CommittedTx, type PoolChange, type PoolStats, TxPool } from './pool.ts';
import type { ChainInfo, CheckInputs, PoolClock, PoolListener, PoolView } from './ports.ts';
import type { TakeLimits } from './select.ts';
import type { PooledTx } from './types.ts';
import { type VerifiedTx, type VerifyEnv, verifyForPool } from './verify.ts';

export type TxPoolDeps = {
  /** False: coins, messages, signatures and predicates are not checked. */
  readonly utxoValidation: boolean;
  /** Latest committed state. */
  readonly view: () => PoolView;
  readonly chain: ChainInfo;
  readonly checkInputs: CheckInputs;
  readonly clock: PoolClock;
  readonly listener: PoolListener;
};

export type TxPoolService = {
  readonly name: string;
  start(): Promise<void>;
  /** Those who still wait are refused with POOL_STOPPED. */
  stop(): Promise<void>;
  /**
   * Verifies and inserts; resolves when the pool has it.
   * @throws CodedError POOL_…, TX_DECODE
   */
  submit(raw: Uint8Array): Promise<{ id: TxId; tx: Transaction }>;
  /** In the pool or being executed. */
  pooled(id: TxId): PooledTx | null;
  stats(): PoolStats;
  /** Fits the executor's `TxSource`. */
  take(limits: TakeLimits): PooledTx[];
  /** Whether `take` with these limits would give anything: false, a block would be empty. */
  hasFor(limits: TakeLimits): boolean;
  /** The block for which they were taken came to nothing. */
  release(ids: readonly TxId[]): void;
  /**
   * Outputs of an executed transaction, before its block is committed.
   * @param ran which one it was and the gas that it used, for the shares of contracts
   */
  onExecuted(
    outputs: readonly { utxoId: UtxoId; output: Output }[],
    ran?: { readonly id: TxId; readonly gas: Gas },
  ): void;
  /** The block at `height` is sealed: what had to be in it or before leaves the pool. */
  sealed(height: BlockHeight): void;
  /** Call when the block is readable through the view. */
  onBlock(block: {
    readonly height: BlockHeight;
    readonly transactions: readonly CommittedTx[];
    readonly skipped: readonly { readonly id: TxId; readonly reason: string }[];
  }): void;
  /** Who in the pool disputes a key with `id`. */
  conflictsOf(id: TxId): Conflict[];
  /** The keys that most transactions of the pool touch. */
  hottestKeys(countMax: number): readonly HotKey[];
  /** The disjoint sets of the pool, kept as transactions come and go. */
  partitionView(limits: ViewLimits): PartitionView;
  /** Gauges for metrics. */
  gauges(): PoolGauges;
  /** Waiting times and hot contracts, for metrics. */
  fairness(): Fairness;
};

/** Transactions in each part. */
export type PoolGauges = {
  readonly verifying: number;
  readonly pending: number;
  readonly inFlight: number;
  readonly executable: number;
};

type Waiter = { resolve(): void; reject(error: CodedError): void };

export function createTxPool(config: PoolConfig, deps: TxPoolDeps): TxPoolService {
  return new Service(config, deps);
}

class Service implements TxPoolService {
  readonly name = 'txpool';
  readonly #config: PoolConfig;
  readonly #deps: TxPoolDeps;
  readonly #pool: TxPool;
  readonly #blacklisted: VerifyEnv['blacklisted'];
  /** Submitters whose transaction waits for an input. */
  readonly #waiters = new Map<TxId, Waiter>();
  #verifying = 0;
  #sequence = 0;
  #stopped = false;
  #cancelTtl: (() => void) | null = null;
  #cancelPending: (() => void) | null = null;

  constructor(config: PoolConfig, deps: TxPoolDeps) {
    this.#config = config;
    this.#deps = deps;
    this.#pool = new TxPool(config, deps);
    this.#blacklisted = createBlacklistCheck(config.blacklist);
  }

  start(): Promise<void> {
    this.#stopped = false;
    this.#scheduleTtl();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTtl?.();
    this.#cancelPending?.();
    this.#cancelPending = null;
    for (const waiter of this.#waiters.values()) waiter.reject(refusal.stopped());
    this.#waiters.clear();
    return Promise.resolve();
  }

  async submit(raw: Uint8Array): Promise<{ id: TxId; tx: Transaction }> {
    if (this.#stopped) throw refusal.stopped();
    if (this.#verifying >= this.#config.verificationQueueMax) throw refusal.queueFull();
    const params = this.#deps.chain.params();
    const { tx, bytesUsed, isCanonical } = decodeTx(raw);
    const own = bytesUsed === raw.length ? raw : raw.subarray(0, bytesUsed);
    const id = isCanonical ? txIdOfBytes(own, tx, params.chainId) : txId(tx, params.chainId);
    try {
      const verified = await this.#verify({ id, tx, raw: own }, this.#verifyEnv(params));
      if (this.#stopped) throw refusal.stopped();
      await this.#insert({
        ...verified,
        arrivedAtMs: this.#deps.clock.nowMs(),
        sequence: this.#nextSequence(),
      });
    } catch (error) {
      this.#tellRefusal(id, error);
      throw error;
    }
    return { id, tx };
  }

  pooled(id: TxId): PooledTx | null {
    return this.#pool.get(id);
  }
  stats(): PoolStats {
    return this.#pool.stats();
  }
  take(limits: TakeLimits): PooledTx[] {
    return this.#pool.take(limits, this.#deps.clock.nowMs());
  }
  hasFor(limits: TakeLimits): boolean {
    return this.#pool.hasFor(limits);
  }

  release(ids: readonly TxId[]): void {
    this.#apply(this.#pool.release(ids, this.#deps.clock.nowMs()));
  }

  onExecuted(
    outputs: readonly { utxoId: UtxoId; output: Output }[],
    ran?: { readonly id: TxId; readonly gas: Gas },
  ): void {
    if (ran !== undefined) this.#pool.ran(ran.id, ran.gas);
    this.#apply(this.#pool.resolveOutputs(outputs, this.#deps.clock.nowMs()));
  }

  sealed(height: BlockHeight): void {
    this.#apply(this.#pool.expireByHeight(height));
  }

  onBlock(block: Parameters<TxPoolService['onBlock']>[0]): void {
    this.#apply(this.#pool.onBlock(block, this.#deps.clock.nowMs()));
    this.#apply(this.#pool.expireByHeight(block.height));
    // A block was full, or dependents became free while it was built: there is more to do. An
    // empty block says that what is left cannot be included now.
    const madeProgress = block.transactions.some(({ tx }) => tx.type !== 'mint');
    if (madeProgress && this.#pool.counts().executable > 0) this.#deps.listener.executable();
  }

  conflictsOf(id: TxId): Conflict[] {
    return this.#pool.conflictsOf(id);
  }
  hottestKeys(countMax: number): readonly HotKey[] {
    return this.#pool.partitionView({ setCountMax: 0, keyCountMax: countMax }).keys;
  }
  partitionView(limits: ViewLimits): PartitionView {
    return this.#pool.partitionView(limits);
  }

  gauges(): PoolGauges {
    return { verifying: this.#verifying, ...this.#pool.counts() };
  }
  fairness(): Fairness {
    return this.#pool.fairness(this.#deps.clock.nowMs());
  }

  async #verify(
    submitted: Parameters<typeof verifyForPool>[0],
    env: VerifyEnv,
  ): Promise<VerifiedTx> {
    this.#verifying += 1;
    try {
      return await verifyForPool(submitted, env);
    } finally {
      this.#verifying -= 1;
    }
  }

  #verifyEnv(params: VerifyEnv['params']): VerifyEnv {
    const { chain, utxoValidation, checkInputs } = this.#deps;
    return {
      height: chain.height(),
      params,
      gasPrice: chain.nextGasPrice(),
      utxoValidation,
      blacklisted: this.#blacklisted,
      checkInputs,
      bytecodeFault: (root) => chain.bytecodeFault(root),
    };
  }

  async #insert(entry: PooledTx): Promise<void> {
    const { outcome, ...change } = this.#pool.insert(entry, this.#deps.clock.nowMs());
    if (outcome === 'inserted') {
      this.#apply(change);
      return;
    }
    const settled = new Promise<void>((resolve, reject) => {
      this.#waiters.set(entry.id, { resolve, reject });
    });
    this.#schedulePending();
    await settled;
  }

  /** Tells submitters and the listener what happened, in the order in which it did. */
  #apply(change: PoolChange): void {
    const { listener } = this.#deps;
    for (const { id } of change.inserted) {
      listener.submitted(id, this.#deps.clock.nowMs());
      this.#settle(id, (waiter) => waiter.resolve());
    }
    for (const { id, reason } of change.squeezedOut) listener.squeezedOut(id, reason);
    for (const { id, error } of change.refused) this.#settle(id, (waiter) => waiter.reject(error));
    if (change.executable) listener.executable();
    this.#schedulePending();
  }

  #settle(id: TxId, how: (waiter: Waiter) => void): void {
    const waiter = this.#waiters.get(id);
    if (waiter === undefined) return;
    this.#waiters.delete(id);
    how(waiter);
  }

  /** A duplicate keeps the status of the first one. */
  #tellRefusal(id: TxId, error: unknown): void {
    if (!(error instanceof CodedError)) return;
    if (error.code === 'POOL_DUPLICATE' || error.code === 'POOL_STOPPED') return;
    this.#deps.listener.squeezedOut(id, error.message);
  }

  #scheduleTtl(): void {
    const { clock } = this.#deps;
    this.#cancelTtl = clock.schedule(this.#config.ttlCheckIntervalMs, () => {
      if (this.#stopped) return;
      this.#apply(this.#pool.expire(clock.nowMs()));
      this.#scheduleTtl();
    });
  }

  /** One timer, for the first deadline. */
  #schedulePending(): void {
    if (this.#cancelPending !== null || this.#stopped) return;
    const deadlineMs = this.#pool.nextPendingDeadlineMs();
    if (deadlineMs === null) return;
    const { clock } = this.#deps;
    this.#cancelPending = clock.schedule(Math.max(0, deadlineMs - clock.nowMs()), () => {
      this.#cancelPending = null;
      if (!this.#stopped) this.#apply(this.#pool.expirePending(clock.nowMs()));
    });
  }

  #nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }
}
