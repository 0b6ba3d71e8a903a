/**
 * What if a block had other transactions, another order, or other declared lists: both forms are
 * executed again on the state before the block, results and schedules are compared. Nothing is
 * committed.
 *
 * The block's own form must come out as it was, or the comparison would mean nothing.
 */
import type { ExecutedBlock, ExecutedTx, StateView, TxToExecute } from '../../executor/ports.ts';
import { bytesToHex, concatBytes, hexToBytes, isB256 } from '../../primitives/bytes.ts';
import { assert, CodedError } from '../../primitives/errors.ts';
import { sha256Hex } from '../../primitives/hash.ts';
import type { ContractId, TxId } from '../../primitives/types.ts';
import { ZERO_B256 } from '../../primitives/types.ts';
import { decodeTx, encodeReceipt, encodeTx } from '../../tx/codec/index.ts';
import { txId } from '../../tx/id.ts';
import { stringifyLossless } from '../../tx/json.ts';
import type { ChargeableTx, Input, Output } from '../../tx/types.ts';
import { criticalPath, executionAccess, graphOf } from './graph.ts';
import type { KeptBlock } from './history.ts';
import { runAgain, type SecondRun } from './runAgain.ts';
import { simulate } from './simulate.ts';

/** Transactions of a block that is run again: it takes as long as the block itself, twice. */
export const WHAT_IF_TX_COUNT_MAX = 10_000;
/** Changes in one question. */
export const WHAT_IF_CHANGE_COUNT_MAX = 100;
/** Transactions whose differences are listed. */
export const WHAT_IF_LISTED_MAX = 1_000;
const WORKERS_MAX = 1_024;
/** Simulated without overhead: then nobody needs batches. */
const BATCH_TX_COUNT = 1;

export type WhatIf = {
  /** Ids to leave out. */
  readonly drop: readonly string[];
  /** Canonical bytes as hex, appended at the end; signatures are checked. */
  readonly add: readonly string[];
  /** These trade places so that they stand in this order; everybody else stays. */
  readonly reorder: readonly string[];
  /** The whole new list of declared contracts of a transaction. */
  readonly declare: readonly { readonly tx: string; readonly contracts: readonly string[] }[];
  /** Worker counts to simulate. */
  readonly workers: readonly number[];
};

export const NOTHING_CHANGED: WhatIf = {
  drop: [],
  add: [],
  reorder: [],
  declare: [],
  workers: [1, 2, 4, 8],
};

/** What became of a transaction. */
export type Outcome = {
  readonly index: number | null;
  readonly status: 'success' | 'failure' | 'skipped';
  readonly reason: string | null;
  readonly gas: string;
  readonly fee: string;
  /** sha256 of the canonical receipts. */
  readonly receipts: string;
  readonly outputs: readonly string[];
};

export type Difference = {
  readonly id: string;
  /** null: not in that form. */
  readonly before: Outcome | null;
  readonly after: Outcome | null;
  /** What differs: `place`, `status`, `gas`, `receipts`, `output 2`, … */
  readonly what: readonly string[];
};

export type ScheduleShape = {
  readonly txCount: number;
  readonly setCount: number;
  readonly edgeCount: number;
  readonly workMs: number;
  readonly criticalPathMs: number;
  readonly criticalTxCount: number;
  /** Simulated, without overhead. */
  readonly simulated: readonly { readonly workers: number; readonly wallMs: number }[];
};

export type WhatIfReport = {
  readonly height: number;
  readonly before: ScheduleShape;
  readonly after: ScheduleShape;
  readonly gas: { readonly before: string; readonly after: string };
  /** Transactions that differ, in block order; at most {@link WHAT_IF_LISTED_MAX}. */
  readonly differences: readonly Difference[];
  readonly differenceCount: number;
  /** Entries of the state after the block that differ. */
  readonly state: { readonly coins: number; readonly slots: number; readonly balances: number };
  readonly notes: readonly string[];
};

