import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSchedule } from '../../../executor/schedule.ts';
import { mulberry } from '../../support/random.ts';

/** Each transaction writes some of `keyCount` keys; it waits for the last writer of each. */
function workload(next: () => number, count: number, keyCount: number, keysMax: number) {
  const last = new Map<number, number>();
  const writes: string[][] = [];
  const predecessors: number[][] = [];
  for (let i = 0; i < count; i += 1) {
    const keys = new Set<number>();
    const wanted = 1 + Math.floor(next() * keysMax);
    for (let k = 0; k < wanted; k += 1) keys.add(Math.floor(next() * keyCount));
    const before = new Set<number>();
    for (const key of keys) {
      const writer = last.get(key);
      if (writer !== undefined) before.add(writer);
      last.set(key, i);
    }
    writes.push([...keys].map((key) => `c:${key}`));
    predecessors.push([...before].sort((a, b) => a - b));
  }
  return { writes, predecessors };
}

/** Runs a schedule in simulated time. @returns makespan, and the order in which each finished */
function simulate(
  input: Parameters<typeof createSchedule>[0],
  options: { next: () => number; deathRate?: number; partial?: boolean },
) {
  const schedule = createSchedule(input);
  const running = new Map<number, { lane: readonly number[]; endsAt: number }>();
  const finished = new Set<number>();
  const given = new Set<number>();
  let now = 0;
  let lanes = 0;
  let deaths = 0;
  const check = (lane: readonly number[]): void => {
    const here = new Set<number>();
    for (const index of lane) {
      assert.ok(!finished.has(index), `${index} runs once`);
      for (const before of input.predecessors[index] ?? []) {
        assert.ok(finished.has(before) || here.has(before), `${before} before ${index}`);
      }
      here.add(index);
    }
    const mine = new Set(lane.flatMap((i) => input.writes?.[i] ?? []));
    for (const other of running.values()) {
      for (const index of other.lane) {
        for (const key of input.writes?.[index] ?? []) assert.ok(!mine.has(key), 'disjoint');
      }
    }
  };
  while (!schedule.finished()) {
    for (let worker = 0; worker < input.workerCount; worker += 1) {
      if (running.has(worker)) continue;
      const lane = schedule.nextBatch(worker);
      if (lane.length === 0) continue;
      assert.ok(lane.length <= input.batchTxCountMax);
      check(lane);
      lanes += 1;
      const cost = lane.reduce((sum, i) => sum + (input.costs[i] as number), 0);
      running.set(worker, { lane, endsAt: now + cost });
    }
    assert.ok(running.size > 0, 'no deadlock');
    assert.equal(schedule.runningCount(), running.size);
    const ending = [...running].sort((a, b) => a[1].endsAt - b[1].endsAt || a[0] - b[0])[0];
    assert.ok(ending !== undefined);
    const [worker, { lane, endsAt }] = ending;
    running.delete(worker);
    now = endsAt;
    if (options.deathRate !== undefined && options.next() < options.deathRate) {
      deaths += 1;
      const { requeued, givenUp } = schedule.failed(worker);
      assert.equal(requeued.length + givenUp.length, lane.length);
      assert.ok(givenUp.length === 0 || lane.length === 1, 'a second attempt runs alone');
      for (const index of givenUp) {
        given.add(index);
        finished.add(index);
      }
      continue;
    }
    const cut = options.partial === true ? Math.floor(options.next() * lane.length) : 0;
    schedule.done(lane.slice(0, cut));
    schedule.done(lane.slice(cut));
    for (const index of lane) finished.add(index);
  }
  assert.equal(finished.size, input.predecessors.length);
  return { makespan: now, totals: schedule.totals, lanes, given, deaths };
}

const SEED = 20261121;

test(`every transaction once, predecessors first, lanes disjoint (seed ${SEED})`, () => {
  const next = mulberry(SEED);
  for (let round = 0; round < 120; round += 1) {
    const count = Math.floor(next() * 120);
    const { writes, predecessors } = workload(next, count, 1 + Math.floor(next() * 40), 3);
    const costs = predecessors.map(() => 1 + Math.floor(next() * 50));
    const workerCount = 1 + Math.floor(next() * 8);
    const batchTxCountMax = 1 + Math.floor(next() * 10);
    const input = { predecessors, costs, workerCount, batchTxCountMax, writes };
    const { makespan, totals } = simulate(input, { next, partial: true });
    assert.ok(makespan >= totals.criticalPath && makespan <= totals.work);
    if (batchTxCountMax === 1) {
      assert.ok(makespan <= totals.work / workerCount + totals.criticalPath, 'Graham bound');
    }
  }
});

test(`a dead worker's lane runs again once, then is given up (seed ${SEED})`, () => {
  const next = mulberry(SEED + 1);
  let deaths = 0;
  let given = 0;
  for (let round = 0; round < 60; round += 1) {
    const { writes, predecessors } = workload(next, 80, 12, 3);
    const costs = predecessors.map(() => 1 + next());
    const input = { predecessors, costs, workerCount: 4, batchTxCountMax: 8, writes };
    const result = simulate(input, { next, deathRate: 0.2 });
    deaths += result.deaths;
    given += result.given.size;
  }
  assert.ok(deaths > 100 && given > 10, `the simulation kills: ${deaths}, ${given}`);
});

