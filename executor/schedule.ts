/**
 * List scheduling over a graph of predecessors: which transactions a worker runs next.
 *
 * A lane is a batch for one worker: a list of transactions in ascending order of dependency, each
 * of whose predecessors is done or stands earlier in the same lane. So no two running lanes share
 * a key: had they one, the later transaction would wait for the earlier (checked on dispatch when
 * the keys are given). Ready transactions are ordered by the longest path that starts at them
 * (critical path first, ties by index), but as long as no path is critical a lane goes on with what
 * follows inside it: chains stay whole, and others find the heads of other chains. Affinity: a
 * transaction that becomes ready is offered first to the worker that ran its last predecessor, for
 * that one holds its contracts; others take it when they have nothing better. A lane is a batch
 * because a message to a thread costs more than a transfer; it shrinks as the remaining work does,
 * and with what its worker has already, so that all end at the same time, and unrelated
 * transactions join it only as far as the critical path can bear the wait. With batches of one,
 * wall time ≤ W/P + critical path (Graham). While there is work in plenty, a worker that has a lane
 * gets the one after it as well, so that it never waits for the main thread between two of them.
 *
 * Pure: no clock, no threads. Results never depend on it, only the time they take.
 */
import { assert } from '../primitives/errors.ts';
import { PriorityQueue } from './priorityQueue.ts';

export type ScheduleInput = {
  /** For each index, earlier indices that must be done first: `Partition.predecessors`. */
  readonly predecessors: readonly (readonly number[])[];
  /** Estimated cost of each, any unit, >= 0: gas, or measured time. */
  readonly costs: readonly number[];
  readonly workerCount: number;
  /** Transactions per lane. */
  readonly batchTxCountMax: number;
  /** A lane that costs less is not worth its message: unrelated work joins it. Default 0. */
  readonly batchCostMin?: number;
  /** The worker that must outlive everything: it never gets what ended another one. */
  readonly precious?: number;
  /** Keys that each writes; when given, running lanes are asserted to be disjoint. */
  readonly writes?: readonly (readonly (string | number)[])[];
};

export type ScheduleTotals = {
  /** Sum of all costs. */
  readonly work: number;
  /** Cost of the longest chain. */
  readonly criticalPath: number;
  /** Upper bound of the speed-up: min(workers, work / criticalPath). */
  readonly speedUpMax: number;
};

export type Schedule = {
  readonly totals: ScheduleTotals;
  /**
   * The next lane of a worker; empty: nothing is ready for it now, or it has enough. `costMax`: what
   * it may cost when it is more than one transaction.
   */
  nextBatch(worker: number, costMax?: number): readonly number[];
  /** These ran. A lane may be reported in parts, in order. */
  done(indices: readonly number[]): void;
  /**
   * The worker died or hangs. What of its first lane is not done runs again, each alone; what failed
   * twice is given up and counts as done. The lanes behind it had not begun: they are ready again.
   */
  failed(worker: number): {
    readonly requeued: readonly number[];
    readonly givenUp: readonly number[];
  };
  /** The worker is idle again, though nothing of its lane counts as done before `done` says so. */
  returned(worker: number): void;
  /** What the worker has not begun is ready again: it has no lane now. */
  recalled(worker: number): void;
  /** Everything is done or given up. */
  finished(): boolean;
  /** Lanes that workers have now. */
  runningCount(): number;
  /** It ended a worker. */
  isSuspect(index: number): boolean;
};

const NOTHING: readonly number[] = [];
const WAITING = 0;
const READY = 1;
const RUNNING = 2;
const DONE = 3;
/** Lanes that a worker has at once: one runs, one lies ready. */
const LANES_MAX = 2;
/** A worker has a lane ready as long as this part of the shortest one is due to it. */
const READY_SHARE = 0.25;
/** A lane may lie ready when all workers have so many times the work of the longest chain. */
const AMPLE_WIDTH = 4;

/** @throws AssertionError on a predecessor that is not earlier, or sizes that do not match */
export function createSchedule(input: ScheduleInput): Schedule {
  return new ListSchedule(input);
}