function bad(message: string, context: Record<string, string | number> = {}): never {
  throw new CodedError('WHAT_IF_BAD_CHANGE', message, context);
}

/** The executed transactions of the block that can be changed. */
function jobsOf(txs: readonly ExecutedTx[]): TxToExecute[] {
  return txs.flatMap(({ id, tx, raw }) =>
    tx.type === 'mint' ? [] : [{ id, tx, raw, verified: true }],
  );
}

function indexOf(jobs: readonly TxToExecute[], id: string): number {
  const at = jobs.findIndex((job) => job.id === id);
  return at >= 0 ? at : bad(`transaction ${id} is not in the block (or cannot be changed)`, { id });
}

function added(hex: string, chainId: bigint): TxToExecute {
  let tx: ReturnType<typeof decodeTx>['tx'];
  let raw: Uint8Array;
  try {
    raw = hexToBytes(hex);
    tx = decodeTx(raw).tx;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return bad(`the bytes of an added transaction cannot be read: ${why}`);
  }
  if (tx.type === 'mint') return bad('a mint cannot be added: every block makes its own');
  return { id: txId(tx, chainId), tx, raw, verified: false };
}

/** Declares `contracts` and no others; everything else keeps its order. */
export function withContracts(tx: ChargeableTx, contracts: readonly ContractId[]): ChargeableTx {
  const wanted = new Set(contracts);
  const kept: Input[] = [];
  const places = new Map<number, number>();
  tx.inputs.forEach((input, i) => {
    if (input.type === 'contract' && !wanted.delete(input.contractId)) return;
    places.set(i, kept.length);
    kept.push(input);
  });
  const outputs: Output[] = [];
  for (const output of tx.outputs) {
    if (output.type !== 'contract') outputs.push(output);
    else {
      const inputIndex = places.get(output.inputIndex);
      if (inputIndex !== undefined) outputs.push({ ...output, inputIndex });
    }
  }
  for (const contractId of wanted) {
    outputs.push({
      type: 'contract',
      inputIndex: kept.length,
      balanceRoot: ZERO_B256,
      stateRoot: ZERO_B256,
    });
    kept.push({
      type: 'contract',
      utxoId: { txId: ZERO_B256, outputIndex: 0 },
      balanceRoot: ZERO_B256,
      stateRoot: ZERO_B256,
      txPointer: { blockHeight: 0, txIndex: 0 },
      contractId,
    });
  }
  return { ...tx, inputs: kept, outputs };
}

/** The other form of the block. @throws CodedError WHAT_IF_BAD_CHANGE */
export function changedJobs(
  jobs: readonly TxToExecute[],
  { drop, add, reorder, declare }: WhatIf,
  chainId: bigint,
): TxToExecute[] {
  if (drop.length + add.length + reorder.length + declare.length > WHAT_IF_CHANGE_COUNT_MAX) {
    return bad(`at most ${WHAT_IF_CHANGE_COUNT_MAX} changes at a time`);
  }
  const changed = [...jobs];
  for (const { tx: id, contracts } of declare) {
    const at = indexOf(changed, id);
    const job = changed[at] as TxToExecute;
    if (!contracts.every(isB256)) bad(`the list for ${id} is not one of contract ids`, { id });
    const tx = withContracts(job.tx, contracts as ContractId[]);
    // It keeps its id: who spends its outputs shall find them.
    changed[at] = { ...job, tx, raw: encodeTx(tx) };
  }
  if (new Set(reorder).size !== reorder.length) bad('an id stands twice in the new order');
  const places = reorder.map((id) => indexOf(changed, id));
  const ascending = [...places].sort((a, b) => a - b);
  const moved = places.map((place) => changed[place] as TxToExecute);
  ascending.forEach((place, i) => {
    changed[place] = moved[i] as TxToExecute;
  });
  for (const id of drop) changed.splice(indexOf(changed, id), 1);
  for (const hex of add) {
    const job = added(hex, chainId);
    if (changed.some(({ id }) => id === job.id)) {
      bad(`transaction ${job.id} is in the block already`, { id: job.id });
    }
    changed.push(job);
  }
  return changed;
}

