/**
 * Entry file of an execution thread: wires the lane code of `executor/` to the line that leads to
 * the main thread. A composition root of its own; it holds no rule.
 */

import { LaneWorker } from '../executor/lane.ts';
import type { LaneResult, LaneTask } from '../executor/laneMessages.ts';
import { createAsk } from '../executor/laneReads.ts';
import { CodedError } from '../primitives/errors.ts';
import { configureEngine } from '../vm/engine.ts';

let worker: LaneWorker | null = null;

/** Called by the pool with one task at a time. */
export default function runTask(task: LaneTask): LaneResult | null {
  if (task.kind === 'hello') {
    configureEngine(task.engine);
    worker = new LaneWorker(createAsk(task.port, task.answered, task.readTimeoutMs));
    return null;
  }
  if (worker === null) {
    throw new CodedError('EXECUTION_WORKER_NEW', 'this thread was not introduced; say hello first');
  }
  return worker.run(task);
}
