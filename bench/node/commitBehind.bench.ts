/**
 * Blocks back to back from a full pool, on disk: each executed while the one before is written, and,
 * by turns, one after the other. Time from the first block to the last that is durable, per block.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeNode } from '../../node/compose.ts';
import { embeddedConfig } from '../../node/defaults.ts';
import { SILENT_LOG } from '../../node/log.ts';
import { roomyParams } from '../../test/support/funded.ts';
import { interleaved, percentile, type Report, rounded, setting } from '../report.ts';
import { LONG_WORK, type Workload, workload } from '../workloads/index.ts';

const BLOCKS = 10;
const AT_A_TIME = 64;

/** @returns ms per block */
async function makeBlocks(made: Workload, commitBehind: boolean): Promise<number> {
  const dir = mkdtempSync(join(tmpdir(), 'fuelrail-bench-'));
  const over = { trigger: { type: 'never' }, workerCount: 0, dbPath: dir } as const;
  const config = embeddedConfig({ ...over, utxoValidation: false, commitBehind });
  const pool = { ...config.pool, txCountMax: 1e6, gasMax: 10n ** 15n, bytesMax: 1e10 };
  const { chainConfig, stateConfig } = made.chain();
  const snapshot = { chainConfig, stateConfig };
  const node = await composeNode({ ...config, pool }, { log: SILENT_LOG, snapshot });
  try {
    await node.start();
    const { blocks, txs } = node.services;
    for (let at = 0; at < made.txs.length; at += AT_A_TIME) {
      const some = made.txs.slice(at, at + AT_A_TIME);
      await Promise.all(some.map(({ raw }) => txs.submit(raw)));
    }
    const startedMs = performance.now();
    await blocks.produceBlocks(BLOCKS, null);
    const ms = performance.now() - startedMs;
    if (txs.stats().txCount > 0) throw new Error('the blocks did not take everything');
    return ms / BLOCKS;
  } finally {
    await node.close();
    rmSync(dir, { recursive: true });
  }
}

async function measure(report: Report, name: string, made: Workload): Promise<void> {
  const tasks = [true, false].map((behind) => () => makeBlocks(made, behind));
  const runs = await interleaved(setting('BENCH_ROUNDS', 5), tasks);
  const [behind = [], after = []] = runs;
  const pairs = after.map((ms, i) => ms / (behind[i] ?? Number.NaN));
  report.add(`node/blocks back to back, ${name}`, 'ms', behind, {
    oneAfterTheOtherMs: rounded(percentile(after, 0.5)),
    gain: rounded(percentile(pairs, 0.5)),
    txs: made.options.count / BLOCKS,
  });
}

export async function run(report: Report): Promise<void> {
  const each = setting('BENCH_BLOCK_TXS', 500);
  const count = each * BLOCKS;
  const sizeOf = (made: Workload): bigint =>
    BigInt(Math.ceil((made.txs.reduce((sum, { raw }) => sum + raw.length, 0) / BLOCKS) * 1.03));
  for (const [name, kind, work] of [
    ['transfers', 'transfers', 0],
    ['calls of contracts', 'token', 0],
    ['long calls', 'token', LONG_WORK],
  ] as const) {
    const options = { count, work, sign: false };
    const blockTransactionSizeLimit = sizeOf(workload(kind, options));
    const params = { ...roomyParams(), blockTransactionSizeLimit };
    await measure(report, name, workload(kind, { ...options, params }));
  }
}
