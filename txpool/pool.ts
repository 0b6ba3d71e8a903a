/**
 * The pool: what was admitted and is not yet in a block. It owns five indexes, each in its own
 * file: the dependency graph (`graph.ts`), claims that exclude each other (`collide.ts`), the
 * sorted list of executable transactions (`select.ts`), what is in flight (`spent.ts`,
 * `extracted.ts`), and those that wait for an input (`pending.ts`).
 *
 * Everything is synchronous and deterministic; time is an argument. Every method that changes the
 * pool returns what its callers and their clients have to hear.
 *
 * @source fuel-core 0.48.2 txpool, behaviour
 */
import { assert, CodedError } from '../primitives/errors.ts';
import type { BlockHeight, Gas, TxId } from '../primitives/types.ts';
import type { Output, Transaction, UtxoId } from '../tx/types.ts';
import { CollisionIndex, requireBetter } from './collide.ts';
import type { PoolConfig } from './config.ts';
import { refusal, squeezedOutReason } from './errors.ts';
import { ExtractedOutputs } from './extracted.ts';
import { DependencyGraph, type Placement, type PoolNode, subtreeOf } from './graph.ts';
import { checkInputs, type MissingInput, missingError } from './inputs.ts';
import { executedOutputKeys, PendingPool, pooledOutputKeys, withUtxoIds } from './pending.ts';
import type { PoolView } from './ports.ts';
import { hasRoomToWait, makeRoom } from './room.ts';
import { ExecutableList, type TakeLimits } from './select.ts';
import { SpentInputs } from './spent.ts';
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
  readonly #graph: DependencyGraph;
  readonly #collisions = new CollisionIndex();
  readonly #executable = new ExecutableList();
  readonly #extracted = new ExtractedOutputs();
  readonly #spent: SpentInputs;
  readonly #pending: PendingPool;
  /** In order of entering. */
  readonly #nodes = new Map<TxId, PoolNode>();
  readonly #inFlight = new Map<TxId, PooledTx>();
  readonly #byExpiration = new Map<BlockHeight, Set<TxId>>();
  #gas = 0n;
  #bytes = 0;
  #order = 0;

  /** `view`: the latest committed state, asked for again on every insertion. */
  constructor(config: PoolConfig, deps: { utxoValidation: boolean; view: () => PoolView }) {
    this.#config = config;
    this.#utxoValidation = deps.utxoValidation;
    this.#view = deps.view;
    this.#graph = new DependencyGraph(config.depthMax);
    this.#spent = new SpentInputs(config.txCountMax + 1);
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
    this.#insertAll(this.#pending.resolve(pooledOutputKeys(entry)), nowMs, change);
    return { ...change, outcome: 'inserted' };
  }

  /** Takes transactions out for a block; they are in flight until `onBlock` or `release`. */
  take(limits: TakeLimits): PooledTx[] {
    const nodes = this.#executable.gather(limits, (node) => {
      const children = this.#remove(node, { listed: false });
      return children.filter((child) => child.parents.size === 0);
    });
    return nodes.map(({ entry }) => {
      this.#extracted.take(entry.id, entry.tx.inputs, entry.tx.outputs);
      this.#spent.take(entry.id, entry.tx.inputs);
      this.#inFlight.set(entry.id, entry);
      return entry;
    });
  }

  /** Whether `take` with these limits would give anything. */
  hasFor(limits: TakeLimits): boolean {
    return this.#executable.hasFor(limits);
  }

  /** The outputs of an executed transaction in flight, Change and Variable with their amounts. */
  resolveOutputs(
    outputs: readonly { utxoId: UtxoId; output: Output }[],
    nowMs: number,
  ): PoolChange {
    const change = noChange();
    this.#extracted.resolve(outputs);
    const keys = executedOutputKeys(outputs);
    this.#insertAll(this.#pending.resolve(keys), nowMs, change);
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
    for (const { id, tx } of block.transactions) {
      if (tx.type === 'mint') continue;
      this.#commit(id, tx.inputs, change);
      keys.push(...executedOutputKeys(withUtxoIds(id, tx.outputs)));
    }
    for (const { id, reason } of block.skipped) this.#skip(id, reason, change);
    this.#insertAll(this.#pending.resolve(keys), nowMs, change);
    return change;
  }

  /** No block came of it: the transactions in flight return to the pool. */
  release(ids: readonly TxId[], nowMs: number): PoolChange {
    const change = noChange();
    const back: PooledTx[] = [];
    const dependents: PoolNode[] = [];
    for (const id of ids) {
      const entry = this.#inFlight.get(id);
      if (entry === undefined) continue;
      this.#inFlight.delete(id);
      dependents.push(...this.#dependentsOnInFlight(id));
      this.#extracted.forget(id);
      this.#spent.giveBack(id);
      back.push(entry);
    }
    // Dependents entered without an edge to what was in flight: they go in again, behind it.
    const removed = new Set<PoolNode>();
    for (const node of dependents) {
      if (this.#nodes.get(node.entry.id) !== node) continue;
      for (const gone of this.#removeSubtree(node)) removed.add(gone);
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
    for (const node of this.#nodes.values()) {
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
    for (const [expiration, ids] of [...this.#byExpiration]) {
      if (expiration <= height) this.#squeezeOut([...ids], squeezedOutReason.expired(), change);
    }
    return change;
  }

  /** In the pool, waiting excluded. */
  stats(): PoolStats {
    return { txCount: this.#nodes.size, totalGas: this.#gas, totalSizeBytes: this.#bytes };
  }

  /** In the pool or in flight. */
  get(id: TxId): PooledTx | null {
    return this.#nodes.get(id)?.entry ?? this.#inFlight.get(id) ?? null;
  }

  /** In order of entering; in flight and waiting excluded. */
  entries(): PooledTx[] {
    return [...this.#nodes.values()].map((node) => node.entry);
  }

  /** Sizes of the parts; waiting and in flight are not in `stats`. */
  counts(): { executable: number; pending: number; inFlight: number } {
    return {
      executable: this.#executable.length,
      pending: this.#pending.txCount,
      inFlight: this.#inFlight.size,
    };
  }

  /** @returns null when it is in, else what is missing. @throws CodedError */
  #insertOne(entry: PooledTx, nowMs: number, change: PoolChange): MissingInput[] | null {
    const view = this.#view();
    const { id, tx } = entry;
    const known = this.#nodes.has(id) || this.#pending.has(id) || this.#spent.isSpentTx(id);
    if (known || view.transactionExists(id)) throw refusal.duplicate(id);
    if (entry.maxGas === 0n) throw refusal.maxGasZero();
    if (tx.type === 'blob' && view.blob(tx.blobId) !== null) throw refusal.blobTaken(tx.blobId);
    const missing = checkInputs(entry, {
      view,
      graph: this.#graph,
      extracted: this.#extracted,
      spent: this.#spent,
      utxoValidation: this.#utxoValidation,
    });
    if (missing.length > 0) return missing;

    const collisions = this.#collisions.find(entry);
    const placement = this.#graph.place(entry);
    for (const node of collisions.keys()) {
      if (placement.ancestors.has(node)) throw refusal.collisionIsDependency();
    }
    requireBetter(entry, collisions, placement.ancestors.size > 0);
    const cheaper = makeRoom(entry, placement, {
      config: this.#config,
      stats: this.stats(),
      worstFirst: this.#executable.worstFirst(),
    });
    this.#replace(entry, [...cheaper, ...collisions.keys()], change);
    this.#store(entry, placement, nowMs, change);
    return null;
  }

  #replace(entry: PooledTx, losers: readonly PoolNode[], change: PoolChange): void {
    const reason = squeezedOutReason.lessWorth(entry.id);
    for (const node of losers) {
      if (this.#nodes.get(node.entry.id) !== node) continue;
      for (const gone of this.#removeSubtree(node)) {
        change.squeezedOut.push({ id: gone.entry.id, reason });
      }
    }
  }

  #store(entry: PooledTx, placement: Placement, nowMs: number, change: PoolChange): void {
    const node = this.#graph.add(entry, placement, this.#order, nowMs);
    this.#order += 1;
    this.#nodes.set(entry.id, node);
    this.#collisions.add(node);
    this.#gas += entry.maxGas;
    this.#bytes += entry.sizeBytes;
    const { expiration } = entry.tx.policies;
    if (expiration !== undefined) {
      const ids = this.#byExpiration.get(Number(expiration));
      if (ids === undefined) this.#byExpiration.set(Number(expiration), new Set([entry.id]));
      else ids.add(entry.id);
    }
    change.inserted.push(entry);
    if (node.parents.size === 0) {
      this.#executable.add(node);
      change.executable = true;
    }
  }

  /** Inserts those that waited; a refusal is data here. */
  #insertAll(entries: readonly PooledTx[], nowMs: number, change: PoolChange): void {
    const queue = [...entries];
    for (const entry of queue) {
      try {
        const missing = this.#insertOne(entry, nowMs, change);
        if (missing !== null) this.#wait(entry, missing, nowMs);
        else queue.push(...this.#pending.resolve(pooledOutputKeys(entry)));
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

  /** Takes one node out of every index. @returns its children */
  #remove(node: PoolNode, { listed }: { listed: boolean }): PoolNode[] {
    const { entry } = node;
    assert(this.#nodes.delete(entry.id), 'a removed transaction is in the pool');
    if (listed) this.#executable.remove(node);
    this.#collisions.remove(node);
    this.#gas -= entry.maxGas;
    this.#bytes -= entry.sizeBytes;
    const { expiration } = entry.tx.policies;
    if (expiration !== undefined) {
      const ids = this.#byExpiration.get(Number(expiration));
      ids?.delete(entry.id);
      if (ids?.size === 0) this.#byExpiration.delete(Number(expiration));
    }
    return this.#graph.remove(node);
  }

  #removeSubtree(root: PoolNode): PoolNode[] {
    const subtree = subtreeOf(root);
    for (let i = subtree.length - 1; i >= 0; i -= 1) {
      this.#remove(subtree[i] as PoolNode, { listed: true });
    }
    return subtree;
  }

  #squeezeOut(ids: readonly TxId[], reason: string, change: PoolChange): void {
    for (const id of ids) {
      const node = this.#nodes.get(id);
      if (node === undefined) continue;
      for (const gone of this.#removeSubtree(node)) {
        change.squeezedOut.push({ id: gone.entry.id, reason });
      }
    }
  }

  #commit(id: TxId, inputs: PooledTx['tx']['inputs'], change: PoolChange): void {
    this.#inFlight.delete(id);
    this.#spent.commit(id, inputs);
    this.#extracted.forget(id);
    const node = this.#nodes.get(id);
    if (node === undefined) return;
    for (const child of this.#remove(node, { listed: true })) {
      if (child.parents.size > 0) continue;
      this.#executable.add(child);
      change.executable = true;
    }
  }

  #skip(id: TxId, error: string, change: PoolChange): void {
    const reason = squeezedOutReason.skipped(error);
    if (this.#nodes.has(id)) this.#squeezeOut([id], reason, change);
    else change.squeezedOut.push({ id, reason });
    this.#inFlight.delete(id);
    const dependents = this.#dependentsOnInFlight(id).map((node) => node.entry.id);
    this.#extracted.forget(id);
    this.#spent.giveBack(id);
    this.#squeezeOut(dependents, squeezedOutReason.parentSkipped(id, error), change);
  }

  /** In the pool, made possible by a transaction in flight. */
  #dependentsOnInFlight(id: TxId): PoolNode[] {
    const nodes = this.#collisions.spendersOf(id);
    for (const contractId of this.#extracted.contractsOf(id)) {
      if (this.#graph.contractCreator(contractId) !== undefined) continue;
      nodes.push(...this.#collisions.usersOf(contractId));
    }
    return nodes;
  }
}

function noChange(): PoolChange {
  return { inserted: [], refused: [], squeezedOut: [], executable: false };
}
