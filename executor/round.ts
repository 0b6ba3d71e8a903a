/**
 * One round of a block on threads: dispatch, run along, collect, settle in block order.
 *
 * The main thread is one of the workers: between two transactions of its own it takes results,
 * answers questions, and sends lanes. It sleeps only when nothing is left for it.
 */
import { assert, CodedError } from '../primitives/errors.ts';
import type { ContractId } from '../primitives/types.ts';
import type { AccessList } from '../tx/access.ts';
import type { BlockInProgress } from './block.ts';
import type { CostModel } from './cost.ts';
import { decodeResult } from './laneCodec.ts';
import { declaredInputs } from './laneInputs.ts';
import type { Bell, LaneWorld } from './laneLine.ts';
import type { ContractValues, LaneJob, LaneTxResult } from './laneMessages.ts';
import { outcomesOf } from './laneOutcome.ts';
import type { LaneThread } from './laneThread.ts';
import { MainView } from './mainView.ts';
import { assertDeclared } from './merge.ts';
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
};

type Sent = { readonly lane: readonly number[]; readonly startMs: number };

export class Round {
  readonly #input: RoundInput;
  readonly #settlement: Settlement;
  readonly #view: MainView;
  readonly #world: LaneWorld;
  readonly #sent: (Sent | null)[];
  /** Results that came while the main thread ran something. */
  readonly #arrived: (Uint8Array | null)[];
  /** Transactions that the main thread has taken and not begun. */
  readonly #mine: number[] = [];
  /** Writes to each contract in this round, oldest first; before them, those of the block so far. */
  readonly #writes: Map<ContractId, ContractValues[]> = new Map();
  /** Code (`c:`) and blobs (`b:`) of this round by the provisional index of their creator. */
  readonly #createdAt: Map<string, number> = new Map();
  workMs: number = 0;
  readonly lanes: LaneSpan[] = [];

  constructor(input: RoundInput) {
    this.#input = input;
    const { block, history, threads, txs } = input;
    const { overlay } = block;
    this.#settlement = new Settlement(block, txs);
    this.#sent = threads.map(() => null);
    this.#arrived = threads.map(() => null);
    this.#view = new MainView(overlay, {
      isVisible: (key, txIndex) => (this.#createdAt.get(key) ?? -1) < txIndex,
      onRead: (kind, id, key) => {
        if (overlay.changes.slots.get(id) === undefined) history.note(kind, id, key);
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
    const { slots, balances } = overlay.changes;
    for (const contractId of new Set([...slots.keys(), ...balances.keys()])) {
      const values = { slots: slots.get(contractId), balances: balances.get(contractId) };
      this.#writes.set(contractId, [{ contractId, ...values }]);
    }
    for (const thread of threads) thread.seen = new Map();
  }

  /** Resolves when every transaction is in the block or skipped, and all threads are idle. */
  async run(): Promise<void> {
    try {
      await this.#runAll();
    } catch (error) {
      // What still runs belongs to nobody.
      for (const [worker, sent] of this.#sent.entries()) {
        if (sent !== null) await this.#input.threads[worker]!.stop();
      }
      throw error;
    }
    this.#settlement.finish();
  }

  async #runAll(): Promise<void> {
    const { bell, schedule } = this.#input;
    let turnMs = performance.now();
    for (;;) {
      if (bell.heard()) this.#listen();
      await this.#collect();
      for (let worker = 0; worker < this.#sent.length; worker += 1) this.#feed(worker);
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
    if (this.#arrived.some((bytes) => bytes !== null)) return;
    if (this.#sent.some((sent) => sent !== null)) {
      bell.sleep(SLEEP_MS);
      return;
    }
    await Promise.race(threads.map((thread) => thread.start()));
    if (threads.every(({ state }) => state === 'broken')) this.#runWithoutThreads();
  }

  /** Takes what came over the lines and answers questions; no state changes here. */
  #listen(): void {
    this.#input.threads.forEach((thread, worker) => {
      if (this.#sent[worker] === null || this.#arrived[worker] !== null) return;
      const taken = thread.take(this.#world);
      if (taken instanceof Uint8Array) this.#arrived[worker] = taken;
    });
  }

  async #collect(): Promise<void> {
    for (const [worker, thread] of this.#input.threads.entries()) {
      const sent = this.#sent[worker];
      if (sent == null) continue;
      const arrived = this.#arrived[worker] ?? (thread.seemsLost ? thread.take(this.#world) : null);
      if (arrived === null) continue;
      this.#sent[worker] = null;
      this.#arrived[worker] = null;
      if (arrived instanceof Uint8Array) this.#include(worker, sent, arrived);
      else await this.#retry(worker, arrived.fault);
    }
  }

  #feed(worker: number): void {
    const { accesses, schedule, threads } = this.#input;
    const thread = threads[worker]!;
    if (thread.state === 'none') void thread.start();
    while (thread.state === 'ready' && this.#sent[worker] === null) {
      // Block order inside a lane: nobody sees what a later one creates.
      const lane = [...schedule.nextBatch(worker)].sort((a, b) => a - b);
      if (lane.length === 0) return;
      if (lane.some((i) => accesses[i]!.barrier)) {
        for (const i of lane) this.#runHere(i);
        continue;
      }
      const startMs = performance.now() - this.#input.block.startedMs;
      thread.send(this.#jobFor(thread, lane));
      this.#sent[worker] = { lane, startMs };
    }
  }

  /** @returns false: there is nothing to run here now */
  #runOwn(): boolean {
    const { mainRuns, schedule, threads } = this.#input;
    if (!mainRuns) return false;
    if (this.#mine.length === 0) {
      const lane = [...schedule.nextBatch(threads.length, MAIN_LANE_MS)];
      this.#mine.push(...lane.sort((a, b) => b - a));
    }
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
  }

  async #retry(worker: number, fault: unknown): Promise<void> {
    const { schedule, threads } = this.#input;
    await threads[worker]!.stop();
    this.#giveUp(schedule.failed(worker).givenUp, fault);
  }

