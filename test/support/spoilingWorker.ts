/** An execution thread whose results cannot be, now and then; else as `node/worker.ts`. */
import { threadId } from 'node:worker_threads';
import type { LaneResult, LaneTask } from '../../executor/laneMessages.ts';
import { runTaskWith } from '../../node/worker.ts';

const NOBODY = `0x${'ee'.repeat(32)}` as const;
/** One lane of so many is spoilt; its thread starts anew then. */
export const LANES_EACH: number = 12;

let lanes = 0;

/** Each thread in its way. */
function spoilt(result: LaneResult): LaneResult {
  lanes += 1;
  if (lanes % LANES_EACH !== 0) return result;
  const { changes, txs } = result;
  switch (threadId % 3) {
    case 0: {
      const balances = new Map([...changes.balances, [NOBODY, new Map([[NOBODY, 1n]])] as const]);
      return { txs, changes: { ...changes, balances } };
    }
    case 1:
      return { txs: txs.slice(1), changes };
    default:
      return { txs: txs.map((tx) => (tx.ok ? { ...tx, raw: tx.raw.subarray(9) } : tx)), changes };
  }
}

export default function runAndSpoil(task: LaneTask): Promise<null> {
  return runTaskWith(task, () => {}, spoilt);
}
