/**
 * One round of a block on threads: dispatch, run along, collect, settle in block order.
 *
 * The main thread is one of the workers: between two transactions of its own it takes results,
 * answers questions, and sends lanes. It sleeps only when nothing is left for it.
 */
import { assert, CodedError } from '../primitives/errors.ts';
import type { AccessList } from '../tx/access.ts';
import type { BlockInProgress } from './block.ts';
import type { CostModel } from './cost.ts';
import { type Ahead, Finality, holds, withContractUtxos } from './finality.ts';
import { LaneJobs } from './laneJobs.ts';
import type { Bell, LaneWorld } from './laneLine.ts';
import { type ReadLane, readLane } from './laneOutcome.ts';
import { type LaneOut, LanesOut } from './lanesOut.ts';
import type { LaneThread } from './laneThread.ts';
import { MainView } from './mainView.ts';
import type { MethodHistory } from './methods.ts';
import type { Changes, LaneSpan, TxToExecute } from './ports.ts';
import type { ReadHistory } from './readHistory.ts';
import { runTx } from './runTx.ts';
import type { Schedule } from './schedule.ts';
import { MAIN_THREAD, runGuarded, TURN_MS } from './serial.ts';
import { type LaneOutcome, Settlement } from './settlement.ts';
import { skipText } from './texts.ts';

/** Work that the main thread takes at a time; others cannot have it meanwhile. Unit: ms. */
const MAIN_LANE_MS = 0.3;
/** How long the main thread sleeps before the rest of the process gets a turn. */
const SLEEP_MS = 1;

export type RoundInput = {
  readonly block: BlockInProgress;
  readonly blockNumber: number;
  readonly roundNumber: number;
  readonly txs: readonly TxToExecute[];
  readonly accesses: readonly AccessList[];
  /** Of one worker for each thread, and one more for the main thread when it runs along. */
  readonly schedule: Schedule;
  readonly threads: readonly LaneThread[];
  readonly bell: Bell;
  readonly costs: CostModel;
  readonly history: ReadHistory;
  readonly mainRuns: boolean;
  /** The database that the threads have open; null: none. */
  readonly statePath: string | null;
  /** Hears why a lane came to nothing; it runs again. */
  readonly onFault: (fault: unknown) => void;
  /** Not null: transactions run ahead of those that they conflict with by declaration. */
  readonly ahead: {
    /** By declared conflicts, for each transaction. */
    readonly predecessors: readonly (readonly number[])[];
    readonly methods: MethodHistory;
    /** A number for {@link RoundInput.blockNumber} that was never used. */
    readonly newBlockNumber: () => number;
  } | null;
};

export class Round {
  readonly #input: RoundInput;
  readonly #settlement: Settlement;
  readonly #view: MainView;
  readonly #world: LaneWorld;
  readonly #out: LanesOut;
  /** Transactions that the main thread has taken and not begun. */
  readonly #mine: number[] = [];
  readonly #jobs: LaneJobs;
  /** Code (`c:`) and blobs (`b:`) of this round by the provisional index of their creator. */
  readonly #createdAt: Map<string, number> = new Map();
  readonly #finality: Finality | null;
  workMs: number = 0;
  /** Transactions that ran ahead, and again because something had changed. */
  rerunCount: number = 0;
  readonly lanes: LaneSpan[] = [];