  #giveUp(indices: readonly number[], fault: unknown): void {
    if (indices.length === 0) return;
    // A node that cannot execute must not claim that a given block is wrong.
    if (this.#input.block.isGiven) throw workerDied(fault);
    for (const i of indices) this.#settlement.set(i, { reason: skipText.workerDied });
    this.#settlement.settle();
  }

  #include(worker: number, { lane, startMs }: Sent, bytes: Uint8Array): void {
    const { accesses, costs, threads, txs } = this.#input;
    const results = decodeResult(bytes);
    assertDeclared(results.changes, new Set(lane.flatMap((i) => accesses[i]!.writes)));
    const jobs = lane.map((i) => txs[i]!);
    const outcomes = outcomesOf(results.txs, jobs);
    results.txs.forEach(({ runMs }, at) => {
      costs.observe(jobs[at]!, runMs);
      this.workMs += runMs;
    });
    this.#report(worker, startMs, jobs, results.txs);
    this.#finish(lane, outcomes, results.changes, threads[worker]!);
  }

  #report(
    worker: number,
    startMs: number,
    jobs: readonly TxToExecute[],
    results: readonly Pick<LaneTxResult, 'runMs'>[],
  ): void {
    const txs = jobs.map(({ id }, at) => ({ id, runMs: results[at]!.runMs }));
    const endMs = performance.now() - this.#input.block.startedMs;
    this.lanes.push({ worker, startMs, endMs, txs });
  }

  /** As a lane of one. Upgrades and uploads touch what no worker knows: they always run here. */
  #runHere(i: number): void {
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
    this.#report(MAIN_THREAD, startedMs - block.startedMs, [job], [{ runMs }]);
    if (result.ok) this.#finish([i], [result.outcome], result.outcome.changes, null);
    else this.#finish([i], [{ reason: result.reason }], null, null);
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
    if (changes !== null) this.#remember(changes, thread);
    schedule.done(lane);
    this.#settlement.settle();
  }

  #remember({ slots, balances }: Changes, thread: LaneThread | null): void {
    if (slots.size + balances.size === 0) return;
    for (const contractId of new Set([...slots.keys(), ...balances.keys()])) {
      const list = this.#writes.get(contractId) ?? [];
      const values = { slots: slots.get(contractId), balances: balances.get(contractId) };
      list.push({ contractId, ...values });
      this.#writes.set(contractId, list);
      thread?.seen.set(contractId, list.length);
    }
  }

  #jobFor(thread: LaneThread, lane: readonly number[]): LaneJob {
    const { block, blockNumber, roundNumber, txs, accesses } = this.#input;
    const { overlay } = block;
    const isNew = thread.blockNumber !== blockNumber;
    thread.blockNumber = blockNumber;
    const jobs = lane.map((i) => txs[i]!);
    const contracts = new Set<ContractId>();
    for (const i of lane) {
      for (const key of accesses[i]!.writes) {
        if (key.startsWith('c:')) contracts.add(key.slice(2) as ContractId);
      }
    }
    return {
      blockNumber,
      roundNumber,
      env: isNew ? block.env : null,
      raws: jobs.map((job) => job.raw),
      ids: jobs.map((job) => job.id),
      verified: jobs.map((job) => job.verified),
      txIndices: lane.map((i) => this.#settlement.provisional(i)),
      known: jobs.map((job) => job.id).filter((id) => overlay.transactionExists(id)),
      ...declaredInputs(jobs, overlay),
      ...this.#valuesFor(thread, contracts),
    };
  }

  #valuesFor(
    thread: LaneThread,
    contracts: ReadonlySet<ContractId>,
  ): Pick<LaneJob, 'expected' | 'writes'> {
    const { block, history } = this.#input;
    const expected: ContractValues[] = [];
    const writes: ContractValues[] = [];
    for (const contractId of contracts) {
      const seen = thread.seen.get(contractId);
      if (seen === undefined) {
        const values = history.expected(contractId, block.overlay.base);
        if (values !== null) expected.push(values);
      }
      const list = this.#writes.get(contractId) ?? [];
      writes.push(...list.slice(seen ?? 0));
      thread.seen.set(contractId, list.length);
    }
    return { expected, writes };
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
