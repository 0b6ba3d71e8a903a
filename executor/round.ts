/** One round of a block on worker threads: dispatch, collect, settle in block order. */
import { assert, CodedError } from '../primitives/errors.ts';
import type { ContractId } from '../primitives/types.ts';
import type { AccessList } from '../tx/access.ts';
import { encodeTx } from '../tx/codec/index.ts';
import type { BlockInProgress } from './block.ts';
import type { CostModel } from './cost.ts';
import { declaredInputs } from './laneInputs.ts';
import { type ContractWrites, type LaneJob, type LaneResult, pack } from './laneMessages.ts';
import { outcomesOf } from './laneOutcome.ts';
import type { LaneThread } from './laneThread.ts';
import { assertDeclared, type FinalIndex, patchCreated, patchInputs } from './merge.ts';
import { viewAt } from './overlay.ts';
import type { Changes, ExecutedTx, LaneSpan, TxToExecute } from './ports.ts';
import { runTx, type TxOutcome } from './runTx.ts';
import type { Schedule } from './schedule.ts';
import { MAIN_THREAD } from './serial.ts';
import { skipText } from './texts.ts';

export type RoundInput = {
  readonly block: BlockInProgress;
  readonly blockNumber: number;
  readonly roundNumber: number;
  readonly txs: readonly TxToExecute[];
  readonly accesses: readonly AccessList[];
  readonly schedule: Schedule;
  readonly threads: readonly LaneThread[];
  readonly costs: CostModel;
};

/** An included transaction without its changes, which are in the overlay already; or a skip. */
export type LaneOutcome = Omit<TxOutcome, 'changes'> | { readonly reason: string };

export class Round {
  readonly #input: RoundInput;
  readonly #firstIndex: number;
  readonly #outcomes: (LaneOutcome | null)[];
  /** Final index by position, as far as settled; null: skipped. */
  readonly #indices: (number | null)[] = [];
  readonly #busy: Set<number> = new Set();
  /** Writes to each contract in this round, oldest first; before them, those of the block so far. */
  readonly #writes: Map<ContractId, Omit<ContractWrites, 'contractId'>[]> = new Map();
  /** Code (`c:`) and blobs (`b:`) of this round by the provisional index of their creator. */
  readonly #createdAt: Map<string, number> = new Map();
  #wake: () => void = () => {};
  #failure: unknown = null;
  workMs: number = 0;
  readonly lanes: LaneSpan[] = [];

  constructor(input: RoundInput) {
    this.#input = input;
    this.#firstIndex = input.block.executed.length;
    this.#outcomes = input.txs.map(() => null);
    const { slots, balances } = input.block.overlay.changes;
    for (const id of new Set([...slots.keys(), ...balances.keys()])) {
      this.#writes.set(id, [{ slots: slots.get(id), balances: balances.get(id) }]);
    }
    for (const thread of input.threads) thread.seen = new Map();
  }

  /** Resolves when every transaction is in the block or skipped. */
  async run(): Promise<void> {
    const { schedule, threads } = this.#input;
    while (!schedule.finished()) {
      for (let worker = 0; worker < threads.length; worker += 1) this.#feed(worker);
      if (schedule.finished()) break;
      assert(this.#busy.size > 0, 'something runs while something is left');
      await this.#someLane();
      if (this.#failure !== null) break;
    }
    // The threads must be idle before somebody else gets them.
    while (this.#busy.size > 0) await this.#someLane();
    if (this.#failure !== null) throw this.#failure;
    assert(this.#indices.length === this.#input.txs.length, 'everything is settled');
    this.#patchOverlay();
  }

  #someLane(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #feed(worker: number): void {
    const { schedule, accesses } = this.#input;
    while (!this.#busy.has(worker)) {
      // Block order inside a lane: nobody sees what a later one creates.
      const lane = [...schedule.nextBatch(worker)].sort((a, b) => a - b);
      if (lane.length === 0) return;
      if (lane.some((i) => accesses[i]!.barrier)) {
        this.#runHere(lane);
        continue;
      }
      this.#busy.add(worker);
      this.#dispatch(worker, lane).then(
        () => this.#wakeUp(worker),
        (error: unknown) => {
          this.#failure ??= error;
          this.#wakeUp(worker);
        },
      );
    }
  }

  #wakeUp(worker: number): void {
    this.#busy.delete(worker);
    this.#wake();
  }

  async #dispatch(worker: number, lane: readonly number[]): Promise<void> {
    const { block, threads, schedule } = this.#input;
    const thread = threads[worker]!;
    let result: LaneResult;
    const startMs = performance.now() - block.startedMs;
    try {
      result = await thread.run(this.#jobFor(thread, lane), {
        overlay: block.overlay,
        createdAt: (kind, id) => this.#createdAt.get(`${kind === 'code' ? 'c' : 'b'}:${id}`) ?? -1,
      });
    } catch (error) {
      await thread.stop();
      if (error instanceof CodedError && error.code === 'EXECUTION_WORKER_START') {
        this.#runHere(lane);
        return;
      }
      const { givenUp } = schedule.failed(worker);
      if (givenUp.length === 0) return;
      // A node that cannot execute must not claim that a given block is wrong.
      if (block.isGiven) throw workerDied(error);
      for (const i of givenUp) this.#outcomes[i] = { reason: skipText.workerDied };
      this.#settle();
      return;
    }
    this.#report(worker, lane, { startMs, runMs: result.txs.map(({ runMs }) => runMs) });
    this.#collect(thread, lane, result);
  }