test('list scheduling over multi-contract transactions stays near the bound', () => {
  const next = mulberry(SEED + 2);
  const { writes, predecessors } = workload(next, 4000, 1000, 3);
  const costs = predecessors.map(() => 1);
  const single = simulate(
    { predecessors, costs, workerCount: 16, batchTxCountMax: 1, writes },
    { next },
  );
  const batched = simulate(
    { predecessors, costs, workerCount: 16, batchTxCountMax: 32, writes },
    { next },
  );
  const efficiency = (run: typeof single): number =>
    run.totals.work / run.makespan / run.totals.speedUpMax;
  assert.ok(efficiency(single) > 0.97, `one by one ${efficiency(single)}`);
  assert.ok(efficiency(batched) > 0.85, `in batches ${efficiency(batched)}`);
  assert.ok(batched.lanes < single.lanes / 4, `${batched.lanes} lanes against ${single.lanes}`);
});

test('a chain goes to the worker that holds its contract', () => {
  // Two chains over two contracts, lanes of one.
  const predecessors = [[], [], [0], [1], [2], [3]];
  const costs = [1, 1, 1, 1, 1, 1];
  const schedule = createSchedule({ predecessors, costs, workerCount: 2, batchTxCountMax: 1 });
  const ranBy = new Map<number, number>();
  for (let step = 0; step < 3; step += 1) {
    const lanes = [0, 1].map((worker) => {
      const lane = schedule.nextBatch(worker);
      for (const index of lane) ranBy.set(index, worker);
      return lane;
    });
    // The other worker's lane ends first.
    for (const lane of lanes.reverse()) schedule.done(lane);
  }
  assert.ok(schedule.finished());
  assert.equal(ranBy.get(2), ranBy.get(0));
  assert.equal(ranBy.get(4), ranBy.get(0));
  assert.equal(ranBy.get(3), ranBy.get(1));
  assert.equal(ranBy.get(5), ranBy.get(1));
});

test('who has nothing takes what was meant for another', () => {
  // Both follow from 0 and are offered to who ran it.
  const input = { predecessors: [[], [0], [0]], costs: [1, 1, 1], batchTxCountMax: 1 };
  const schedule = createSchedule({ ...input, workerCount: 2 });
  schedule.done(schedule.nextBatch(0));
  assert.deepEqual(schedule.nextBatch(1), [1]);
  assert.deepEqual(schedule.nextBatch(0), [2]);
});

test('the critical path goes first', () => {
  // 0 is alone; 1 heads a chain of three.
  const schedule = createSchedule({
    predecessors: [[], [], [1], [2]],
    costs: [2, 1, 1, 1],
    workerCount: 1,
    batchTxCountMax: 1,
  });
  assert.deepEqual(schedule.totals, { work: 5, criticalPath: 3, speedUpMax: 1 });
  assert.deepEqual(schedule.nextBatch(0), [1]);
});

test('chains stay whole while there is time, and the longest goes first when there is none', () => {
  // Twenty chains of four, one behind the other.
  const predecessors = Array.from({ length: 80 }, (_, i) => (i % 4 === 0 ? [] : [i - 1]));
  const costs = predecessors.map(() => 1);
  const schedule = createSchedule({ predecessors, costs, workerCount: 2, batchTxCountMax: 8 });
  assert.deepEqual(schedule.nextBatch(0), [0, 1, 2, 3, 4, 5, 6, 7]);
  // Two chains: whoever took one as a whole would leave the heads of both to nobody.
  const short = createSchedule({
    predecessors: predecessors.slice(0, 8),
    costs: costs.slice(0, 8),
    workerCount: 1,
    batchTxCountMax: 8,
  });
  assert.deepEqual(short.nextBatch(0), [0, 4, 1, 5]);
});

test('nothing to do', () => {
  const schedule = createSchedule({
    predecessors: [],
    costs: [],
    workerCount: 3,
    batchTxCountMax: 4,
  });
  assert.ok(schedule.finished());
  assert.deepEqual(schedule.nextBatch(2), []);
});

test('refuses a predecessor that is not earlier', () => {
  assert.throws(
    () =>
      createSchedule({
        predecessors: [[0]],
        costs: [1],
        workerCount: 1,
        batchTxCountMax: 1,
      }),
    /predecessors come earlier/,
  );
});

test('what ended a worker never goes to the precious one', () => {
  const input = { predecessors: [[], []], costs: [1, 1], batchTxCountMax: 2 };
  const schedule = createSchedule({ ...input, workerCount: 2, precious: 1 });
  assert.equal(schedule.nextBatch(0).length, 1);
  assert.deepEqual(schedule.failed(0).requeued, [0]);
  assert.equal(schedule.isSuspect(0), true);
  assert.deepEqual(schedule.nextBatch(1), [1]);
  schedule.done([1]);
  assert.deepEqual(schedule.nextBatch(1), []);
  assert.deepEqual(schedule.nextBatch(0), [0]);
  assert.deepEqual(schedule.failed(0).givenUp, [0]);
  assert.ok(schedule.finished());
});

