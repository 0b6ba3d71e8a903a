/**
 * The pool: what was admitted and is not yet in a block. It owns these indexes, each in its own
 * file: declared keys, chains and disjoint sets (`conflictGraph.ts`), the dependency graph
 * (`graph.ts`), the sorted list of executable transactions (`select.ts`), ages (`ages.ts`), what is
 * in flight (`inFlight.ts`, `spent.ts`), and those that wait for an input (`pending.ts`).
 *
 * Everything is synchronous and deterministic; time is an argument. Every method that changes the
 * pool returns what its callers and their clients have to hear.
 *
 * @source fuel-core 0.48.2 txpool, behaviour
 */
import { assert, CodedError } from '../primitives/errors.ts';
import type { BlockHeight, ContractId, Gas, TxId } from '../primitives/types.ts';
import type { Output, Transaction, UtxoId } from '../tx/types.ts';
import { AgeList } from './ages.ts';
import { findCollisions, requireBetter, usersOf } from './collide.ts';
import type { PoolConfig } from './config.ts';
import { type Conflict, ConflictGraph, type Place } from './conflictGraph.ts';
import { refusal, squeezedOutReason } from './errors.ts';
import {
  createdKeys,
  DependencyGraph,
  type Placement,
  type PoolKey,
  type PoolNode,
  subtreeOf,
} from './graph.ts';
import { InFlight } from './inFlight.ts';
import { checkInputs, type MissingInput, missingError } from './inputs.ts';
import { type PartitionView, partitionView, type ViewLimits } from './partitionView.ts';
import { executedOutputKeys, PendingPool, pooledOutputKeys, withUtxoIds } from './pending.ts';
import type { PoolView } from './ports.ts';
import { hasRoomToWait, makeRoom } from './room.ts';
import { ExecutableList, type TakeLimits } from './select.ts';
import { ContractShares } from './share.ts';
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

/** How fair the pool is at the moment, and was since it exists. */
export type Fairness = {
  /** Waiting time of the oldest transaction in the pool, ms; 0: it is empty. */
  readonly oldestAgeMs: number;
  /** Transactions that went first because they had waited too long. */
  readonly overdueTakenCount: number;
  /** Times that a contract's share of block gas held a transaction back. */
  readonly heldBackCount: number;
  /** Contracts that most transactions wait for, most first; at least two each. */
  readonly hotContracts: readonly { readonly contractId: ContractId; readonly txCount: number }[];
};

/** Contracts in `Fairness.hotContracts`. */
export const HOT_CONTRACT_COUNT_MAX = 10;

/** Fits the executor's `TxSource`. */
export class TxPool {
  readonly #config: PoolConfig;
  readonly #utxoValidation: boolean;
  readonly #view: () => PoolView;
  readonly #conflicts: ConflictGraph<PoolNode> = new ConflictGraph();
  readonly #graph: DependencyGraph;
  readonly #executable = new ExecutableList();
  readonly #ages = new AgeList();
  readonly #shares: ContractShares;
  readonly #inFlight = new InFlight();
  readonly #spent: RecentlySpent;
  readonly #pending: PendingPool;
  /** In order of entering. */
  readonly #nodes = new Map<TxId, PoolNode>();
  readonly #byExpiration = new Map<BlockHeight, Set<TxId>>();
  #gas = 0n;
  #bytes = 0;
  #order = 0;
  #overdueTakenCount = 0;

  /** `view`: the latest committed state, asked for again on every insertion. */
  constructor(config: PoolConfig, deps: { utxoValidation: boolean; view: () => PoolView }) {
    this.#config = config;
    this.#utxoValidation = deps.utxoValidation;
    this.#view = deps.view;
    this.#graph = new DependencyGraph(config.depthMax, this.#conflicts);
    this.#shares = new ContractShares(config.contractGasPercentMax);
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
    this.#insertAll(this.#pending.resolve(pooledOutputKeys(entry)), nowMs, change);
    return { ...change, outcome: 'inserted' };
  }

