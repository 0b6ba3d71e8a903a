/** An execution thread that waits a while, now and then, before it begins a lane. */
import type { LaneTask } from '../../executor/laneMessages.ts';
import { runTaskWith } from '../../node/worker.ts';
import { randomOf } from './chainMaker.ts';

const DELAY_MS_MAX = 4;

const random = randomOf(process.pid % 1000);
const clock = new Int32Array(new SharedArrayBuffer(4));

export default function runSlowly(task: LaneTask): Promise<null> {
  return runTaskWith(task, () => {
    if (random(2) === 0) Atomics.wait(clock, 0, 0, 1 + random(DELAY_MS_MAX));
  });
}