function outputText(output: Output): string {
  return stringifyLossless(
    Object.fromEntries(
      Object.entries(output).map(([name, value]) => [
        name,
        typeof value === 'bigint' ? String(value) : value,
      ]),
    ),
  );
}

function outcomes({ block }: SecondRun): Map<string, Outcome> {
  const found = new Map<string, Outcome>();
  block.transactions.forEach((executed, index) => {
    const { tx } = executed;
    if (tx.type === 'mint') return;
    found.set(executed.id, {
      index,
      status: executed.success ? 'success' : 'failure',
      reason: executed.reason,
      gas: String(executed.totalGas),
      fee: String(executed.totalFee),
      receipts: sha256Hex(concatBytes(...executed.receipts.map(encodeReceipt))),
      outputs: tx.outputs.map(outputText),
    });
  });
  for (const { id, reason } of block.skipped) {
    const none = { index: null, gas: '0', fee: '0', receipts: '', outputs: [] };
    found.set(id, { ...none, status: 'skipped', reason });
  }
  return found;
}

function differing(before: Outcome | null, after: Outcome | null): string[] {
  if (before === null) return ['added'];
  if (after === null) return ['dropped'];
  const what: string[] = [];
  if (before.index !== after.index) what.push('place');
  if (before.status !== after.status || before.reason !== after.reason) what.push('status');
  if (before.gas !== after.gas) what.push('gas');
  if (before.fee !== after.fee) what.push('fee');
  if (before.receipts !== after.receipts) what.push('receipts');
  const count = Math.max(before.outputs.length, after.outputs.length);
  for (let i = 0; i < count; i += 1) {
    if (before.outputs[i] !== after.outputs[i]) what.push(`output ${i}`);
  }
  return what;
}

function compare(before: SecondRun, after: SecondRun): Difference[] {
  const [old, now] = [outcomes(before), outcomes(after)];
  const found: Difference[] = [];
  for (const id of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(id) ?? null, now.get(id) ?? null];
    const what = differing(was, is);
    if (what.length > 0) found.push({ id, before: was, after: is, what });
  }
  return found;
}

type Table<V> = ReadonlyMap<string, ReadonlyMap<string, V>>;

function flat<V>(table: Table<V>, text: (value: V) => string): Map<string, string> {
  const rows = new Map<string, string>();
  for (const [id, row] of table) {
    for (const [key, value] of row) rows.set(`${id} ${key}`, text(value));
  }
  return rows;
}

function differenceCount(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): number {
  let count = 0;
  for (const key of new Set([...a.keys(), ...b.keys()])) if (a.get(key) !== b.get(key)) count += 1;
  return count;
}

function stateDifference(a: ExecutedBlock, b: ExecutedBlock): WhatIfReport['state'] {
  const coins = ({ changes }: ExecutedBlock): Map<string, string> =>
    new Map(
      [...changes.coins].map(([key, coin]) => [key, coin === null ? '' : String(coin.amount)]),
    );
  const slots = ({ changes }: ExecutedBlock): Map<string, string> =>
    flat(changes.slots, (value) => (value === null ? '' : bytesToHex(value)));
  const balances = ({ changes }: ExecutedBlock): Map<string, string> =>
    flat(changes.balances, String);
  return {
    coins: differenceCount(coins(a), coins(b)),
    slots: differenceCount(slots(a), slots(b)),
    balances: differenceCount(balances(a), balances(b)),
  };
}