  /**
   * Takes transactions out for a block; they are in flight until `onBlock` or `release`.
   * @param nowMs clock, for those that waited too long; absent: nobody did
   */
  take(limits: TakeLimits, nowMs?: number): PooledTx[] {
    const shares = this.#shares;
    if (shares.isOn) shares.begin(limits.gasLimit, limits.height ?? null);
    const nodes = this.#executable.gather(limits, {
      take: (node) => {
        if (shares.isOn) shares.take(node.entry);
        this.#inFlight.take(node);
        const children = this.#remove(node, { listed: false, how: 'take' });
        return children.filter((child) => child.parents.size === 0);
      },
      ...(shares.isOn ? { holdsBack: ({ entry }) => shares.holdsBack(entry) } : {}),
      ...(nowMs === undefined ? {} : { overdue: this.#overdue(nowMs) }),
    });
    return nodes.map(({ entry }) => entry);
  }

  /** Whether `take` with these limits would give anything. */
  hasFor(limits: TakeLimits): boolean {
    return this.#executable.hasFor(limits);
  }

  /** A transaction in flight ran and used so much gas, min gas included. */
  ran(id: TxId, gas: Gas): void {
    this.#shares.ran(id, gas);
  }

  /** The outputs of an executed transaction in flight, Change and Variable with their amounts. */
  resolveOutputs(
    outputs: readonly { utxoId: UtxoId; output: Output }[],
    nowMs: number,
  ): PoolChange {
    const change = noChange();
    this.#inFlight.resolve(outputs);
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
    this.#shares.blockIsOver();
    this.#insertAll(this.#pending.resolve(keys), nowMs, change);
    return change;
  }