  constructor(input: RoundInput) {
    this.#input = input;
    const { block, history, threads, txs } = input;
    const { overlay } = block;
    this.#settlement = new Settlement(block, txs);
    this.#out = new LanesOut(threads.length);
    history.blockNumber = input.blockNumber;
    this.#jobs = new LaneJobs(
      input,
      (position) => this.#settlement.provisional(position),
      (id) => this.#createdAt.has(`c:${id}`),
    );
    this.#finality = input.ahead === null ? null : new Finality(input.ahead.predecessors);
    this.#view = new MainView(overlay, {
      isVisible: (key, txIndex) => (this.#createdAt.get(key) ?? -1) < txIndex,
      onRead: (kind, id, key) => {
        history.note(kind, id, key);
        if (input.bell.heard()) this.#listen();
      },
    });
    this.#world = {
      overlay,
      createdAt: (kind, id) => this.#createdAt.get(`${kind === 'code' ? 'c' : 'b'}:${id}`) ?? -1,
      onAsked: (request) => {
        if (request.kind === 'slot' || request.kind === 'balance') {
          history.note(request.kind, request.id, request.key);
        }
      },
    };
  }

  /** Resolves when every transaction is in the block or skipped, and all threads are idle. */
  async run(): Promise<void> {
    try {
      await this.#runAll();
    } catch (error) {
      // What still runs belongs to nobody.
      for (const [worker, thread] of this.#input.threads.entries()) {
        if (this.#out.isOut(worker)) await thread.stop();
      }
      throw error;
    }
    this.#settlement.finish();
  }

  async #runAll(): Promise<void> {
    const { bell, schedule, threads } = this.#input;
    let turnMs = performance.now();
    for (;;) {
      if (bell.heard()) this.#listen();
      await this.#collect();
      this.#takeOwn();
      for (let worker = 0; worker < threads.length; worker += 1) this.#feed(worker);
      if (schedule.finished()) return;
      const ran = this.#runOwn();
      if (ran && performance.now() - turnMs < TURN_MS) continue;
      if (!ran) await this.#rest();
      await new Promise((resolve) => setImmediate(resolve));
      turnMs = performance.now();
    }
  }

  /** Nothing to run here: until somebody rings. */
  async #rest(): Promise<void> {
    const { bell, threads } = this.#input;
    if (this.#out.hasResults) return;
    if (this.#out.isAnyOut) {
      bell.sleep(SLEEP_MS);
      return;
    }
    await Promise.race(threads.map((thread) => thread.start()));
    if (threads.every(({ state }) => state === 'broken')) this.#runWithoutThreads();
  }

  /** Takes what came over the lines and answers questions; no state changes here. */
  #listen(): void {
    this.#input.threads.forEach((thread, worker) => {
      for (;;) {
        const taken = thread.take(this.#world);
        if (!(taken instanceof Uint8Array)) return;
        this.#out.arrived(worker, taken);
      }
    });
  }

  async #collect(): Promise<void> {
    for (const [worker, thread] of this.#input.threads.entries()) {
      while (this.#out.isOut(worker)) {
        const result = this.#out.takeResult(worker);
        const arrived = result ?? (thread.seemsLost ? thread.take(this.#world) : null);
        if (arrived === null) break;
        const sent = this.#out.takeLane(worker);
        assert(sent !== null, 'a result belongs to a lane');
        if (arrived instanceof Uint8Array) await this.#include(worker, sent, arrived);
        else await this.#retry(worker, arrived.fault);
      }
    }
  }

  /** Since the start of the block. */
  #nowMs(): number {
    return performance.now() - this.#input.block.startedMs;
  }

  #feed(worker: number): void {
    const { accesses, schedule, threads } = this.#input;
    const thread = threads[worker]!;
    if (thread.state === 'none') void thread.start();
    while (thread.state === 'ready') {
      // What ran ahead and was wrong is forgotten between two lanes.
      if (this.#finality !== null && this.#out.isOut(worker)) return;
      // Block order inside a lane: nobody sees what a later one creates.
      const batch = schedule.nextBatch(worker);
      if (batch.length === 0) return;
      const lane = [...batch].sort((a, b) => a - b);
      if (lane.some((i) => accesses[i]!.barrier)) {
        for (const i of lane) this.#runHere(i);
        if (this.#finality !== null) schedule.returned(worker);
        continue;
      }
      const startMs = this.#nowMs();
      thread.send(this.#jobs.jobFor(worker, lane));
      this.#out.add(worker, { lane, startMs });
    }
  }

  /** The main thread chooses first: a lone chain then stays where nothing has to be carried. */
  #takeOwn(): void {
    const { mainRuns, schedule, threads } = this.#input;
    if (!mainRuns || this.#mine.length > 0) return;
    schedule.returned(threads.length);
    const lane = schedule.nextBatch(threads.length, MAIN_LANE_MS);
    if (lane.length > 0) this.#mine.push(...[...lane].sort((a, b) => b - a));
  }

  /** @returns false: there is nothing to run here now */
  #runOwn(): boolean {
    const next = this.#mine.pop();
    if (next === undefined) return false;
    this.#runHere(next);
    return true;
  }

  /** All that is ready runs here, except what ended a thread: it could end the process. */
  #runWithoutThreads(): void {
    const { schedule } = this.#input;
    const lane = [...schedule.nextBatch(0)].sort((a, b) => a - b);
    assert(lane.length > 0, 'something is ready while something is left');
    for (const i of lane) {
      if (schedule.isSuspect(i)) this.#giveUp([i], null);
      else this.#runHere(i);
    }
    schedule.returned(0);
  }

  async #retry(worker: number, fault: unknown): Promise<void> {
    const { schedule } = this.#input;
    await this.#stop(worker, fault);
    this.#giveUp(schedule.failed(worker).givenUp, fault);
  }

  #giveUp(indices: readonly number[], fault: unknown): void {
    if (indices.length === 0) return;
    // A node that cannot execute must not claim that a given block is wrong.
    if (this.#input.block.isGiven) throw workerDied(fault);
    for (const i of indices) this.#settlement.set(i, { reason: skipText.workerDied });
    this.#settlement.settle();
  }

  async #include(worker: number, { lane, startMs }: LaneOut, bytes: Uint8Array): Promise<void> {
    const { accesses, block, costs, schedule, threads, txs } = this.#input;
    const jobs = lane.map((i) => txs[i]!);
    let read: ReadLane;
    try {
      read = readLane(bytes, {
        jobs,
        accesses: lane.map((i) => accesses[i]!),
        txIndices: lane.map((i) => this.#settlement.provisional(i)),
        env: block.env,
        state: block.overlay,
      });
    } catch (fault) {
      await this.#runInstead(worker, lane, fault);
      return;
    }
    const { changes, outcomes, runMs } = read;
    runMs.forEach((ms, at) => {
      costs.observe(jobs[at]!, ms);
      this.workMs += ms;
    });
    this.#report(worker, startMs, jobs, runMs);
    if (this.#finality === null) {
      this.#finish(lane, outcomes, changes, threads[worker]!);
      return;
    }
    schedule.returned(worker);
    const shared = { isWrong: false };
    outcomes.forEach((outcome, at) => {
      const ahead = { outcome, effects: read.effects[at]!, lane: shared, worker };
      this.#finality?.arrive(lane[at]!, ahead);
    });
    this.#finalise(this.#finality);
  }

  /** The thread is well and its result is not: the lane runs here, and the thread starts anew. */
  async #runInstead(worker: number, lane: readonly number[], fault: unknown): Promise<void> {
    const { ahead, schedule } = this.#input;
    await this.#stop(worker, fault);
    for (const i of lane) this.#runHere(i);
    if (ahead === null) schedule.recalled(worker);
    else schedule.returned(worker);
  }

  /** Whatever else the worker had is lost with it. */
  async #stop(worker: number, fault: unknown): Promise<void> {
    this.#input.onFault(fault);
    await this.#input.threads[worker]!.stop();
    this.#out.drop(worker);
  }

  #report(
    worker: number,
    startMs: number,
    jobs: readonly TxToExecute[],
    runMs: readonly number[],
  ): void {
    const txs = jobs.map(({ id }, at) => ({ id, runMs: runMs[at]! }));
    const endMs = performance.now() - this.#input.block.startedMs;
    this.lanes.push({ worker, startMs, endMs, txs });
  }

  /** As a lane of one. Upgrades and uploads touch what no worker knows: they always run here. */
  #runHere(i: number): void {
    const { outcome, effects } = this.#run(i);
    if (this.#finality === null) {
      this.#finish([i], [outcome], effects?.changes ?? null, null);
      return;
    }
    const lane = { isWrong: false };
    this.#finality.arrive(i, { outcome, effects, lane, worker: MAIN_THREAD });
    this.#finalise(this.#finality);
  }

  #run(i: number): Pick<Ahead, 'outcome' | 'effects'> {
    const { block, costs, txs } = this.#input;
    const job = txs[i]!;
    const startedMs = performance.now();
    const txIndex = this.#settlement.provisional(i);
    this.#view.txIndex = txIndex;
    const options = { txIndex, gasPrice: block.env.gasPrice };
    const result = runGuarded(block, job, () => runTx(block.env, this.#view, job, options));
    const runMs = performance.now() - startedMs;
    costs.observe(job, runMs);
    this.workMs += runMs;
    this.#report(MAIN_THREAD, startedMs - block.startedMs, [job], [runMs]);
    if (!result.ok) return { outcome: { reason: result.reason }, effects: null };
    const { changes, reads } = result.outcome;
    return { outcome: result.outcome, effects: { changes, reads } };
  }

  /** Everything whose predecessors are final: right, or run again now. */
  #finalise(finality: Finality): void {
    const { ahead: how, block, txs } = this.#input;
    for (let next = finality.next(); next !== null; next = finality.next()) {
      const { index, ahead } = next;
      const job = txs[index]!;
      const calls = job.tx.inputs.some((input) => input.type === 'contract');
      // Why something was skipped is not told in values that were read.
      const isRight = ahead.effects === null ? !calls : holds(ahead.effects.reads, block.overlay);
      let { outcome, effects } = ahead;
      if (!isRight || ahead.lane.isWrong) {
        this.#forget(ahead);
        ({ outcome, effects } = this.#run(index));
        this.rerunCount += 1;
      } else if (calls && !('reason' in outcome)) {
        const executed = withContractUtxos(outcome.executed, block.overlay);
        outcome = { ...outcome, executed };
      }
      if (calls) how?.methods.judge(job, isRight);
      if (effects !== null && calls) how?.methods.observe(job, effects.reads, effects.changes);
      this.#finish([index], [outcome], effects?.changes ?? null, null);
      finality.settled(index);
    }
  }

  /** What stands behind it in its lane saw what is not so, and its worker remembers it. */
  #forget({ lane, worker }: Ahead): void {
    lane.isWrong = true;
    if (worker !== MAIN_THREAD) this.#jobs.forget(worker);
  }

  #finish(
    lane: readonly number[],
    outcomes: readonly LaneOutcome[],
    changes: Changes | null,
    thread: LaneThread | null,
  ): void {
    const { accesses, block, schedule, txs } = this.#input;
    if (changes !== null) block.overlay.apply(changes);
    lane.forEach((i, at) => {
      const outcome = outcomes[at]!;
      this.#settlement.set(i, outcome);
      if ('reason' in outcome) return;
      block.overlay.markExecuted(txs[i]!.id);
      for (const key of accesses[i]!.creates) {
        if (!key.startsWith('u:')) this.#createdAt.set(key, this.#settlement.provisional(i));
      }
    });
    if (changes !== null) this.#jobs.remember(changes, thread);
    schedule.done(lane);
    this.#settlement.settle();
  }
}

function workerDied(cause: unknown): CodedError {
  return new CodedError(
    'EXECUTION_WORKER_DIED',
    'a transaction of the given block ended two execution threads; the block cannot be judged',
    {},
    cause,
  );
}
