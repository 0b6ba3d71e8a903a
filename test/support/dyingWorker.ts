/** An execution thread that dies, hangs or dawdles as a test wants; else as `node/worker.ts`. */
import type { LaneJob, LaneTask } from '../../executor/laneMessages.ts';
import { runTaskWith } from '../../node/worker.ts';

/** Witness limit by which a test marks a transaction that ends its thread, or holds it forever. */
const DEADLY = '00000000dead0001';
const ENDLESS = '00000000dead0002';

/** Batches after which a thread dies of itself. */
const LIFE_BATCHES = 12;

let batches = 0;

function dieOrNot(job: LaneJob): void {
  const texts = job.raws.map((raw) => Buffer.from(raw).toString('hex'));
  if (texts.some((text) => text.includes(DEADLY))) process.exit(1);
  if (texts.some((text) => text.includes(ENDLESS))) for (;;) batches += 0;
  // A batch may die now and then; its transactions run again, each alone.
  if (job.ids.length > 1) batches += 1;
  if (job.ids.length > 1 && batches % LIFE_BATCHES === 0) process.exit(1);
}

export default function runOrDie(task: LaneTask): Promise<null> {
  return runTaskWith(task, dieOrNot);
}