  /** No block came of it: the transactions in flight return to the pool. */
  release(ids: readonly TxId[], nowMs: number): PoolChange {
    const change = noChange();
    const back: PooledTx[] = [];
    const dependents: PoolNode[] = [];
    for (const id of ids) {
      const node = this.#inFlight.get(id);
      if (node === null) continue;
      dependents.push(...this.#dependentsOnInFlight(node));
      this.#endFlight(id);
      this.#spent.remove(spentNamesOf(node.entry));
      back.push(node.entry);
    }
    this.#shares.blockIsOver();
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
    return (this.#nodes.get(id) ?? this.#inFlight.get(id))?.entry ?? null;
  }

  /** In order of entering; in flight and waiting excluded. */
  entries(): PooledTx[] {
    return [...this.#nodes.values()].map((node) => node.entry);
  }

  /** Disjoint sets and hot keys of what is in the pool; nothing is partitioned anew. */
  partitionView(limits: ViewLimits): PartitionView {
    return partitionView(this.#conflicts, limits);
  }

  /** Who in the pool disputes a key with `id`; nobody when it is not in the pool. */
  conflictsOf(id: TxId): Conflict[] {
    const place = this.#nodes.get(id)?.place ?? null;
    return place === null ? [] : this.#conflicts.conflictsOf(place);
  }

  fairness(nowMs: number): Fairness {
    const oldest = this.#ages.oldest;
    const hot: { contractId: ContractId; txCount: number }[] = [];
    for (const { name, txCount } of this.#conflicts.shared()) {
      if (name.startsWith('c:')) hot.push({ contractId: name.slice(2) as ContractId, txCount });
    }
    hot.sort((a, b) => b.txCount - a.txCount || (a.contractId < b.contractId ? -1 : 1));
    return {
      oldestAgeMs: oldest === null ? 0 : Math.max(0, nowMs - oldest.entry.arrivedAtMs),
      overdueTakenCount: this.#overdueTakenCount,
      heldBackCount: this.#shares.heldCount,
      hotContracts: hot.slice(0, HOT_CONTRACT_COUNT_MAX),
    };
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
    const isKnown =
      this.#nodes.has(id) || this.#pending.has(id) || this.#inFlight.has(id) || this.#spent.has(id);
    if (isKnown || view.transactionExists(id)) throw refusal.duplicate(id);
    if (entry.maxGas === 0n) throw refusal.maxGasZero();
    if (tx.type === 'blob' && view.blob(tx.blobId) !== null) throw refusal.blobTaken(tx.blobId);
    const keys = this.#conflicts.hold(entry.access);
    let isIn = false;
    try {
      const missing = checkInputs(entry, keys, {
        view,
        inFlight: this.#inFlight,
        spent: this.#spent,
        utxoValidation: this.#utxoValidation,
      });
      if (missing.length > 0) return missing;
      const placement = this.#makeWay(entry, keys, change);
      this.#store(this.#graph.add(entry, placement, { order: this.#order, nowMs }, keys), change);
      isIn = true;
      return null;
    } finally {
      if (!isIn) this.#conflicts.letGo(keys);
    }
  }

  /** Removes whom `entry` replaces. @throws CodedError when it cannot enter */
  #makeWay(entry: PooledTx, keys: readonly PoolKey[], change: PoolChange): Placement {
    const collisions = findCollisions(entry, keys);
    const placement = this.#graph.place(entry, keys);
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
    return placement;
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

  #store(node: PoolNode, change: PoolChange): void {
    const { entry } = node;
    this.#order += 1;
    this.#nodes.set(entry.id, node);
    this.#ages.add(node);
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
  #remove(node: PoolNode, { listed, how }: { listed: boolean; how: 'take' | 'drop' }): PoolNode[] {
    const { entry } = node;
    assert(this.#nodes.delete(entry.id), 'a removed transaction is in the pool');
    if (listed) this.#executable.remove(node);
    this.#ages.remove(node);
    this.#gas -= entry.maxGas;
    this.#bytes -= entry.sizeBytes;
    const { expiration } = entry.tx.policies;
    if (expiration !== undefined) {
      const ids = this.#byExpiration.get(Number(expiration));
      ids?.delete(entry.id);
      if (ids?.size === 0) this.#byExpiration.delete(Number(expiration));
    }
    return this.#graph.remove(node, how);
  }

  #removeSubtree(root: PoolNode): PoolNode[] {
    const subtree = subtreeOf(root);
    for (let i = subtree.length - 1; i >= 0; i -= 1) {
      this.#remove(subtree[i] as PoolNode, { listed: true, how: 'drop' });
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
    const flown = this.#endFlight(id);
    this.#spent.add(flown === null ? spentNames(id, inputs) : spentNamesOf(flown.entry));
    const node = this.#nodes.get(id);
    if (node === undefined) return;
    for (const child of this.#remove(node, { listed: true, how: 'drop' })) {
      if (child.parents.size > 0) continue;
      this.#executable.add(child);
      change.executable = true;
    }
  }

  #skip(id: TxId, error: string, change: PoolChange): void {
    const reason = squeezedOutReason.skipped(error);
    if (this.#nodes.has(id)) this.#squeezeOut([id], reason, change);
    else change.squeezedOut.push({ id, reason });
    const node = this.#inFlight.get(id);
    const dependents = node === null ? [] : this.#dependentsOnInFlight(node);
    const ids = dependents.map(({ entry }) => entry.id);
    this.#endFlight(id);
    this.#spent.remove(node === null ? [id] : spentNamesOf(node.entry));
    this.#squeezeOut(ids, squeezedOutReason.parentSkipped(id, error), change);
  }

  /** No longer in flight. @returns what was, null when it was not taken from here */
  #endFlight(id: TxId): PoolNode | null {
    const node = this.#inFlight.forget(id);
    if (node !== null) this.#conflicts.drop(node.place as Place<PoolNode>);
    return node;
  }

  /** In the pool, made possible by a transaction in flight. */
  #dependentsOnInFlight({ entry, place }: PoolNode): PoolNode[] {
    const keys = (place as Place<PoolNode>).links.map(({ key }) => key);
    return createdKeys(entry, keys).flatMap((key) => (key.creator === null ? usersOf(key) : []));
  }

  /** Those that waited too long, oldest first; each may leave while it is looked at. */
  *#overdue(nowMs: number): Generator<PoolNode> {
    const { maxWaitMs } = this.#config;
    if (maxWaitMs <= 0) return;
    let node = this.#ages.oldest;
    while (node !== null && nowMs - node.entry.arrivedAtMs >= maxWaitMs) {
      const next: PoolNode | null = node.younger;
      yield node;
      if (node.place?.state === 'taken') this.#overdueTakenCount += 1;
      node = next;
    }
  }
}

function noChange(): PoolChange {
  return { inserted: [], refused: [], squeezedOut: [], executable: false };
}
