/**
 * The pool: what was admitted and is not yet in a block. What it holds, and in which indexes, is
 * `contents.ts`; here are the rules by which transactions enter, replace each other, wait for an
 * input (`pending.ts`), are taken for a block (`select.ts`, `fairness.ts`), and leave.
 *
 * Everything is synchronous and deterministic; time is an argument. Every method that changes the
 * pool returns what its callers and their clients have to hear.
 *
 * @source fuel-core 0.48.2 txpool, behaviour
 */
import { CodedError } from '../primitives/errors.ts';
import type { BlockHeight, Gas, TxId } from '../primitives/types.ts';
import type { Output, Transaction, UtxoId } from '../tx/types.ts';
import { findCollisions, requireBetter } from './collide.ts';
import type { PoolConfig } from './config.ts';
import type { Conflict } from './conflictGraph.ts';
import { isIn, PoolContents } from './contents.ts';
import { refusal, squeezedOutReason } from './errors.ts';
import { type Fairness, FairPlay } from './fairness.ts';
import type { Placement, PoolKey, PoolNode } from './graph.ts';
import { checkInputs, type MissingInput, missingError } from './inputs.ts';
import { type PartitionView, partitionView, type ViewLimits } from './partitionView.ts';
import { executedOutputKeys, PendingPool, pooledOutputKeys, withUtxoIds } from './pending.ts';
import type { PoolView } from './ports.ts';
import { hasRoomToWait, makeRoom } from './room.ts';
import type { TakeLimits } from './select.ts';
import { RecentlySpent, spentNames, spentNamesOf } from './spent.ts';
import type { PooledTx } from './types.ts';

/** Gone from the pool for good; `reason` is what the status says. */
export type SqueezedOut = { readonly id: TxId; readonly reason: string };

/** What a change of the pool did to others than its cause. */
export type PoolChange = {
  /** Entered the pool, in order. */
  readonly inserted: PooledTx[];
  /** Waited for an input and cannot enter. */
  readonly refused: { readonly id: TxId; readonly error: CodedError }[];
  readonly squeezedOut: SqueezedOut[];
  /** Something became executable. */
  executable: boolean;
};

export type PoolStats = {
  readonly txCount: number;
  readonly totalGas: Gas;
  readonly totalSizeBytes: number;
};

/** What the pool has to know about a committed block. Mint may be in the list. */
export type CommittedTx = { readonly id: TxId; readonly tx: Transaction };

/** Fits the executor's `TxSource`. */
export class TxPool {
  readonly #config: PoolConfig;
  readonly #utxoValidation: boolean;
  readonly #view: () => PoolView;
  readonly #contents: PoolContents;
  readonly #fairPlay: FairPlay;
  readonly #spent: RecentlySpent;
  readonly #pending: PendingPool;

  /** `view`: the latest committed state, asked for again on every insertion. */
  constructor(config: PoolConfig, deps: { utxoValidation: boolean; view: () => PoolView }) {
    this.#config = config;
    this.#utxoValidation = deps.utxoValidation;
    this.#view = deps.view;
    this.#contents = new PoolContents(config.depthMax);
    this.#fairPlay = new FairPlay(config, this.#contents);
    this.#spent = new RecentlySpent(config.txCountMax + 1);
    this.#pending = new PendingPool(config.pendingTtlMs);
  }

  /**
   * Puts a verified transaction in, or lets it wait for a missing input.
   * @throws CodedError POOL_… when it cannot enter
   */
  insert(entry: PooledTx, nowMs: number): PoolChange & { outcome: 'inserted' | 'pending' } {
    const change = noChange();
    const missing = this.#insertOne(entry, nowMs, change);
    if (missing !== null) {
      this.#wait(entry, missing, nowMs);
      return { ...change, outcome: 'pending' };
    }
    if (this.#pending.txCount > 0) {
      this.#insertAll(this.#pending.resolve(pooledOutputKeys(entry)), nowMs, change);
    }
    return { ...change, outcome: 'inserted' };
  }