  #report(
    worker: number,
    lane: readonly number[],
    { startMs, runMs }: { readonly startMs: number; readonly runMs: readonly number[] },
  ): void {
    const { block, txs } = this.#input;
    const ran = lane.map((i, at) => ({ id: txs[i]!.id, runMs: runMs[at]! }));
    this.lanes.push({ worker, startMs, endMs: performance.now() - block.startedMs, txs: ran });
  }

  #collect(thread: LaneThread, lane: readonly number[], result: LaneResult): void {
    const { accesses, costs, txs } = this.#input;
    assertDeclared(result.changes, new Set(lane.flatMap((i) => accesses[i]!.writes)));
    const outcomes = outcomesOf(
      result,
      lane.map((i) => txs[i]!.id),
    );
    lane.forEach((i, at) => {
      const { runMs } = result.txs[at]!;
      costs.observe(txs[i]!, runMs);
      this.workMs += runMs;
      this.#outcomes[i] = outcomes[at]!;
    });
    this.#finishLane(lane, result.changes, thread);
  }

  /** Upgrades and uploads touch what no worker knows; and there may be no thread to run on. */
  #runHere(lane: readonly number[]): void {
    const { block, txs } = this.#input;
    for (const i of lane) {
      const startedMs = performance.now();
      const options = { txIndex: this.#firstIndex + i, gasPrice: block.env.gasPrice };
      const view = viewAt(block.overlay, (key) => this.#isVisible(key, options.txIndex));
      const result = runTx(block.env, view, txs[i]!, options);
      const runMs = performance.now() - startedMs;
      this.workMs += runMs;
      this.#report(MAIN_THREAD, [i], { startMs: startedMs - block.startedMs, runMs: [runMs] });
      this.#outcomes[i] = result.ok ? result.outcome : { reason: result.reason };
      if (result.ok) this.#finishLane([i], result.outcome.changes, null);
      else this.#input.schedule.done([i]);
    }
    this.#settle();
  }

  /** Created out of turn means: not there yet. */
  #isVisible(key: string, txIndex: number): boolean {
    return (this.#createdAt.get(key) ?? -1) < txIndex;
  }

  #finishLane(lane: readonly number[], changes: Changes, thread: LaneThread | null): void {
    const { accesses, block, schedule, txs } = this.#input;
    block.overlay.apply(changes);
    for (const i of lane) {
      const outcome = this.#outcomes[i];
      if (outcome == null || 'reason' in outcome) continue;
      block.overlay.markExecuted(txs[i]!.id);
      for (const key of accesses[i]!.creates) {
        if (!key.startsWith('u:')) this.#createdAt.set(key, this.#firstIndex + i);
      }
    }
    for (const id of new Set([...changes.slots.keys(), ...changes.balances.keys()])) {
      const list = this.#writes.get(id) ?? [];
      list.push({ slots: changes.slots.get(id), balances: changes.balances.get(id) });
      this.#writes.set(id, list);
      thread?.seen.set(id, list.length);
    }
    schedule.done(lane);
    this.#settle();
  }

  /** Includes everything whose place is certain. */
  #settle(): void {
    const { block, txs } = this.#input;
    for (let i = this.#indices.length; i < txs.length; i += 1) {
      const outcome = this.#outcomes[i];
      if (outcome == null) return;
      if ('reason' in outcome) {
        this.#indices.push(null);
        block.skip({ id: txs[i]!.id, reason: outcome.reason });
        continue;
      }
      this.#indices.push(block.executed.length);
      block.include({ ...outcome, executed: this.#patched(outcome.executed) });
    }
  }

  #final(): FinalIndex {
    const { height } = this.#input.block.env;
    return { height, firstIndex: this.#firstIndex, indices: this.#indices };
  }

  #hasShift(): boolean {
    return this.#firstIndex + this.#indices.length !== this.#input.block.executed.length + 1;
  }

  #patched(executed: ExecutedTx): ExecutedTx {
    if (!this.#hasShift()) return executed;
    const tx = patchInputs(executed.tx, this.#final());
    return tx === executed.tx ? executed : { ...executed, tx, raw: encodeTx(tx) };
  }

  #patchOverlay(): void {
    const { block } = this.#input;
    if (this.#firstIndex + this.#indices.length === block.executed.length) return;
    const { changes } = block.overlay;
    for (const executed of block.executed.slice(this.#firstIndex)) {
      patchCreated(changes, executed, this.#final());
    }
  }

  #jobFor(thread: LaneThread, lane: readonly number[]): LaneJob {
    const { block, blockNumber, roundNumber, txs, accesses } = this.#input;
    const { overlay } = block;
    const isNew = thread.blockNumber !== blockNumber;
    thread.blockNumber = blockNumber;
    const jobs = lane.map((i) => txs[i]!);
    const touched = new Set(lane.flatMap((i) => accesses[i]!.writes));
    return {
      kind: 'lane',
      blockNumber,
      roundNumber,
      env: isNew ? block.env : null,
      raws: pack(jobs.map((job) => job.raw)),
      ids: jobs.map((job) => job.id),
      verified: jobs.map((job) => job.verified),
      txIndices: lane.map((i) => this.#firstIndex + i),
      known: jobs.map((job) => job.id).filter((id) => overlay.transactionExists(id)),
      ...declaredInputs(jobs, overlay),
      writes: this.#unseenWrites(thread, touched),
    };
  }

  #unseenWrites(thread: LaneThread, touched: ReadonlySet<string>): ContractWrites[] {
    const unseen: ContractWrites[] = [];
    for (const key of touched) {
      if (!key.startsWith('c:')) continue;
      const contractId = key.slice(2) as ContractId;
      const list = this.#writes.get(contractId) ?? [];
      for (const writes of list.slice(thread.seen.get(contractId) ?? 0)) {
        unseen.push({ contractId, ...writes });
      }
      thread.seen.set(contractId, list.length);
    }
    return unseen;
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