function shapeOf(
  run: SecondRun,
  costOf: (id: TxId) => number,
  accesses: ReadonlyMap<TxId, TxToExecute>,
  workers: readonly number[],
): ScheduleShape {
  const ran = run.block.transactions.flatMap(({ id }) => accesses.get(id) ?? []);
  const graph = graphOf(ran.map(({ tx, id }) => executionAccess(tx, id)));
  const costs = ran.map(({ id }) => costOf(id));
  const path = criticalPath(graph, costs);
  return {
    txCount: ran.length,
    setCount: graph.sets.length,
    edgeCount: graph.predecessors.reduce((sum, list) => sum + list.length, 0),
    workMs: costs.reduce((sum, cost) => sum + cost, 0),
    criticalPathMs: path.cost,
    criticalTxCount: path.txs.length,
    simulated: workers.map((workerCount) => {
      const { predecessors } = graph;
      const input = { predecessors, costs, workerCount, batchTxCountMax: BATCH_TX_COUNT };
      return { workers: workerCount, wallMs: simulate(input).wallMs };
    }),
  };
}

function notesFor({ declare, add }: WhatIf, forcedCount: number): string[] {
  const notes = ['Times are of this second run on one thread; wall times are simulated.'];
  if (declare.length > 0) {
    notes.push(
      'A changed list would change the id and need a new signature; here the transaction keeps ' +
        'its id and counts as signed. Programs that name inputs or outputs by number may miss.',
    );
  }
  if (add.length > 0)
    notes.push('Added transactions stand at the end, beyond the limits of a block.');
  if (forcedCount > 0) notes.push('Forced transactions of the settlement layer stay as they are.');
  return notes;
}

function checkWorkers(workers: readonly number[]): void {
  const isCount = (n: number): boolean => Number.isInteger(n) && n >= 1 && n <= WORKERS_MAX;
  if (workers.length > 16 || !workers.every(isCount)) {
    bad(`worker counts are up to 16 whole numbers from 1 to ${WORKERS_MAX}`);
  }
}

/**
 * @param txs executed transactions of the block, mint included
 * @param view the state before the block
 * @throws CodedError WHAT_IF_BAD_CHANGE, WHAT_IF_TOO_BIG
 */
export async function whatIf(
  kept: KeptBlock,
  txs: readonly ExecutedTx[],
  view: StateView,
  question: WhatIf,
): Promise<WhatIfReport> {
  if (txs.length + question.add.length > WHAT_IF_TX_COUNT_MAX) {
    throw new CodedError(
      'WHAT_IF_TOO_BIG',
      `block ${kept.height} has ${txs.length} transactions; at most ${WHAT_IF_TX_COUNT_MAX} are run again`,
    );
  }
  checkWorkers(question.workers);
  const { forcedCount } = await runAgain(kept, [], view);
  const jobs = jobsOf(txs.slice(forcedCount));
  const others = changedJobs(jobs, question, kept.env.params.chainId);
  const before = await runAgain(kept, jobs, view);
  assert(before.block.header.id === kept.id, 'a block that is run again comes out as it was');
  const after = await runAgain(kept, others, view);
  const gasOf = ({ block }: SecondRun): Map<TxId, bigint> =>
    new Map(block.transactions.map(({ id, totalGas }) => [id, totalGas]));
  const [gasBefore, gasAfter] = [gasOf(before), gasOf(after)];
  const total = (gas: Map<TxId, bigint>): string =>
    String([...gas.values()].reduce((sum, each) => sum + each, 0n));
  // Who did the same costs the same: noise shall not look like a change.
  const costAfter = (id: TxId): number =>
    (gasBefore.get(id) === gasAfter.get(id) ? before.runMs.get(id) : after.runMs.get(id)) ?? 0;
  const byId = (list: readonly TxToExecute[]): Map<TxId, TxToExecute> =>
    new Map(list.map((job) => [job.id, job]));
  const { workers } = question;
  const differences = compare(before, after);
  return {
    height: kept.height,
    before: shapeOf(before, (id) => before.runMs.get(id) ?? 0, byId(jobs), workers),
    after: shapeOf(after, costAfter, byId(others), workers),
    gas: { before: total(gasBefore), after: total(gasAfter) },
    differences: differences.slice(0, WHAT_IF_LISTED_MAX),
    differenceCount: differences.length,
    state: stateDifference(before.block, after.block),
    notes: notesFor(question, forcedCount),
  };
}