class ListSchedule implements Schedule {
  readonly totals: ScheduleTotals;
  readonly #input: ScheduleInput;
  readonly #successors: number[][];
  /** Longest path from here to the end, own cost included. */
  readonly #priority: Float64Array;
  /** Predecessors that are not done. */
  readonly #open: Int32Array;
  readonly #state: Uint8Array;
  readonly #failures: Uint8Array;
  readonly #workerOf: Int32Array;
  /** Per worker, then one for transactions without a home. */
  readonly #queues: PriorityQueue[];
  /** What failed once. */
  readonly #suspects: PriorityQueue;
  /** Of each worker what is not done, the oldest lane first. */
  readonly #lanes: Set<number>[][];
  readonly #heldKeys = new Map<string | number, number>();
  /** Cost of a lane up to which it may take in transactions that do not follow from it. */
  readonly #spreadCostMax: number;
  /** Nobody on the critical path waits for a lane that lies ready. */
  readonly #isAmple: boolean;
  /** Cost of what each worker has now; what of it has run already is not known here. */
  readonly #heldWork: Float64Array;
  #heldWorkSum = 0;
  #doneCount = 0;
  #workLeft: number;

  constructor(input: ScheduleInput) {
    const { predecessors, costs, workerCount, batchTxCountMax } = input;
    const count = predecessors.length;
    assert(costs.length === count, 'one cost per transaction');
    assert(workerCount >= 1 && batchTxCountMax >= 1, 'workers and batches are not empty');
    this.#input = input;
    this.#successors = Array.from({ length: count }, () => []);
    this.#open = new Int32Array(count);
    this.#state = new Uint8Array(count);
    this.#failures = new Uint8Array(count);
    this.#workerOf = new Int32Array(count).fill(-1);
    predecessors.forEach((list, i) => {
      this.#open[i] = list.length;
      for (const before of list) {
        assert(before >= 0 && before < i, 'predecessors come earlier');
        (this.#successors[before] as number[]).push(i);
      }
    });
    this.#priority = longestPaths(costs, this.#successors);
    this.totals = totalsOf(costs, this.#priority, workerCount);
    this.#workLeft = this.totals.work;
    this.#spreadCostMax = spreadCostMax(this.totals, count, workerCount);
    this.#isAmple = this.totals.work >= AMPLE_WIDTH * workerCount * this.totals.criticalPath;
    const before = (a: number, b: number): boolean => this.#comesBefore(a, b);
    this.#queues = Array.from({ length: workerCount + 1 }, () => new PriorityQueue(before));
    this.#suspects = new PriorityQueue(before);
    this.#lanes = Array.from({ length: workerCount }, () => []);
    this.#heldWork = new Float64Array(workerCount);
    for (let i = 0; i < count; i += 1) if (this.#open[i] === 0) this.#makeReady(i, workerCount);
  }

  nextBatch(worker: number, costLimit: number = Number.POSITIVE_INFINITY): readonly number[] {
    const lanes = this.#lanes[worker] as Set<number>[];
    // Asked for between any two transactions of a chain.
    if (lanes.length === LANES_MAX || !this.#hasReady()) return NOTHING;
    const lane: number[] = [];
    const { batchTxCountMax, batchCostMin = 0, precious, workerCount } = this.#input;
    const part = this.#partFor(worker);
    const isBusy = lanes.length > 0;
    if (isBusy && !(this.#isAmple && part > batchCostMin * READY_SHARE && this.#isTrusted(lanes))) {
      return NOTHING;
    }
    const share = Math.max(part, batchCostMin);
    const costMax = Math.min(share, costLimit);
    const spreadMax = Math.max(this.#spreadCostMax, batchCostMin);
    // Successors that only wait for transactions of this lane.
    const within = new PriorityQueue((a, b) => this.#comesBefore(a, b));
    const openHere = new Map<number, number>();
    const sources = [within, this.#queues[worker], this.#queues[workerCount]] as PriorityQueue[];
    const takesSuspects = worker !== precious && !isBusy && this.#suspects.length > 0;
    if (takesSuspects) sources.push(this.#suspects);
    if (this.#best(sources) === null && !isBusy) sources.push(...this.#victim());
    let cost = 0;
    while (lane.length < batchTxCountMax) {
      const source = this.#next(sources, within, part);
      const next = source?.peek() ?? null;
      if (source === null || next === null) break;
      const nextCost = this.#input.costs[next] as number;
      const runsAlone = this.#failures[next] === 1;
      const limit = source === within ? costMax : Math.min(costMax, spreadMax);
      if (lane.length > 0 && (runsAlone || cost + nextCost > limit)) break;
      source.pop();
      lane.push(next);
      cost += nextCost;
      if (runsAlone) break;
      for (const after of this.#successors[next] as number[]) {
        const open = (openHere.get(after) ?? (this.#open[after] as number)) - 1;
        openHere.set(after, open);
        if (open === 0 && this.#failures[after] === 0) within.push(after);
      }
    }
    this.#dispatch(worker, lane);
    return lane;
  }

  /**
   * Half of an equal part of what is left, and at most half of what is due to the worker if all were
   * to end at once: one that has a lane, or turns out to be slow, is given less.
   */
  #partFor(worker: number): number {
    const { workerCount } = this.#input;
    const equal = this.#workLeft / workerCount;
    const due = equal + this.#heldWorkSum / workerCount - (this.#heldWork[worker] as number);
    return Math.min(equal, due) / 2;
  }

  #hold(worker: number, cost: number): void {
    this.#heldWork[worker] = (this.#heldWork[worker] as number) + cost;
    this.#heldWorkSum += cost;
  }

  /** Behind what ended a worker nothing lies ready: it alone is to blame if that happens again. */
  #isTrusted(lanes: readonly ReadonlySet<number>[]): boolean {
    for (const lane of lanes) for (const index of lane) if (this.isSuspect(index)) return false;
    return true;
  }

  #hasReady(): boolean {
    for (const queue of this.#queues) if (queue.length > 0) return true;
    return this.#suspects.length > 0;
  }

  done(indices: readonly number[]): void {
    for (const index of indices) {
      assert(this.#state[index] === RUNNING, 'what is done was running');
      this.#finish(index);
    }
  }

  failed(worker: number): { readonly requeued: number[]; readonly givenUp: number[] } {
    const [first, ...behind] = this.#lanes[worker] as Set<number>[];
    const lane = [...(first ?? [])];
    const requeued: number[] = [];
    const givenUp: number[] = [];
    // Back first, so that nothing that still waits is released by a part of its own lane.
    for (const index of lane) {
      if ((this.#failures[index] as number) >= 1) givenUp.push(index);
      else requeued.push(index);
      this.#failures[index] = (this.#failures[index] as number) + 1;
    }
    this.#putBack([...requeued, ...behind.flatMap((set) => [...set])]);
    for (const index of givenUp) this.#finish(index);
    return { requeued, givenUp };
  }

  returned(worker: number): void {
    this.#lanes[worker] = [];
    this.#hold(worker, -(this.#heldWork[worker] as number));
  }

  recalled(worker: number): void {
    this.#putBack((this.#lanes[worker] as Set<number>[]).flatMap((set) => [...set]));
  }

  #putBack(indices: readonly number[]): void {
    for (const index of indices) {
      this.#letGo(index);
      if (this.#open[index] === 0) this.#makeReady(index, this.#input.workerCount);
      else this.#state[index] = WAITING;
    }
  }

  finished(): boolean {
    return this.#doneCount === this.#state.length;
  }

  runningCount(): number {
    return this.#lanes.reduce((sum, lanes) => sum + lanes.length, 0);
  }

  isSuspect(index: number): boolean {
    return this.#failures[index] !== 0;
  }

  /** The queue whose head comes first; null when all are empty. */
  #best(queues: readonly PriorityQueue[]): PriorityQueue | null {
    let best: PriorityQueue | null = null;
    let head: number | null = null;
    for (const queue of queues) {
      const candidate = queue.peek();
      if (candidate === null || (head !== null && !this.#comesBefore(candidate, head))) continue;
      best = queue;
      head = candidate;
    }
    return best;
  }

  /**
   * The queue to take from: the one whose head comes first; but what follows inside the lane, if
   * what would come first can wait for so long. Else a lane takes the heads of many chains, and
   * nobody else has anything ready.
   */
  #next(
    queues: readonly PriorityQueue[],
    within: PriorityQueue,
    wait: number,
  ): PriorityQueue | null {
    const best = this.#best(queues);
    const head = best?.peek() ?? null;
    if (head === null || within.length === 0) return best;
    return (this.#priority[head] as number) < wait ? within : best;
  }

  /** Whom a worker with nothing to do helps: the longest queue. */
  #victim(): PriorityQueue[] {
    let longest: PriorityQueue | null = null;
    for (const queue of this.#queues) {
      if (queue.length > (longest?.length ?? 0)) longest = queue;
    }
    return longest === null ? [] : [longest];
  }

  #comesBefore(a: number, b: number): boolean {
    const difference = (this.#priority[a] as number) - (this.#priority[b] as number);
    return difference !== 0 ? difference > 0 : a < b;
  }

  #makeReady(index: number, home: number): void {
    this.#state[index] = READY;
    this.#workerOf[index] = home === this.#input.workerCount ? -1 : home;
    const queue = this.#failures[index] === 0 ? this.#queues[home] : this.#suspects;
    (queue as PriorityQueue).push(index);
  }

  #dispatch(worker: number, lane: readonly number[]): void {
    if (lane.length === 0) return;
    this.#lanes[worker]?.push(new Set(lane));
    for (const index of lane) {
      this.#state[index] = RUNNING;
      this.#workerOf[index] = worker;
      const cost = this.#input.costs[index] as number;
      this.#workLeft -= cost;
      this.#hold(worker, cost);
      for (const key of this.#input.writes?.[index] ?? []) {
        const holder = this.#heldKeys.get(key);
        assert(holder === undefined || this.#workerOf[holder] === worker, 'lanes are disjoint');
        this.#heldKeys.set(key, index);
      }
    }
  }

  /** The worker no longer runs it. */
  #letGo(index: number): void {
    const worker = this.#workerOf[index] as number;
    const lanes = this.#lanes[worker] as Set<number>[];
    const at = lanes.findIndex((lane) => lane.delete(index));
    if (at >= 0) {
      this.#hold(worker, -(this.#input.costs[index] as number));
      if (lanes[at]?.size === 0) lanes.splice(at, 1);
    }
    for (const key of this.#input.writes?.[index] ?? []) {
      if (this.#heldKeys.get(key) === index) this.#heldKeys.delete(key);
    }
    this.#workLeft += this.#input.costs[index] as number;
  }

  #finish(index: number): void {
    const worker = this.#workerOf[index] as number;
    this.#letGo(index);
    this.#workLeft -= this.#input.costs[index] as number;
    this.#state[index] = DONE;
    this.#doneCount += 1;
    for (const after of this.#successors[index] as number[]) {
      this.#open[after] = (this.#open[after] as number) - 1;
      if (this.#open[after] === 0 && this.#state[after] === WAITING) {
        this.#makeReady(after, worker);
      }
    }
  }
}

function longestPaths(costs: readonly number[], successors: readonly number[][]): Float64Array {
  const longest = new Float64Array(costs.length);
  for (let i = costs.length - 1; i >= 0; i -= 1) {
    let behind = 0;
    for (const after of successors[i] as number[]) {
      behind = Math.max(behind, longest[after] as number);
    }
    longest[i] = (costs[i] as number) + behind;
  }
  return longest;
}

function totalsOf(
  costs: readonly number[],
  longest: Float64Array,
  workerCount: number,
): ScheduleTotals {
  const work = costs.reduce((sum, cost) => sum + cost, 0);
  const criticalPath = longest.reduce((max, path) => Math.max(max, path), 0);
  const speedUpMax = criticalPath > 0 ? Math.min(workerCount, work / criticalPath) : workerCount;
  return { work, criticalPath, speedUpMax };
}

/**
 * Along the critical path each step may wait for the rest of somebody's lane. That stays within
 * the time the work takes anyway when (steps on the path) · (lane) <= work / workers, twice that
 * in practice, since few steps wait for a whole lane.
 */
function spreadCostMax(totals: ScheduleTotals, count: number, workerCount: number): number {
  if (totals.criticalPath === 0) return 0;
  const averageCost = totals.work / count;
  return (2 * (totals.work / workerCount) * averageCost) / totals.criticalPath;
}
