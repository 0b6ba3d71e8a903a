/** Blocks of a workload for measurements of lanes. */
import { ok } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaneRunner } from '../../executor/block.ts';
import { mergeChanges } from '../../executor/merge.ts';
import {
  type CoinRecord,
  type ContractUtxo,
  type ExecutedBlock,
  emptyChanges,
  type StateView,
} from '../../executor/ports.ts';
import { produceBlock } from '../../executor/produce.ts';
import { createSerialRunner } from '../../executor/serial.ts';
import type { ContractId, TxId, UtxoKey } from '../../primitives/types.ts';
import { openDiskEngine } from '../../state/engine/disk.ts';
import { createStore } from '../../state/store.ts';
import { StateReader } from '../../state/view.ts';
import { testGenesis } from '../../test/support/chainMaker.ts';
import { roomyParams } from '../../test/support/funded.ts';
import { memoryState } from '../../test/support/memoryState.ts';
import { listSource, testEnv } from '../../test/support/randomBlock.ts';
import { accessListOf } from '../../tx/access.ts';
import { rulesFor } from '../../vm/rules.ts';
import { setting } from '../report.ts';
import {
  WORKLOAD_NAMES,
  type Workload,
  type WorkloadOptions,
  workload,
} from '../workloads/index.ts';

export type Run = { readonly block: ExecutedBlock; readonly ms: number; readonly cpuMs: number };

/** Unsigned: execution alone is measured. `BENCH_CONTRACTS`: how many contracts share the calls. */
export function made(
  name: string,
  options: Partial<WorkloadOptions> & { count: number },
): Workload {
  const known = WORKLOAD_NAMES.find((each) => each === name);
  ok(known !== undefined, `a workload of ${WORKLOAD_NAMES.join(', ')}`);
  const contracts = setting('BENCH_CONTRACTS', 0);
  return workload(known, { sign: false, ...(contracts > 0 ? { contracts } : {}), ...options });
}

/** Executes all transactions in one block; gives wall and process time. */
export function blockRunner(set: Workload): (runner: LaneRunner) => Promise<Run> {
  const view = memoryState([set.genesis]);
  return runnerOn(set, () => view);
}

function runnerOn(
  { options, txs: made }: Workload,
  newView: () => StateView,
): (runner: LaneRunner) => Promise<Run> {
  const rules = rulesFor(options.params, 'auto');
  const env = testEnv(options.params, { rules, gasPrice: 0n });
  // As the pool hands them out.
  const txs = made.map((job) => ({ ...job, access: accessListOf(job.tx, job.id) }));
  return async (runner) => {
    const source = listSource(txs, txs.length);
    const view = newView();
    const cpuBefore = process.cpuUsage();
    const startedMs = performance.now();
    const block = await produceBlock(env, source, view, runner);
    const ms = performance.now() - startedMs;
    const { user, system } = process.cpuUsage(cpuBefore);
    return { block, ms, cpuMs: (user + system) / 1000 };
  };
}

/** Nothing of contracts' slots and balances is in memory; everything else is. */
class ColdValues extends StateReader {
  readonly #warm: StateReader;

  constructor(warm: StateReader) {
    super(warm.engine);
    this.#warm = warm;
  }
  override coin(key: UtxoKey): CoinRecord | null {
    return this.#warm.coin(key);
  }
  override contractCode(id: ContractId): Uint8Array | null {
    return this.#warm.contractCode(id);
  }
  override contractUtxo(id: ContractId): ContractUtxo | null {
    return this.#warm.contractUtxo(id);
  }
  override transactionExists(id: TxId): boolean {
    return this.#warm.transactionExists(id);
  }
}

/** Transactions of a block, and how to run them. */
export type MadeBlock = {
  readonly set: Workload;
  readonly run: (runner: LaneRunner) => Promise<Run>;
};

export type FreshBlocks = {
  /** One for each round: the same contracts, other transactions on other slots. */
  readonly rounds: readonly MadeBlock[];
  /** Of the database. */
  readonly path: string;
  close(): Promise<void>;
};

/** Blocks as they come in life: on disk, and each reads slots that nobody read before. */
export async function freshBlocks(
  name: string,
  options: Partial<WorkloadOptions> & { count: number },
  count: number,
): Promise<FreshBlocks> {
  // Compiled programs hang on the very object.
  const params = roomyParams();
  const sets = Array.from({ length: count }, (_, i) =>
    made(name, { params, ...options, seed: i + 1 }),
  );
  const changes = emptyChanges();
  for (const { genesis } of sets) mergeChanges(changes, genesis);
  const path = mkdtempSync(join(tmpdir(), 'fuelrail-fresh-'));
  const engine = await openDiskEngine(path);
  const warm = await createStore(engine, { ...testGenesis(), changes });
  ok(warm instanceof StateReader);
  const rounds = sets.map((set) => ({ set, run: runnerOn(set, () => new ColdValues(warm)) }));
  return {
    rounds,
    path,
    close: async () => {
      await warm.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}

/** A function that runs one serial block and gives its time in ms. */
export function serialBlocks(name: string, count: number, work: number): () => Promise<number> {
  const run = blockRunner(made(name, { count, work }));
  const runner = createSerialRunner();
  return async () => (await run(runner)).ms;
}
