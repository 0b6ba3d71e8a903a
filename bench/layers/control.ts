/**
 * How much parallelism the machine itself gives at this moment: two threads that only count, one
 * after the other and side by side. 2: two free cores; 1: as good as one.
 */
import { Worker } from 'node:worker_threads';
import { percentile } from '../report.ts';

const COUNT_TO = 120_000_000;
const COUNTER = `
const { parentPort, workerData } = require('node:worker_threads');
parentPort.on('message', () => {
  let x = 1;
  for (let i = 0; i < workerData; i++) x = (Math.imul(x, 1664525) + 1013904223) | 0;
  parentPort.postMessage(x);
});`;

function count(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.postMessage(null);
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

/** @returns speed-up of two threads over one, the median of `rounds` */
export async function twoThreadControl(rounds: number): Promise<number> {
  const workers = [0, 1].map(() => new Worker(COUNTER, { eval: true, workerData: COUNT_TO }));
  const [first, second] = workers as [Worker, Worker];
  const ratios: number[] = [];
  await Promise.all(workers.map(count));
  for (let round = 0; round < rounds; round += 1) {
    const alone = (await timed(() => count(first))) + (await timed(() => count(second)));
    const together = await timed(() => Promise.all(workers.map(count)));
    ratios.push(alone / together);
  }
  await Promise.all(workers.map((worker) => worker.terminate()));
  return percentile(ratios, 0.5);
}
