/** An execution thread that dies or hangs as a test wants; else as `node/worker.ts`. */
import type { LaneResult, LaneTask } from '../../executor/laneMessages.ts';
import runTask from '../../node/worker.ts';

/** Witness limit by which a test marks a transaction that ends its thread, or holds it forever. */
const DEADLY = '00000000dead0001';
const ENDLESS = '00000000dead0002';

let batches = 0;

export default function runOrDie(task: LaneTask): LaneResult | null {
  if (task.kind === 'lane') {
    const text = Buffer.from(task.raws.bytes).toString('hex');
    if (text.includes(DEADLY)) process.exit(1);
    if (text.includes(ENDLESS)) for (;;) batches += 0;
    // A batch may die now and then; its transactions run again, each alone.
    if (task.ids.length > 1) batches += 1;
    if (task.ids.length > 1 && batches % 5 === 4) process.exit(1);
  }
  return runTask(task);
}