  /**
   * Takes transactions out for a block; they are in flight until `onBlock` or `release`.
   * @param nowMs clock, for those that waited too long; absent: nobody did
   */
  take(limits: TakeLimits, nowMs?: number): PooledTx[] {
    const { executable } = this.#contents;
    const nodes = executable.gather(limits, this.#fairPlay.hooks(limits, nowMs));
    return nodes.map(({ entry }) => entry);
  }

  /** Whether `take` with these limits would give anything. */
  hasFor(limits: TakeLimits): boolean {
    return this.#contents.executable.hasFor(limits);
  }

  /** A transaction in flight ran and used so much gas, min gas included. */
  ran(id: TxId, gas: Gas): void {
    this.#fairPlay.ran(id, gas);
  }

  /** The outputs of an executed transaction in flight, Change and Variable with their amounts. */
  resolveOutputs(
    outputs: readonly { utxoId: UtxoId; output: Output }[],
    nowMs: number,
  ): PoolChange {
    const change = noChange();
    this.#contents.inFlight.resolve(outputs);
    if (this.#pending.txCount > 0) {
      this.#insertAll(this.#pending.resolve(executedOutputKeys(outputs)), nowMs, change);
    }
    return change;
  }

  /** A block is committed and readable through the view. */
  onBlock(
    block: {
      readonly transactions: readonly CommittedTx[];
      readonly skipped: readonly { readonly id: TxId; readonly reason: string }[];
    },
    nowMs: number,
  ): PoolChange {
    const change = noChange();
    const keys: string[] = [];
    const isSomeoneWaiting = this.#pending.txCount > 0;
    for (const { id, tx } of block.transactions) {
      if (tx.type === 'mint') continue;
      this.#commit(id, tx.inputs, change);
      if (isSomeoneWaiting) keys.push(...executedOutputKeys(withUtxoIds(id, tx.outputs)));
    }
    for (const { id, reason } of block.skipped) this.#skip(id, reason, change);
    this.#fairPlay.blockIsOver();
    this.#insertAll(this.#pending.resolve(keys), nowMs, change);
    return change;
  }

  /** No block came of it: the transactions in flight return to the pool. */
  release(ids: readonly TxId[], nowMs: number): PoolChange {
    const change = noChange();
    const contents = this.#contents;
    const back: PooledTx[] = [];
    const dependents: PoolNode[] = [];
    for (const id of ids) {
      const node = contents.inFlight.get(id);
      if (node === null) continue;
      dependents.push(...contents.dependentsOnFlight(node));
      contents.endFlight(id);
      this.#spent.remove(spentNamesOf(node.entry));
      back.push(node.entry);
    }
    this.#fairPlay.blockIsOver();
    // Dependents entered without an edge to what was in flight: they go in again, behind it.
    const removed = new Set<PoolNode>();
    for (const node of dependents) {
      if (!isIn(node)) continue;
      for (const gone of contents.dropSubtree(node)) removed.add(gone);
    }
    const again = [...removed].sort((a, b) => a.order - b.order).map((node) => node.entry);
    const known = new Set([...back, ...again].map((entry) => entry.id));
    this.#insertAll([...back, ...again], nowMs, change);
    for (const { id, error } of change.refused) {
      change.squeezedOut.push({ id, reason: error.message });
    }
    return {
      ...change,
      inserted: change.inserted.filter((entry) => !known.has(entry.id)),
      refused: change.refused.filter(({ id }) => !known.has(id)),
    };
  }

  /** Transactions whose time to live is over, and those whose wait was in vain. */
  expire(nowMs: number): PoolChange {
    const change = this.expirePending(nowMs);
    const due: TxId[] = [];
    for (const node of this.#contents.nodes()) {
      if (nowMs - node.insertedAtMs < this.#config.ttlMs) break;
      due.push(node.entry.id);
    }
    this.#squeezeOut(due, squeezedOutReason.expired(), change);
    return change;
  }

  /** Only those whose wait for an input was in vain. */
  expirePending(nowMs: number): PoolChange {
    const change = noChange();
    change.refused.push(...this.#pending.expire(nowMs));
    return change;
  }

  /** Clock of the next `expirePending` that has something to do; null: none. */
  nextPendingDeadlineMs(): number | null {
    return this.#pending.nextDeadlineMs();
  }

  /** The block at `height` exists: whatever had to be in it or before is too late. */
  expireByHeight(height: BlockHeight): PoolChange {
    const change = noChange();
    this.#squeezeOut(this.#contents.expiredAt(height), squeezedOutReason.expired(), change);
    return change;
  }

  /** In the pool, waiting excluded. */
  stats(): PoolStats {
    return this.#contents.stats();
  }

  /** In the pool or in flight. */
  get(id: TxId): PooledTx | null {
    return this.#contents.get(id)?.entry ?? null;
  }

  /** In order of entering; in flight and waiting excluded. */
  entries(): PooledTx[] {
    return [...this.#contents.nodes()].map(({ entry }) => entry);
  }

  /** Disjoint sets and hot keys of what is in the pool; nothing is partitioned anew. */
  partitionView(limits: ViewLimits): PartitionView {
    return partitionView(this.#contents.conflicts, limits);
  }

  /** Who in the pool disputes a key with `id`; nobody when it is not in the pool. */
  conflictsOf(id: TxId): Conflict[] {
    const place = this.#contents.inPool(id)?.place ?? null;
    return place === null ? [] : this.#contents.conflicts.conflictsOf(place);
  }

  /** Waiting times and hot contracts. */
  fairness(nowMs: number): Fairness {
    return this.#fairPlay.report(nowMs);
  }

  /** Sizes of the parts; waiting and in flight are not in `stats`. */
  counts(): { executable: number; pending: number; inFlight: number } {
    return {
      executable: this.#contents.executable.length,
      pending: this.#pending.txCount,
      inFlight: this.#contents.inFlight.size,
    };
  }

  /** @returns null when it is in, else what is missing. @throws CodedError */
  #insertOne(entry: PooledTx, nowMs: number, change: PoolChange): MissingInput[] | null {
    const view = this.#view();
    const { id, tx } = entry;
    const contents = this.#contents;
    const isKnown = contents.get(id) !== undefined || this.#pending.has(id) || this.#spent.has(id);
    if (isKnown || view.transactionExists(id)) throw refusal.duplicate(id);
    if (entry.maxGas === 0n) throw refusal.maxGasZero();
    if (tx.type === 'blob' && view.blob(tx.blobId) !== null) throw refusal.blobTaken(tx.blobId);
    const keys = contents.conflicts.hold(entry.access);
    let entered = false;
    try {
      const missing = checkInputs(entry, keys, {
        view,
        inFlight: contents.inFlight,
        spent: this.#spent,
        utxoValidation: this.#utxoValidation,
      });
      if (missing.length > 0) return missing;
      const placement = this.#makeWay(entry, keys, change);
      const { isExecutable } = contents.add(entry, placement, nowMs, keys);
      entered = true;
      change.inserted.push(entry);
      if (isExecutable) change.executable = true;
      return null;
    } finally {
      if (!entered) contents.conflicts.letGo(keys);
    }
  }

  /** Removes whom `entry` replaces. @throws CodedError when it cannot enter */
  #makeWay(entry: PooledTx, keys: readonly PoolKey[], change: PoolChange): Placement {
    const collisions = findCollisions(entry, keys);
    const placement = this.#contents.graph.place(entry, keys);
    for (const node of collisions.keys()) {
      if (placement.ancestors.has(node)) throw refusal.collisionIsDependency();
    }
    requireBetter(entry, collisions, placement.ancestors.size > 0);
    const cheaper = makeRoom(entry, placement, {
      config: this.#config,
      stats: this.stats(),
      worstFirst: this.#contents.executable.worstFirst(),
    });
    this.#replace(entry, [...cheaper, ...collisions.keys()], change);
    return placement;
  }

  #replace(entry: PooledTx, losers: readonly PoolNode[], change: PoolChange): void {
    const reason = squeezedOutReason.lessWorth(entry.id);
    for (const node of losers) {
      if (!isIn(node)) continue;
      for (const gone of this.#contents.dropSubtree(node)) {
        change.squeezedOut.push({ id: gone.entry.id, reason });
      }
    }
  }

  /** Inserts those that waited; a refusal is data here. */
  #insertAll(entries: readonly PooledTx[], nowMs: number, change: PoolChange): void {
    const queue = [...entries];
    for (const entry of queue) {
      try {
        const missing = this.#insertOne(entry, nowMs, change);
        if (missing !== null) this.#wait(entry, missing, nowMs);
        else if (this.#pending.txCount > 0)
          queue.push(...this.#pending.resolve(pooledOutputKeys(entry)));
      } catch (error) {
        if (!(error instanceof CodedError)) throw error;
        change.refused.push({ id: entry.id, error });
      }
    }
  }

  /** @throws CodedError POOL_INPUT when there is no room to wait in */
  #wait(entry: PooledTx, missing: readonly MissingInput[], nowMs: number): void {
    const config = this.#config;
    if (!hasRoomToWait(entry, { config, stats: this.stats(), pending: this.#pending })) {
      throw missingError(missing[0] as MissingInput);
    }
    this.#pending.add(entry, missing, nowMs);
  }

  #squeezeOut(ids: readonly TxId[], reason: string, change: PoolChange): void {
    for (const id of ids) {
      const node = this.#contents.inPool(id);
      if (node === null) continue;
      for (const gone of this.#contents.dropSubtree(node)) {
        change.squeezedOut.push({ id: gone.entry.id, reason });
      }
    }
  }

  #commit(id: TxId, inputs: PooledTx['tx']['inputs'], change: PoolChange): void {
    const contents = this.#contents;
    const node = contents.endFlight(id);
    this.#spent.add(node === null ? spentNames(id, inputs) : spentNamesOf(node.entry));
    if (node !== null) return;
    const pooled = contents.inPool(id);
    if (pooled !== null && contents.drop(pooled)) change.executable = true;
  }

  #skip(id: TxId, error: string, change: PoolChange): void {
    const contents = this.#contents;
    const reason = squeezedOutReason.skipped(error);
    if (contents.inPool(id) !== null) this.#squeezeOut([id], reason, change);
    else change.squeezedOut.push({ id, reason });
    const node = contents.inFlight.get(id);
    const dependents = node === null ? [] : contents.dependentsOnFlight(node);
    contents.endFlight(id);
    this.#spent.remove(node === null ? [id] : spentNamesOf(node.entry));
    const ids = dependents.map(({ entry }) => entry.id);
    this.#squeezeOut(ids, squeezedOutReason.parentSkipped(id, error), change);
  }
}

function noChange(): PoolChange {
  return { inserted: [], refused: [], squeezedOut: [], executable: false };
}