test('a lane takes in unrelated work until it is worth its message', () => {
  const predecessors = Array.from({ length: 100 }, () => []);
  const costs = predecessors.map(() => 0.05);
  const input = { predecessors, costs, workerCount: 50, batchTxCountMax: 64 };
  assert.equal(createSchedule(input).nextBatch(0).length, 1);
  assert.equal(createSchedule({ ...input, batchCostMin: 0.4 }).nextBatch(0).length, 8);
  assert.equal(createSchedule({ ...input, batchCostMin: 0.4 }).nextBatch(0, 0.1).length, 2);
});

const INDEPENDENT: number[][] = Array.from({ length: 100 }, () => []);
const PLENTY = {
  predecessors: INDEPENDENT,
  costs: INDEPENDENT.map(() => 1),
  workerCount: 2,
  batchTxCountMax: 64,
  batchCostMin: 4,
};

test('a worker gets the next lane while it has one, as long as there is plenty', () => {
  const schedule = createSchedule(PLENTY);
  const first = schedule.nextBatch(0);
  const second = schedule.nextBatch(0);
  assert.equal(first.length, 25);
  assert.equal(second.length, 12, 'half of what is due beside the first');
  assert.deepEqual(schedule.nextBatch(0), [], 'two are enough');
  schedule.done(first);
  while (schedule.nextBatch(1).length > 0);
  assert.equal(schedule.runningCount(), 3);
  const chain = INDEPENDENT.map((_, i) => (i < 20 || i === 99 ? [] : [i - 1]));
  const narrow = createSchedule({ ...PLENTY, predecessors: chain });
  assert.equal(narrow.nextBatch(0).length > 0, true);
  assert.deepEqual(narrow.nextBatch(0), [], 'the critical path would wait for it');
});

test('nothing lies ready at the end: who is idle takes it', () => {
  const schedule = createSchedule(PLENTY);
  let left = 100;
  while (left > 8) {
    const lane = schedule.nextBatch(0, left - 8);
    schedule.done(lane);
    left -= lane.length;
  }
  assert.equal(schedule.nextBatch(0).length, 4);
  assert.deepEqual(schedule.nextBatch(0), []);
  assert.equal(schedule.nextBatch(1).length, 4);
});

test('a slow worker is given less, and both end together', () => {
  const schedule = createSchedule({ ...PLENTY, batchCostMin: 0 });
  const lanes = [schedule.nextBatch(0), schedule.nextBatch(0)];
  const sizes: number[] = [];
  // While worker 0 runs one transaction, worker 1 runs two, one at a time.
  for (let ranBySlow = 0; !schedule.finished(); ) {
    for (let i = 0; i < 2; i += 1) schedule.done(schedule.nextBatch(1, 1));
    ranBySlow += 1;
    const [running] = lanes;
    if (running === undefined || ranBySlow < running.length) continue;
    ranBySlow = 0;
    schedule.done(running);
    sizes.push(running.length);
    lanes.shift();
    const next = schedule.nextBatch(0);
    if (next.length > 0) lanes.push(next);
  }
  assert.deepEqual(sizes, [25, 12, 1]);
});

test('of a dead worker only the lane that ran is to blame', () => {
  const schedule = createSchedule({ ...PLENTY, precious: 1 });
  const first = schedule.nextBatch(0);
  const second = schedule.nextBatch(0);
  assert.deepEqual(schedule.failed(0).requeued, [...first]);
  assert.deepEqual(
    [first, second].map((lane) => lane.some((i) => schedule.isSuspect(i))),
    [true, false],
  );
  assert.equal(schedule.runningCount(), 0);
  assert.equal(schedule.nextBatch(1)[0], second[0], 'what had not begun is as it was');
});

test('what ended a worker runs with nothing behind it, and behind nothing', () => {
  const schedule = createSchedule({ ...PLENTY, workerCount: 3, precious: 2 });
  schedule.nextBatch(0);
  const [suspect] = schedule.failed(0).requeued;
  assert.deepEqual(schedule.nextBatch(0), [suspect]);
  assert.deepEqual(schedule.nextBatch(0), []);
  const held = schedule.nextBatch(2);
  assert.equal(schedule.isSuspect(held[0] as number), false);
  assert.equal(schedule.isSuspect(schedule.nextBatch(1)[0] as number), true);
  schedule.done([suspect as number]);
  schedule.recalled(1);
  assert.equal(schedule.isSuspect(schedule.nextBatch(0)[0] as number), true);
});

test('what a worker has not begun can be had back', () => {
  const schedule = createSchedule(PLENTY);
  const first = schedule.nextBatch(0);
  const second = schedule.nextBatch(0);
  schedule.done(first);
  schedule.recalled(0);
  assert.equal(schedule.runningCount(), 0);
  assert.deepEqual(schedule.nextBatch(1)[0], second[0]);
  assert.equal(schedule.isSuspect(second[0] as number), false);
});
