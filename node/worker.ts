/**
 * Entry file of an execution thread: wires the lane code of `executor/` to the line that leads to
 * the main thread. A composition root of its own; it holds no rule.
 */

import { LaneWorker } from '../executor/lane.ts';
import { WorkerLine } from '../executor/laneLine.ts';
import type { LaneJob, LaneResult, LaneTask } from '../executor/laneMessages.ts';
import type { CommittedReads } from '../executor/ports.ts';
import { CodedError } from '../primitives/errors.ts';
import { configureEngine } from '../vm/engine.ts';
import { keepModules } from './moduleStore.ts';

let line: WorkerLine | null = null;
let worker: LaneWorker | null = null;

/**
 * Called by the pool with one task at a time.
 * @param before hears of each lane first: tests let threads die here
 * @param after may spoil a result: tests do
 */
export async function runTaskWith(
  task: LaneTask,
  before: (job: LaneJob) => void,
  after: (result: LaneResult) => LaneResult = (result) => result,
): Promise<null> {
  if (task.kind === 'hello') {
    configureEngine(task.engine);
    keepModules(task.engine.modulesPath ?? null);
    const own = new WorkerLine(task);
    line = own;
    worker = new LaneWorker((request) => own.ask(request), await committedIn(task.statePath));
    return null;
  }
  const lanes = worker;
  if (line === null || lanes === null) {
    throw new CodedError('EXECUTION_WORKER_NEW', 'this thread was not introduced; say hello first');
  }
  await line.serve(task.idleMs, (job) => {
    before(job);
    return after(lanes.run(job));
  });
  return null;
}

/** Of a database that cannot be read here everything is asked for. */
async function committedIn(path: string | null): Promise<CommittedReads | null> {
  if (path === null) return null;
  const { openCommittedReads } = await import('../state/committedReads.ts');
  return await openCommittedReads(path).catch(() => null);
}

export default function runTask(task: LaneTask): Promise<null> {
  return runTaskWith(task, () => {});
}
