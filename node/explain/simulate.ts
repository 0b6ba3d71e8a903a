/**
 * What a schedule would take on so many workers: the real scheduler (`executor/schedule.ts`) in
 * made-up time. A simulation: costs are given, nothing is executed.
 */
import { createSchedule } from '../../executor/schedule.ts';

/** All in ms. */
export type SimulatedOverhead = {
  /** On the worker, for each lane and each transaction on top of its cost. */
  readonly laneMs: number;
  readonly carryMs: number;
  /** On the one main thread, which prepares a lane, and takes its result in. */
  readonly mainLaneMs: number;
  readonly mainTxMs: number;
};

export const NO_OVERHEAD: SimulatedOverhead = {
  laneMs: 0,
  carryMs: 0,
  mainLaneMs: 0,
  mainTxMs: 0,
};

export type SimulationInput = {
  readonly predecessors: readonly (readonly number[])[];
  /** Of each transaction, ms. */
  readonly costs: readonly number[];
  readonly workerCount: number;
  readonly batchTxCountMax: number;
  readonly overhead?: SimulatedOverhead;
};

export type SimulatedLane = {
  readonly worker: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly txs: readonly number[];
};

export type Simulation = {
  readonly wallMs: number;
  readonly lanes: readonly SimulatedLane[];
  /** Time that the main thread was busy. */
  readonly mainMs: number;
};

/** Runs the schedule to its end. */
export function simulate(input: SimulationInput): Simulation {
  const { costs, workerCount, overhead = NO_OVERHEAD } = input;
  const schedule = createSchedule(input);
  const lanes: SimulatedLane[] = [];
  const running: (SimulatedLane | null)[] = Array.from({ length: workerCount }, () => null);
  let nowMs = 0;
  let mainFreeMs = 0;
  let mainMs = 0;
  const onMain = (fromMs: number, txCount: number): number => {
    const takes = (overhead.mainLaneMs + overhead.mainTxMs * txCount) / 2;
    mainFreeMs = Math.max(mainFreeMs, fromMs) + takes;
    mainMs += takes;
    return mainFreeMs;
  };
  const dispatch = (worker: number): boolean => {
    const txs = [...schedule.nextBatch(worker)].sort((a, b) => a - b);
    if (txs.length === 0) return false;
    const startMs = onMain(nowMs, txs.length);
    const runMs = txs.reduce((sum, i) => sum + (costs[i] ?? 0) + overhead.carryMs, 0);
    const lane = { worker, startMs, endMs: startMs + overhead.laneMs + runMs, txs };
    lanes.push(lane);
    running[worker] = lane;
    return true;
  };
  while (!schedule.finished()) {
    for (let worker = 0; worker < workerCount; worker += 1) {
      // Whoever gets nothing was offered everything: nobody else would get more.
      if (running[worker] === null && !dispatch(worker)) break;
    }
    let next: SimulatedLane | null = null;
    for (const lane of running) {
      if (lane !== null && (next === null || lane.endMs < next.endMs)) next = lane;
    }
    if (next === null) break;
    nowMs = onMain(next.endMs, next.txs.length);
    schedule.done(next.txs);
    running[next.worker] = null;
  }
  return { wallMs: nowMs, lanes, mainMs };
}
