/**
 * The scheduler alone, on one thread: splitting by declared access, ordering, handing everything
 * out in lanes. Nothing is executed. `bench/scheduler` measures the pool's part as well.
 */
import { createSchedule } from '../../executor/schedule.ts';
import { executionAccess } from '../../node/explain/graph.ts';
import { partitionByAccess } from '../../txpool/partition.ts';
import { type Report, rounded } from '../report.ts';
import { WORKLOAD_NAMES, workload } from '../workloads/index.ts';
import type { Scale } from './scale.ts';

const WORKER_COUNT = 4;
const BATCH_TX_COUNT = 64;
const ROUNDS = 5;

export function schedulerLayer(report: Report, scale: Scale): void {
  for (const name of WORKLOAD_NAMES) {
    const count = scale.blocks.at(-1) ?? scale.count;
    const { txs } = workload(name, { count, contracts: 1000, sign: false });
    const accesses = txs.map(({ tx, id }) => executionAccess(tx, id));
    const rates: number[] = [];
    // One round more than counted: the first compiles.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const startedMs = performance.now();
      const { predecessors } = partitionByAccess(accesses);
      const schedule = createSchedule({
        predecessors,
        costs: txs.map(() => 1),
        workerCount: WORKER_COUNT,
        batchTxCountMax: BATCH_TX_COUNT,
      });
      while (!schedule.finished()) {
        for (let worker = 0; worker < WORKER_COUNT; worker += 1) {
          const lane = schedule.nextBatch(worker);
          if (lane.length > 0) schedule.done(lane);
        }
      }
      if (round > 0) rates.push((1000 * count) / (performance.now() - startedMs));
    }
    report.add(`scheduler/${name}`, 'tx/s', rates, {
      layer: 'scheduler',
      workload: name,
      count,
      txPerSecond: rounded(Math.max(...rates)),
    });
  }
}
